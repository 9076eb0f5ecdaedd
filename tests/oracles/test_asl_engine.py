"""Our interpreter of the Amazon States Language beside AWS, as recorded, and beside LocalStack's.

LocalStack's evaluates JSONata with the same library as ours (its own is in Java): what it is independent in
is everything else.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.oracles import asl_engines, corpus, made_up_scripts, random_machines, recorded
from tests.oracles.scripts import Script

import dagmig
from dagmig.diagnostics import Report

MAX_VISITS = 300  # a longer run shows nothing new, and takes LocalStack minutes
RANDOM_MACHINES = 200
INPUTS: tuple[Any, ...] = ({}, {"a": 1}, {"a": "x", "items": [1, {"k": 2}]}, {"items": []}, [1, 2], "text")
Run = tuple[str, asl_engines.Machine, Script, Any]


@pytest.fixture(scope="module")
def localstack(localstack_python: Path) -> Iterator[asl_engines.LocalStack]:
    with asl_engines.LocalStack(localstack_python) as engine:
        yield engine


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


def test_fixtures_machines_run_as_in_localstack(
    localstack: asl_engines.LocalStack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those that are emitted for the DAGs of ``fixtures/``, and those written there."""
    machines = [
        (f"{file.name}:{one.id}", json.loads(one.text))
        for file in corpus.fixture_dags(tmp_path)
        for one in dagmig.to_asl(file, Report())
    ]
    written = {file: json.loads(file.read_text(encoding="utf-8")) for file in corpus.fixture_machines()}
    known = {file: one for file, one in written.items() if not asl_engines.is_beyond_localstack(one)}
    assert len(known) > 100
    machines += [(f"{file.parent.name}/{file.name}", one) for file, one in known.items()]
    runs = [
        (f"{name} {number}", machine, script, {})
        for seed, (name, machine) in enumerate(machines)
        for number, script in enumerate(made_up_scripts.scripts(machine, seed))
    ]
    assert compared(runs, localstack, capsys) == {}


def test_random_machines_run_as_in_localstack(
    localstack: asl_engines.LocalStack, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [
        (f"{seed} {number}", machine, script, Random(seed * 99 + number).choice(INPUTS))
        for seed in range(RANDOM_MACHINES)
        for machine in (random_machines.machine(seed),)
        for number, script in enumerate(made_up_scripts.scripts(machine, seed, most=6))
    ]
    assert compared(runs, localstack, capsys) == {}


def compared(
    runs: Iterable[Run], localstack: asl_engines.LocalStack, capsys: pytest.CaptureFixture[str]
) -> dict[str, list[str]]:
    """The runs that part; prints how all of them ended."""
    ends: Counter[str] = Counter()
    parted = {}
    for name, machine, script, given in runs:
        mine, trace = asl_engines.ours(machine, script, given)
        if len(trace.visits) > MAX_VISITS or asl_engines.is_known_difference(trace):
            ends["not compared"] += 1
            continue
        ends[mine.error or mine.status] += 1
        if differences := asl_engines.differences(machine, script, given, localstack):
            parted[name] = differences
    with capsys.disabled():
        print("\n" + ", ".join(f"{number} {end}" for end, number in ends.most_common()))
    return parted
