"""The library that evaluates JSONata for us beside the reference implementation, npm's.

What is evaluated: the expressions of the fixtures' machines where they come by, with what they see there, and
the interpreter's own cases.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.oracles import corpus, made_up_scripts
from tests.oracles.scripts import caller

import dagmig
from dagmig.diagnostics import Report
from dagmig.verify.engine import compile_machine, expression, run
from dagmig.verify.engine.trace import ABSENT
from verify.test_engine_jsonata import EXPRESSIONS, GIVEN

CHANCE = re.compile(r"\$(uuid|random|shuffle|now)\(")
MOST = 20  # evaluations of one expression
REFERENCE = Path(__file__).with_name("jsonata_reference.cjs")
Found = list[Any] | None


class Evaluations:
    """Every evaluation of ours, once: what it saw, and what it gave: ``[value]``, None where it failed."""

    def __init__(self) -> None:
        self.seen: dict[str, Found] = {}
        self._times: Counter[str] = Counter()

    def compiled(self, text: str, field: str) -> expression.Evaluate:
        evaluate = COMPILED(text, field)

        def recorded(sight: Any) -> Any:
            value = None
            try:
                value = [evaluate(sight)]
            finally:
                self._record(text, sight, value)
            return value[0]

        return recorded

    def _record(self, text: str, sight: Any, found: Found) -> None:
        self._times[text] += 1
        if self._times[text] <= MOST:
            self.seen[_job(text, sight)] = found


COMPILED = expression.compiled


def _job(text: str, sight: Any) -> str:
    states = {"input": sight.spot.input, "context": sight.spot.context()}
    states |= {"result": sight.result} if sight.result is not ABSENT else {}
    states |= {"errorOutput": sight.error} if sight.error is not ABSENT else {}
    names = {**sight.variables, "states": states}
    millis = sight.spot.branch.run.millis()
    return json.dumps({"source": text[2:-2].strip(), "names": names, "millis": millis}, sort_keys=True)


@pytest.fixture
def evaluations(monkeypatch: pytest.MonkeyPatch) -> Evaluations:
    found = Evaluations()
    monkeypatch.setattr(expression, "compiled", found.compiled)
    return found


def test_the_library_evaluates_as_the_reference(
    evaluations: Evaluations, node_modules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in corpus.fixture_dags(tmp_path):
        for seed, one in enumerate(dagmig.to_asl(file, Report())):
            machine = json.loads(one.text)
            for script in made_up_scripts.scripts(machine, seed):
                run(compile_machine(machine), {}, caller(script))
    for source, _ in EXPRESSIONS:
        state = {"Type": "Pass", "Output": f"{{% {source} %}}", "End": True}
        run(compile_machine({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": state}}), GIVEN)
    jobs = [job for job in evaluations.seen if not CHANCE.search(json.loads(job)["source"])]
    parted = [
        f"{json.loads(job)['source']}: ours {evaluations.seen[job]}, the reference's {theirs}"
        for job, theirs in zip(jobs, reference(node_modules, jobs), strict=True)
        if (evaluations.seen[job] or None) != (theirs or None)
    ]
    with capsys.disabled():
        print(f"\n{len(jobs)} evaluations of {len({json.loads(job)['source'] for job in jobs})} expressions")
    assert parted == []


def reference(node_modules: Path, jobs: list[str]) -> list[Found]:
    """What npm's jsonata gives for each; one process for all."""
    answer = subprocess.run(
        ["node", REFERENCE],
        env={**os.environ, "NODE_PATH": str(node_modules)},
        input=f"[{','.join(jobs)}]",
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[Found] = json.loads(answer.stdout)
    return found
