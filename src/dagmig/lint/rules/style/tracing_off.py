"""The rule ``tracing-off``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.templates import resource_span, tracing
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING, is_default=False)
def tracing_off(subject: Subject) -> Iterator[Finding]:
    """The template makes a machine without X-Ray traces.

    Traces show where the time of an execution goes, across the services it calls. Opt-in, as traces cost, and
    not every account uses X-Ray.
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
          Tracing: {Enabled: true}
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
    ```

    Instead: Enable tracing.
    """
    if subject.properties is not None and tracing(subject) in (None, False):
        yield Finding("the machine is not traced", resource_span(subject))
