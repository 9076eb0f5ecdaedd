"""No false alarm on published machines: what four other validators accept, we report no error on.

The folder (with the validators' verdicts in ``index.csv``) is that of ``DAGMIG_MACHINES``; where there is
none, the project's own machines are checked instead, and the test says so.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.oracles import corpus
from tests.oracles.test_examples import REVIEWED_ERRORS, accepted_by_all, rows

from dagmig.diagnostics import Severity
from dagmig.lint import lint_paths


def test_no_error_on_accepted_machines(capsys: pytest.CaptureFixture[str]) -> None:
    folder = corpus.machines_folder()
    accepted = accepted_by_all(folder) if folder else corpus.fixture_machines()
    reviewed = {(row["file"], row["rule"]) for row in rows(REVIEWED_ERRORS)}
    found = lint_paths(accepted)
    errors = {(Path(d.span.file).name, d.code, d.message) for d in found if d.severity is Severity.ERROR}
    with capsys.disabled():
        where = folder or f"no machines at ${corpus.MACHINES_VARIABLE}: our own fixtures"
        print(f"\n{len(accepted)} machines ({where}): {len(errors)} errors; warnings:")
        for (rule, severity), count in Counter((d.code, d.severity) for d in found).most_common():
            print(f"  {rule:40}{severity:10}{count:5}")
    assert accepted
    assert {error for error in errors if error[:2] not in reviewed} == set()


def test_lint_ends_on_every_machine() -> None:
    found = lint_paths(corpus.machines())
    assert [str(d) for d in found if d.code == "rule-crashed"] == []
