"""Tasks in their DAG and the dependencies between them: shifts, chains, groups, outputs as arguments."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import libcst as cst

from dagmig.airflow.read.contexts import Contexts
from dagmig.airflow.read.evaluation import MAX_SIZE, members
from dagmig.airflow.read.imports import Imports
from dagmig.airflow.read.objects import (
    Dag,
    Group,
    Label,
    MappedItem,
    New,
    Several,
    Task,
    Unsure,
    XCom,
)

DEPENDS = (Task, XCom, Several, Group, Label)


class Dependencies(Imports):
    """``dags`` are in order of creation, ``doubts`` what could not be known."""

    def __init__(self) -> None:
        super().__init__()
        self.dags: list[Dag] = []
        self.doubts: list[tuple[str, str, cst.CSTNode]] = []
        self.dag_stack: list[Dag] = []
        self.group_stack: list[Group] = []
        self.globals: dict[str, Any] = {}
        self.contexts = Contexts(self._edge)

    def doubt(self, node: cst.CSTNode, message: str, code: str = "unknown-value") -> None:
        self.doubts.append((code, message, self.at(node)))
        affected = self.dag_stack[-1:] or self.dags
        for dag in affected:
            dag.is_complete = False

    def _dag(self) -> Dag | None:
        return self.dag_stack[-1] if self.dag_stack else None

    def _group(self, dag: Dag | None) -> Group | None:
        if self.group_stack and (dag is None or self._dag() is dag):
            return self.group_stack[-1]
        return dag.root if dag is not None else None

    def add(self, dag: Dag, task: Task) -> None:
        """Put a task into a DAG; a second task of the same id is Airflow's DuplicateTaskIdFound."""
        if task.id is None:
            return
        task.dag = dag
        if task.id in dag.tasks and dag.tasks[task.id] is not task:
            self.doubts.append(("duplicate-task-id", f"task id `{task.id}` is used twice", task.node))
            dag.is_complete = False
            return
        dag.tasks[task.id] = task
        group = task.group or dag.root
        task.group = group
        group.children.append(task)

    def _depend_on_arguments(self, task: Task, arguments: Any) -> None:
        for item in members(arguments):
            for up in self._producers(item):
                self._edge(up, task)

    def _producers(self, item: Any) -> Iterator[Task]:
        match item:
            case XCom(task=up):
                yield up
            case Several(parts=parts) | New(args=parts):
                for part in parts:
                    yield from self._producers(part)
            case MappedItem(value=value):
                for inner in members(value):
                    yield from self._producers(inner)

    def shift(self, left: Any, right: Any, forward: bool, node: cst.CSTNode) -> Any:
        """``left >> right``; the value is ``right``, as in Python."""
        concerned = isinstance(left, DEPENDS) or isinstance(right, DEPENDS)
        if concerned:
            self.link(left, right, forward, node)
            return right
        if any(isinstance(item, DEPENDS) for item in members([left, right])):
            self.doubt(node, "a list cannot be shifted onto a list")
            return right
        if isinstance(left, int) and isinstance(right, int) and right < 64:
            return left >> right if forward else left << right if left < MAX_SIZE else Unsure(node)
        if self.dag_stack or self.dags:
            self.doubt(node, "a dependency of something unknown")
        return Unsure(node)

    def link(self, left: Any, right: Any, forward: bool, node: cst.CSTNode) -> None:
        self.effects += 1
        first, second = (left, right) if forward else (right, left)
        for item in [*self._flat(first), *self._flat(second)]:
            if not isinstance(item, DEPENDS):
                self.doubt(node, "a dependency of something unknown")
                return
        for up in self._flat(first):
            for down in self._flat(second):
                self._connect(up, down)

    def _connect(self, up: Any, down: Any) -> None:
        if isinstance(up, Label) or isinstance(down, Label):
            label = up if isinstance(up, Label) else down
            (label.downstream if label is up else label.upstream).append(down if label is up else up)
            for one in label.upstream:
                for other in label.downstream:
                    self._connect(one, other)
            return
        ups, downs = self._ends(up, leaves=True), self._ends(down, leaves=False)
        for one in ups:
            for other in downs:
                self._edge(one, other)

    def _ends(self, item: Any, *, leaves: bool) -> list[Task]:
        match item:
            case Task():
                return [item]
            case XCom(task=task):
                return [task]
            case Group():
                return item.leaves() if leaves else item.roots()
            case Several():
                return list(dict.fromkeys(self._producers(item)))
        return []

    def _flat(self, item: Any) -> list[Any]:
        return list(item) if isinstance(item, (list, tuple, set)) else [item]

    def _edge(self, up: Task, down: Task) -> None:
        if up.dag is None and down.dag is not None:
            self.add(down.dag, up)
        elif down.dag is None and up.dag is not None:
            self.add(up.dag, down)
        if down not in up.downstream:
            up.downstream.append(down)
            down.upstream.append(up)

    def _chain(self, args: list[Any], node: cst.CSTNode) -> None:
        for up, down in pairwise(args):
            both = isinstance(up, (list, tuple)) and isinstance(down, (list, tuple))
            if both and len(up) == len(down):
                for one, other in zip(up, down, strict=True):
                    self.link(one, other, True, node)
            elif both:
                self.doubt(node, "chain of lists of different lengths")
            else:
                self.link(up, down, True, node)

    def _chain_linear(self, args: list[Any], node: cst.CSTNode) -> None:
        for up, down in pairwise(args):
            self.link(up, down, True, node)

    def _cross_downstream(self, args: list[Any], node: cst.CSTNode) -> None:
        if len(args) == 2:
            self.link(args[0], args[1], True, node)
        else:
            self.doubt(node, "cross_downstream of something unknown")
