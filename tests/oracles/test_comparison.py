"""The comparison itself: what differs is seen, and only a diagnostic about it excuses it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.oracles import schedules
from tests.oracles.comparison import Compared, compare

from dagmig.diagnostics import Diagnostic, Severity, Span
from dagmig.graph.model import Call, Edge, Group, Policy, Task, Workflow
from dagmig.graph.values import UNKNOWN, Items, Literal, New, Opaque, Value

WARNING = Diagnostic("unknown-value", "a dependency of something unknown", Span("dag.py"))
NOTE = Diagnostic("environment", "`HOME` is not set: its default is taken", Span("dag.py"), Severity.INFO)
NAMES = Diagnostic("unknown-value", "`retries` of task `b` is not known", Span("dag.py"), Severity.INFO)
TASK = {
    "operator": {
        "name": "EmptyOperator",
        "shows": "EmptyOperator",
        "names": ["x.DummyOperator", "x.EmptyOperator"],
    },
    "upstream": [],
    "trigger_rule": "all_success",
    "mapped": False,
    "group": None,
    "retries": 0,
    "retry_delay": 300.0,
    "execution_timeout": None,
    "setup": False,
    "teardown": False,
}
DEFAULTS: dict[str, Any] = {
    "schedule": {"timetable": "NullTimetable", "is_plain": False, "text": None, "condition": None},
    "catchup": False,
    "max_active_runs": 16,
}
DAG = {
    **DEFAULTS,
    "start_date": "2024-01-01T00:00:00+00:00",
    "groups": {"g": {"mapped": False}},
    "tasks": {"a": TASK, "b": {**TASK, "upstream": ["a"], "retries": 2}},
}
TASKS = {
    "a": Task("a", Call("x.DummyOperator")),
    "b": Task("b", Call("y.EmptyOperator"), Policy(retries=2)),
}
SAME = Workflow(
    "d",
    TASKS,
    frozenset({Edge("a", "b")}),
    {"g": Group("g")},
    {"start_date": Literal(datetime(2024, 1, 1))},
)


def judged(ours: Workflow, *said: Diagnostic, later: dict[str, Any] | None = None) -> Compared:
    answer = {"dags": {"d": DAG}, **({"later": {"d": later}} if later else {})}
    (found,) = compare("dag.py", (ours,), list(said), answer, DEFAULTS, "3")
    return found


def with_b(**changes: object) -> Workflow:
    return replace(SAME, tasks={**TASKS, "b": replace(TASKS["b"], **changes)})


def with_argument(name: str, value: Value) -> Workflow:
    return replace(SAME, arguments={**SAME.arguments, name: value})


def test_the_same_dag_is_equal() -> None:
    assert judged(SAME).is_equal


@pytest.mark.parametrize(
    "ours",
    [
        with_b(call=Call("y.BashOperator")),
        with_b(call=Call("@task")),
        with_b(policy=Policy(retries=3)),
        with_b(policy=Policy(retries=2, retry_delay=timedelta(seconds=1))),
        with_b(policy=Policy(retries=2, timeout=timedelta(seconds=1))),
        with_b(group="g"),
        with_b(is_setup=True),
        with_b(is_teardown=True),
        replace(SAME, edges=frozenset()),
        replace(SAME, edges=frozenset({Edge("a", "b"), Edge("b", "a")})),
        replace(SAME, groups={}),
        replace(SAME, tasks={**TASKS, "c": Task("c", Call("x.EmptyOperator"))}),
        replace(SAME, tasks={"a": TASKS["a"]}, edges=frozenset()),
        replace(SAME, arguments={}),
        replace(SAME, id="e"),
        with_argument("catchup", Literal(True)),
        with_argument("max_active_runs", Literal(1)),
        with_argument("schedule", Literal("@daily")),
        with_argument("start_date", Literal(datetime(2024, 1, 2))),
    ],
)
def test_a_difference_is_silent_whatever_else_was_said(ours: Workflow) -> None:
    for said in ([], [NOTE], [NAMES]):
        found = compare("dag.py", (ours,), said, {"dags": {"d": DAG}}, DEFAULTS, "3")
        assert any(one.is_silent for one in found)
    if ours.id == "d":  # a known value that is wrong stays silent; of DAGs that are missing a warning says so
        assert judged(ours, WARNING).is_silent


def test_tasks_and_edges_that_were_not_seen_are_excused_where_the_workflow_says_so() -> None:
    fewer = replace(SAME, tasks={"a": TASKS["a"]}, edges=frozenset(), is_complete=False)
    assert judged(fewer).is_silent
    assert judged(fewer, NOTE).is_silent
    found = judged(fewer, WARNING)
    assert not found.is_equal
    assert not found.is_silent


def test_a_wrong_value_is_not_excused_by_a_workflow_that_is_not_complete() -> None:
    assert judged(replace(with_b(policy=Policy(retries=3)), is_complete=False), WARNING).is_silent


def test_an_unknown_value_is_excused_by_a_diagnostic_that_names_it() -> None:
    unknown = with_b(policy=Policy(retries=UNKNOWN))
    assert judged(unknown).is_silent
    assert judged(unknown, NOTE).is_silent
    assert judged(unknown, WARNING).is_silent
    assert not judged(unknown, NAMES).is_silent
    assert not judged(unknown, NAMES).is_equal


def test_what_airflow_itself_answers_differently_at_another_time_is_rightly_unknown() -> None:
    later = deepcopy(DAG)
    later["tasks"]["b"]["retries"] = 7
    unknown = with_b(policy=Policy(retries=UNKNOWN))
    assert judged(unknown, NAMES, later=later).is_equal
    assert judged(unknown, later=later).is_silent
    assert judged(with_b(policy=Policy(retries=3)), NAMES, later=later).is_silent


def test_a_dag_whose_id_is_not_known_is_the_one_that_is_left() -> None:
    nameless = replace(SAME, id=None)
    assert judged(nameless).is_silent
    assert not judged(nameless, WARNING).is_silent


@pytest.mark.parametrize(
    ("value", "timetable", "same"),
    [
        (Literal("@daily"), {"timetable": "CronTriggerTimetable", "text": "0 0 * * *"}, True),
        (Literal("0 1 * * *"), {"timetable": "CronTriggerTimetable", "text": "0 0 * * *"}, False),
        (Literal("@once"), {"timetable": "OnceTimetable"}, True),
        (Literal(None), {"timetable": "NullTimetable"}, True),
        (Literal(timedelta(hours=4)), {"timetable": "DeltaTriggerTimetable", "seconds": 14400.0}, True),
        (Literal(timedelta(hours=5)), {"timetable": "DeltaTriggerTimetable", "seconds": 14400.0}, False),
        (New("mine.Odd"), {"timetable": "Odd"}, True),
        (
            New("x.CronTriggerTimetable", (Literal("@daily"),)),
            {"timetable": "CronTriggerTimetable", "text": "0 0 * * *", "is_plain": False},
            True,
        ),
        (
            Literal("@daily"),
            {"timetable": "CronTriggerTimetable", "text": "0 0 * * *", "is_plain": False},
            False,
        ),
        (New("mine.Odd"), {"timetable": "Even"}, False),
        (
            Items((New("x.Asset", (Literal("s3://a"),)), New("x.Dataset", (Literal("s3://b"),)))),
            {"timetable": "AssetTriggeredTimetable", "condition": {"all": ["s3://b/", "s3://a/"]}},
            True,
        ),
        (
            Items((New("x.Asset", (Literal("s3://a"),)),)),
            {"timetable": "AssetTriggeredTimetable", "condition": {"all": ["s3://b/"]}},
            False,
        ),
        (
            New("BitOr", (New("x.Asset", (Literal("s3://a"),)), New("x.Asset", (Literal("s3://b"),)))),
            {"timetable": "AssetTriggeredTimetable", "condition": {"all": ["s3://b", "s3://a"]}},
            False,
        ),
    ],
)
def test_schedules_are_compared_in_one_form(value: Value, timetable: dict[str, Any], same: bool) -> None:
    built = {"is_plain": True, "text": None, "seconds": None, "condition": None, **timetable}
    assert (schedules.ours(value, "3") == schedules.theirs(built, "3")) is same


def test_a_schedule_that_is_code_is_unknown() -> None:
    assert schedules.ours(Opaque("f()"), "3") is UNKNOWN
