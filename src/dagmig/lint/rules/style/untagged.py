"""The rule ``untagged``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.templates import resource_span
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.INFO, is_default=False)
def untagged(subject: Subject) -> Iterator[Finding]:
    """The template makes a machine without tags.

    Costs can then not be told apart by team or application, and rules that go by tags do not find it.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-tagging.html

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
          Tags: {team: orders}
          Logging: {Level: ERROR, Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]}
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
    ```

    Instead: Tag it with the team and the application.
    """
    if subject.properties is not None and not subject.properties.get("Tags"):
        yield Finding("the machine has no tags", resource_span(subject))
