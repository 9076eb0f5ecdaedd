"""Run machines that have come back from a DAG, whose calls of AWS are answered by a script.

``python returned_worker.py MACHINES.json RUNS.json OUT.jsonl``: a machine has its ``document``, the sources
of its ``functions`` by name, by state its ``tasks``, what its resources mean in botocore's words
(``called``), and by task the machine that stays in Step Functions (``kept``). A run is one for
``lifted_worker``, with the name of its ``machine`` and what that is ``given``.

The machine runs in ``verify/engine``. Where it invokes one
of its functions, that is really run; all else is answered by the script, be it called by a state or, through
boto3, by a function. A line of ``OUT`` is what came of a run: its ``state`` and how it ``ended``; the
``calls``, ``[state, item, task, name, arguments, place, order, ended order, number]``; what functions
``returned`` by task and item; the ``errors``, ``[state, error, cause, order]``; what was ``entered``, and
when; and for each attempt of a state its ``outcomes`` as an entry of a script.
"""

from __future__ import annotations

import copy
import importlib.util
import json
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import CodeType, SimpleNamespace
from typing import Any
from unittest import mock

from scripted_services import NAMED, VARIABLE, Scripted, TooLong, is_of

from dagmig.asl.model import written_states
from dagmig.verify.engine import Attempt, Outcome, Raised, Trace, compile_machine, failure, run

STATES = {"SUCCEEDED": "success", "FAILED": "failed", "TIMED_OUT": "failed"}
PARAMETER = "/airflow/variables/"


class Late(BaseException):
    """The time of a state is up while its function runs."""


class Function:
    """The source of a Lambda function, loaded anew for each run."""

    def __init__(self, code: CodeType) -> None:
        self.code, self.own, self.names = code, {}, {}

    def answer(self, event: Any) -> Outcome:
        """What Step Functions hears of it."""
        # it has no stand-ins for Airflow's modules: real ones stay, as they take seconds to import
        with self.alone() if "modules" in self.code.co_names else nullcontext():
            try:
                if not self.names:
                    exec(self.code, self.names)
                found = self.names["handler"](copy.deepcopy(event), SimpleNamespace(aws_request_id="r"))
                return Outcome(json.loads(json.dumps(found)))
            except Late:
                return failure("States.Timeout", "")
            except Exception as error:
                name = "Runtime.ImportModuleError" if isinstance(error, ImportError) else type(error).__name__
                said = {"errorMessage": str(error), "errorType": name, "stackTrace": []}
                return failure(name, json.dumps(said))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """With no modules of Airflow's but those that it has put in their place itself."""
        others = {name: sys.modules.pop(name) for name in _airflows()}
        sys.modules.update(self.own)
        try:
            yield
        finally:
            self.own = {name: sys.modules.pop(name) for name in _airflows()}
            sys.modules.update(others)


def _airflows() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] == "airflow"]


class InMachine(Scripted):
    """Answers what the states of a machine, and its functions, call."""

    def __init__(self, run: dict, machine: Mapping[str, Any], code: Mapping[str, CodeType]) -> None:
        super().__init__(run)
        self.machine = machine
        self.functions = {name: Function(one) for name, one in code.items()}
        self.states = dict(written_states(machine["document"]))
        self.attempts: list[Attempt] = []
        self.outcomes: list[list[Any]] = []
        self.returned: dict[str, Any] = {}

    def __call__(self, attempt: Attempt) -> Outcome:
        """The outcome of an attempt, for the engine."""
        task = self.machine["tasks"][attempt.state]
        self.place = (task, attempt.items[0] if attempt.items else -1)
        self.task = SimpleNamespace(doc_json=self.machine["kept"].get(task))
        function = self.functions.get(self.given(attempt).get("FunctionName"))
        found = self.of_service(attempt) if function is None else self.of_function(function, attempt)
        self.attempts += [attempt] * (len(self.calls) - len(self.attempts))
        said = {"throw": found.error, "cause": found.cause} if found.has_failed else {"return": found.result}
        self.outcomes.append([attempt.state, attempt.items, said])
        return found

    def of_function(self, function: Function, attempt: Attempt) -> Outcome:
        self.is_timed = "TimeoutSeconds" in self.states[attempt.state]
        found = function.answer(attempt.arguments.get("Payload", {}))
        if found.has_failed:
            return found
        self.returned[f"{self.place[0]}[{self.place[1]}]"] = found.result
        return Outcome({"Payload": found.result, "StatusCode": 200})

    def reply(self, operation: str, given: dict, entry: dict, place: dict) -> dict:
        if entry.get("throw") == "States.Timeout" and self.is_timed and place["timeout"] != "function":
            raise Late
        return super().reply(operation, given, entry, place)

    def given(self, attempt: Attempt) -> dict:
        """The arguments; those of a function that is called by its ARN are its payload."""
        function = self.machine["called"][attempt.resource][2]
        return {"FunctionName": function, "Payload": attempt.arguments} if function else attempt.arguments

    def of_service(self, attempt: Attempt) -> Outcome:
        """What a state calls by itself."""
        service, operation, own = self.machine["called"][attempt.resource]
        given = self.given(attempt)
        if operation == "GetParameter" and str(given.get("Name", "")).startswith(PARAMETER):
            return Outcome({"Parameter": {"Value": self.variable(given["Name"].removeprefix(PARAMETER))}})
        waits = attempt.resource.endswith((".sync", ".sync:2"))
        if operation == "StartExecution" and str(given["StateMachineArn"]).startswith(VARIABLE):
            return self.of_kept(given, waits)
        found = [one for one in self.places.get(self.place[0], []) if is_of(one, service, operation, given)]
        if not found:
            answer = self.stored(operation) if service == "s3" else self.ended(operation, given)
            return Outcome(_spelled(answer))
        named = {**given, "Payload": json.dumps(given.get("Payload", {}))} if operation == "Invoke" else given
        entry = self.entry(found[0]["state"], f"{service}:{operation}", named, found[0]["maps"])
        if found[0]["waits"] and not waits:
            return Outcome(_spelled(self.started(operation, entry)))
        if "throw" in entry:
            return failure(entry["throw"], entry.get("cause"))
        if operation in NAMED and ":aws-sdk:" in attempt.resource:
            return Outcome(_spelled(self.started(operation, entry)))
        result = entry.get("return", {})
        if operation == "Invoke" and bool(own) is not bool(found[0]["function"]):
            result = result.get("Payload") if own else {"Payload": result, "StatusCode": 200}
        return Outcome(result)

    def of_kept(self, given: dict, waits: bool) -> Outcome:
        name = self.kept({"stateMachineArn": given["StateMachineArn"], "input": json.dumps(given["Input"])})
        if not waits:
            return Outcome(_spelled(name))
        execution = self.jobs[name["executionArn"]]["execution"]
        if execution["status"] != "SUCCEEDED":
            return failure("States.TaskFailed", json.dumps(_spelled(execution)))
        return Outcome({"Output": json.loads(execution["output"])})


def _spelled(value: Any) -> Any:
    """An answer of boto3's as Step Functions spells it."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: _spelled(one) for key, one in value.items()}
    return [_spelled(one) for one in value] if isinstance(value, list) else value


def outcome(machine: Mapping[str, Any], compiled: Any, code: Mapping[str, CodeType], one: dict) -> dict:
    aws = InMachine(one, machine, code)
    call = "botocore.client.BaseClient._make_api_call"
    has_boto = importlib.util.find_spec("botocore") is not None
    patch = mock.patch(call, lambda *given: aws.call(*given)) if has_boto else nullcontext()
    with patch, mock.patch("time.sleep"):
        try:
            trace = run(compiled, one["given"], aws)
        except TooLong:
            return {"error": "it goes on and on"}
        except LookupError as error:
            return {"error": f"nobody answers {error}, a call of {aws.place[0]}"}
    return _told(trace, aws)


def _told(trace: Trace, aws: InMachine) -> dict:
    calls = []
    for number, (call, at) in enumerate(zip(aws.calls, aws.attempts, strict=True)):
        calls.append([*call, [list(step) for step in at.place], at.order, at.ended_order, number])
    return {
        "state": STATES[trace.status],
        "ended": [trace.error, trace.cause],
        "calls": calls,
        "returned": aws.returned,
        "errors": [[one.state, one.error, one.cause, _order(trace, one)] for one in trace.errors],
        "entered": [[one.state, one.order] for one in trace.visits],
        "outcomes": aws.outcomes,
    }


def _order(trace: Trace, one: Raised) -> int:
    """When the state that an error is of was last entered."""
    return max(visit.order for visit in trace.visits if (visit.state, visit.place) == (one.state, one.place))


def main(machines: str, runs: str, out: str) -> None:
    warnings.simplefilter("ignore")
    known = json.loads(Path(machines).read_text())
    compiled = {name: compile_machine(one["document"]) for name, one in known.items()}
    code = {
        name: {key: compile(text, key, "exec") for key, text in one["functions"].items()}
        for name, one in known.items()
    }
    with Path(out).open("w") as answers:
        for one in json.loads(Path(runs).read_text()):
            name = one["machine"]
            print(json.dumps(outcome(known[name], compiled[name], code[name], one)), file=answers)


if __name__ == "__main__":
    main(*sys.argv[1:4])
