"""Airflow's trigger rules as a table: what a task does once every task directly before it has ended.

A rule looks at the set of the states before it only, never at their number, and what it comes to does not
depend on their order, but for ``all_success`` with a skip and a failure, where the failure counts here
(https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dagmig.graph.model import TriggerRule

SUCCESS, FAILED, UPSTREAM_FAILED, SKIPPED = "success", "failed", "upstream_failed", "skipped"
RUN = "run"
BAD = frozenset({FAILED, UPSTREAM_FAILED})
States = frozenset[str]
NONE: States = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """``state`` is the task's where one of ``present`` is among the states before it and none of
    ``absent`` is; either may be empty. ``of_setups``: only setup tasks before it are looked at, if any.
    """

    state: str
    present: States = NONE
    absent: States = NONE
    of_setups: bool = False

    def holds(self, states: States) -> bool:
        """Whether the line decides, for the states before the task."""
        return (not self.present or bool(self.present & states)) and not self.absent & states


FAILS_AFTER_BAD = Line(UPSTREAM_FAILED, present=BAD)
SKIPS_AFTER_SKIP = Line(SKIPPED, present=frozenset({SKIPPED}))
NO_SUCCESS = frozenset({SUCCESS})
RULES: Mapping[TriggerRule, tuple[Line, ...]] = {
    TriggerRule.ALL_SUCCESS: (FAILS_AFTER_BAD, SKIPS_AFTER_SKIP),
    TriggerRule.ALL_FAILED: (Line(SKIPPED, present=frozenset({SUCCESS, SKIPPED})),),
    TriggerRule.ALL_DONE: (),
    TriggerRule.ALWAYS: (),
    TriggerRule.ALL_DONE_MIN_ONE_SUCCESS: (SKIPS_AFTER_SKIP, Line(UPSTREAM_FAILED, absent=NO_SUCCESS)),
    TriggerRule.ALL_DONE_SETUP_SUCCESS: (
        Line(SKIPPED, absent=frozenset({SUCCESS, *BAD}), of_setups=True),
        Line(UPSTREAM_FAILED, absent=NO_SUCCESS, of_setups=True),
    ),
    TriggerRule.ALL_SKIPPED: (Line(SKIPPED, present=frozenset({SUCCESS, *BAD})),),
    TriggerRule.NONE_FAILED: (FAILS_AFTER_BAD,),
    TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS: (FAILS_AFTER_BAD, Line(SKIPPED, absent=NO_SUCCESS)),
    TriggerRule.NONE_SKIPPED: (SKIPS_AFTER_SKIP,),
    TriggerRule.ONE_DONE: (Line(SKIPPED, absent=frozenset({SUCCESS, FAILED})),),
    TriggerRule.ONE_FAILED: (Line(SKIPPED, absent=BAD),),
    TriggerRule.ONE_SUCCESS: (
        Line(UPSTREAM_FAILED, present=BAD, absent=NO_SUCCESS),
        Line(SKIPPED, absent=NO_SUCCESS),
    ),
}
EARLY = frozenset({TriggerRule.ONE_SUCCESS, TriggerRule.ONE_FAILED, TriggerRule.ONE_DONE, TriggerRule.ALWAYS})
SKIPS_EARLY = {
    rule: found
    for rule, lines in RULES.items()
    if (found := tuple(line for line in lines if line.state == SKIPPED and line.present and not line.absent))
}  # by which Airflow skips a task as soon as one before it has ended so
SETUP_LINES = (FAILS_AFTER_BAD, SKIPS_AFTER_SKIP)  # for setups that come before a task, but not directly


def decide(rule: TriggerRule, states: States, setups: States) -> str:
    """``RUN``, or the state of a task that does not run; ``setups`` are the states of setups before it."""
    for line in RULES[rule]:
        looked_at = setups if line.of_setups else states
        if looked_at and line.holds(looked_at):
            return line.state
    return RUN
