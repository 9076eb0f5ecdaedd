"""The machines that stay in Step Functions, which tasks of a DAG start: their files in a bundle, what their
roles need, and the Variables that hold their ARNs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dagmig.asl.load import is_machine, load
from dagmig.asl.model import Machine
from dagmig.deploy import role
from dagmig.deploy.airflow.substitutions import UNKNOWN
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.values import Literal
from dagmig.pipeline import Converted

FOLDER = "machines"
_OF_DAG = re.compile(r"dag\.dag_id ~ '(\w+)'")


@dataclass(frozen=True, slots=True)
class Kept:
    """``task`` starts ``machine``, whose ARN the Airflow Variable ``variable`` has."""

    task: str
    machine: Machine
    variable: str

    @property
    def path(self) -> str:
        """Of its file in a bundle."""
        return f"{FOLDER}/{self.variable.removesuffix('_machine')}.asl.json"

    @property
    def policy_path(self) -> str:
        """Of the policy beside it."""
        return self.path.replace(".asl.json", ".policy.json")

    def policy(self) -> dict[str, Any]:
        """What its role has to allow."""
        found = role.of_machine(self.machine, self.variable)
        allowed = [_statement(one) for one in found if one not in (role.LOGS, role.TRACES)]
        return {"Version": "2012-10-17", "Statement": allowed}


def kept(one: Converted) -> Iterator[Kept]:
    """The machines that the tasks of a DAG start."""
    for task in one.workflow.tasks.values() if one.workflow is not None else ():
        held, arn = task.call.arguments.get("doc_json"), task.call.arguments.get("state_machine_arn")
        named = _OF_DAG.search(str(getattr(arn, "value", "")))
        if not isinstance(held, Literal) or named is None:
            continue
        machine = load(str(held.value), f"{task.id}.asl.json", Report())
        if machine is not None and is_machine(machine.document):
            yield Kept(task.id, machine, one.id + named[1])


def files(one: Converted) -> dict[str, str]:
    """The files of a DAG's machines by path; a row for each says where it is."""
    found: dict[str, str] = {}
    for each in kept(one):
        found[each.path] = _text(dict(each.machine.document))
        found[each.policy_path] = _text(each.policy())
        assert one.workflow is not None
        span = one.workflow.tasks[each.task].span
        more = " and what its `${...}` stand for" if "${" in found[each.path] else ""
        said = (
            f"the machine is `{each.path}`, a role for it has to allow what `{each.policy_path}` says{more}, "
            "and that of the connection `aws_default` to start and to describe its executions"
        )
        one.report.row("machine", span, "", Disposition.NOTED, said, task=each.task)
    return found


def variables(one: Converted) -> dict[str, str]:
    """The Variables for the ARNs."""
    return {each.variable: UNKNOWN.format(f"the ARN of {each.path}") for each in kept(one)}


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _statement(one: role.Statement) -> dict[str, Any]:
    conditions: dict[str, Any] = {}
    for operator, key, values in one.conditions:
        conditions.setdefault(operator, {})[key] = [_anywhere(value) for value in values]
    allowed = {"Effect": "Allow", "Action": [*one.actions], "Resource": [*map(_anywhere, one.resources)]}
    return {**allowed, **({"Condition": conditions} if conditions else {})}


def _anywhere(arn: str) -> str:
    """An ARN of any account and region, where that is only known in a template."""
    return re.sub(r"\$\{[^{}]*\}", "*", arn.replace("${AWS::Partition}", "aws"))
