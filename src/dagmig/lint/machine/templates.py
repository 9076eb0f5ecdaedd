"""What a template says of a machine beside its definition: type, logs, traces.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-stepfunctions-statemachine.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dagmig.asl.model import JSON
from dagmig.diagnostics import Fix, Span
from dagmig.lint.machine.maps import EXPRESS
from dagmig.lint.machine.resources import Resource, refers, resources
from dagmig.lint.source import Subject


def is_express(subject: Subject) -> bool:
    """Whether the template makes the machine an Express workflow."""
    given = subject.properties or {}
    return EXPRESS in (given.get("Type"), given.get("StateMachineType"))


def logging(subject: Subject) -> Mapping[str, JSON] | None:
    """The logging configuration; empty where there is none, None where it is not written out."""
    given = subject.properties or {}
    found = given.get("Logging", given.get("LoggingConfiguration", {}))
    return found if isinstance(found, dict) and not any(key.startswith("Fn::") for key in found) else None


def is_serverless(subject: Subject) -> bool:
    """Whether the machine is a resource of SAM, whose properties have names of their own."""
    resource = subject.template
    found: JSON = resource.document if resource else None
    for token in subject.pointer.split("/")[1:-1]:
        found = found.get(token.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return isinstance(found, dict) and found.get("Type") == "AWS::Serverless::StateMachine"


def errors_logged(subject: Subject) -> Fix | None:
    """The level of logs `ERROR` where it is off, and there is somewhere to write them."""
    for name in ("Logging", "LoggingConfiguration"):
        given = (subject.properties or {}).get(name)
        if isinstance(given, dict) and given.get("Destinations") and given.get("Level") == "OFF":
            return subject.template_members.replaced(f"{subject.pointer}/{name}/Level", "ERROR")
    return None


def tracing(subject: Subject) -> JSON:
    """Whether the machine is traced, as the template says it; None where it says nothing."""
    given = subject.properties or {}
    found = given.get("Tracing", given.get("TracingConfiguration", {}))
    return found.get("Enabled") if isinstance(found, dict) else found


def resource_span(subject: Subject) -> Span:
    """The name of the resource that defines the machine; the machine itself where no template does."""
    if subject.template is None:
        return subject.machine.locate("/StartAt", True)
    return subject.template.locate(subject.pointer.rpartition("/")[0], True)


def log_groups(subject: Subject) -> Iterator[Resource]:
    """The log groups of the template that the machine writes to."""
    found = logging(subject)
    for group in resources(subject, "AWS::Logs::LogGroup"):
        if found and refers(found.get("Destinations"), group.name):
            yield group
