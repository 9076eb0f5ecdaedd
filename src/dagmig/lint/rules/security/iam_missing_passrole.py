"""The rule ``iam-missing-passrole``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.iam import mending, passing
from dagmig.lint.machine.iam.needs import required
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING, fix=FixKind.UNSAFE)
def iam_missing_passrole(subject: Subject) -> Iterator[Finding]:
    """A task gives a service a role to work in, and the machine's role does not allow to pass one.

    ECS tasks, EMR clusters, SageMaker and MediaConvert jobs run in a role of their own, and whoever
    starts them needs `iam:PassRole` for it. The role is read from the template, or given with `--role
    policy.json`.
    The fix allows to pass the roles that the task names, to that service only, in a role of the same
    template; it is unsafe, as it widens the role.
    See https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html

    ```yaml bad
    Resources:
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Logging: {Level: ERROR, Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]}
          Definition:
            StartAt: Run
            States:
              Run:
                Type: Task
                Resource: arn:aws:states:::ecs:runTask
                Parameters:
                  TaskDefinition: run
                  Overrides: {TaskRoleArn: "arn:aws:iam::1:role/run"}
                Retry: [{ErrorEquals: [States.TaskFailed], MaxAttempts: 2}]
                End: true
          Policies:
            - Statement:
                - Effect: Allow
                  Action: ecs:RunTask
                  Resource: !Ref Run
    ```

    ```yaml good
    Resources:
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Logging: {Level: ERROR, Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]}
          Definition:
            StartAt: Run
            States:
              Run:
                Type: Task
                Resource: arn:aws:states:::ecs:runTask
                Parameters:
                  TaskDefinition: run
                  Overrides: {TaskRoleArn: "arn:aws:iam::1:role/run"}
                Retry: [{ErrorEquals: [States.TaskFailed], MaxAttempts: 2}]
                End: true
          Policies:
            - Statement:
                - Effect: Allow
                  Action: ecs:RunTask
                  Resource: !Ref Run
                - Effect: Allow
                  Action: iam:PassRole
                  Resource: arn:aws:iam::1:role/run
                  Condition:
                    StringEquals:
                      iam:PassedToService: ecs-tasks.amazonaws.com
    ```

    Instead: Allow `iam:PassRole` for the roles that are given.
    """
    if subject.role is None or subject.role.allows(passing.ACTION):
        return
    for need in required(subject):
        if need.action == passing.ACTION:
            span = subject.machine.locate(need.pointer)
            message = f"the role does not allow `{need.action}`, which `{need.what}` needs"
            yield Finding(message, span, mending.allowed(subject, [need.allowed]))
