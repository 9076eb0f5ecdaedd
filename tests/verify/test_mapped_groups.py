"""Mapped task groups: their Map state does what Airflow does, whatever becomes of their instances."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_read.graphs import HEAD
from dagmig.airflow.read import read
from dagmig.diagnostics import Report
from dagmig.graph.model import Workflow
from dagmig.pipeline import airflow_to_asl
from dagmig.verify.proof import proof

TASKS = """
from airflow.exceptions import AirflowSkipException
from airflow.sdk import TaskGroup, task_group

with DAG("d", schedule=None):
    @task
    def rows(): ...
    @task
    def before(): ...
    @task.branch
    def choose(): ...
    @task.short_circuit
    def is_wanted(): ...
    @task
    def load(row=None): ...
    @task
    def check(row):
        if row == "rows 1":
            raise AirflowSkipException
    @task
    def after(given=None): ...
    @task(trigger_rule="all_done")
    def clean(row=None): ...
    @task(trigger_rule="none_failed")
    def tell(given=None): ...
    @task(trigger_rule="one_failed")
    def alert(): ...
"""
CASES = {
    "a chain": """
@task_group
def g(row):
    return after(load(row))
after.override(task_id='z')(g.expand(row=rows()))
""",
    "an instance that skips itself": """
@task_group
def g(row):
    return after(check(row))
tell(g.expand(row=rows())) >> clean()
""",
    "done whatever happened, in each instance": """
@task_group
def g(row):
    load(row) >> clean(row)
g.expand(row=['a', 'b']) >> alert()
""",
    "a task before an inner one": """
b = before()
@task_group
def g(row):
    c = clean(row)
    load(row) >> c
    b >> c
g.expand(row=rows()) >> tell()
""",
    "a failure before the group, and nothing to run for": """
b = before()
@task_group
def g(row):
    load(row=row) >> clean()
x = g.expand(row=rows())
b >> x >> tell()
""",
    "a list that is missing, and a short circuit": """
@task_group
def g(row):
    load(row) >> clean()
x = g.expand(row=rows())
is_wanted() >> x >> tell()
""",
    "a branch around a group": """
@task_group
def g(row):
    load(row) >> clean()
choose() >> [g.expand(row=['a']), before()] >> tell()
""",
    "over what instances gave": """
@task_group
def g(row):
    return after(load(row))
tell(g.expand(row=load.override(task_id='m').expand(row=rows())))
""",
    "tasks side by side, and one of two groups": """
@task_group
def g(row):
    [load(row), check(row)] >> after()
@task_group
def h(row):
    clean(row)
g.expand(row=rows()) >> h.expand(row=['a', 'b']) >> alert()
""",
    "a product, with a group inside": """
@task_group
def g(row, other):
    with TaskGroup('inner'):
        load(row) >> clean(other)
g.expand(row=rows(), other=[1, 2]) >> tell()
""",
}


def _text(body: str) -> str:
    return HEAD + TASKS + "".join(f"    {line}\n" for line in body.splitlines())


def _read(body: str) -> Workflow:
    (found,) = read(_text(body), "d.py", Report(), bodies=True)
    return found


@pytest.mark.parametrize("drains", [False, True])
@pytest.mark.parametrize("body", CASES.values(), ids=CASES)
def test_group(body: str, drains: bool) -> None:
    verdict = proof(_read(body), drains=drains).verdict(150)
    assert verdict.difference is None, verdict.difference.said if verdict.difference else ""


def _inner(machine: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = machine["States"]["g"]["ItemProcessor"]["States"]
    return found


WRONG = [
    (
        "g.after",
        {"Arguments": {"FunctionName": "f", "Payload": {"args": [1]}}},
        'g.after [0] is given ["g.load[0]"]',
    ),
    ("g.load", {"Next": "g.clean"}, "g.after [0] runs in Airflow, but not in the machine"),
    (
        "g.clean",
        {"Arguments": {"FunctionName": "f", "Payload": {"kwargs": {"row": "other"}}}},
        'g.clean [0] is given "rows 0" as row in Airflow',
    ),
]


@pytest.mark.parametrize(("state", "fields", "said"), WRONG)
def test_a_machine_that_is_wrong(state: str, fields: dict[str, Any], said: str) -> None:
    body = (
        "@task_group\ndef g(row):\n    made = after(load(row))\n    made >> clean(row=row)\n    return made\n"
        "tell(g.expand(row=rows()))"
    )
    workflow = _read(body)
    machine = proof(workflow).machines.machine
    _inner(machine)[state].update(fields)  # type: ignore[arg-type]
    difference = proof(workflow, machine).verdict().difference
    assert difference is not None
    assert difference.said.startswith(said)


REFUSED = [
    (
        """
@task
def name(row) -> str:
    return "a"
@task_group
def g(row):
    return name(row)
g.expand(row=['a']) >> BashOperator(task_id="b", bash_command="echo {{ ti.xcom_pull('g.name') }}")
""",
        "becomes text as JSON",
    ),
    (
        """
@task_group
def g(row):
    load(row) >> BashOperator(task_id="b", bash_command="echo {{ ti.xcom_pull('g.load') }}")
g.expand(row=['a'])
""",
        "which gives what all items have by then",
    ),
    (
        """
@task_group
def g(row):
    choose() >> load(row)
g.expand(row=rows())
""",
        "chooses which tasks run after",
    ),
    (
        """
@task_group
def g(row):
    load(row) >> alert()
g.expand(row=rows())
""",
        "counts for all of its mapped",
    ),
    (
        """
@task_group
def g(row):
    load.expand(row=row)
g.expand(row=rows())
""",
        "raises an exception here (NotImplementedError)",
    ),
    (
        """
@task_group
def h():
    load.expand(row=['a'])
@task_group
def g(row):
    h()
g.expand(row=rows())
""",
        "raises an exception here (NotImplementedError)",
    ),
    (
        """
@task_group
def h(row):
    load(row)
@task_group
def g(row):
    after()
    h.expand(row=['a'])
g.expand(row=rows())
""",
        "inside another",
    ),
    (
        """
kept = []
@task_group
def g(row):
    kept.extend([load(row), after()])
g.expand(row=rows())
kept[0] >> before() >> kept[1]
""",
        "run between those inside",
    ),
    (
        """
@task_group
def g(row):
    return load(row)
after.expand(given=g.expand(row=rows()))
""",
        "gives, of which",
    ),
    (
        """
@task_group
def g(row):
    load(row)
g.expand(row=rows().map(lambda r: [r]))
""",
        "what a function of `.map()` makes",
    ),
]


@pytest.mark.parametrize(("body", "said"), REFUSED)
def test_what_has_no_map_state_fails_and_is_said(body: str, said: str) -> None:
    (made,) = airflow_to_asl(_text(body), "d.py", Report())
    assert any(said in row.difference for row in made.report.rows if row.disposition.is_open)
