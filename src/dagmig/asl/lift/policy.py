"""``Retry`` and the timeouts of a state as a task's policy (SEMANTICS: Retry, timeout).

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
JITTER: Finding = ("retry-jitter", Disposition.NOTED, "Airflow chooses its own jitter")


@dataclass(frozen=True, slots=True)
class ByName:
    """Retriers of which some are only for some errors, as a function can tell them apart.

    ``retrier`` is the one that tries again, for the errors ``names``, or with ``is_fatal`` for all but these;
    None where several do.
    """

    retrier: Mapping[str, Any] | None = None
    names: tuple[str, ...] = ()
    is_fatal: bool = False


def by_name(fields: Mapping[str, Any], transient: frozenset[str]) -> ByName | None:
    """The retriers of a state where a task's one number of retries is not what they say.

    ``transient``: errors after which the operator tries again by itself.
    """
    own = _own(_retriers(fields), transient)
    trying = [one for one in own if number(one.get("MaxAttempts"), 3) >= 1]
    is_first = bool(trying) and own[0] is trying[0] and bool(_errors(trying[0]) & ALL_ERRORS)
    if not trying or (is_first and not leaves_timeouts(fields, trying[0])):
        return None
    if len(trying) > 1:
        return ByName()
    is_for_all = bool(_errors(trying[0]) & ALL_ERRORS)
    before = own[: own.index(trying[0])]
    fatal = {name for one in before for name in _errors(one)}
    if is_for_all and leaves_timeouts(fields, trying[0]):
        fatal.add("States.Timeout")
    if is_for_all:
        return None if fatal & ALL_ERRORS else ByName(trying[0], tuple(sorted(fatal)), True)
    names = _errors(trying[0]) - fatal
    return ByName(trying[0], tuple(sorted(names))) if names and not fatal & ALL_ERRORS else None


def leaves_timeouts(fields: Mapping[str, Any], retrier: Mapping[str, Any]) -> bool:
    """Whether a retrier is for all errors but that the state's time is up: ``States.TaskFailed``."""
    return "States.TaskFailed" in (named := _errors(retrier)) and bool(
        {"TimeoutSeconds", "TimeoutSecondsPath"} & fields.keys()
        and not named & {"States.ALL", "States.Timeout"}
    )


def policy(
    fields: Mapping[str, Any], transient: frozenset[str] = frozenset()
) -> tuple[Policy, list[Finding]]:
    """The policy that ``Retry``, ``TimeoutSeconds`` and ``HeartbeatSeconds`` amount to, and its rows.

    ``transient``: errors after which the operator tries again by itself.
    """
    findings: list[Finding] = []
    retrier = _retrier(fields, transient, findings)
    timeout = _timeout(fields, findings)
    return _policy(retrier, timeout, findings), findings


def chosen(fields: Mapping[str, Any], found: ByName) -> tuple[Policy, list[Finding]]:
    """The policy of a function that tells errors apart, and its rows."""
    if found.retrier is None:
        message = "each error has retries of its own, which the task makes itself: it keeps its worker slot"
        return Policy(), [("retry-several", Disposition.NOTED, message)]
    findings: list[Finding] = list(_left_to_client(fields))
    timeout = _timeout(fields, findings)
    if found.retrier.get("JitterStrategy") == "FULL":
        findings.append(JITTER)
    return _policy(found.retrier, timeout, findings), findings


def _policy(retrier: Mapping[str, Any] | None, timeout: timedelta | None, findings: list[Finding]) -> Policy:
    if retrier is None:
        return Policy(timeout=timeout)
    retries = number(retrier.get("MaxAttempts"), 3)
    if retries < 1:
        return Policy(timeout=timeout)
    rate = float(number(retrier.get("BackoffRate"), 2.0))
    max_delay = number(retrier.get("MaxDelaySeconds"), 0)
    if rate != 1.0:
        message = "Airflow adds a random share to every growing delay; the number of attempts is the same"
        findings.append(("retry-delay", Disposition.NOTED, message))
    return Policy(
        retries=int(retries),
        retry_delay=timedelta(seconds=min(number(retrier.get("IntervalSeconds"), 1), MAX_SECONDS)),
        backoff=0.0 if rate == 1.0 else rate,
        max_delay=timedelta(seconds=min(max_delay, MAX_SECONDS)) if max_delay else None,
        timeout=timeout,
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


def _retriers(fields: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = fields.get("Retry", [])
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _own(retriers: list[Mapping[str, Any]], transient: frozenset[str]) -> list[Mapping[str, Any]]:
    """The retriers that are not left to the operator or the AWS client, up to the first for all errors."""
    own = [one for one in retriers if not _errors(one) <= transient and not _errors(one) <= TRANSPORT]
    last = next((n for n, one in enumerate(own, 1) if "States.ALL" in _errors(one)), len(own))
    return own[:last]


def _left_to_client(fields: Mapping[str, Any]) -> Iterator[Finding]:
    if any(_errors(one) <= TRANSPORT for one in _retriers(fields)):
        message = "the retries of the service's own transient errors are left to the AWS client library"
        yield "retry-transport", Disposition.NOTED, message


def _retrier(
    fields: Mapping[str, Any], transient: frozenset[str], findings: list[Finding]
) -> Mapping[str, Any] | None:
    """The one retrier that becomes the task's retries: the first for all errors, else the first."""
    found, retriers = fields.get("Retry", []), _retriers(fields)
    if not isinstance(found, list) or len(retriers) != len(found):
        findings.append(("retry", Disposition.DECISION, "`Retry` is not a list of retriers"))
    if any(_errors(one) <= transient for one in retriers):
        message = "the operator tries again by itself after these errors"
        findings.append(("retry-transport", Disposition.NOTED, message))
    left = [one for one in retriers if not _errors(one) <= transient]
    findings += _left_to_client({"Retry": left})
    own = _own(retriers, transient)
    if all(number(one.get("MaxAttempts"), 3) < 1 for one in own):
        return None
    chosen = next((r for r in own if _errors(r) & ALL_ERRORS), own[0])
    if len(own) > 1:
        message = "a task has one number of retries, whatever the error: one retrier of several was taken"
        findings.append(("retry-several", Disposition.DECISION, message))
    elif not _errors(chosen) & ALL_ERRORS:
        message = f"Airflow retries every error, the machine only {', '.join(sorted(_errors(chosen)))}"
        findings.append(("retry-error-names", Disposition.DECISION, message))
    if chosen.get("JitterStrategy") == "FULL":
        findings.append(JITTER)
    return chosen


def _errors(retrier: Mapping[str, Any]) -> frozenset[str]:
    found = retrier.get("ErrorEquals")
    return frozenset(e for e in found if isinstance(e, str)) if isinstance(found, list) else frozenset()


def _timeout(fields: Mapping[str, Any], findings: list[Finding]) -> timedelta | None:
    if "TimeoutSecondsPath" in fields:
        message = "`TimeoutSecondsPath`: a task's timeout is a constant"
        findings.append(("timeout", Disposition.DECISION, message))
    if {"HeartbeatSeconds", "HeartbeatSecondsPath"} & fields.keys():
        message = "a task sends no heartbeat that could be missed"
        findings.append(("heartbeat", Disposition.NOTED, message))
    seconds = fields.get("TimeoutSeconds")
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds <= MAX_SECONDS:
        findings.append(("timeout", Disposition.DECISION, "a task's timeout is a constant number of seconds"))
        return None
    return timedelta(seconds=seconds)


def is_late(fields: Mapping[str, Any]) -> bool:
    """Whether how long a Task may take is only known when the machine runs."""
    return "TimeoutSecondsPath" in fields or isinstance(fields.get("TimeoutSeconds"), str)


def number(value: Any, default: float) -> float:
    """A number of a retrier, at least 0; ``default`` for anything else."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return min(value, 10**9) if is_number and value >= 0 else default
