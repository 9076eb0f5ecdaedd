"""Operators in real Airflow and their machines, each against moto: what they call, leave behind and give.

``moto_cases.yaml`` has the operators. Each side runs in an AWS of its own that holds the same: the operator
in Airflow's Python, the machine in LocalStack's interpreter, which calls the services itself. A call is the
same where service, action and parameters are, as ``call_forms`` compares them.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from tests.oracles.call_forms import Call, different, same
from tests.oracles.line_worker import LineWorker
from tests.oracles.recorded_calls import RESULT

from dagmig.asl.services import services
from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl

HERE = Path(__file__).parent
AWS = "airflow.providers.amazon.aws"
PATIENCE = 120  # seconds; Airflow's first task takes some
READS = ("Describe", "Get", "Head", "List", "Lookup")
VOLATILE = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"20\d\d-\d\d-\d\d[T -][\d:.-]+(?:Z|\+00:00)?"), "MOMENT"),
    (re.compile(r"(?<=\.)[0-9a-f]{12}(?=\.)"), "HOST"),
    (re.compile(r"\b(jr_[0-9a-f]{64}|(i|sg)-[0-9a-f]{17})\b"), "ID"),
)


@dataclass(frozen=True)
class Side:
    """What one of the two called, what was there then, what it gave, and how it failed."""

    calls: tuple[Call, ...]
    there: Any
    result: Any
    error: str | None


@dataclass(frozen=True)
class Difference:
    """``where``: ``service:Action`` of a call, ``there`` or ``result``; ``name`` is the parameter, empty for
    the whole.
    """

    where: str
    name: str = ""


@dataclass(frozen=True)
class Workers:
    moto: LineWorker
    airflow: LineWorker
    machines: LineWorker


@cache
def cases() -> Mapping[str, Mapping[str, Any]]:
    """What ``moto_cases.yaml`` says, by operator."""
    found: dict[str, Any] = yaml.safe_load((HERE / "moto_cases.yaml").read_text())
    return found


@contextmanager
def workers(airflow_python: Path, deploy: Path, localstack: Path) -> Iterator[Workers]:
    """The three processes: moto's server, Airflow and LocalStack's interpreter."""
    clients = {name.removesuffix("service"): one.client for name, one in services().items()}
    with ExitStack() as opened:
        home = opened.enter_context(tempfile.TemporaryDirectory())
        moto = opened.enter_context(LineWorker(deploy, HERE / "moto_worker.py", patience=PATIENCE))
        address = moto.ask("address")
        variables = {**os.environ, "AIRFLOW_HOME": home, "AIRFLOW__LOGGING__LOGGING_LEVEL": "CRITICAL"}
        script = HERE / "operator_worker.py"
        airflow = LineWorker(airflow_python, script, address, patience=PATIENCE, env=variables)
        script = HERE / "localstack_calls_worker.py"
        machines = LineWorker(localstack, script, address, json.dumps(clients), patience=PATIENCE)
        yield Workers(moto, opened.enter_context(airflow), opened.enter_context(machines))


def both(operator: str, found: Workers) -> tuple[Side, Side]:
    """The operator and its machine."""

    def side(worker: LineWorker, job: Callable[[str], Any]) -> Side:
        found.moto.ask("forget")
        known = _before(operator, found.moto)
        found.moto.ask("seed")
        ran = worker.ask(job(source(operator, known)))
        calls = tuple((*call, same(given)) for *call, given in _steady(ran["calls"], known))
        there = found.moto.ask([_known(one, known) for one in cases()[operator].get("after", ())])
        result = _without_metadata(same(ran["result"]))
        return Side(calls, _steady(same(there), known), _steady(result, known), _problem(ran))

    theirs = side(found.airflow, lambda text: text)
    gives = theirs.result is not None
    return theirs, side(found.machines, lambda text: machine(text + result_of() * gives))


def _problem(ran: Mapping[str, Any]) -> str | None:
    if ran.get("status", "SUCCEEDED") != "SUCCEEDED":
        return f"{ran['status']} {ran['error']}: {ran['cause']}"
    return ran["error"]


def _before(operator: str, moto: LineWorker) -> dict[str, str]:
    known: dict[str, str] = {}
    for client, action, parameters, *names in cases()[operator].get("before", ()):
        (answer,) = moto.ask([[client, action, _known(parameters, known)]])
        assert "problem" not in answer, (operator, answer)
        for name, path in (names or [{}])[0].items():
            known[name] = _at(answer, path)
    return known


def _at(answer: Any, path: str) -> str:
    for part in path.split("."):
        answer = answer[int(part) if part.isdigit() else part]
    return str(answer)


def _known(value: Any, known: Mapping[str, str]) -> Any:
    match value:
        case dict():
            return {name: _known(one, known) for name, one in value.items()}
        case list():
            return [_known(one, known) for one in value]
        case str():
            return re.sub(r"<(\w+)>", lambda found: known.get(found[1], found[0]), value)
    return value


def source(operator: str, known: Mapping[str, str]) -> str:
    """The operator's DAG file."""
    case = cases()[operator]
    given = _known(case["arguments"], known)
    arguments = "".join(f", {name}={value!r}" for name, value in given.items())
    return (
        f"from airflow.sdk import DAG\nfrom {AWS}.{case['module']} import {operator}\n"
        f"with DAG('d', schedule=None) as dag:\n    t = {operator}(task_id='t'{arguments})\n"
    )


def result_of() -> str:
    """The task after it, which is given what it gives."""
    name, payload = "LambdaInvokeFunctionOperator", '{{ ti.xcom_pull("t") | tojson }}'
    return (
        f"    from {AWS}.operators.lambda_function import {name}\n"
        f"    t >> {name}(task_id='u', function_name={RESULT!r}, payload={payload!r})\n"
    )


def machine(text: str) -> Any:
    (one,) = airflow_to_asl(text, "dag.py", Report())
    return one.machine


def _without_metadata(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_metadata(one) for name, one in value.items() if name != "responsemetadata"}
    return [_without_metadata(one) for one in value] if isinstance(value, list) else value


def _steady(value: Any, known: Mapping[str, str]) -> Any:
    text = json.dumps(value)
    for name, one in known.items():
        text = text.replace(one, f"<{name}>")
    for pattern, name in VOLATILE:
        text = pattern.sub(name, text)
    return json.loads(text)


def differences(theirs: Side, ours: Side) -> set[Difference]:
    """In the machine's calls, in the operator's that change something, and in what came of them."""
    found: set[Difference] = set()
    for service, action, given in ours.calls:
        made = [one for other, called, one in theirs.calls if (other, called) == (service, action)]
        nearest = given if given in made else (made[0] if made else None)
        found |= {Difference(f"{service}:{action}", name) for name in different(nearest, given)}
    called = {call[:2] for call in ours.calls}
    for service, action, _ in theirs.calls:
        if (service, action) not in called and not action.startswith(READS):
            found.add(Difference(f"{service}:{action}"))
    whole = {"there": (theirs.there, ours.there), "result": (theirs.result, ours.result)}
    return found | {Difference(name) for name, (one, other) in whole.items() if one != other}


def excused(operator: str) -> dict[Difference, str]:
    """Why the two may differ there."""
    differs: Mapping[str, Mapping[str, str]] = cases()[operator].get("differs", {})
    return {Difference(where, name): why for where, names in differs.items() for name, why in names.items()}


def said(operator: str, theirs: Side, ours: Side) -> tuple[str, str, str, str]:
    """The cells of the table: the calls, their parameters, what was left there and what was given."""
    why = {one: excused(operator).get(one, "NOT EXCUSED") for one in differences(theirs, ours)}
    of_calls = [f"{one.name or 'another call'}: {text}" for one, text in why.items() if ":" in one.where]
    calls = dict.fromkeys(f"{service}:{action}" for service, action, _ in ours.calls)
    there = why.get(Difference("there"), "the same" if theirs.there else "")
    result = why.get(Difference("result"), "the same" if theirs.result is not None else "")
    failed = [text for text in (theirs.error, ours.error) if text]
    return ", ".join(calls), "; ".join([*sorted(of_calls), *failed]) or "the same", there, result
