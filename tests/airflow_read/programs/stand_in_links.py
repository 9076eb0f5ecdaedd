"""What one run of a program makes, and the edges between what it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_read.programs.stand_ins import Dag, Operator

RUN: ContextVar[Run] = ContextVar("RUN")
ALL_SUCCESS = "all_success"


@dataclass
class Run:
    """What one run of a program has made so far."""

    stack: list[Any] = field(default_factory=list)
    dags: dict[str, Dag] = field(default_factory=dict)
    links: list[tuple[Operator, Operator]] = field(default_factory=list)
    made: int = 0

    def kept(self) -> Callable[[], None]:
        """What is now; call it to have it again."""
        stack, dags, links, made = list(self.stack), dict(self.dags), len(self.links), self.made
        inside = [(dag, set(dag.ids), list(dag.tasks)) for dag in dags.values()]
        groups = [(one, list(one.children)) for one in stack if hasattr(one, "children")]

        def restore() -> None:
            self.stack[:], self.dags, self.made = stack, dict(dags), made
            del self.links[links:]
            for dag, ids, tasks in inside:
                dag.ids, dag.tasks = set(ids), list(tasks)
            for group, children in groups:
                group.children = list(children)

        return restore

    def next_number(self) -> int:
        self.made += 1
        return self.made

    def check(self) -> None:
        """As ``DAG.validate_setup_teardown`` of Airflow."""
        for up, down in self.links:
            if up.is_setup and not down.is_teardown and down.trigger_rule != ALL_SUCCESS:
                raise ValueError("a setup before a task with a trigger rule")


@contextmanager
def running() -> Iterator[Run]:
    """A run of its own; refused at its end as Airflow refuses a file."""
    run = Run()
    token = RUN.set(run)
    try:
        yield run
        run.check()
    finally:
        RUN.reset(token)


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
        for node in self.nodes():
            if node.is_teardown:
                raise ValueError("a teardown is no setup")
            node.is_setup = True
        return self

    def as_teardown(self, setups: Any = None, on_failure_fail_dagrun: bool = False) -> Any:
        for node in self.nodes():
            if node.is_setup:
                raise ValueError("a setup is no teardown")
            node.is_teardown, node.trigger_rule = True, "all_done_setup_success"
            node.comes_last()
        if setups is not None:
            for node in nodes(setups):
                node.as_setup()
            link(setups, self)
        return self

    def __enter__(self) -> SetupTeardownContext:
        run = RUN.get()
        if not all(node.is_setup or node.is_teardown for node in self.nodes()):
            raise ValueError("neither a setup nor a teardown")
        run.stack.append(Within(self.nodes(), run.made))
        return SetupTeardownContext()

    def __exit__(self, *_: Any) -> None:
        run = RUN.get()
        within = run.stack.pop()
        for node in within.nodes:
            if node.is_teardown and any(up is node for up, _ in run.links):
                raise ValueError("a teardown that comes before what is within")
            inside = [task for task in node.dag.tasks if task.number > within.since and task is not node]
            linked = {down for up, down in run.links if up in inside}
            roots = [task for task in inside if task not in linked]
            ups = [up for up, down in run.links if down is node and up.is_setup]
            run.links += [(setup, root) for setup in ([node] if node.is_setup else ups) for root in roots]
            if node.is_teardown:
                node.comes_last()


class SetupTeardownContext:
    """What ``with`` gives for a setup or a teardown: no task."""


@dataclass
class Within:
    """A ``with`` on setups or teardowns: what is made ``since`` that number is theirs."""

    nodes: list[Operator]
    since: int


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
            RUN.get().links.append((one, other))


class Label(Linked):
    def __init__(self, label: str) -> None:
        self.label = label
        self.ups: list[Operator] = []
        self.downs: list[Operator] = []

    def nodes(self) -> list[Operator]:
        return [*self.ups, *self.downs]


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
