"""Stand-ins for Airflow's names: just enough to run a program while it is being written.

They refuse what Airflow refuses (an id twice, an edge backwards, an edge to another DAG), so that few
programs are thrown away. What a program means is real Airflow's to say, never theirs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

RUN: ContextVar[Run] = ContextVar("RUN")
ID = re.compile(r"[A-Za-z0-9_.\-]{1,100}")


@dataclass
class Run:
    """What one run of a program has made so far."""

    stack: list[Any] = field(default_factory=list)
    dags: dict[str, Dag] = field(default_factory=dict)
    made: int = 0

    def kept(self) -> Callable[[], None]:
        """What is now; call it to have it again."""
        stack, dags, made = list(self.stack), dict(self.dags), self.made
        inside = [(dag, set(dag.ids), list(dag.tasks)) for dag in dags.values()]
        groups = [(one, list(one.children)) for one in stack if isinstance(one, Group)]

        def restore() -> None:
            self.stack[:], self.dags, self.made = stack, dict(dags), made
            for dag, ids, tasks in inside:
                dag.ids, dag.tasks = set(ids), list(tasks)
            for group, children in groups:
                group.children = list(children)

        return restore


class Linked:
    """Whatever can stand on a side of ``>>``."""

    def nodes(self) -> list[Operator]:
        raise NotImplementedError

    def __rshift__(self, other: Any) -> Any:
        link(self, other)
        return other

    def __lshift__(self, other: Any) -> Any:
        link(other, self)
        return other

    def __rrshift__(self, other: Any) -> Any:
        link(other, self)
        return self

    def __rlshift__(self, other: Any) -> Any:
        link(self, other)
        return self

    def set_downstream(self, other: Any, edge_modifier: Any = None) -> None:
        link(self, other)

    def set_upstream(self, other: Any, edge_modifier: Any = None) -> None:
        link(other, self)

    def as_setup(self) -> Any:
        return self

    def as_teardown(self, setups: Any = None, on_failure_fail_dagrun: bool = False) -> Any:
        if setups is not None:
            link(setups, self)
        for node in self.nodes():
            node.is_teardown = True
        return self

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: Any) -> None:
        for node in self.nodes():
            if node.is_teardown:  # what is made within comes before it
                RUN.get().made += 1
                node.number = RUN.get().made


def nodes(value: Any) -> list[Operator]:
    """The tasks of one side."""
    match value:
        case Linked():
            return value.nodes()
        case list() | tuple():
            return [node for item in value for node in nodes(item)]
    raise TypeError(f"no task: {value!r}")


def link(up: Any, down: Any) -> None:
    if isinstance(down, Label):
        down.ups += nodes(up)
    if isinstance(up, Label):
        up.downs += nodes(down)
    ups = up.ups if isinstance(up, Label) else nodes(up)
    downs = down.downs if isinstance(down, Label) else nodes(down)
    for one in ups:
        for other in downs:
            if one.number >= other.number or one.dag is not other.dag:
                raise ValueError("an edge that Airflow would refuse")


def scoped(name: str, stack: list[Any]) -> str:
    prefixes = [group.group_id for group in stack if isinstance(group, Group) and group.prefix_group_id]
    return ".".join([*prefixes[-1:], name])


class Operator(Linked):
    """A task of any operator."""

    def __init__(self, *, task_id: str, dag: Any = None, task_group: Any = None, **arguments: Any) -> None:
        run = RUN.get()
        opened = [one for one in run.stack if isinstance(one, Dag)]
        self.dag = dag or (opened[-1] if opened else None)
        if self.dag is None or not ID.fullmatch(task_id):
            raise ValueError("a task that Airflow would refuse")
        run.made += 1
        self.number = run.made
        self.is_teardown = False
        self.task_id = scoped(task_id, [task_group] if task_group else run.stack)
        self.retries = arguments.get("retries", 0)
        self.arguments = arguments
        if self.task_id in self.dag.ids or len(self.dag.ids) > 60:
            raise ValueError("an id twice, or too many")
        self.dag.ids.add(self.task_id)
        self.dag.tasks.append(self)
        for group in [task_group] if task_group else run.stack:
            if isinstance(group, Group):
                group.children.append(self)

    def nodes(self) -> list[Operator]:
        return [self]

    @property
    def output(self) -> XCom:
        return XCom(self)

    @classmethod
    def partial(cls, **arguments: Any) -> Partial:
        return Partial(lambda **more: Operator(**arguments))


@dataclass
class Partial:
    make: Callable[..., Any]

    def expand(self, **arguments: Any) -> Any:
        return self.make(**arguments)

    def expand_kwargs(self, arguments: Any) -> Any:
        return self.make()


class XCom(Linked):
    """What a task returns."""

    def __init__(self, operator: Operator) -> None:
        self.operator = operator

    def nodes(self) -> list[Operator]:
        return [self.operator]

    def __getitem__(self, key: Any) -> XCom:
        if not isinstance(key, str):
            raise TypeError(key)
        return self

    __iter__ = None

    def __str__(self) -> str:
        return f"{{{{ xcom_pull(task_ids='{self.operator.task_id}') }}}}"

    def map(self, function: Any) -> XCom:
        return self

    def zip(self, *others: XCom, fillvalue: Any = None) -> XCom:
        return self

    def concat(self, *others: XCom) -> XCom:
        return self


class Group(Linked):
    """A task group; one with the same id is refused."""

    def __init__(
        self,
        group_id: str,
        prefix_group_id: bool = True,
        add_suffix_on_collision: bool = False,
        parent_group: Any = None,
        dag: Any = None,
        default_args: Any = None,
        tooltip: str = "",
    ) -> None:
        run = RUN.get()
        if not ID.fullmatch(group_id) or "." in group_id:
            raise ValueError(group_id)
        self.prefix_group_id = prefix_group_id
        self.dag = dag or next(one for one in reversed(run.stack) if isinstance(one, Dag))
        self.group_id = scoped(group_id, [parent_group] if parent_group else run.stack)
        while self.group_id in self.dag.ids:
            if not add_suffix_on_collision:
                raise ValueError("an id twice")
            self.group_id += "__1"
        self.dag.ids.add(self.group_id)
        self.children: list[Operator] = []

    def nodes(self) -> list[Operator]:
        if self in RUN.get().stack:
            raise ValueError("an edge of a group that is open")
        return self.children

    def __enter__(self) -> Group:
        RUN.get().stack.append(self)
        return self

    def __exit__(self, *_: Any) -> None:
        RUN.get().stack.pop()


class Dag:
    """A DAG; an id twice is refused."""

    def __init__(self, dag_id: str, **arguments: Any) -> None:
        run = RUN.get()
        if not ID.fullmatch(dag_id) or dag_id in run.dags:
            raise ValueError("a DAG that Airflow would refuse")
        run.dags[dag_id] = self
        self.dag_id = dag_id
        self.ids: set[str] = set()
        self.tasks: list[Operator] = []
        self.default_args = arguments.get("default_args") or {}
        self.doc_md = ""

    def __enter__(self) -> Dag:
        RUN.get().stack.append(self)
        return self

    def __exit__(self, *_: Any) -> None:
        RUN.get().stack.pop()

    def get_task(self, name: str) -> Operator:
        return next(task for task in self.tasks if task.task_id == name)


def chain(*parts: Any) -> None:
    for up, down in pairwise(parts):
        if isinstance(up, (list, tuple)) and isinstance(down, (list, tuple)):
            for one, other in zip(up, down, strict=True):
                link(one, other)
        else:
            link(up, down)


def chain_linear(*parts: Any) -> None:
    if len(parts) < 2:
        raise ValueError("nothing to chain")
    for up, down in pairwise(parts):
        link(up, down)


def cross_downstream(ups: Iterable[Any], downs: Iterable[Any]) -> None:
    link(list(ups), list(downs))


class Label(Linked):
    def __init__(self, label: str) -> None:
        self.label = label
        self.ups: list[Operator] = []
        self.downs: list[Operator] = []

    def nodes(self) -> list[Operator]:
        return [*self.ups, *self.downs]


class Rule(str):
    """A trigger rule."""


class TriggerRule:
    ALL_SUCCESS, ALL_DONE = Rule("all_success"), Rule("all_done")
    ONE_FAILED, NONE_FAILED = Rule("one_failed"), Rule("none_failed")
    NONE_FAILED_MIN_ONE_SUCCESS = Rule("none_failed_min_one_success")


class Asset:
    """An asset or a condition over some."""

    def __init__(self, *given: Any, **arguments: Any) -> None: ...

    def __and__(self, other: Asset) -> Asset:
        return self

    __or__ = __and__


@contextmanager
def running() -> Iterator[Run]:
    """A run of its own."""
    run = Run()
    token = RUN.set(run)
    try:
        yield run
    finally:
        RUN.reset(token)
