"""The rule ``iam-wildcard``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.role import Statement
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

NAMEABLE = frozenset(
    {
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "glue:StartJobRun",
        "iam:PassRole",
        "lambda:InvokeFunction",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:PutObject",
        "secretsmanager:GetSecretValue",
        "sns:Publish",
        "sqs:SendMessage",
        "states:StartExecution",
    }
)  # https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html


@machine_rule(Severity.WARNING)
def iam_wildcard(subject: Subject) -> Iterator[Finding]:
    """The machine's role allows more than the machine can need.

    Flagged: all actions of a service (`s3:*`) or of all (`*`), and `"Resource": "*"` for an action that can
    be limited to a function, bucket, table, topic, queue, machine or role. Many actions (Batch, X-Ray,
    log delivery) only work with `*`, and nothing is said of them.
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
                - {Effect: Allow, Action: "logs:*", Resource: "*"}
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

    Instead: Name the actions and the resources.
    """
    if subject.role is None:
        return
    for statement in subject.role.statements:
        if statement.allows and (why := _excess(statement)):
            yield Finding(f"the machine's role allows {why}", subject.role.locate(statement.pointer))


def _excess(statement: Statement) -> str:
    wide = next((action for action in statement.actions if action == "*" or action.endswith(":*")), "")
    if wide:
        return f"`{wide}`, every action of it"
    nameable = next((action for action in statement.actions if action in NAMEABLE), "")
    return f"`{nameable}` on every resource" if nameable and "*" in statement.resources else ""
