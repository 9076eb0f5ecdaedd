"""Airflow's trigger rules over counts of upstream task instances, as the scheduler evaluates them.

``TriggerRuleDep._evaluate_direct_relatives`` (apache-airflow 3.3 and 2.11), rule by rule: what a task comes
to now, which may be before all that are upstream of it have ended.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum

from dagmig.graph.model import TriggerRule
from dagmig.verify.observed import State


class Gate(Enum):
    """What a task that got no state of its own does: it runs, or it waits."""

    RUN = "run"
    WAIT = "wait"


RUN, WAIT = Gate.RUN, Gate.WAIT
Decision = State | Gate
SUCCESS, FAILED, SKIPPED, UPSTREAM_FAILED = (
    State.SUCCESS,
    State.FAILED,
    State.SKIPPED,
    State.UPSTREAM_FAILED,
)


class Counts:
    """How many of the ``expected`` upstream instances have ended how; ``setup_`` are those of setup tasks."""

    __slots__ = (
        "expected",
        "failed",
        "setup_expected",
        "setup_skipped",
        "setup_success",
        "skipped",
        "success",
        "upstream_failed",
    )

    def __init__(self) -> None:
        self.expected = self.success = self.failed = self.upstream_failed = self.skipped = 0
        self.setup_expected = self.setup_success = self.setup_skipped = 0

    def add(self, state: State | None, is_setup: bool) -> None:
        """One more upstream instance; None has not ended."""
        self.expected += 1
        if state is SUCCESS:
            self.success += 1
        elif state is SKIPPED:
            self.skipped += 1
        elif state is FAILED:
            self.failed += 1
        elif state is UPSTREAM_FAILED:
            self.upstream_failed += 1
        if is_setup:
            self.setup_expected += 1
            self.setup_success += state is SUCCESS
            self.setup_skipped += state is SKIPPED

    @property
    def bad(self) -> int:
        """Those that failed, or did not run as others had."""
        return self.failed + self.upstream_failed

    @property
    def done(self) -> int:
        """Those that have ended."""
        return self.success + self.failed + self.upstream_failed + self.skipped

    @property
    def all_done(self) -> bool:
        """Whether there is none to wait for."""
        return self.done >= self.expected


def _run(holds: bool) -> Gate:
    return RUN if holds else WAIT


def _all_success(c: Counts) -> Decision:
    if c.bad:
        return UPSTREAM_FAILED
    return SKIPPED if c.skipped else _run(c.success >= c.expected)


def _all_failed(c: Counts) -> Decision:
    return SKIPPED if c.success or c.skipped else _run(c.bad >= c.expected)


def _all_done(c: Counts) -> Decision:
    return _run(c.all_done)


def _always(_: Counts) -> Decision:
    return RUN


def _one_success(c: Counts) -> Decision:
    if c.success:
        return RUN
    if not c.all_done:
        return WAIT
    return SKIPPED if c.done == c.skipped else UPSTREAM_FAILED


def _one_failed(c: Counts) -> Decision:
    if c.bad:
        return RUN
    return SKIPPED if c.all_done else WAIT


def _one_done(c: Counts) -> Decision:
    if c.success or c.failed:
        return RUN
    return SKIPPED if c.all_done else WAIT


def _none_failed(c: Counts) -> Decision:
    return UPSTREAM_FAILED if c.bad else _run(c.all_done)


def _none_failed_min_one_success(c: Counts) -> Decision:
    if c.bad:
        return UPSTREAM_FAILED
    return SKIPPED if c.skipped == c.expected else _run(c.all_done)


def _none_skipped(c: Counts) -> Decision:
    return SKIPPED if c.skipped else _run(c.all_done)


def _all_skipped(c: Counts) -> Decision:
    return SKIPPED if c.success or c.bad else _run(c.skipped >= c.expected)


def _all_done_min_one_success(c: Counts) -> Decision:
    if c.skipped:
        return SKIPPED
    if not c.all_done:
        return WAIT
    return RUN if c.success else UPSTREAM_FAILED


def _all_done_setup_success(c: Counts) -> Decision:
    if not c.all_done:
        return WAIT
    if c.setup_expected and c.setup_skipped >= c.setup_expected:
        return SKIPPED
    return UPSTREAM_FAILED if c.setup_expected and not c.setup_success else RUN


RULES: Mapping[TriggerRule, Callable[[Counts], Decision]] = {
    TriggerRule.ALL_SUCCESS: _all_success,
    TriggerRule.ALL_FAILED: _all_failed,
    TriggerRule.ALL_DONE: _all_done,
    TriggerRule.ALL_DONE_MIN_ONE_SUCCESS: _all_done_min_one_success,
    TriggerRule.ALL_DONE_SETUP_SUCCESS: _all_done_setup_success,
    TriggerRule.ALL_SKIPPED: _all_skipped,
    TriggerRule.ALWAYS: _always,
    TriggerRule.NONE_FAILED: _none_failed,
    TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS: _none_failed_min_one_success,
    TriggerRule.NONE_SKIPPED: _none_skipped,
    TriggerRule.ONE_DONE: _one_done,
    TriggerRule.ONE_FAILED: _one_failed,
    TriggerRule.ONE_SUCCESS: _one_success,
}
EARLY = frozenset(
    {
        TriggerRule.ONE_SUCCESS,
        TriggerRule.ONE_FAILED,
        TriggerRule.ONE_DONE,
        TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
    }
)  # of which an instance not expanded yet looks at all of a task in its mapped group


def decide(rule: TriggerRule, counts: Counts) -> Decision:
    """What a task with these upstream instances comes to, seen now; without any it runs."""
    return RULES[rule](counts)
