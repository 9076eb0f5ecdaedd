"""Branches, short circuits and data: the machine runs the tasks that Airflow would, with what they gave."""

from __future__ import annotations

import pytest

from dagmig.airflow.read import read
from dagmig.asl.lower import lower
from dagmig.asl.lower.guards import Chooser
from dagmig.asl.lower.obstacles import choosers
from dagmig.diagnostics import Report
from dagmig.graph.model import Call, Edge, Task, Workflow
from dagmig.graph.values import Function
from dagmig.pipeline import airflow_to_asl
from dagmig.regions.fold import fold
from dagmig.verify.proof import proof

ANYTHING = "def work(*given):\n    return given\n"


def test_a_chooser_in_a_cycle_chooses_what_comes_after_it() -> None:
    source = Function("work", source=ANYTHING)
    made = {n: Task(n, Call("@task.short_circuit", {"python_callable": source})) for n in "abc"}
    edges = frozenset({Edge("a", "b"), Edge("b", "a"), Edge("b", "c")})
    report = Report()
    workflow = Workflow("dag", made, edges)
    assert lower(workflow, fold(workflow, report), report).machine["States"]
    assert report.has_open_rows


MANY, ONE = "many", "one"
RETURNS = [
    ('return "a"', "a", ONE),
    ('return "a" if ds else "b"', "a b", ONE),
    ('if ds:\n        return "a"\n    return "b"', "a b", ONE),
    ('if ds:\n        return "a"\n    else:\n        return "b"', "a b", ONE),
    ('def inner():\n        return 1\n    return ["a", "b"]', "a b", MANY),
    ('try:\n        return "a"\n    except ValueError:\n        return "b"', "a b", ONE),
    (
        'match ds:\n        case 1:\n            return "a"\n        case _:\n            return "b"',
        "a b",
        ONE,
    ),
    ('with open(ds):\n        return "a"', "a", ONE),
    ('return {"x": "a", "y": "b"}[ds]', "a b", ONE),
    ('which = {"x": "a", "y": "b"}\n    return which.get(ds, "a")', "a b", ONE),
    ('which = "a"\n    if ds:\n        which = "b"\n    return which', "a b", ONE),
    ('found = ["a"]\n    if ds:\n        found.append("b")\n    return found', "a b", MANY),
    ('found = ["a"]\n    if ds:\n        found += ["b"]\n    return found', "a b", MANY),
    ('return ["a"] + (["b"] if ds else [])', "a b", MANY),
    ('return ["a", *(("b",) if ds else ())]', "a b", MANY),
    ('return [one for one in ("a", "b")]', "a b", MANY),
    ("return BOTH", "a b", MANY),
    ("return LATER", "a b", MANY),
]
MAY_BE_NONE = [
    ('if ds:\n        return "a"', "a", ONE),
    ('return "a" if ds else None', "a", ONE),
    ('return ["a"] if ds else []', "a", MANY),
    ("pass", "", ONE),
    ("return", "", ONE),
    ("return []", "", MANY),
    ('for x in ds:\n        return "a"', "a", ONE),
    ('return {"x": "a", "y": "b"}.get(ds)', "a b", ONE),
    ('found = []\n    if ds:\n        found.append("b")\n    return found', "b", MANY),
    ('return [one for one in ("a", "b") if one < ds]', "a b", MANY),
    ('with contextlib.suppress(OSError):\n        return "a"', "a", ONE),
]
NOT_KNOWN = [
    "return ds",
    'return ["a", ds]',
    'return ["a", None]',
    'return [["a"], "b"]',
    "yield",
    'return "a" + ds',
    'found = ["a"]\n    ds(found)\n    return found',
    'found = ["a"]\n    other = found\n    other.append("b")\n    return found',
    'found = ["a"]\n    found.insert(0, "b")\n    return found',
    'found = ["a"]\n    found[0] = ds\n    return found',
    'found = "a"\n    found += ds\n    return found',
    'for which in ["a"]:\n        pass\n    return which',
    'which = "a"\n    def inner():\n        nonlocal which\n        which = ds\n    return which',
    "which = which_else\n    which_else = which\n    return which",
    'match ds:\n        case which:\n            pass\n    which = "a"\n    return which',
]


def branch_that(body: str) -> Chooser:
    """A branch on a function of this body, before a and b."""
    head = 'BOTH = ["a", "b"]\nLATER = ["a"]\nLATER.append("b")\n\n\n'
    function = Function("work", source=f"{head}def work(ds):\n    {body}\n")
    branch = Task("branch", Call("@task.branch", {"python_callable": function}))
    made = {"branch": branch, "a": Task("a", Call("@task")), "b": Task("b", Call("@task"))}
    return choosers(Workflow("dag", made, frozenset({Edge("branch", "a"), Edge("branch", "b")})))["branch"]


@pytest.mark.parametrize(("body", "ids", "number", "is_sure"), [
    *((*one, True) for one in RETURNS), *((*one, False) for one in MAY_BE_NONE)
])  # fmt: skip
def test_a_branch_chooses_what_its_code_says(body: str, ids: str, number: str, is_sure: bool) -> None:
    found = branch_that(body)
    assert found.ids is not None
    assert (set(found.ids), found.is_single, found.is_sure) == (set(ids.split()), number == ONE, is_sure)


@pytest.mark.parametrize("body", NOT_KNOWN)
def test_a_branch_may_choose_all_after_it_where_its_code_does_not_say(body: str) -> None:
    found = branch_that(body)
    assert found.ids is None
    assert set(found.choices) == {"a", "b"}


BY_TIME = "BranchDateTimeOperator(task_id='t', follow_task_ids_if_true='a', follow_task_ids_if_false='b', "
BY_DAY = BY_TIME.replace("DateTime", "DayOfWeek")
NOT_BY_THE_CLOCK = [
    BY_TIME + "target_lower=None, target_upper=None)",
    BY_TIME + "target_lower='{{ ts }}', target_upper=None)",
    BY_TIME + "target_lower=time(1), target_upper=time(2, tzinfo=timezone.utc))",
    BY_TIME + "target_lower=time(1), target_upper=datetime(2024, 1, 1, tzinfo=timezone.utc))",
    BY_TIME + "target_lower=time(1), target_upper=None, use_task_logical_date=unknown())",
    BY_TIME.replace("'a'", "'c'") + "target_lower=time(1), target_upper=None)",
    BY_TIME.replace("'a'", "unknown()") + "target_lower=time(1), target_upper=None)",
    BY_DAY + "week_day='Caturday')",
    BY_DAY + "week_day=unknown())",
]
IN_A_ZONE = [BY_TIME + "target_lower=time(1), target_upper=None)", BY_DAY + "week_day='Monday')"]


@pytest.mark.parametrize(("operator", "start"), [
    *((operator, "None") for operator in NOT_BY_THE_CLOCK),
    *((operator, "pendulum.datetime(2024, 1, 1, tz='Europe/Berlin')") for operator in IN_A_ZONE),
    *((operator, "unknown()") for operator in IN_A_ZONE),
])  # fmt: skip
def test_a_branch_that_cannot_look_at_the_clock_has_an_open_row(operator: str, start: str) -> None:
    source = f"""\
from datetime import datetime, time, timezone
import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.datetime import BranchDateTimeOperator
from airflow.providers.standard.operators.weekday import BranchDayOfWeekOperator
from airflow.sdk import DAG
with DAG("d", schedule=None, start_date={start}):
    {operator} >> [BashOperator(task_id=name, bash_command="true") for name in "ab"]
"""
    report = Report()
    (one,) = airflow_to_asl(source, "d.py", report)
    assert any(row.task == "t" and row.disposition.is_open for row in one.report.rows)


def test_a_task_in_the_scope_of_a_skipped_setup_is_skipped_after_a_failure() -> None:
    """Airflow looks at setups around a task before its rule: the last one is skipped, so the run succeeds."""
    source = """\
from airflow.sdk import dag, task

@dag(schedule=None)
def d():
    @task
    def work():
        return 1

    @task.branch
    def choose():
        return []

    bad, inner = work.override(task_id="bad")(), work.override(task_id="inner")()
    around = work.override(task_id="around")().as_setup()
    choose() >> around >> inner
    bad >> inner >> work.override(task_id="last")()

d()
"""
    report = Report()
    (workflow,) = read(source, "d.py", report, bodies=True)
    assert proof(workflow).verdict().difference is None


def test_a_branch_that_skips_what_has_failed_already_has_a_row() -> None:
    """In Airflow what comes after it has seen the failure, and does not run; in the machine it does."""
    source = """\
from airflow.sdk import dag, task

@dag(schedule=None)
def d():
    @task
    def work():
        return 1

    @task.branch(trigger_rule="all_done")
    def choose():
        return "other"

    bad, between, join, other = (work.override(task_id=n)() for n in ("bad", "between", "join", "other"))
    bad >> between >> choose() >> [join, other]
    bad >> join >> work.override(task_id="last", trigger_rule="none_failed")()

d()
"""
    report = Report()
    (workflow,) = read(source, "d.py", report, bodies=True)
    found = proof(workflow, drains=True).verdict()
    assert found.difference is None
    assert found.declared
    lower(workflow, fold(workflow, report), report, drains=True)
    said = [row.difference for row in report.rows if row.construct == "trigger_rule" and row.task == "join"]
    assert said == [
        "skipped where choose chooses so, whatever has failed; in Airflow last may have seen a failure before"
    ]
