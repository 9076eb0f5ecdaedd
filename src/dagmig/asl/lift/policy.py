"""``Retry`` and the timeouts of a state as a task's policy (SEMANTICS: Retry, timeout).

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dagmig.asl.resource import LAMBDA_TRANSPORT_ERRORS
from dagmig.diagnostics import Disposition
from dagmig.graph.model import Policy
from dagmig.graph.values import Literal, Value

ALL_ERRORS = frozenset({"States.ALL", "States.TaskFailed"})
TRANSPORT = LAMBDA_TRANSPORT_ERRORS | {"Lambda.Unknown"}
MAX_SECONDS = 99_999_999
Finding = tuple[str, Disposition, str]  # construct, disposition, difference


def policy(
    fields: Mapping[str, Any], transient: frozenset[str] = frozenset()
) -> tuple[Policy, list[Finding]]:
    """The policy that ``Retry``, ``TimeoutSeconds`` and ``HeartbeatSeconds`` amount to, and its rows.

    ``transient``: errors after which the operator tries again by itself.
    """
    findings: list[Finding] = []
    retrier = _retrier(fields.get("Retry", []), transient, findings)
    timeout = _timeout(fields, findings)
    if retrier is None:
        return Policy(timeout=timeout), findings
    retries = number(retrier.get("MaxAttempts"), 3)
    if retries < 1:
        return Policy(timeout=timeout), findings
    rate = float(number(retrier.get("BackoffRate"), 2.0))
    max_delay = number(retrier.get("MaxDelaySeconds"), 0)
    if rate != 1.0:
        message = "Airflow adds a random share to every growing delay; the number of attempts is the same"
        findings.append(("retry-delay", Disposition.NOTED, message))
    return (
        Policy(
            retries=int(retries),
            retry_delay=timedelta(seconds=min(number(retrier.get("IntervalSeconds"), 1), MAX_SECONDS)),
            backoff=0.0 if rate == 1.0 else rate,
            max_delay=timedelta(seconds=min(max_delay, MAX_SECONDS)) if max_delay else None,
            timeout=timeout,
        ),
        findings,
    )


def arguments(found: Policy) -> dict[str, Value]:
    """The operator arguments that set a policy; nothing where it is the DAG's own (no retries)."""
    said: dict[str, Any] = {}
    if found.retries:
        said = {"retries": found.retries, "retry_delay": found.retry_delay}
        if found.backoff:
            said["retry_exponential_backoff"] = found.backoff
        if found.max_delay is not None:
            said["max_retry_delay"] = found.max_delay
    if found.timeout is not None:
        said["execution_timeout"] = found.timeout
    return {name: Literal(value) for name, value in said.items()}


def _retrier(found: Any, transient: frozenset[str], findings: list[Finding]) -> Mapping[str, Any] | None:
    """The one retrier that becomes the task's retries: the first for all errors, else the first."""
    retriers = [r for r in found if isinstance(r, dict)] if isinstance(found, list) else []
    if not isinstance(found, list) or len(retriers) != len(found):
        findings.append(("retry", Disposition.DECISION, "`Retry` is not a list of retriers"))
    mine = [r for r in retriers if not _errors(r) <= transient]
    if len(mine) < len(retriers):
        message = "the operator tries again by itself after these errors"
        findings.append(("retry-transport", Disposition.NOTED, message))
    own = [r for r in mine if not _errors(r) <= TRANSPORT]
    if len(own) < len(mine):
        message = "the retries of the service's own transient errors are left to the AWS client library"
        findings.append(("retry-transport", Disposition.NOTED, message))
    if not own:
        return None
    chosen = next((r for r in own if _errors(r) & ALL_ERRORS), own[0])
    if len(own) > 1:
        message = "a task has one number of retries, whatever the error: one retrier of several was taken"
        findings.append(("retry-several", Disposition.DECISION, message))
    elif not _errors(chosen) & ALL_ERRORS:
        message = f"Airflow retries every error, the machine only {', '.join(sorted(_errors(chosen)))}"
        findings.append(("retry-error-names", Disposition.DECISION, message))
    if chosen.get("JitterStrategy") == "FULL":
        findings.append(("retry-jitter", Disposition.NOTED, "Airflow chooses its own jitter"))
    return chosen


def _errors(retrier: Mapping[str, Any]) -> frozenset[str]:
    found = retrier.get("ErrorEquals")
    return frozenset(e for e in found if isinstance(e, str)) if isinstance(found, list) else frozenset()


def _timeout(fields: Mapping[str, Any], findings: list[Finding]) -> timedelta | None:
    for name in ("TimeoutSecondsPath", "HeartbeatSecondsPath"):
        if name in fields:
            findings.append(("timeout", Disposition.DECISION, f"`{name}`: a task's timeout is a constant"))
    if "HeartbeatSeconds" in fields:
        message = "a task sends no heartbeat that could be missed"
        findings.append(("heartbeat", Disposition.NOTED, message))
    seconds = fields.get("TimeoutSeconds")
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds <= MAX_SECONDS:
        findings.append(("timeout", Disposition.DECISION, "a task's timeout is a constant number of seconds"))
        return None
    return timedelta(seconds=seconds)


def number(value: Any, default: float) -> float:
    """A number of a retrier, at least 0; ``default`` for anything else."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return min(value, 10**9) if is_number and value >= 0 else default
