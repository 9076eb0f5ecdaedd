"""What a task returned as an argument of another: an ``XComArg``, which keeps its type."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from dagmig.airflow.write.values import Outputs as Given
from dagmig.airflow.write.values import string
from dagmig.graph.model import Edge, Task, Workflow
from dagmig.graph.values import (
    Connection,
    Entries,
    Items,
    MapItem,
    Output,
    Param,
    RunContext,
    Template,
    Value,
    Variable,
)

_MARK = "dagmig_output_"  # with a task's number, in place of its variable until all arguments are written


def is_of_run(value: Value) -> bool:
    """Whether an argument is rendered, or resolved, before the task runs."""
    match value:
        case Items(members):
            return any(map(is_of_run, members))
        case Entries(entries):
            return any(is_of_run(member) for _, member in entries)
    return isinstance(value, Output | MapItem | Param | RunContext | Template | Variable | Connection)


class Outputs:
    """The outputs in the arguments of a workflow's tasks."""

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self.places = {task: number for number, task in enumerate(workflow.tasks)}
        self._marks = {f"{_MARK}{number}": task for task, number in self.places.items()}

    def of(self, task: Task) -> Given:
        """The outputs that a task can be given: of tasks it waits for, and that are made before it."""
        groups = [None, *self._groups(task.group)]

        def given(value: Output) -> cst.BaseExpression | None:
            before = self.workflow.tasks.get(value.task)
            if before is None or value.path or Edge(before.id, task.id) not in self.workflow.edges:
                return None
            if before.group not in groups or self.places[before.id] > self.places[task.id]:
                return None
            found: cst.BaseExpression = cst.Name(f"{_MARK}{self.places[before.id]}")
            if not before.call.operator.startswith("@"):
                found = cst.Attribute(found, cst.Name("output"))
            if value.key == "return_value":
                return found
            return cst.Subscript(found, [cst.SubscriptElement(cst.Index(string(value.key)))])

        return given

    def _groups(self, group: str | None) -> list[str]:
        found = []
        while group is not None:
            found.append(group)
            group = self.workflow.groups[group].parent
        return found

    def named(self, call: cst.Call, variables: Mapping[str, str]) -> cst.Call:
        """The call with the tasks' variables."""
        found = call.visit(_Named(self._marks, variables))
        assert isinstance(found, cst.Call)
        return found


class _Named(cst.CSTTransformer):
    """Puts the variables of tasks in the place of their marks; ``marks`` are the tasks by mark."""

    def __init__(self, marks: Mapping[str, str], variables: Mapping[str, str]) -> None:
        self.marks, self.variables = marks, variables

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        name = self.variables.get(self.marks.get(original_node.value, ""))
        return updated_node if name is None else cst.Name(name)
