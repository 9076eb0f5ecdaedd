"""What Airflow's classes and decorators make while a DAG file is read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from dagmig.airflow.read.objects import Class, Func


@dataclass(eq=False, repr=False)
class Group:
    id: str | None
    label: str
    parent: Group | None
    prefix: bool = True
    defaults: dict[str, Any] = field(default_factory=dict)
    children: list[Task | Group] = field(default_factory=list)
    expand: Any = None
    doc: str = ""
    node: ast.AST | None = None
    before: dict[Task, None] = field(default_factory=dict)  # the tasks that the whole group was put after
    launch: dict[str, Any] | None = (
        None  # of Databricks: what the task is given that it adds before the others
    )

    def child_id(self, label: str) -> str:
        return f"{self.id}.{label}" if self.prefix and self.id else label

    def tasks(self) -> Iterator[Task]:
        for child in self.children:
            if isinstance(child, Task):
                yield child
            else:
                yield from child.tasks()

    def roots(self) -> list[Task]:
        inside = {id(task) for task in self.tasks()}
        return [task for task in self.tasks() if not any(id(up) in inside for up in task.upstream)]

    def leaves(self) -> list[Task]:
        """As Airflow's ``TaskGroup.get_leaves``: a teardown gives way to the work before it."""
        inside = {id(task) for task in self.tasks()}

        def works_on(task: Task, without: Task) -> bool:
            return any(d is not without and id(d) in inside and not d.is_teardown for d in task.downstream)

        def before(task: Task) -> Iterator[Task]:
            for up in task.upstream:
                if id(up) not in inside or (task.is_teardown and up.is_setup and not up.is_teardown):
                    continue
                if up.is_teardown:
                    yield from before(up)
                elif not works_on(up, task):
                    yield up

        found: dict[int, Task] = {}
        for task in self.tasks():
            if not any(id(down) in inside for down in task.downstream):
                for leaf in before(task) if task.is_teardown else [task]:
                    found[id(leaf)] = leaf
        return list(found.values())

    def last(self) -> list[Task]:
        """What goes before that which follows the group; of an empty one, what the group follows."""
        group: Group | None = self
        while group is not None:
            if found := group.leaves() or list(group.before):
                return found
            group = group.parent
        return []


@dataclass(eq=False)
class Suffixes:
    """The highest ``__n`` of the ids that were given out, by what stands before it."""

    highest: dict[str, int] = field(default_factory=dict)

    def take(self, name: str) -> None:
        stem, found, number = name.rpartition("__")
        if found and number.isdigit():
            self.highest[stem] = max(self.highest.get(stem, 0), int(number))

    def next(self, stem: str) -> int:
        return self.highest.get(stem, 0) + 1


@dataclass(eq=False, repr=False)
class Dag:
    id: Any
    arguments: dict[str, Any]
    defaults: dict[str, Any]
    node: ast.AST
    tasks: dict[str, Task] = field(default_factory=dict)
    root: Group = field(default_factory=lambda: Group(None, "", None))
    groups: dict[str, Group] = field(default_factory=dict)
    is_complete: bool = True
    is_registered: bool = False
    doc: str = ""
    suffixes: Suffixes = field(default_factory=lambda: Suffixes())
    group_suffixes: Suffixes = field(default_factory=lambda: Suffixes())


@dataclass(eq=False, repr=False)
class Task:
    id: str | None
    operator: str
    arguments: dict[str, Any]
    defaults: dict[str, Any]
    node: ast.AST
    dag: Dag | None = None
    group: Group | None = None
    labels: dict[int, str] = field(default_factory=dict)  # of the edges to tasks downstream, by identity
    upstream: dict[Task, None] = field(default_factory=dict)
    downstream: dict[Task, None] = field(default_factory=dict)
    expand: tuple[str, dict[str, Any]] | None = None
    is_setup: bool = False
    is_teardown: bool = False
    function: Func | None = None
    cls: Class | None = None  # of the project
    is_certain: bool = True  # whether Airflow makes it whatever the file's unknown values are


@dataclass(eq=False, repr=False)
class XCom:
    """What a task returns: ``key`` of the XCom; ``task`` pushes it."""

    task: Task
    key: Any = "return_value"


@dataclass(eq=False)
class Several:
    """An XComArg made of others: ``.zip``, ``.concat``, ``.map``, as ``kind`` says; ``fill`` is what ``zip``
    is given as its ``fillvalue``.
    """

    kind: str
    parts: list[Any]
    fill: Any = None
    is_filled: bool = False


class Wrapped(list[Any]):
    """``context_wrapper([...])``: setups or teardowns that are entered together."""


@dataclass(eq=False)
class Block:
    """What ``with setup_or_teardown as block:`` gives."""


@dataclass(eq=False)
class MappedItem:
    """One item of a mapped group's input, inside the group's function; ``path`` is the part of it that is
    meant, which is mapped over ``value``.
    """

    value: Any
    path: tuple[str, ...] = ()


@dataclass(eq=False)
class Label:
    text: str
    upstream: list[Any] = field(default_factory=list)
    downstream: list[Any] = field(default_factory=list)


@dataclass(eq=False, repr=False)
class TaskFactory:
    """``@task`` over a function, or ``Operator.partial(...)`` (then without a function)."""

    kind: str
    function: Func | None
    kwargs: dict[str, Any]
    node: ast.AST
    partial: dict[str, Any] | None = None
    is_setup: bool = False
    is_teardown: bool = False
    on_failure_fail_dagrun: Any = None
    cls: Class | None = None  # of the project


@dataclass(eq=False, repr=False)
class GroupFactory:
    function: Func
    kwargs: dict[str, Any]
    node: ast.AST
    partial: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False, repr=False)
class DagFactory:
    function: Func
    kwargs: dict[str, Any]
    node: ast.AST


@dataclass(eq=False)
class Decorator:
    """``task``, ``task.branch``, ``task_group``, ``dag``, ``setup``, ``teardown``, called or not."""

    kind: str
    kwargs: dict[str, Any] | None = None
    args: list[Any] = field(default_factory=list)
    dag: Dag | None = None  # of ``dag.task`` and ``dag.task_group``
