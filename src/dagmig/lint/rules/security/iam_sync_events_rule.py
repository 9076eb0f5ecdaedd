"""The rule ``iam-sync-events-rule``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from dagmig.diagnostics import Severity
from dagmig.lint.machine.iam import jobs, mending
from dagmig.lint.machine.iam.needs import required
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR, fix=FixKind.UNSAFE)
def iam_sync_events_rule(subject: Subject) -> Iterator[Finding]:
    """The role does not allow what `.sync` needs to hear of the job's end.

    For Batch, CodeBuild, ECS and nested executions Step Functions makes an EventBridge rule of its own
    (`StepFunctionsGetEventsFor...Rule`) with the machine's role. Without `events:PutTargets`,
    `events:PutRule` and `events:DescribeRule` the machine cannot be created. The role is read from the
    template that defines the machine, or given with `--role policy.json`; an unknown one is not judged.
    The fix allows them on that rule, in a role of the same template; it is unsafe, as it widens the role.
    See https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html

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
                Resource: arn:aws:states:::ecs:runTask.sync
                Parameters: {TaskDefinition: run}
                TimeoutSeconds: 3600
                Retry: [{ErrorEquals: [States.TaskFailed], MaxAttempts: 2}]
                End: true
          Policies:
            - Statement:
                - Effect: Allow
                  Action: [ecs:RunTask, ecs:DescribeTasks, ecs:StopTask]
                  Resource: "*"
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
                Resource: arn:aws:states:::ecs:runTask.sync
                Parameters: {TaskDefinition: run}
                TimeoutSeconds: 3600
                Retry: [{ErrorEquals: [States.TaskFailed], MaxAttempts: 2}]
                End: true
          Policies:
            - Statement:
                - Effect: Allow
                  Action: [ecs:RunTask, ecs:DescribeTasks, ecs:StopTask]
                  Resource: "*"
                - Effect: Allow
                  Action: [events:PutTargets, events:PutRule, events:DescribeRule]
                  Resource:
                    Fn::Sub: "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/StepFunctionsGetEventsForECSTaskRule"
    ```

    Instead: Allow the three actions on the rule's ARN.
    """  # noqa: E501
    if subject.role is None:
        return
    missing = [action for action in jobs.TO_HEAR if not subject.role.allows(action)]
    waiting = [need for need in required(subject) if need.action in missing]
    for pointer, (need, *others) in groupby(waiting, lambda need: need.pointer):
        message = f"the role of `{need.state.name}` (`{need.what}.sync`) lacks {', '.join(missing)}"
        fix = mending.allowed(subject, [need.allowed, *(one.allowed for one in others)])
        yield Finding(message, subject.machine.locate(pointer), fix)
