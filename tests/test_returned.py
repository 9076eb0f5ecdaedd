"""A few machines and what comes back of them through a DAG; ``tests/oracles/returned_runs`` tries all."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.oracles.returned_runs import compared, details, machines

NAMES = ("choice_timestamps", "early_exit", "fail_jsonata", "messages")


def test_what_comes_back_does_what_the_machine_does() -> None:
    found = compared(machines(NAMES), Path(sys.executable))
    assert {one.lifted.name for one in found if one.verdict.kind == "equal"} == {*NAMES}
    assert details([one for one in found if one.verdict.difference]) == ""
