"""The rule ``iam-unused-permission``."""

from __future__ import annotations

import json
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.machine.iam import mending
from dagmig.lint.machine.iam.needs import needs
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject

AUXILIARY = frozenset(
    {"logs", "xray", "events", "iam", "kms", "sts", "states", "secretsmanager", "cloudwatch", "s3"}
)


@machine_rule(Severity.WARNING, fix=FixKind.UNSAFE)
def iam_unused_permission(subject: Subject) -> Iterator[Finding]:
    """The machine may call a service that it does not call.

    Judged are the policies that the template gives to this machine alone (`Policies` of a SAM machine),
    by the services that its states name; what Step Functions itself needs (logs, traces, events, keys) is
    left alone.
    The fix takes the permission away, and a statement that allows nothing else, where others stand beside it;
    it is unsafe, as something else may use the role.
    See https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege

    ```yaml bad
    Resources:
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Logging: {Level: ERROR, Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]}
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
          Policies:
            - Statement:
                - {Effect: Allow, Action: "dynamodb:PutItem", Resource: !GetAtt Orders.Arn}
                - {Effect: Allow, Action: "logs:CreateLogDelivery", Resource: "*"}
    ```

    ```yaml good
    Resources:
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Logging: {Level: ERROR, Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]}
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
          Policies:
            - Statement:
                - {Effect: Allow, Action: "logs:CreateLogDelivery", Resource: "*"}
    ```

    Instead: Remove the permission.
    """
    if subject.role is None or subject.properties is None:
        return
    text = json.dumps(subject.machine.document)
    for statement in subject.role.statements:
        if not statement.allows or not statement.pointer.startswith(f"{subject.pointer}/Policies"):
            continue
        for action in statement.actions:
            service, _, verb = action.lower().partition(":")
            if (
                verb
                and service not in AUXILIARY
                and "*" not in action
                and not _is_called(service, subject, text)
            ):
                span = subject.role.locate(statement.pointer)
                message = f"`{action}` is allowed, and no state calls `{service}`"
                yield Finding(message, span, mending.without(subject, statement, action))


def _is_called(service: str, subject: Subject, text: str) -> bool:
    """Whether a state may call the service: it names it, or what it calls is only filled in later."""
    if any(need.action.startswith(f"{service}:") for need in needs(subject)):
        return True
    tasks = [state for state in subject.states if state.type == "Task"]
    known = {call.state.pointer for call in calls(subject) if call.resource.kind != "unknown"}
    return service in text.lower() or any(state.pointer not in known for state in tasks)
