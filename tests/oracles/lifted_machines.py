"""A machine, its DAG and the ledger between them, for the oracles that run both."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dagmig import pipeline
from dagmig.airflow.write import write
from dagmig.asl import resource as resources
from dagmig.asl.lift import INPUT_KEY
from dagmig.asl.load import load
from dagmig.asl.model import written_states
from dagmig.diagnostics import Report, Row
from dagmig.graph.model import Workflow
from dagmig.graph.values import Function, Literal

SERVICES = {"states": "stepfunctions", "elasticmapreduce": "emr"}
OPERATIONS = {
    "elasticmapreduce:addStep": "AddJobFlowSteps",
    "elasticmapreduce:cancelStep": "CancelSteps",
    "elasticmapreduce:createCluster": "RunJobFlow",
    "elasticmapreduce:modifyInstanceFleetByName": "ModifyInstanceFleet",
    "elasticmapreduce:modifyInstanceGroupByName": "ModifyInstanceGroups",
    "elasticmapreduce:setClusterTerminationProtection": "SetTerminationProtection",
    "elasticmapreduce:terminateCluster": "TerminateJobFlows",
}
"""What botocore calls otherwise."""
PARAMETERS = {
    "AddJobFlowSteps": {"ClusterId": "JobFlowId", "Step": "Steps"},
    "CancelSteps": {"StepId": "StepIds"},
    "SetTerminationProtection": {"ClusterId": "JobFlowIds"},
    "TerminateJobFlows": {"ClusterId": "JobFlowIds"},
}


@dataclass(frozen=True)
class Lifted:
    """``text`` is the DAG file; the targets of rows are ``task:ID``."""

    name: str
    document: Mapping[str, Any]
    workflow: Workflow
    text: str
    rows: tuple[Row, ...]

    @cached_property
    def states(self) -> dict[str, Mapping[str, Any]]:
        return dict(written_states(self.document))

    @cached_property
    def maps(self) -> Counter[str]:
        """How many Maps each state is in."""
        return Counter(
            name
            for state in self.states.values()
            for key in ("ItemProcessor", "Iterator")
            if key in state
            for name, _ in written_states(state[key])
        )

    @cached_property
    def threaded(self) -> set[str]:
        """The tasks that work on branches or items in threads."""
        return {row.target.removeprefix("task:") for row in self.rows if "in threads of" in row.difference}

    @cached_property
    def single(self) -> set[str]:
        """The tasks of which one instance runs at a time."""
        limit = "max_active_tis_per_dagrun"
        return {
            name for name, task in self.workflow.tasks.items() if task.call.arguments.get(limit) == Literal(1)
        }

    @property
    def dag_id(self) -> str:
        return self.workflow.id or self.name

    @cached_property
    def tasks(self) -> dict[str, list[str]]:
        """By state the tasks that the ledger names for it."""
        found: dict[str, list[str]] = {}
        for row in self.rows:
            if row.target.startswith("task:"):
                found.setdefault(self.state_of(row), []).append(row.target.removeprefix("task:"))
        return found

    def state_of(self, row: Row) -> str:
        """The state that a row is about; empty where it is about none."""
        name = row.source.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        return name if name in self.states else ""

    def conf(self, given: Any) -> Any:
        """The conf of a run: an input that is no object is under a key."""
        is_under_key = any(row.construct == "input" for row in self.rows)
        return {INPUT_KEY: given} if is_under_key else given

    def task_of(self, state: str) -> str:
        return next(iter(self.tasks.get(state, [])), "")

    def is_mapped(self, state: str) -> bool:
        """Whether a state of a Map, and of no other, is a task for each item."""
        if self.maps[state] > 1:
            return False
        task = self.workflow.tasks.get(self.task_of(state))
        return task is not None and (bool(task.group) or task.expand is not None)

    def operator(self, task: str) -> str:
        """The class of a task, without its module."""
        found = self.workflow.tasks.get(task)
        return found.call.operator.rpartition(".")[2] if found else ""

    def timeout(self, task: str) -> str:
        """What the time of a task's call is up by: its own function, Airflow, or else the client."""
        found = self.workflow.tasks.get(task)
        function = found.call.arguments.get("python_callable") if found else None
        if isinstance(function, Function) and " within(" in function.source:
            return "function"
        return "client" if self.operator(task).startswith("@task") and not found.policy.timeout else "task"

    def place(self, state: str) -> dict[str, Any]:
        """What a Task state calls, as ``lifted_worker`` wants it; ``function`` is the one in its ARN."""
        text = self.states[state]["Resource"]
        service, operation, function = called(text)
        waits = text.endswith((".sync", ".sync:2"))
        given = self.states[state].get("Parameters") or self.states[state].get("Arguments")
        named = given.get("FunctionName") if isinstance(given, dict) else None
        named = None if isinstance(named, str) and named.startswith(("{%", "$")) else named
        return {
            "state": state, "service": service, "operation": operation, "function": function,
            "waits": waits, "timeout": self.timeout(self.task_of(state)),
            "maps": self.maps[state], "named": named, "by name": _name_of(given),
        }  # fmt: skip

    @cached_property
    def places(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for state, fields in self.states.items():
            if fields["Type"] == "Task":
                for task in dict.fromkeys(self.tasks.get(state, [])):
                    found.setdefault(task, []).append(self.place(state))
        return found


def called(text: str) -> tuple[str, str, str | None]:
    """What a ``Resource`` calls, in botocore's words: service, operation, and the function in the ARN."""
    resource = resources.parse(text)
    if text.endswith(".waitForTaskToken") or resource.kind == "activity":
        return "", text, None  # it stays in Step Functions
    if ":lambda:" in text and not text.startswith("arn:aws:states:::"):
        return "lambda", "Invoke", text
    if text.startswith("${"):  # a template fills it in, in Airflow a Variable does
        name = re.sub(r"\W", "_", text[2:-1])
        return "lambda", "Invoke", f"variable:{name}"
    action = resource.action[:1].upper() + resource.action[1:]
    return SERVICES.get(resource.service, resource.service), OPERATIONS.get(resource.short, action), None


def of_api(operation: str, given: Any) -> Any:
    """What a state of EMR is given, as botocore has it."""
    if operation not in OPERATIONS.values() or not isinstance(given, dict):
        return given
    found = dict(given)
    for name, renamed in PARAMETERS.get(operation, {}).items():
        if name in found:
            found[renamed] = found.pop(name) if renamed == "JobFlowId" else [found.pop(name)]
    for kind in ("Fleet", "Group"):
        if (name := found.pop(f"Instance{kind}Name", None)) is not None:
            changes = {**found.pop(f"Instance{kind}"), f"Instance{kind}Id": f"id of {name}"}
            found |= {"InstanceFleet": changes} if kind == "Fleet" else {"InstanceGroups": [changes]}
    return found


def _name_of(given: Any) -> str | None:
    if not isinstance(given, dict):
        return None
    return given.get("InstanceFleetName") or given.get("InstanceGroupName")


def lifted(folder: Path) -> Lifted:
    """The machine of a folder of ``fixtures/machines``."""
    text = (folder / "machine.asl.json").read_text(encoding="utf-8")
    ledger = Report()
    machine = load(text, "machine.asl.json", ledger)
    assert machine is not None
    workflow = pipeline.lifted(machine, ledger, folder.name)
    written = write(workflow, ledger)
    return Lifted(folder.name, json.loads(text), workflow, written.text, tuple(ledger.rows))
