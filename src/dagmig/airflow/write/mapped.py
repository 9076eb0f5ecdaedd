"""Mapped task groups: each is a function, and a dependency across its border is one of the whole group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dagmig.airflow.write.names import Names
from dagmig.graph.model import Edge, Group, Workflow
from dagmig.graph.values import Output, Value


class Mapped:
    """The mapped groups of a workflow; ``names`` are each one's function and variable."""

    def __init__(self, workflow: Workflow, names: Names) -> None:
        self.workflow = workflow
        self.names: dict[str, tuple[str, str]] = {}
        for group in workflow.groups.values():
            if group.expand is not None:
                local = group.id.rpartition(".")[2]
                self.names[group.id] = names.function(f"each_{local}", "group"), names.variable(local)

    def dependencies(self, group: str | None) -> list[Edge]:
        """The edges that are written in the body of a mapped group, None for the DAG's; ends that are inside
        of another mapped group stand for that group.
        """
        found = set()
        for edge in self.workflow.edges:
            before, after = self._node(edge.upstream, group), self._node(edge.downstream, group)
            if before and after and before != after and before not in self._expanded(after):
                found.add(Edge(before, after))
        return sorted(found)

    def named(self, variables: Mapping[str, str]) -> dict[str, str]:
        """The variables of tasks and mapped groups, in the order of the file."""
        found: dict[str, str] = {}
        for task in self.workflow.tasks:
            for group in self._around(task):
                found.setdefault(group, self.names[group][1])
            found[task] = variables[task]
        return found

    def used(self) -> set[str]:
        """The tasks and groups that need a variable."""
        edges = [edge for level in (None, *self.names) for edge in self.dependencies(level)]
        found = {end for edge in edges for end in (edge.upstream, edge.downstream)}
        return found | {task for group in self.names for task in self._expanded(group)}

    def _node(self, task: str, level: str | None) -> str:
        """What stands for a task in the body of a group; empty where the task is not inside of it."""
        path = [None, *self._around(task), task]
        return path[path.index(level) + 1] or "" if level in path else ""

    def _around(self, task: str) -> list[str]:
        """The mapped groups around a task, the outermost first."""
        found = []
        group = self.workflow.tasks[task].group
        while group is not None:
            if group in self.names:
                found.append(group)
            group = self.workflow.groups[group].parent
        return found[::-1]

    def _expanded(self, node: str) -> Iterator[str]:
        """The tasks whose outputs a group is mapped over: the call that maps it makes it wait for them."""
        group: Group | None = self.workflow.groups.get(node)
        if group is not None and group.expand is not None:
            yield from filter(None, map(whole, group.expand.arguments.values()))


def whole(value: Value) -> str:
    """The task of which a value is all that it returned; else empty."""
    is_whole = isinstance(value, Output) and value.key == "return_value" and not value.path
    return value.task if is_whole and isinstance(value, Output) else ""
