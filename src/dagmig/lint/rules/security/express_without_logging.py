"""The rule ``express-without-logging``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.templates import is_express, logging, resource_span
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def express_without_logging(subject: Subject) -> Iterator[Finding]:
    """An Express workflow writes no logs.

    Step Functions keeps no history of Express workflows: without logs nobody can ever tell what an
    execution did.
    See https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html

    ```yaml bad
    Resources:
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Type: EXPRESS
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
    ```

    ```yaml good
    Resources:
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Type: EXPRESS
          Logging: {Level: ALL, Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]}
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
    ```

    Instead: Log to a group in CloudWatch, at the level `ALL`.
    """
    found = logging(subject)
    if is_express(subject) and found is not None and found.get("Level", "OFF") == "OFF":
        span = resource_span(subject)
        yield Finding("an Express workflow without logs leaves no trace", span)
