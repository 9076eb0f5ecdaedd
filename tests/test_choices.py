"""Branches, short circuits and data: the machine runs the tasks that Airflow would, with what they gave."""

from __future__ import annotations

import pytest

from dagmig.airflow.read import read
from dagmig.asl.lower import lower
from dagmig.asl.lower.obstacles import choosers
from dagmig.diagnostics import Report
from dagmig.graph.model import Call, Edge, Task, Workflow
from dagmig.graph.values import Function
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


RETURNS = [
    ('return "a"', {"a"}),
    ('return "a" if ds else "b"', {"a", "b"}),
    ('if ds:\n        return "a"\n    return "b"', {"a", "b"}),
    ('if ds:\n        return "a"\n    else:\n        return "b"', {"a", "b"}),
    ('def inner():\n        return 1\n    return ["a", "b"]', {"a", "b"}),
    ('if ds:\n        return "a"', None),
    ("return ds", None),
    ('return ["a", ds]', None),
    ("pass", None),
    ("return", None),
    ('for x in ds:\n        return "a"', None),
]


@pytest.mark.parametrize(("body", "expected"), RETURNS)
def test_what_a_branch_can_choose_is_known_only_where_its_code_says_so(
    body: str, expected: set[str] | None
) -> None:
    function = Function("work", source=f"def work(ds):\n    {body}\n")
    branch = Task("branch", Call("@task.branch", {"python_callable": function}))
    made = {"branch": branch, "a": Task("a", Call("@task")), "b": Task("b", Call("@task"))}
    found = choosers(Workflow("dag", made, frozenset({Edge("branch", "a"), Edge("branch", "b")})))
    assert found["branch"].ids == (frozenset(expected) if expected else None)


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
