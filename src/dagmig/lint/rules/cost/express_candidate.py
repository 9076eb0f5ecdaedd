"""The rule ``express-candidate``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.machine.maps import is_distributed
from dagmig.lint.machine.templates import is_express
from dagmig.lint.machine.values import number
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.INFO, is_default=False)
def express_candidate(subject: Subject) -> Iterator[Finding]:
    """A machine that ends within five minutes could be an Express workflow.

    Its `TimeoutSeconds` is 300 at most, and it waits for no job, callback or activity. Express workflows
    are paid by the time they take and not by the transition. They may run a step twice.
    See https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html

    ```json bad
    {"TimeoutSeconds": 60, "StartAt": "Send", "States": {
      "Send": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": true,
        "Parameters": {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:done", "Message": "done"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}]}}}
    ```

    ```json good
    {"TimeoutSeconds": 3600, "StartAt": "Send", "States": {
      "Send": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": true,
        "Parameters": {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:done", "Message": "done"},
        "Retry": [{"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 2}]}}}
    ```

    Instead: Create it as an Express workflow, where running a step twice does no harm.
    """
    limit = number(subject.machine.document.get("TimeoutSeconds"))
    if limit is None or limit > 300 or is_express(subject):
        return
    waits = any(call.resource.pattern or call.resource.kind == "activity" for call in calls(subject))
    if not waits and not any(is_distributed(state) for state in subject.states):
        yield Finding("the machine could be an Express workflow", subject.machine.locate("/TimeoutSeconds"))
