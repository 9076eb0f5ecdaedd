"""The rule ``iam-wildcard``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.iam import mending
from dagmig.lint.machine.iam.needs import needs
from dagmig.lint.rule import Finding, FixKind, machine_rule
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


@machine_rule(Severity.WARNING, fix=FixKind.UNSAFE)
def iam_wildcard(subject: Subject) -> Iterator[Finding]:
    """The machine's role allows more than the machine can need.

    Flagged: all actions of a service (`s3:*`) or of all (`*`), and `"Resource": "*"` for an action that can
    be limited to a function, bucket, table, topic, queue, machine or role, or that the machine only needs on
    resources that it names. Many actions (Batch, X-Ray, log delivery) only work with `*`, and nothing is said
    of them.
    The fix writes the actions of the service that the machine needs in the place of all; it is unsafe, as
    something else may use the role.
    See https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege

    ```yaml bad
    Resources:
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Logging: {Level: ERROR, Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]}
          Definition:
            StartAt: Look
            States:
              Look:
                Type: Task
                Resource: arn:aws:states:::aws-sdk:batch:describeJobs
                Parameters: {"Jobs.$": $.jobs}
                Retry: [{ErrorEquals: [States.TaskFailed], MaxAttempts: 2}]
                End: true
          Policies:
            - Statement:
                - {Effect: Allow, Action: "batch:*", Resource: "*"}
    ```

    ```yaml good
    Resources:
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Logging: {Level: ERROR, Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]}
          Definition:
            StartAt: Look
            States:
              Look:
                Type: Task
                Resource: arn:aws:states:::aws-sdk:batch:describeJobs
                Parameters: {"Jobs.$": $.jobs}
                Retry: [{ErrorEquals: [States.TaskFailed], MaxAttempts: 2}]
                End: true
          Policies:
            - Statement:
                - {Effect: Allow, Action: "batch:DescribeJobs", Resource: "*"}
    ```

    Instead: Name the actions and the resources.
    """
    if subject.role is None:
        return
    for statement in subject.role.statements:
        wide = next((action for action in statement.actions if action == "*" or action.endswith(":*")), "")
        span = subject.role.locate(statement.pointer)
        if not statement.allows:
            continue
        if wide:
            fix = mending.narrowed(subject, statement, _meant(subject, wide))
            yield Finding(f"the machine's role allows `{wide}`, every action of it", span, fix)
        elif "*" in statement.resources:
            named = NAMEABLE | _named(subject)
            nameable = next((action for action in statement.actions if action in named), "")
            if nameable:
                yield Finding(f"the machine's role allows `{nameable}` on every resource", span)


def _meant(subject: Subject, pattern: str) -> Iterator[str]:
    """The actions that the machine needs of those that a pattern allows."""
    service = pattern.removesuffix("*")
    yield from (need.action for need in needs(subject) if need.action.startswith(service))


def _named(subject: Subject) -> set[str]:
    """The actions that the machine needs, all of them on resources that it names."""
    asked = {need.action for need in needs(subject)}
    return asked - {
        need.action for need in needs(subject) if any("*" in one for one in need.allowed.resources)
    }
