"""Services without a ``.sync``: a state that starts the work, then a bounded loop that asks for its status.

The loop waits, asks, and chooses: done, failed with a name, out of time, or again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Ref
from dagmig.integrations.status import Status

WEEK = 604_800
SHARE = 100  # a wait grows to this part of the time elapsed: a week takes 650 rounds of ten events at most
FAILED = "AirflowException"  # what the operators raise when work ends badly, or never
TIMED_OUT = "AirflowTaskTimeout"  # what Airflow raises at execution_timeout
HTTP_TRANSIENT = (
    *(f"States.Http.StatusCode.{code}" for code in (429, 500, 502, 503, 504)),
    "States.Http.Socket",
)  # https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html


@dataclass(frozen=True, slots=True)
class Ending:
    """How the loop ends without success: the condition, and the error and cause it fails with."""

    condition: Expression
    error: str
    cause: Expression


@dataclass(frozen=True, slots=True)
class Poll:
    """``ask`` is the state that asks (its ``Assign`` declares what the conditions read), every
    ``interval`` seconds, for at most ``limit`` seconds, after which ``late`` is the error.
    """

    ask: Mapping[str, Any]
    succeeded: Expression
    failed: Ending | None
    interval: int
    limit: int
    late: str


def looped(
    start: Mapping[str, Any], poll: Poll, subject: Expression | None = None, then: Ref = AFTER
) -> dict[str, Mapping[str, Any]]:
    """The states by local name; ``subject`` is JSONata that names the work in the cause of a failure,
    ``then`` is what follows success.
    """
    assign = {**start.get("Assign", {}), ":started": Expression.of("$millis()")}
    elapsed = "($millis() - $:started)"
    seconds = Expression.of(f"$max([{poll.interval}, $floor({elapsed} / {1000 * SHARE})])")
    failed = poll.failed
    choices = [
        {"Condition": poll.succeeded, "Next": then},
        *([{"Condition": failed.condition, "Next": Ref("failed")}] if failed else []),
        {"Condition": Expression.of(f"{elapsed} > {1000 * poll.limit}"), "Next": Ref("timed out")},
    ]
    late = f"has not ended after {poll.limit} seconds"
    cause = Expression.of(*subject.parts, f" & ' {late}'") if subject else f"it {late}"
    return {
        MAIN: {**start, "Assign": assign, "Next": Ref("wait")},
        "wait": {"Type": "Wait", "Seconds": seconds, "Next": Ref("poll")},
        "poll": {**poll.ask, "Next": Ref("done?")},
        "done?": {"Type": "Choice", "Choices": choices, "Default": Ref("wait")},
        **({"failed": {"Type": "Fail", "Error": failed.error, "Cause": failed.cause}} if failed else {}),
        "timed out": {"Type": "Fail", "Error": poll.late, "Cause": cause},
    }


@dataclass(frozen=True, slots=True)
class Pace:
    """How an operator waits: its arguments for the seconds between two looks and for how often it looks,
    each with its default (None: for ever). ``kills``: killing the task stops the work.
    """

    every: tuple[str, int] = ("waiter_delay", 30)
    times: tuple[str, int | None] = ("waiter_max_attempts", 60)
    kills: bool = False

    @property
    def names(self) -> tuple[str, str]:
        """The two arguments, each empty where there is none."""
        return self.every[0], self.times[0]

    @property
    def arguments(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if name)


def polled(
    task: Task, start: Mapping[str, Any], status: Status, pace: Pace, report: Report
) -> dict[str, Mapping[str, Any]]:
    """The states of an operator that starts work and waits until it has ended (a waiter of boto's)."""
    interval = known_number(task, *pace.every, report) if pace.every[0] else pace.every[1]
    name, times = pace.times
    times = known_number(task, name, times or 0, report) if name else times
    limit, late = bound(task, interval * times if times else WEEK, FAILED)
    condition = status.has_failed
    ending = None if condition is None else Ending(condition, FAILED, status.cause)
    poll = Poll(
        status.call(task, Ref("done?"), start.get("Arguments")), status.is_done, ending, interval, limit, late
    )
    say_pace(task, poll, pace.every[0] or "wait_for_completion", report)
    if pace.kills:
        said = "stopping the execution does not stop the work, as killing the task does"
        report.row("on_kill", task.span, f"task:{task.id}", Disposition.NOTED, said, task=task.id)
    assign = {**start.get("Assign", {}), **status.started()}
    return looped({**start, "Assign": assign} if assign else start, poll)


def bound(task: Task, limit: int, late: str) -> tuple[int, str]:
    """Seconds and error at which the loop gives up: the task's ``execution_timeout`` where that is sooner."""
    timeout = task.policy.timeout
    if isinstance(timeout, timedelta) and timeout.total_seconds() < limit:
        return max(1, round(timeout.total_seconds())), TIMED_OUT
    return limit, late


def known_number(task: Task, argument: str, default: int, report: Report) -> int:
    """A number that the loop needs to know when it is written; an open row where it is not known."""
    value = task.argument(argument)
    if value is None or value == Literal(None):
        return default
    number = value.value if isinstance(value, Literal) else None
    if isinstance(number, (int, float)) and not isinstance(number, bool) and 0 < number < math.inf:
        return max(1, round(number))
    said = f"`{argument}` is not a known positive number: {default} is used"
    report.row(argument, task.span, f"task:{task.id}", Disposition.DECISION, said, task=task.id)
    return default


def say_pace(task: Task, poll: Poll, argument: str, report: Report) -> None:
    """The row for how the loop differs from a client that asks at a fixed pace for ever."""
    said = (
        f"asks every {poll.interval} s, after a while whenever another {100 // SHARE} % of the time has "
        f"passed, so that an execution's history (25,000 events) suffices; gives up with {poll.late} "
        f"after {poll.limit} s"
    )
    report.row(argument, task.span, f"task:{task.id}", Disposition.NOTED, said, task=task.id)
