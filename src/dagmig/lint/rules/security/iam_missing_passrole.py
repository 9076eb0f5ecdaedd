"""The rule ``iam-missing-passrole``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.iam import passing
from dagmig.lint.machine.iam.needs import required
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING)
def iam_missing_passrole(subject: Subject) -> Iterator[Finding]:
    """A task gives a service a role to work in, and the machine's role does not allow to pass one.

    ECS tasks, EMR clusters, SageMaker and MediaConvert jobs run in a role of their own, and whoever
    starts them needs `iam:PassRole` for it. The role is read from the template, or given with `--role
    policy.json`.
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
                Parameters: {TaskDefinition: run, Cluster: jobs, LaunchType: FARGATE}
                Retry: [{ErrorEquals: [States.TaskFailed], MaxAttempts: 2}]
                End: true
          Policies:
            - Statement:
                - {Effect: Allow, Action: "ecs:RunTask", Resource: !Ref Run}
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
                Parameters: {TaskDefinition: run, Cluster: jobs, LaunchType: FARGATE}
                Retry: [{ErrorEquals: [States.TaskFailed], MaxAttempts: 2}]
                End: true
          Policies:
            - Statement:
                - {Effect: Allow, Action: "ecs:RunTask", Resource: !Ref Run}
                - {Effect: Allow, Action: "iam:PassRole", Resource: !GetAtt ExecutionRole.Arn}
    ```

    Instead: Allow `iam:PassRole` for the roles that are given.
    """
    if subject.role is None or subject.role.allows(passing.ACTION):
        return
    for need in required(subject):
        if need.action == passing.ACTION:
            span = subject.machine.locate(need.pointer)
            yield Finding(f"the role does not allow `{need.action}`, which `{need.what}` needs", span)
