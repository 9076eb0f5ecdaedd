"""The rule ``secret-value-in-state``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

READS = {
    "aws-sdk:secretsmanager:getSecretValue": "",
    "aws-sdk:secretsmanager:batchGetSecretValue": "",
    "aws-sdk:ssm:getParameter": "WithDecryption",
    "aws-sdk:ssm:getParameters": "WithDecryption",
    "aws-sdk:ssm:getParametersByPath": "WithDecryption",
}


@machine_rule(Severity.WARNING)
def secret_value_in_state(subject: Subject) -> Iterator[Finding]:
    """A task reads a secret into the machine's data.

    From there it is in the execution's history and in the logs, for everybody who may look at executions.
    See https://docs.aws.amazon.com/secretsmanager/latest/userguide/best-practices.html

    ```json bad
    {"StartAt": "Read", "States": {
      "Read": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:secretsmanager:getSecretValue",
        "Parameters": {"SecretId": "report"}, "End": true,
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    ```json good
    {"StartAt": "Read", "States": {
      "Read": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:secretsmanager:describeSecret",
        "Parameters": {"SecretId": "report"}, "End": true,
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    Instead: Hand on the secret's name, and let the function or container read it.
    """
    for call in calls(subject):
        switch = READS.get(call.resource.short)
        if switch is not None and (not switch or call.value(switch) is True):
            span = subject.machine.locate(call.pointer)
            yield Finding(f"`{call.state.name}` reads a secret into the execution's data", span)
