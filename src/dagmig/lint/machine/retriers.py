"""The retriers that fixes add."""

from __future__ import annotations

from dagmig.asl.model import JSON, State
from dagmig.asl.resource import parse
from dagmig.diagnostics import Fix
from dagmig.lint.source import Subject

AFTER = ("Parameters", "Arguments", "Resource")
FOR_LAMBDA: dict[str, JSON] = {
    "ErrorEquals": [
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
    ],
    "IntervalSeconds": 2,
    "MaxAttempts": 6,
    "BackoffRate": 2,
}  # https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception
FOR_SERVICES: dict[str, JSON] = {"ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 3, "BackoffRate": 2}


def with_retrier(state: State, subject: Subject) -> Fix | None:
    """The task retried as suits what it calls, after the retriers it has, or in a new ``Retry``.

    Rules that want a retrier make the same edit, so that a task gets one.
    """
    resource, retriers = state.fields.get("Resource"), state.fields.get("Retry")
    is_lambda = isinstance(resource, str) and parse(resource).is_lambda
    retrier = FOR_LAMBDA if is_lambda else FOR_SERVICES
    if "Retry" not in state.fields:
        return subject.members.added(state.pointer, "Retry", [retrier], after=AFTER)
    if not isinstance(retriers, list) or not retriers:
        return None
    names = retriers[-1].get("ErrorEquals") if isinstance(retriers[-1], dict) else None
    return None if names == ["States.ALL"] else subject.members.appended(f"{state.pointer}/Retry", retrier)
