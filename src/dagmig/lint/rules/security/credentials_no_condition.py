"""The rule ``credentials-no-condition``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dagmig.asl.model import JSON
from dagmig.diagnostics import Severity
from dagmig.lint.machine.resources import Resource, refers, resources
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING, is_default=False)
def credentials_no_condition(subject: Subject) -> Iterator[Finding]:
    """A task acts in a role that lets others than this machine act in it, too.

    The trust policy of a role in a task's `Credentials` names the machine's role. A condition on
    `sts:ExternalId`, as which Step Functions gives the machine's ARN, lets this machine in alone. A role is
    judged where the same template makes it; one in another account's template is not seen from here.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-cross-acct-sync-pattern.html

    ```yaml bad
    Resources:
      Other:
        Type: AWS::IAM::Role
        Properties:
          AssumeRolePolicyDocument:
            Statement: {Effect: Allow, Action: "sts:AssumeRole", Principal: {AWS: !GetAtt Own.Arn}}
      Machine:
        Type: AWS::StepFunctions::StateMachine
        Properties:
          RoleArn: !GetAtt Own.Arn
          Definition:
            StartAt: Send
            States:
              Send: {Type: Task, Resource: "arn:aws:states:::sqs:sendMessage", End: true,
                Credentials: {RoleArn: !GetAtt Other.Arn}, Parameters: {QueueUrl: a, MessageBody: b},
                Retry: [{ErrorEquals: [States.TaskFailed]}]}
    ```

    ```yaml good
    Resources:
      Other:
        Type: AWS::IAM::Role
        Properties:
          AssumeRolePolicyDocument:
            Statement: {Effect: Allow, Action: "sts:AssumeRole", Principal: {AWS: !GetAtt Own.Arn},
              Condition: {StringEquals: {"sts:ExternalId": "arn:aws:states:eu-west-1:1:stateMachine:send"}}}
      Machine:
        Type: AWS::StepFunctions::StateMachine
        Properties:
          RoleArn: !GetAtt Own.Arn
          Definition:
            StartAt: Send
            States:
              Send: {Type: Task, Resource: "arn:aws:states:::sqs:sendMessage", End: true,
                Credentials: {RoleArn: !GetAtt Other.Arn}, Parameters: {QueueUrl: a, MessageBody: b},
                Retry: [{ErrorEquals: [States.TaskFailed]}]}
    ```

    Instead: Let the trust policy ask for the machine's ARN as `sts:ExternalId`.
    """
    for state in subject.states:
        credentials = state.fields.get("Credentials")
        role = credentials.get("RoleArn") if isinstance(credentials, dict) else None
        for other in resources(subject, "AWS::IAM::Role") if role else ():
            if refers(role, other.name) and _is_open(other):
                span = subject.machine.locate(f"{state.pointer}/Credentials", True)
                yield Finding(f"whoever has the machine's role may act as `{other.name}`", span)


def _is_open(role: Resource) -> bool:
    """Whether a principal that is no service may assume a role without a condition."""
    policy = role.properties.get("AssumeRolePolicyDocument")
    found = policy.get("Statement") if isinstance(policy, dict) else None
    return any(_lets_in(one) for one in (found if isinstance(found, list) else [found]))


def _lets_in(statement: JSON) -> bool:
    if not isinstance(statement, Mapping) or statement.get("Effect") != "Allow":
        return False
    principal = statement.get("Principal")
    return not statement.get("Condition") and isinstance(principal, Mapping) and "AWS" in principal
