"""The rule ``logging-off``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.templates import errors_logged, is_express, logging, resource_span
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING, fix=FixKind.UNSAFE, is_default=False)
def logging_off(subject: Subject) -> Iterator[Finding]:
    """The template makes a machine without logs.

    AWS Security Hub asks that a machine logs to CloudWatch, at least its errors. Machines outside of
    templates are not judged, and `express-without-logging` speaks of Express workflows. Opt-in: a template
    may leave logs to what is written elsewhere, and they cost.
    The fix sets the level to `ERROR` where a destination is written already; without one there is none, as
    a log group and its permissions have to be made. It is unsafe, as logs cost.
    See https://docs.aws.amazon.com/securityhub/latest/userguide/stepfunctions-controls.html

    ```yaml bad
    Resources:
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Logging: {Level: "OFF", Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]}
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
    ```

    ```yaml good
    Resources:
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Logging: {Level: "ERROR", Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]}
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
    ```

    Instead: Log to a group in CloudWatch, at the level `ERROR` or `ALL`.
    """
    found = logging(subject)
    if subject.properties is None or is_express(subject) or found is None:
        return
    if found.get("Level", "OFF") == "OFF":
        span = resource_span(subject)
        yield Finding("the machine writes no logs", span, errors_logged(subject))
