"""Stand-ins for Airflow's names: just enough to run a program while it is being written.

They refuse what Airflow refuses (an id twice, an edge backwards, an edge to another DAG), so that few
programs are thrown away. What a program means is real Airflow's to say, never theirs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from airflow_read.programs.stand_in_links import ALL_SUCCESS, RUN, Label, Linked, link, running

__all__ = ["RUN", "Label", "Linked", "running"]
ID = re.compile(r"[A-Za-z0-9_.\-]{1,100}")


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
        self.number = run.next_number()
        self.is_setup = self.is_teardown = False
        self.task_id = scoped(task_id, [task_group] if task_group else run.stack)
        self.retries = arguments.get("retries", 0)
        groups = [task_group] if task_group else [one for one in run.stack if isinstance(one, Group)]
        defaults = [one.default_args for one in (self.dag, *groups)]
        self.trigger_rule = next(
            (given["trigger_rule"] for given in (arguments, *reversed(defaults)) if "trigger_rule" in given),
            ALL_SUCCESS,
        )
        if self.task_id in self.dag.ids or len(self.dag.ids) > 60:
            raise ValueError("an id twice, or too many")
        self.dag.ids.add(self.task_id)
        self.dag.tasks.append(self)
        for group in groups:
            group.children.append(self)
        for up in found_in(arguments):
            link(up, self)

    def comes_last(self) -> None:
        """Have it come after all there is, where nothing comes after it yet."""
        run = RUN.get()
        if not any(up is self for up, _ in run.links):
            self.number = run.next_number()

    def nodes(self) -> list[Operator]:
        return [self]

    @property
    def output(self) -> XCom:
        return XCom(self)

    @classmethod
    def partial(cls, **arguments: Any) -> Partial:
        return Partial(lambda **more: Operator(**arguments, **more))


@dataclass
class Partial:
    make: Callable[..., Any]

    def expand(self, **arguments: Any) -> Any:
        check_mapped(arguments)
        return self.make(**arguments)

    def expand_kwargs(self, arguments: Any) -> Any:
        check_mapped(arguments)
        return self.make(mapped=arguments)


def found_in(value: Any) -> Iterator[XCom]:
    """The outputs within a value."""
    match value:
        case XCom():
            yield value
        case dict():
            yield from found_in(list(value.values()))
        case list() | tuple():
            for item in value:
                yield from found_in(item)


def check_mapped(value: Any) -> None:
    """As ``ensure_xcomarg_return_value`` of Airflow."""
    if any(output.key is not None for output in found_in(value)):
        raise ValueError("an output of a custom key is not mapped over")


class XCom(Linked):
    """What a task returns."""

    def __init__(self, operator: Operator, key: str | None = None) -> None:
        self.operator, self.key = operator, key

    def nodes(self) -> list[Operator]:
        return [self.operator]

    def __getitem__(self, key: Any) -> XCom:
        if not isinstance(key, str):
            raise TypeError(key)
        return XCom(self.operator, key)

    __iter__ = None

    def __str__(self) -> str:
        return f"{{{{ xcom_pull(task_ids='{self.operator.task_id}') }}}}"

    def map(self, function: Any) -> XCom:
        return self

    def zip(self, *others: XCom, fillvalue: Any = None) -> XCom:
        check_mapped([self, *others])
        return self

    def concat(self, *others: XCom) -> XCom:
        check_mapped([self, *others])
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
        self.default_args = default_args or {}

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
