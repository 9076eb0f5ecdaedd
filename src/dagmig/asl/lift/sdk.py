"""An action of AWS's API without an operator: a task that calls it through Airflow's hook.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html: the parameters are those
of the API in PascalCase, which for the services here is how boto3 has them too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dagmig.asl.lift import code
from dagmig.asl.lift.document import OTHERS, Doc, Known, Obj
from dagmig.asl.lift.expression import Inexpressible, python, quote
from dagmig.asl.resource import Resource
from dagmig.asl.services import Action, service
from dagmig.asl.services.optimized import api_action
from dagmig.graph.model import Call

PASCAL_CASE = frozenset(
    {
        "appconfig",
        "application-autoscaling",
        "athena",
        "autoscaling",
        "backup",
        "ce",
        "cloudformation",
        "cloudfront",
        "cloudwatch",
        "comprehend",
        "databrew",
        "dataexchange",
        "ds",
        "dynamodb",
        "ec2",
        "efs",
        "elasticache",
        "elbv2",
        "emr",
        "es",
        "firehose",
        "guardduty",
        "kms",
        "lakeformation",
        "lambda",
        "mediaconnect",
        "mediaconvert",
        "organizations",
        "rds",
        "redshift",
        "rekognition",
        "resourcegroupstaggingapi",
        "route53",
        "s3",
        "sagemaker",
        "sagemaker-runtime",
        "secretsmanager",
        "securityhub",
        "servicecatalog",
        "servicediscovery",
        "ses",
        "sesv2",
        "textract",
        "timestream-query",
        "transcribe",
        "transfer",
        "translate",
        "wafv2",
    }
)  # fmt: skip; clients whose names are in PascalCase through and through, by botocore's models


@dataclass(frozen=True, slots=True)
class Request:
    """A call of a client's method: ``call`` is the method with its arguments as source."""

    client: str
    action: str
    call: str

    @property
    def expression(self) -> str:
        """The whole as one expression."""
        return f"AwsGenericHook(client_type={quote(self.client)}).conn.{self.call}"


def call(resource: Resource, arguments: Doc, task: str) -> Call | None:
    """The task that makes the call; None where it is no action that is known here.

    Raises ``Inexpressible`` where its parameters cannot be written.
    """
    found = request(resource, arguments)
    if found is None:
        return None
    lines = [
        f"client = AwsGenericHook(client_type={quote(found.client)}).conn",
        f"answer = client.{found.call}",
        "return as_json(answer)",
    ]
    doc = f"Call {found.action} of {found.client}."
    return code.call("@task", code.function(code.identifier("call", task), doc, lines))


def request(resource: Resource, arguments: Doc) -> Request | None:
    """The call that an action is; None where it is no action that is known here.

    Raises ``Inexpressible`` where its parameters cannot be written.
    """
    found = service(resource.service) if resource.kind == "sdk" else None
    action = found.actions.get(resource.action) if found else _optimized(resource)
    client = found.client if found else resource.service
    if resource.pattern or action is None or client not in PASCAL_CASE:
        return None
    return Request(client, action.name, f"{method(action.name)}({_given(arguments, action)})")


def _optimized(resource: Resource) -> Action | None:
    if resource.kind != "optimized" or resource.is_lambda:
        return None
    return api_action(resource.service, resource.action)


def _given(arguments: Doc, action: Action) -> str:
    """The arguments of the method as source."""
    if isinstance(arguments, Known) and isinstance(arguments.value, dict):
        arguments = Obj({name: Known(value) for name, value in arguments.value.items()})
    if not isinstance(arguments, Obj) or OTHERS in arguments.fields:
        return f"**{python(arguments)}"
    unknown = sorted(arguments.fields.keys() - set(action.parameters))
    if unknown:
        raise Inexpressible(f"{action.name} has no parameter `{unknown[0]}`")
    return ", ".join(f"{name}={python(doc)}" for name, doc in arguments.fields.items())


def method(action: str) -> str:
    """The name of a client's method for an action, as botocore's ``xform_name`` makes it."""
    word = action.replace("OTel", "Otel")  # one word to botocore
    plural = re.sub(r"([A-Z]{2,}s)$", lambda found: f"_{found[1].lower()}", word)
    spaced = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", plural)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", spaced).lower()
