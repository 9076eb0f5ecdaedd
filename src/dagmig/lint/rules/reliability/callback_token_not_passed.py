"""The rule ``callback-token-not-passed``."""

from __future__ import annotations

import json
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.machine.tokens import TOKEN
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def callback_token_not_passed(subject: Subject) -> Iterator[Finding]:
    """A task waits for a callback, and hands nobody the token to call back with.

    Only `SendTaskSuccess` and `SendTaskFailure` with the task's token end a `.waitForTaskToken`. Without
    it the task waits until its timeout, or for a year.
    See https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token

    ```json bad
    {"StartAt": "Approve", "States": {
      "Approve": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "End": true,
        "Parameters": {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/approvals",
          "MessageBody": "approve"},
        "TimeoutSeconds": 86400}}}
    ```

    ```json good
    {"StartAt": "Approve", "States": {
      "Approve": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "End": true,
        "Parameters": {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/1/approvals",
          "MessageBody": {"token.$": "$$.Task.Token"}},
        "TimeoutSeconds": 86400}}}
    ```

    Instead: Pass `$$.Task.Token` (JSONata: `$states.context.Task.Token`) to what calls back.
    """
    for call in calls(subject):
        inputs = call.state.fields.get(call.field)
        if call.resource.is_callback and inputs is not None and not TOKEN.search(json.dumps(inputs)):
            span = subject.machine.locate(f"{call.state.pointer}/{call.field}", True)
            yield Finding(f"`{call.state.name}` waits for a callback and passes no token", span)
