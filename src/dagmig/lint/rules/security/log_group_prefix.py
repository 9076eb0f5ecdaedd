"""The rule ``log-group-prefix``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.resources import place
from dagmig.lint.machine.templates import log_groups
from dagmig.lint.machine.values import is_open
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject

PREFIX = "/aws/vendedlogs/"


@machine_rule(Severity.WARNING, fix=FixKind.UNSAFE)
def log_group_prefix(subject: Subject) -> Iterator[Finding]:
    """The machine's log group is not named as AWS asks.

    CloudWatch keeps a policy of at most 5,120 characters for the log groups that services write to, and
    each group that a machine gets makes it longer, until machines cannot be created any more. Names that
    begin with `/aws/vendedlogs/` need no entry in it. Only a literal name in the same template is judged.
    The fix writes the prefix before the name; it is unsafe, as CloudFormation makes another group.
    See https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-cwl

    ```yaml bad
    Resources:
      Log:
        Type: AWS::Logs::LogGroup
        Properties: {LogGroupName: /orders/machine}
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Logging: {Level: ERROR, Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]}
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
    ```

    ```yaml good
    Resources:
      Log:
        Type: AWS::Logs::LogGroup
        Properties: {LogGroupName: /aws/vendedlogs/states/orders/machine}
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Logging: {Level: ERROR, Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]}
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
    ```

    Instead: Let the name begin with `/aws/vendedlogs/`.
    """
    for group in log_groups(subject):
        name = group.properties.get("LogGroupName")
        if isinstance(name, str) and not name.startswith(PREFIX) and not is_open(name[: len(PREFIX)]):
            pointer = f"{group.pointer}/LogGroupName"
            fix = subject.template_members.replaced(pointer, f"{PREFIX}states/{name.lstrip('/')}")
            yield Finding(f"`{name}` does not begin with `{PREFIX}`", place(subject, pointer), fix)
