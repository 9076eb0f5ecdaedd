"""The rule ``iam-missing-permission``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.iam import jobs, mending, passing
from dagmig.lint.machine.iam.needs import required
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject

ELSEWHERE = frozenset({passing.ACTION, *jobs.TO_HEAR})  # of these there are rules of their own


@machine_rule(Severity.ERROR, fix=FixKind.UNSAFE)
def iam_missing_permission(subject: Subject) -> Iterator[Finding]:
    """The machine's role does not allow what a task calls.

    The task fails with an access error. What is needed is taken from the `Resource`s of the machine: the
    API's own action, and what `.sync` asks for where it polls. The role is read from the template that
    defines the machine, or given with `--role policy.json`; one with policies that no file shows is not
    judged.
    The fix allows it on the resource that the task names, in a role of the same template; it is unsafe, as it
    widens the role.
    See https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html

    ```yaml bad
    Resources:
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Logging: {Level: ERROR, Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]}
          Definition:
            StartAt: Send
            States:
              Send:
                Type: Task
                Resource: arn:aws:states:::sqs:sendMessage
                Parameters: {QueueUrl: "https://sqs.eu-west-1.amazonaws.com/1/work", MessageBody: go}
                Retry: [{ErrorEquals: [States.TaskFailed], MaxAttempts: 2}]
                End: true
          Policies:
            - Statement:
                - Effect: Allow
                  Action: sqs:ReceiveMessage
                  Resource: !GetAtt Queue.Arn
    ```

    ```yaml good
    Resources:
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Logging: {Level: ERROR, Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Log.Arn}}]}
          Definition:
            StartAt: Send
            States:
              Send:
                Type: Task
                Resource: arn:aws:states:::sqs:sendMessage
                Parameters: {QueueUrl: "https://sqs.eu-west-1.amazonaws.com/1/work", MessageBody: go}
                Retry: [{ErrorEquals: [States.TaskFailed], MaxAttempts: 2}]
                End: true
          Policies:
            - Statement:
                - Effect: Allow
                  Action: sqs:ReceiveMessage
                  Resource: !GetAtt Queue.Arn
                - Effect: Allow
                  Action: sqs:SendMessage
                  Resource:
                    Fn::Sub: "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:work"
    ```

    Instead: Allow the action on the resource that is called.
    """
    if subject.role is None:
        return
    for need in required(subject):
        if need.action not in ELSEWHERE and not subject.role.allows(need.action):
            span = subject.machine.locate(need.pointer)
            message = f"the role does not allow `{need.action}`, which `{need.what}` needs"
            yield Finding(message, span, mending.allowed(subject, [need.allowed]))
