"""Tasks in their DAG and the dependencies between them: shifts, chains, groups, outputs as arguments."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from dagmig.airflow.read.airflow_objects import Dag, Group, Label, MappedItem, Several, Task, XCom
from dagmig.airflow.read.calling import has_no_place
from dagmig.airflow.read.contexts import Contexts
from dagmig.airflow.read.doubts import MISSING, Doubt, reason
from dagmig.airflow.read.evaluation import MAX_SIZE, Raised, members
from dagmig.airflow.read.imports import Imports
from dagmig.airflow.read.objects import New, Unsure
from dagmig.diagnostics import Severity

DEPENDS = (Task, XCom, Several, Group, Label)
SEQUENCES = (list, tuple)
CROSSED = ("from_tasks", "to_tasks")


class Dependencies(Imports):
    """``dags`` are in order of creation, ``doubts`` what could not be known."""

    def __init__(self) -> None:
        super().__init__()
        self.dags: list[Dag] = []
        self.doubts: list[Doubt] = []
        self.dag_stack: list[Dag] = []
        self.group_stack: list[Group] = []
        self.globals: dict[str, Any] = {}
        self.contexts = Contexts(self._edge)
        self.assumed: dict[tuple[Task, Task], str] = {}
        self.is_airflow_3 = False  # whether the file says so
        self.kept_open: dict[int, list[Any]] = {}  # what an ``ExitStack`` has entered

    def say(self, code: str, message: str, node: ast.AST, severity: Severity | None = None) -> None:
        """Keep a diagnostic that leaves the tasks and edges as they are."""
        at = self.at(node)
        self.doubts.append(Doubt(code, message, at, None if at is node else node, severity))

    def doubt(self, node: ast.AST, message: str, code: str = "unknown-value", follows: str = MISSING) -> None:
        """Keep what is not known of the tasks and edges, and what follows; the DAG is not complete."""
        self.say(code, f"{message}: {follows}", node)
        affected = self.dag_stack[-1:] or self.dags
        for dag in affected:
            dag.is_complete = False

    def _dag(self) -> Dag | None:
        return self.dag_stack[-1] if self.dag_stack else None

    def _group(self, dag: Dag | None) -> Group | None:
        """The group that is open, whichever DAG it is of, else the DAG's own."""
        if self.group_stack:
            return self.group_stack[-1]
        return dag.root if dag is not None else None

    def add(self, dag: Dag, task: Task) -> None:
        """Put a task into a DAG; a second task of the same id is Airflow's DuplicateTaskIdFound."""
        if task.id is None:
            return
        task.dag = dag
        if task.id in dag.tasks and dag.tasks[task.id] is not task:
            self._say_twice(task, dag.tasks[task.id])
            dag.is_complete = False
            return
        dag.tasks[task.id] = task
        dag.suffixes.take(task.id)
        group = task.group or dag.root
        task.group = group
        group.children.append(task)

    def _say_twice(self, task: Task, first: Task) -> None:
        if task.is_certain and first.is_certain:
            said = f"task id `{task.id}` is used twice: Airflow refuses the file"
            self.say("duplicate-task-id", said, task.node)
        else:
            said = f"which of the tasks `{task.id}` is made is not known: the graph has the first"
            self.say("unknown-value", said, task.node)

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

    def shift(self, left: Any, right: Any, forward: bool, node: ast.AST) -> Any:
        """``left >> right``; the value is ``right``, as in Python."""
        if isinstance(left, DEPENDS) or isinstance(right, DEPENDS):
            self.link(left, right, forward, node)
            return right
        if isinstance(left, SEQUENCES) and isinstance(right, SEQUENCES):
            raise Raised(TypeError("a list cannot depend on a list"))
        if any(isinstance(item, DEPENDS) for item in members([left, right])):
            self._doubt_link(left, right, node)
            return right
        if isinstance(left, int) and isinstance(right, int) and right < 64:
            return left >> right if forward else left << right if left < MAX_SIZE else Unsure(node)
        if self.dag_stack or self.dags:
            self._doubt_link(left, right, node)
        return Unsure(node)

    def _doubt_link(self, left: Any, right: Any, node: ast.AST) -> None:
        odd = next(
            (one for one in [*self._flat(left), *self._flat(right)] if not isinstance(one, DEPENDS)), None
        )
        said = f"one side of a dependency is not known{reason(odd)}"
        self.doubt(node, said, follows="the dependency is missing")

    def link(self, left: Any, right: Any, forward: bool, node: ast.AST) -> None:
        """As Airflow: ``left`` is told, or ``right`` where ``left`` is a list."""
        self.effects += 1
        if isinstance(left, (set, frozenset, dict)) or isinstance(right, (set, frozenset, dict)):
            raise Raised(AttributeError("a set has no `update_relative`"))
        for item in [*self._flat(left), *self._flat(right)]:
            if not isinstance(item, DEPENDS):
                if has_no_place(item) and not isinstance(left if isinstance(left, DEPENDS) else right, Label):
                    raise Raised(AttributeError("no `update_relative`"))
                self._doubt_link(left, right, node)
                return
        if isinstance(left, DEPENDS):
            self._relate(left, self._flat(right), forward)
        else:
            self._relate(right, self._flat(left), not forward)

    def _relate(self, own: Any, others: list[Any], forward: bool) -> None:
        """``own.set_downstream(others)``, or ``set_upstream`` where not ``forward``."""
        if isinstance(own, Label):
            self._relate_label(own, others, forward)
            return
        ends = self._ends(own, leaves=forward)
        for other in others:
            if isinstance(own, Group) and not forward:
                self._note_before(own, other)
            for task in ends:
                self._relate_task(task, other, forward)

    def _relate_task(self, task: Task, other: Any, forward: bool) -> None:
        if isinstance(other, Label):
            self._relate_label(other, [task], not forward)
            return
        if isinstance(other, Group) and forward:
            self._note_before(other, task)
        for end in self._ends(other, leaves=not forward):
            self._edge(*((task, end) if forward else (end, task)))

    def _relate_label(self, label: Label, others: list[Any], forward: bool) -> None:
        """As Airflow's ``EdgeModifier``: a label between groups joins the whole groups."""
        (label.downstream if forward else label.upstream).extend(others)
        if label.upstream and label.downstream:
            joined = {self._home(one) for one in (*label.upstream, *label.downstream)}
            if len(joined) != 1:
                label.upstream = [self._whole(one) for one in label.upstream]
                label.downstream = [self._whole(one) for one in label.downstream]
        for one in label.upstream if forward else label.downstream:
            self._relate(one, others, forward)
            self.mark(label.text, one, others, forward)

    def mark(self, text: str, one: Any, others: list[Any], forward: bool) -> None:
        """The label of a task's edges, also to a group's; a group that is told of others passes none on."""
        if not isinstance(one, (Task, XCom)):
            return
        task = one.task if isinstance(one, XCom) else one
        for end in (end for other in others for end in self._ends(other, leaves=not forward)):
            up, down = (task, end) if forward else (end, task)
            up.labels[id(down)] = text

    def _home(self, item: Any) -> Group | None:
        match item:
            case Group():
                return item
            case Task(group=group) | XCom(task=Task(group=group)):
                return group
        return None

    def _whole(self, item: Any) -> Any:
        inside = isinstance(item, Task) and item.group is not None and item.group.id is not None
        return item.group if inside else item

    def _note_before(self, group: Group, item: Any) -> None:
        if isinstance(item, (Task, XCom, Several)):
            group.before |= dict.fromkeys(self._ends(item, leaves=True))

    def _ends(self, item: Any, *, leaves: bool) -> list[Task]:
        match item:
            case Task():
                return [item]
            case XCom(task=task):
                return [task]
            case Group():
                return self._last(item) if leaves else item.roots()
            case Several():
                return list(dict.fromkeys(self._producers(item)))
        return []

    def _last(self, group: Group) -> list[Task]:
        """As ``Group.last``; Airflow 2 passes nothing on over a group without leaves."""
        found = group.leaves()
        if found:
            return found
        found = group.last()
        if found and group.node is not None and not self.is_airflow_3:
            said = f"whether what follows the empty group `{group.id}` waits is not known"
            self.doubt(group.node, said, follows="only in Airflow 3 it waits for what is before the group")
        return found

    def _flat(self, item: Any) -> list[Any]:
        return list(item) if isinstance(item, (list, tuple, set)) else [item]

    def _edge(self, up: Task, down: Task) -> None:
        if up.dag is None and down.dag is not None:
            self.add(down.dag, up)
        elif down.dag is None and up.dag is not None:
            self.add(up.dag, down)
        up.downstream[down] = None
        down.upstream[up] = None
        self.assumed.pop((up, down), None)

    def _chain(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> None:
        for up, down in pairwise(args):
            both = isinstance(up, SEQUENCES) and isinstance(down, SEQUENCES)
            if both and len(up) != len(down):
                raise Raised
            if both:
                for one, other in zip(up, down, strict=True):
                    self.link(one, other, True, node)
            else:
                self.link(up, down, True, node)

    def _chain_linear(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> None:
        ends = [[one] if isinstance(one, DEPENDS) else self._flat(one) for one in args]
        if not any(ends[:-1]) or any(isinstance(one, Label) for one in args):
            raise Raised
        for ups, down in zip(ends, args[1:], strict=False):
            for one in ups:
                self.link(one, down, True, node)

    def _cross_downstream(self, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> None:
        given = dict(zip(CROSSED, args, strict=False)) | kwargs
        if given.keys() != set(CROSSED) or len(args) > len(CROSSED):
            said = "the arguments of `cross_downstream` are not known"
            self.doubt(node, said, follows="its dependencies are missing")
            return
        for one in self._flat(given["from_tasks"]):
            self.link(one, given["to_tasks"], True, node)
