"""The rule ``no-retry``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.resource import parse
from dagmig.diagnostics import Severity
from dagmig.lint.machine.retriers import with_retrier
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING, fix=FixKind.UNSAFE)
def no_retry(subject: Subject) -> Iterator[Finding]:
    """A task that calls a service gives up at its first failure.

    Services throttle and fail for reasons that pass, and Step Functions retries nothing by itself. Left
    alone: activities and callbacks, where a person or another system answers, and tasks in a Parallel or a
    Map that is retried as a whole.
    The fix adds a retrier; it is unsafe, as a task that failed late then does its work again.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html

    ```json bad
    {"StartAt": "Send", "States": {
      "Send": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish",
        "Parameters": {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:done", "Message": "done"},
        "End": true}}}
    ```

    ```json good
    {"StartAt": "Send", "States": {
      "Send": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish",
        "Parameters": {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:done", "Message": "done"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3, "BackoffRate": 2}],
        "End": true}}}
    ```

    Instead: Add a `Retry` for the errors that pass.
    """
    groups = tuple(
        f"{one.pointer}/" for one in subject.states if one.type != "Task" and one.fields.get("Retry")
    )
    for state in subject.machine.root.all_states():
        text = state.fields.get("Resource")
        if state.type != "Task" or not isinstance(text, str) or state.fields.get("Retry"):
            continue
        resource = parse(text)
        is_answered = resource.kind == "activity" or resource.is_callback
        if not is_answered and not state.pointer.startswith(groups):
            span = subject.machine.locate(state.pointer, True)
            yield Finding(f"the task `{state.name}` has no `Retry`", span, with_retrier(state, subject))
