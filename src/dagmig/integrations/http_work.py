"""Work that another cloud does: the words of its answers, and the loops that ask for them over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations.fragment import AFTER, Expression, Ref
from dagmig.integrations.poller import FAILED, WEEK, Ending, Poll, bound, known_number, looped, say_pace
from dagmig.integrations.rows import noted, opened

BODY = "$states.result.ResponseBody"
STATUS, REASON = "$:status", "$:reason"


@dataclass(frozen=True, slots=True)
class Words:
    """``at`` is a path into the body of the answer. Its word is one of ``done`` or ``failed``, or the work
    goes on; a body without it says nothing yet. ``reason`` is a path to text that says why.
    """

    at: str
    done: tuple[str | int, ...]
    failed: tuple[str | int, ...] = ()
    reason: str = ""

    def asked(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """The state that asks, with what its answer says kept."""
        assign = {":status": _text(self.at)}
        if self.reason:
            assign[":reason"] = _text(self.reason)
        return {**call, "Assign": {**call.get("Assign", {}), **assign}, "Output": {}}

    @property
    def is_done(self) -> Expression:
        """The condition that the work has ended well."""
        return _among(self.done)

    def ending(self, subject: Expression, error: str) -> Ending | None:
        """How it fails; ``subject`` is JSONata that names the work."""
        if not self.failed:
            return None
        why = f" & ($length({REASON}) > 0 ? ': ' & {REASON} : '')" if self.reason else ""
        cause = Expression.of(*subject.parts, f" & ' ended ' & {STATUS}{why}")
        return Ending(_among(self.failed), error, cause)


def _text(path: str) -> Expression:
    found = f"{BODY}.{path}"
    return Expression.of(f"$exists({found}) ? $string({found}) : ''")


def _among(words: tuple[str | int, ...]) -> Expression:
    first, *others = (f"'{word}'" for word in words)
    return Expression.of(f"{STATUS} in [{', '.join([first, *others])}]" if others else f"{STATUS} = {first}")


def awaited(  # noqa: PLR0913
    task: Task,
    start: Mapping[str, Any],
    ask: Mapping[str, Any],
    words: Words,
    subject: Expression,
    report: Report,
    *,
    every: tuple[str, int],
    timeout: str = "",
    longest: int = WEEK,
    error: str = FAILED,
    then: Ref = AFTER,
) -> dict[str, Mapping[str, Any]]:
    """The states of work that is started, then asked for until it has ended; ``then`` follows success.

    ``every`` and ``timeout`` are the arguments for the seconds between two looks and for all of the time;
    ``longest`` is the default of the latter. ``error``: what the operator raises.
    """
    limit = known_number(task, timeout, longest, report) if timeout else longest
    poll = Poll(
        words.asked(ask),
        words.is_done,
        words.ending(subject, error),
        known_number(task, *every, report),
        *bound(task, limit, error),
    )
    say_pace(task, poll, every[0], report)
    return looped(start, poll, subject, then)


def waits(task: Task, report: Report, argument: str = "wait_for_termination") -> bool:
    """Whether the operator waits for the end, as it does unless told otherwise."""
    value = task.argument(argument)
    if value is not None and not isinstance(value, Literal):
        said = f"`{argument}` is known only when the DAG runs; the state waits"
        opened(task, argument, said, report)
    return value is None or not isinstance(value, Literal) or bool(value.value)


def goes_on(task: Task, work: str, report: Report) -> None:
    """The row for an operator whose ``on_kill`` stops the work."""
    said = f"stopping the execution does not cancel the {work}, as killing the task does"
    noted(task, "on_kill", said, report)
