"""A machine in dagmig's interpreter and its DAG in real Airflow make the same calls and end alike.

``lifted_runs`` makes scripts for every machine of the fixtures. Those written by hand are ``runs.jsonl``
beside a machine: ``[function or operation, part of its arguments, answer]``; an answer ``{"!error": NAME}``
is a failure, of ``{"!then": [...]}`` each is given once, the last for ever.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonata
import pytest
from tests.oracles import asl_engines, corpus, lifted_runs
from tests.oracles.lifted_runs import Compared
from tests.oracles.scripted_services import answer

from dagmig.diagnostics import Report
from dagmig.pipeline import asl_to_airflow
from dagmig.verify.engine import Attempt, Outcome, compile_machine, failure, run

SCRIPT = Path(__file__).with_name("lifted_worker.py")
STATES = {"SUCCEEDED": "success", "FAILED": "failed", "TIMED_OUT": "failed"}
Run = dict[str, Any]


def _runs() -> list[tuple[Path, Run]]:
    return [
        (path.parent, json.loads(line))
        for path in sorted((corpus.FIXTURES / "machines").glob("*/runs.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


@pytest.fixture(scope="module")
def airflows(airflow_python: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """What Airflow did, by the number of the run."""
    home = tmp_path_factory.mktemp("airflow")
    (home / "dags").mkdir()
    for folder in {folder for folder, _ in _runs()}:
        text = (folder / "machine.asl.json").read_text(encoding="utf-8")
        converted = asl_to_airflow(text, "machine.asl.json", Report(), folder.name)
        assert converted is not None
        (home / "dags" / f"{folder.name}.py").write_text(converted.text, encoding="utf-8")
    library = Path(jsonata.__file__).parent  # which generated functions may import
    shutil.copytree(library, home / "library" / library.name)
    given = [{**run_, "dag": folder.name} for folder, run_ in _runs()]
    (home / "runs.json").write_text(json.dumps(given))
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "PYTHONPATH": str(home / "library"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
    }
    command = [airflow_python, SCRIPT, home / "dags", home / "runs.json", home / "out.jsonl"]
    done = subprocess.run(
        list(map(str, command)), env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[Run] = [json.loads(line) for line in (home / "out.jsonl").read_text().splitlines()]
    return found


def _executed(folder: Path, script: Run) -> Run:
    """What the machine does."""
    calls: list[list[Any]] = []
    seen: list[int] = []

    def call(attempt: Attempt) -> Outcome:
        name, arguments = _named(attempt)
        calls.append([name, arguments])
        said = answer(script["answers"], seen, name, arguments)
        if isinstance(said, dict) and "!error" in said:
            name = said["!error"] if _is_function(attempt) else f"DynamoDb.{said['!error']}"
            cause = (
                json.dumps({"errorType": name, "errorMessage": "said"}) if _is_function(attempt) else "said"
            )
            return failure(name, cause)
        is_invoked = attempt.resource.startswith("arn:aws:states:::lambda:invoke")
        return Outcome({"Payload": said, "StatusCode": 200} if is_invoked else said)

    document = json.loads((folder / "machine.asl.json").read_text(encoding="utf-8"))
    trace = run(compile_machine(document), script["input"], call)
    return {"calls": calls, "state": STATES[trace.status], "is_late": trace.status == "TIMED_OUT"}


def _is_function(attempt: Attempt) -> bool:
    return ":lambda:" in attempt.resource


def _named(attempt: Attempt) -> tuple[str, Any]:
    """What is called, as the worker names it, with its arguments."""
    if attempt.resource.startswith("arn:aws:states:::lambda:invoke"):
        return attempt.arguments["FunctionName"].rpartition(":")[2], attempt.arguments.get("Payload")
    name = attempt.resource.rpartition(":")[2]
    return (name[0].upper() + name[1:] if ":states:::" in attempt.resource else name), attempt.arguments


@pytest.mark.parametrize("number", range(len(_runs())), ids=lambda n: _runs()[n][1]["name"])
def test_a_dag_does_what_its_machine_does(number: int, airflows: list[Run]) -> None:
    folder, script = _runs()[number]
    expected, seen = _executed(folder, script), airflows[number]
    assert seen["state"] == expected["state"], seen["tasks"]
    if expected["is_late"]:  # how often it asks until then is a matter of the clock
        assert set(_texts(seen["calls"])) == set(_texts(expected["calls"]))
    else:
        assert _texts(seen["calls"]) == _texts(expected["calls"])


def _texts(calls: list[Any]) -> list[str]:
    return sorted(json.dumps(call, sort_keys=True) for call in calls)


FEWEST_RUNS = 1000


@pytest.fixture(scope="module")
def generated(airflow_python: Path) -> list[Compared]:
    return lifted_runs.compared(lifted_runs.machines(), airflow_python)


def test_generated_runs_are_equal_or_the_ledger_says_why_not(
    generated: list[Compared], capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\n{lifted_runs.table(generated)}")
    assert len(generated) >= FEWEST_RUNS
    different = [one for one in generated if one.verdict.difference]
    assert lifted_runs.details(different) == ""


def test_generated_runs_are_those_of_an_independent_engine(localstack_python: Path) -> None:
    """The machines whose runs the DAGs are compared with do the same in LocalStack's interpreter."""
    with asl_engines.LocalStack(localstack_python) as localstack:
        count, differences = lifted_runs.in_localstack(lifted_runs.machines(), localstack)
    assert count >= FEWEST_RUNS
    assert differences == []
