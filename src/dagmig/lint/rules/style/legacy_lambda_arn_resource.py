"""The rule ``legacy-lambda-arn-resource``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.INFO, is_default=False)
def legacy_lambda_arn_resource(subject: Subject) -> Iterator[Finding]:
    """A task calls a Lambda function by the function's own ARN.

    AWS recommends the integration `lambda:invoke`: it tells the payload from the answer's metadata, and takes
    a qualifier, a client context and a callback token. Opt-in, as the old way still works as before.
    See https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html

    ```json bad
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:load:live",
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}], "End": true}}}
    ```

    ```json good
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "OutputPath": "$.Payload",
        "Parameters": {"FunctionName": "load:live", "Payload.$": "$"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}], "End": true}}}
    ```

    Instead: Call `arn:aws:states:::lambda:invoke` with the function's name.
    """
    for call in calls(subject):
        if call.resource.kind == "function":
            span = subject.machine.locate(call.pointer)
            yield Finding(f"`{call.state.name}` calls a function by its own ARN", span)
