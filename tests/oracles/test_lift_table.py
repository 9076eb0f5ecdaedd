"""Every machine becomes a DAG; how many without an open row, and why the others have one, is printed."""

from __future__ import annotations

import pytest
from tests.oracles import corpus
from tests.oracles.lift_table import NO_RESOURCE, NOT_VALID, OTHERS, REPORTS_BACK, kind, reason, table

from dagmig.diagnostics import Disposition, Row, Span

FUNCTION = "arn:aws:lambda:eu-central-1:1:function:f"
EXACT = 0.7  # of the machines, at least


def test_every_machine_becomes_a_dag(capsys: pytest.CaptureFixture[str]) -> None:
    paths = corpus.machines()
    found = table(paths)
    with capsys.disabled():
        print(f"\n{found}")
    assert found.refused == []
    assert found.exact + found.with_rows.total() == len(paths)
    assert found.exact >= EXACT * len(paths)


def test_the_fixtures_are_exact_but_for_what_nobody_can_convert() -> None:
    found = table(corpus.fixture_machines())
    assert found.refused == []
    assert found.with_rows[NOT_VALID] == 0


@pytest.mark.parametrize(
    ("resource", "reasons", "expected"),
    [
        ("foo:bar", {"Task: no"}, NO_RESOURCE),
        (FUNCTION, {"Task: it stays in Step Functions, to which"}, REPORTS_BACK),
        (FUNCTION, {"Retry: no"}, OTHERS),
    ],
)
def test_what_is_the_matter_with_a_machine(resource: str, reasons: set[str], expected: str) -> None:
    text = f'{{"StartAt": "A", "States": {{"A": {{"Type": "Task", "Resource": "{resource}", "End": true}}}}}}'
    assert kind(text, corpus.FIXTURES / "machine.asl.json", reasons) == expected


def test_a_reason_has_no_names_of_the_machine() -> None:
    row = Row("Catch", Span("m"), "", Disposition.DECISION, "the Catch of Load is not converted: `x`", None)
    assert reason(row) == "Catch: the Catch of … is not converted: …"
