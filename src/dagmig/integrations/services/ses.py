"""Mail through Amazon SES: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html.

``SesHook.send_email`` writes the message itself; the state sends its parts.
"""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import LIST
from dagmig.integrations.table import table

send = table(
    AMAZON + "ses.SesEmailOperator",
    "aws-sdk:sesv2:sendEmail",
    Field("mail_from", "FromEmailAddress"),
    Field("to", "Destination.ToAddresses", LIST),
    Field("cc", "Destination.CcAddresses", LIST),
    Field("bcc", "Destination.BccAddresses", LIST),
    Field("subject", "Content.Simple.Subject.Data"),
    Field("html_content", "Content.Simple.Body.Html.Data"),
    Field("reply_to", "ReplyToAddresses", LIST),
    Field("return_path", "FeedbackForwardingEmailAddress"),
    result="$states.result",
    dropped=dict.fromkeys(("mime_subtype", "mime_charset"), "SES writes the message"),
    undecided={
        "files": "the files are not attached",
        "custom_headers": "the headers are not sent",
    },
    harmless={"files": None, "custom_headers": None},
    required={"mail_from": None, "to": None, "subject": "", "html_content": ""},
)
