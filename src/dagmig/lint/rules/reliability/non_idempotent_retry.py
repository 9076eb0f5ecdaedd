"""The rule ``non-idempotent-retry``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.fields import JSONATA
from dagmig.asl.flow import loops
from dagmig.asl.model import escape
from dagmig.diagnostics import Fix, Severity
from dagmig.lint.machine.calls import Call, calls
from dagmig.lint.machine.repeats import missing_key
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING, fix=FixKind.UNSAFE, is_default=False)
def non_idempotent_retry(subject: Subject) -> Iterator[Finding]:
    """A retried task may start its work twice.

    Where the answer to the first attempt got lost, the second starts another execution or another task.
    With a name or a client token the service knows that it is the same.
    The fix gives the execution's name to a task of the outermost level that is in no loop; it is unsafe, as
    a name may be used only once.
    See https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html

    ```json bad
    {"StartAt": "Start", "States": {
      "Start": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "End": true,
        "Parameters": {
          "StateMachineArn": "arn:aws:states:eu-west-1:1:stateMachine:load"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    ```json good
    {"StartAt": "Start", "States": {
      "Start": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "End": true,
        "Parameters": {
          "StateMachineArn": "arn:aws:states:eu-west-1:1:stateMachine:load",
          "Name.$": "$$.Execution.Name"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3}]}}}
    ```

    Instead: Give the call a name or a client token made of the execution's own name.
    """
    for call in calls(subject):
        if (key := missing_key(call)) and call.state.fields.get("Retry"):
            span = subject.machine.locate(call.state.pointer, True)
            fix = _mended(call, key, subject)
            yield Finding(f"`{call.state.name}` is retried and gives no `{key}`", span, fix)


def _mended(call: Call, key: str, subject: Subject) -> Fix | None:
    """The execution's name, where the task runs at most once in an execution: in no Map and no loop."""
    root = subject.machine.root
    is_once = call.state.pointer == f"/States/{escape(call.state.name)}" and not any(
        call.state.name in group for group in loops(root)
    )
    if not is_once:
        return None
    name, value = (
        (key, "{% $states.context.Execution.Name %}")
        if call.state.query_language == JSONATA
        else (f"{key}.$", "$$.Execution.Name")
    )
    return subject.members.added(f"{call.state.pointer}/{call.field}", name, value)
