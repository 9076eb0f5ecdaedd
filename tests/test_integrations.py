"""Every integration by its fixtures: forward, back, and forward again; see ``literate``."""

from __future__ import annotations

import json

import pytest

from dagmig.airflow.read import read
from dagmig.diagnostics import Disposition, Report, Severity
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration, registry
from dagmig.lint.check import check
from dagmig.lint.source import Source
from dagmig.pipeline import Converted, airflow_to_asl
from literate import FOLDER, Case, cases, generated, lifted

CASES = [pytest.param(case, id=case.id) for path in sorted(FOLDER.glob("*.md")) for case in cases(path)]
BOTH_WAYS = [param for param in CASES if not param.values[0].is_one_way]


def forward(dag: str) -> Converted:
    (converted,) = airflow_to_asl(dag, "dag.py", Report())
    return converted


def shown(*, is_back: bool) -> set[str]:
    """The operators that the fixtures show, those that come back only."""
    found: set[str] = set()
    for case in (param.values[0] for param in CASES):
        text = case.blocks.get("py back", "") if is_back else case.dag
        for workflow in read(text, "dag.py", Report()):
            calls = [registry().for_operator(task.call.operator) for task in workflow.tasks.values()]
            found |= {integration.operator for integration in calls if integration is not None}
    return found


def named(integration: Integration) -> str:
    return integration.operator.rpartition(".")[2]


@pytest.mark.parametrize("case", CASES)
def test_fixture_is_what_dagmig_makes(case: Case) -> None:
    """``python -m tests.literate`` prints what differs."""
    assert case.blocks == generated(case)


@pytest.mark.parametrize("case", CASES)
def test_machine_passes_our_own_linter(case: Case) -> None:
    found = check(Source(case.blocks["json"], "machine.asl.json", "machine")).found
    assert [str(d) for d in found if d.severity is Severity.ERROR] == []


@pytest.mark.parametrize("case", BOTH_WAYS)
def test_there_and_back_and_there_again_is_the_same_machine(case: Case) -> None:
    first = forward(case.dag)
    again = forward(lifted(first).text)
    assert again.machine == json.loads(case.blocks["json"])
    assert again.functions == first.functions


@pytest.mark.parametrize("case", BOTH_WAYS)
def test_what_is_exact_comes_back_as_it_was(case: Case) -> None:
    """Where no row of either ledger says otherwise, the tasks are those of the DAG."""
    there = forward(case.dag)
    back = lifted(there)
    differing = {row.task for row in [*there.report.rows, *back.report.rows] if row.difference}
    (before,) = read(case.dag, "dag.py", Report())
    (after,) = read(back.text, "dag.py", Report())
    for name in before.tasks.keys() - differing:
        assert after.tasks[name].call == before.tasks[name].call
        assert after.tasks[name].policy == before.tasks[name].policy


@pytest.mark.parametrize("integration", registry().integrations, ids=named)
def test_every_integration_has_a_fixture(integration: Integration) -> None:
    assert integration.operator in shown(is_back=False)
    assert integration.to_airflow is None or integration.operator in shown(is_back=True)


@pytest.mark.parametrize("integration", registry().integrations, ids=named)
def test_no_argument_disappears(integration: Integration) -> None:
    """An argument nobody knows is an open row, whatever the operator."""
    report = Report()
    integration.to_asl(Task("t", Call(integration.operator, {"surprise": Literal(1)})), report)
    rows = [row for row in report.rows if "`surprise`" in row.difference]
    assert [row.disposition for row in rows] == [Disposition.DECISION]
