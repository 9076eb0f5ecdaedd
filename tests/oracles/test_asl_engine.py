"""Our interpreter of the Amazon States Language beside executions recorded on AWS."""

from __future__ import annotations

import pytest

from oracles import corpus, recorded


def test_recorded_executions_happen_again(capsys: pytest.CaptureFixture[str]) -> None:
    """Each one that is recorded completely; 95 % of all of them at least."""
    if (file := corpus.recordings()) is None:
        pytest.skip(f"no recordings at ${corpus.RECORDINGS_VARIABLE}: the summary says so")
    cases = recorded.cases(file)
    usable = [case for case in cases if case.reason is None]
    found = {f"{n} {case.test}": case.differences(case.run()) for n, case in enumerate(usable)}
    left = {case.test: case.reason for case in cases if case.reason is not None}
    with capsys.disabled():
        print(f"\n{len(usable)} of {len(cases)} recorded executions run again; the others:")
        for test, reason in left.items():
            print(f"  {test}: {reason}")
    assert {test: differences for test, differences in found.items() if differences} == {}
    assert len(usable) >= 0.95 * len(cases)
