"""The rule ``tracing-off``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Fix, Severity
from dagmig.lint.machine.templates import is_serverless, resource_span, tracing
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject

AFTER = ("Logging", "LoggingConfiguration")


@machine_rule(Severity.WARNING, fix=FixKind.UNSAFE, is_default=False)
def tracing_off(subject: Subject) -> Iterator[Finding]:
    """The template makes a machine without X-Ray traces.

    Traces show where the time of an execution goes, across the services it calls. Opt-in, as traces cost, and
    not every account uses X-Ray.
    The fix enables it; it is unsafe, as the role needs permissions for X-Ray, and traces cost.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html

    ```yaml bad
    Resources:
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Logging: {Level: ERROR, Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]}
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
    ```

    ```yaml good
    Resources:
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Logging: {Level: ERROR, Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]}
          Tracing:
            Enabled: true
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
    ```

    Instead: Enable tracing.
    """
    if subject.properties is not None and tracing(subject) in (None, False):
        yield Finding("the machine is not traced", resource_span(subject), _mended(subject))


def _mended(subject: Subject) -> Fix | None:
    """Tracing said where it is said already, or beside the properties that SAM or CloudFormation has."""
    given, members = subject.properties or {}, subject.template_members
    for name in ("Tracing", "TracingConfiguration"):
        if isinstance(held := given.get(name), dict):
            pointer = f"{subject.pointer}/{name}"
            is_said = "Enabled" in held
            return (
                members.replaced(f"{pointer}/Enabled", True)
                if is_said
                else members.added(pointer, "Enabled", True)
            )
    name = "Tracing" if is_serverless(subject) else "TracingConfiguration"
    return members.added(subject.pointer, name, {"Enabled": True}, after=AFTER)
