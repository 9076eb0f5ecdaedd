"""The test of a bundle: its machine, run with every call answered by the test.

What is expected is not the machine's: the model of a DAG run (``verify/dag_run``) says how Airflow ends.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dagmig.graph.model import Workflow

if TYPE_CHECKING:
    from dagmig.verify.engine import Attempt

MOST = 60  # tasks that fail in turn
TEST = '''"""The state machine with every call answered here: `pytest tests`.

It needs `dagmig[verify]`. What the calls answer is in cases.json: by state, what each attempt comes to, the
last of them from then on. How an execution has to end is what a model of Airflow says of the DAG.
"""

import json
from pathlib import Path

import pytest
from dagmig.verify.engine import Outcome, compile_machine, failure, run

HERE = Path(__file__).parent
MACHINE = json.loads((HERE.parent / "statemachine" / {file!r}).read_text(encoding="utf-8"))
SECONDS = 1  # that each call takes
CASES = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_ends_as_the_dag_does(name):
    case = CASES[name]
    called = set()

    def call(attempt):
        answers = case["answers"].get(attempt.state)
        if answers is None:
            return Outcome({{}})
        called.add(attempt.state)
        answer = answers[min(attempt.number, len(answers) - 1)]
        if "error" in answer:
            return failure(answer["error"], "the test says so", SECONDS)
        return Outcome(answer["result"], SECONDS)

    trace = run(compile_machine(MACHINE), case["input"], call)
    assert trace.status == case["status"], (trace.error, trace.cause)
    assert called == set(case["answers"])
'''


class NotTested(ValueError):
    """Why there is no test; the argument says it."""


def trial(workflow: Workflow, machine: Mapping[str, Any], file: str) -> dict[str, str]:
    """The files of the folder of tests, for a machine in a file of that name. Raises ``NotTested``."""
    cases = _cases(workflow, machine)
    text = json.dumps(cases, indent=2, ensure_ascii=False) + "\n"
    return {"tests/test_machine.py": TEST.format(file=file), "tests/cases.json": text}


def _cases(workflow: Workflow, machine: Mapping[str, Any]) -> dict[str, Any]:
    try:
        from dagmig.verify.dag_run import run
        from dagmig.verify.observed import ALL, FAILS, State, Vector
        from dagmig.verify.proof import NotVerified, proof
    except ImportError:
        raise NotTested(
            'dagmig was installed without what runs machines: `pip install "dagmig[verify]"`'
        ) from None
    try:
        made = proof(workflow, machine)
    except NotVerified as problem:
        raise NotTested(str(problem)) from None
    tasks = sorted(set(made.machines.tasks.values()))
    ways = {"everything succeeds": Vector()}
    ways |= {f"{task} fails": Vector({(task, ALL): FAILS}) for task in tasks[:MOST]}
    found = {}
    for name, vector in ways.items():
        observed = run(made.program, made.ways.said(vector))
        execution = made.machines.execute(made.ways.said(vector))
        if execution.state is not observed.state:
            if made.comparison.is_declared(observed):
                continue  # the ledger has a row for that
            said = f"with made-up answers it does not end as the DAG does when {name}"
            raise NotTested(said)
        attempts = (one for tried in execution.attempts.values() for one in tried)
        answers: dict[str, dict[int, Any]] = {}
        for attempt in attempts:
            answers.setdefault(attempt.state, {}).setdefault(attempt.number, _answer(attempt))
        status = "SUCCEEDED" if observed.state is State.SUCCESS else "FAILED"
        found[name] = {
            "status": status,
            "input": made.machines.input,
            "answers": {
                state: [one for _, one in sorted(by.items())] for state, by in sorted(answers.items())
            },
        }
    return found


def _answer(attempt: Attempt) -> dict[str, Any]:
    """An attempt that was stopped, as others failed, would have succeeded."""
    if attempt.error is not None:
        return {"error": attempt.error}
    return {"result": {} if attempt.ended is None else attempt.result}
