"""The rule ``lambda-transient-errors-unhandled``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dagmig.asl.model import State
from dagmig.asl.resource import LAMBDA_TRANSPORT_ERRORS, parse
from dagmig.diagnostics import Severity
from dagmig.lint.machine.retriers import with_retrier
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject

WIDE = frozenset({"States.ALL", "States.TaskFailed"})
NEEDED = LAMBDA_TRANSPORT_ERRORS - {"Lambda.ClientExecutionTimeoutException"}  # a later addition to the list


@machine_rule(Severity.WARNING, fix=FixKind.UNSAFE)
def lambda_transient_errors_unhandled(subject: Subject) -> Iterator[Finding]:
    """A Lambda task does not handle the errors of the Lambda service itself.

    Lambda answers now and then with a 500, or throttles. AWS's best practice is to retry
    `Lambda.ServiceException`, `Lambda.AWSLambdaException`, `Lambda.SdkClientException` and
    `Lambda.TooManyRequestsException`, or to catch them; `States.TaskFailed` and `States.ALL` include them.
    A task without any `Retry` is the matter of `no-retry`, but for callbacks.
    The fix adds the retrier of that page; it is unsafe, as a function may then run twice.
    See https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception

    ```json bad
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:load:live",
        "Retry": [
          {"ErrorEquals": ["NotYet"], "MaxAttempts": 3}
        ],
        "End": true}}}
    ```

    ```json good
    {"StartAt": "Load", "TimeoutSeconds": 900, "States": {
      "Load": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:load:live",
        "Retry": [
          {"ErrorEquals": ["NotYet"], "MaxAttempts": 3},
          {
            "ErrorEquals": [
              "Lambda.ClientExecutionTimeoutException",
              "Lambda.ServiceException",
              "Lambda.AWSLambdaException",
              "Lambda.SdkClientException",
              "Lambda.TooManyRequestsException"
            ],
            "IntervalSeconds": 2,
            "MaxAttempts": 6,
            "BackoffRate": 2
          }
        ],
        "End": true}}}
    ```

    Instead: Retry the errors named above with a growing delay.
    """
    for state in subject.machine.root.all_states():
        if missing := _missing(state):
            message = f"the Lambda task `{state.name}` handles no {', '.join(missing)}"
            span = subject.machine.locate(state.pointer, True)
            yield Finding(message, span, with_retrier(state, subject))


def _missing(state: State) -> list[str]:
    """The errors that a Lambda task neither retries nor catches."""
    text = state.fields.get("Resource")
    if state.type != "Task" or not isinstance(text, str):
        return []
    resource = parse(text)
    if not resource.is_lambda or not (resource.is_callback or state.fields.get("Retry")):
        return []
    handled = _errors(state.fields)
    return [] if handled & WIDE else sorted(NEEDED - handled)


def _errors(fields: Mapping[str, Any]) -> set[str]:
    """The error names that the state retries or catches."""
    found: set[str] = set()
    for key in ("Retry", "Catch"):
        rules = fields.get(key)
        for rule in rules if isinstance(rules, list) else []:
            names = rule.get("ErrorEquals") if isinstance(rule, dict) else None
            found |= {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()
    return found
