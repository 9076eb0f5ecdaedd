"""The rule ``task-token-exposed``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dagmig.asl.model import JSON
from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import Call, calls
from dagmig.lint.machine.places import evaluated, path_texts
from dagmig.lint.machine.resources import refers, resources
from dagmig.lint.machine.tokens import TOKEN
from dagmig.lint.machine.values import is_expression
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

MAILS = "an e-mail"
EXPOSED = {
    "aws-sdk:ses:sendEmail": MAILS,
    "aws-sdk:ses:sendRawEmail": MAILS,
    "aws-sdk:ses:sendTemplatedEmail": MAILS,
    "aws-sdk:sesv2:sendEmail": MAILS,
    "aws-sdk:cloudwatchlogs:putLogEvents": "a log",
}
PEOPLE = frozenset({"email", "email-json", "sms"})  # protocols of subscriptions that people read
PUBLISHES = frozenset({"sns:publish", "aws-sdk:sns:publish"})


@machine_rule(Severity.WARNING)
def task_token_exposed(subject: Subject) -> Iterator[Finding]:
    """A task's token goes into an e-mail, a text message or a log.

    Whoever reads it there, or in a forwarded mail, and may call `SendTaskSuccess` in the account ends the
    task with any answer they like, and nothing says afterwards who it was. It cannot be withdrawn. A topic
    is judged where the same template subscribes a mail address or a telephone number to it.
    See https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html

    ```json bad
    {"StartAt": "Ask", "States": {
      "Ask": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish.waitForTaskToken", "End": true,
        "Parameters": {"PhoneNumber": "+15550100", "Message.$": "$$.Task.Token"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
        "TimeoutSeconds": 86400}}}
    ```

    ```json good
    {"StartAt": "Ask", "States": {
      "Ask": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": true,
        "Parameters": {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/approvals",
          "MessageBody": {"token.$": "$$.Task.Token"}},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}],
        "TimeoutSeconds": 86400}}}
    ```

    Instead: Give the token to a function or a queue that keeps it, and send people a link without it.
    """
    for call in calls(subject):
        where = _reader(call, subject) if call.resource.is_callback else ""
        if where and any(map(TOKEN.search, _evaluated(call, subject))):
            span = subject.machine.locate(f"{call.state.pointer}/{call.field}", True)
            yield Finding(f"`{call.state.name}` writes its task token into {where}", span)


def _evaluated(call: Call, subject: Subject) -> Iterator[str]:
    """The paths and expressions in what the call is given."""
    for place in (*evaluated(subject), *path_texts(subject)):
        is_evaluated = place.is_template or is_expression(place.text)
        if is_evaluated and (place.state.pointer, place.field) == (call.state.pointer, call.field):
            yield place.text


def _reader(call: Call, subject: Subject) -> str:
    """What people read that the call writes; empty where that is nothing, or not known."""
    if call.resource.short not in PUBLISHES:
        return EXPOSED.get(call.resource.short, "")
    if call.given is not None and "PhoneNumber" in call.given:
        return "a text message"
    topic = call.value("TopicArn")
    read_by_people = any(refers(topic, name) for name in _read_topics(subject))
    return "messages that a topic sends to people" if read_by_people else ""


def _read_topics(subject: Subject) -> Iterator[str]:
    """The topics of the template to which it subscribes people."""
    for topic in resources(subject, "AWS::SNS::Topic"):
        own = topic.properties.get("Subscription")
        others = [one.properties for one in resources(subject, "AWS::SNS::Subscription")]
        theirs = [one for one in others if refers(one.get("TopicArn"), topic.name)]
        if any(_is_to_people(one) for one in (*(own if isinstance(own, list) else ()), *theirs)):
            yield topic.name


def _is_to_people(subscription: JSON) -> bool:
    return isinstance(subscription, Mapping) and subscription.get("Protocol") in PEOPLE
