"""What a Task's ``Resource`` names, split once.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-resource-names.html and
https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PATTERNS = (".waitForTaskToken", ".sync:2", ".sync")  # the longest first, as a suffix is cut off
LAMBDA_TRANSPORT_ERRORS = frozenset(
    {
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
    }
)  # https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception
_PSEUDO = re.compile(r"[$#]\{AWS::\w+\}|(?<=^arn:)<partition>(?=:states:)", re.IGNORECASE)
# ${AWS::Region} of a template, #{AWS::Region} of serverless.yml, <PARTITION> of AWS's own documentation
_FUNCTION = re.compile(r"arn:[\w-]+:lambda:[^:]*:[^:]*:function:(?P<name>[^:]+)(?::(?P<qualifier>[^:]+))?")
_ACTIVITY = re.compile(r"arn:[\w-]+:states:[^:]*:[^:]*:activity:(?P<name>.+)")
_SERVICE = re.compile(r"arn:(?P<partition>[\w-]+):states:[^:]*:[^:]*:(?P<rest>(?:aws-sdk:)?[^:]+:[^:].*)")


@dataclass(frozen=True, slots=True)
class Resource:
    """``kind`` is ``function`` (a Lambda function's own ARN), ``activity``, ``optimized``, ``sdk``
    (``aws-sdk:service:action``) or ``unknown``.

    ``service`` and ``action`` are as written (``lambda``, ``invoke``); ``pattern`` is empty,
    ``.sync``, ``.sync:2`` or ``.waitForTaskToken``. ``name`` and ``qualifier`` belong to a function
    or an activity.
    """

    text: str
    kind: str = "unknown"
    partition: str = ""
    service: str = ""
    action: str = ""
    pattern: str = ""
    name: str = ""
    qualifier: str = ""

    @property
    def is_callback(self) -> bool:
        return self.pattern == ".waitForTaskToken"

    @property
    def is_lambda(self) -> bool:
        """Whether a Lambda function runs, by its own ARN or through ``lambda:invoke``."""
        return self.kind == "function" or (self.kind, self.service, self.action) == (
            "optimized",
            "lambda",
            "invoke",
        )

    @property
    def short(self) -> str:
        """``lambda:invoke``, ``aws-sdk:s3:getObject``; the text itself where it is no service's."""
        prefix = "aws-sdk:" if self.kind == "sdk" else ""
        return f"{prefix}{self.service}:{self.action}" if self.kind in ("optimized", "sdk") else self.text


def parse(text: str) -> Resource:
    """Split a ``Resource``; never raises, what is no ARN is ``unknown``."""
    plain = _PSEUDO.sub("aws", text)
    partition = plain.split(":")[1] if plain.count(":") > 1 else ""
    if function := _FUNCTION.fullmatch(plain):
        name, qualifier = function["name"], function["qualifier"] or ""
        return Resource(text, "function", partition, "lambda", "invoke", "", name, qualifier)
    if activity := _ACTIVITY.fullmatch(plain):
        return Resource(text, "activity", partition, "states", "activity", name=activity["name"])
    if not (service := _SERVICE.fullmatch(plain)):
        return Resource(text)
    rest = service["rest"]
    pattern = next((p for p in PATTERNS if rest.endswith(p)), "")
    words = rest.removesuffix(pattern).split(":")
    if words[0] == "aws-sdk" and len(words) == 3:
        return Resource(text, "sdk", partition, words[1], words[2], pattern)
    if len(words) == 2:
        return Resource(text, "optimized", partition, words[0], words[1], pattern)
    return Resource(text, partition=partition)
