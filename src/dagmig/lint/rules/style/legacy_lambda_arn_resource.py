"""The rule ``legacy-lambda-arn-resource``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.fields import JSONATA
from dagmig.diagnostics import Fix, Severity
from dagmig.lint.machine.calls import Call, calls
from dagmig.lint.members import together
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject

AFTER = ("Resource",)
SHAPING = frozenset(
    {"InputPath", "Parameters", "ResultSelector", "ResultPath", "OutputPath", "Arguments", "Output", "Assign"}
)


@machine_rule(Severity.INFO, fix=FixKind.UNSAFE, is_default=False)
def legacy_lambda_arn_resource(subject: Subject) -> Iterator[Finding]:
    """A task calls a Lambda function by the function's own ARN.

    AWS recommends the integration `lambda:invoke`: it tells the payload from the answer's metadata, and takes
    a qualifier, a client context and a callback token. Opt-in, as the old way still works as before.
    The fix does so for a task that hands on its whole input and the whole answer; it is unsafe, as errors
    and permissions have other names.
    See https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html

    ```json bad
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {
        "Type": "Task",
        "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:load:live",
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}], "End": true}}}
    ```

    ```json good
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "OutputPath": "$.Payload",
        "Parameters": {
          "FunctionName": "arn:aws:lambda:eu-west-1:123456789012:function:load:live",
          "Payload.$": "$"
        },
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}], "End": true}}}
    ```

    Instead: Call `arn:aws:states:::lambda:invoke` with the function's name.
    """
    for call in calls(subject):
        if call.resource.kind == "function":
            span = subject.machine.locate(call.pointer)
            yield Finding(
                f"`{call.state.name}` calls a function by its own ARN", span, _mended(call, subject)
            )


def _mended(call: Call, subject: Subject) -> Fix | None:
    """The integration with the same payload and the same answer; None where the state shapes these itself."""
    state, members = call.state, subject.members
    if state.fields.keys() & SHAPING or call.resource.partition != "aws":
        return None
    is_jsonata = state.query_language == JSONATA
    inputs, payload, whole = (
        ("Arguments", "Payload", "{% $states.input %}") if is_jsonata else ("Parameters", "Payload.$", "$")
    )
    output, answer = ("Output", "{% $states.result.Payload %}") if is_jsonata else ("OutputPath", "$.Payload")
    return together(
        members.replaced(call.pointer, "arn:aws:states:::lambda:invoke"),
        members.added(state.pointer, inputs, {"FunctionName": call.resource.text, payload: whole}, AFTER),
        members.added(state.pointer, output, answer, AFTER),
    )
