"""Edges that outputs of tasks make in the arguments of others."""

from __future__ import annotations

from typing import Any

from dagmig.airflow.read.airflow_objects import MappedItem, Several, Task, XCom
from dagmig.airflow.read.dependencies import Dependencies
from dagmig.airflow.read.evaluation import ATOMS, members
from dagmig.airflow.read.objects import Method, New
from dagmig.airflow.read.operator_facts import facts, makes_edge

REFERENCES = (XCom, Several, New, MappedItem, Method)


class Outputs(Dependencies):
    """Finds outputs in arguments, however deep they are in them."""

    def _depend_on_arguments(self, task: Task, arguments: dict[str, Any]) -> None:
        """Outputs of other tasks make edges where they are in templates; elsewhere Airflow does not look."""
        for name, value in arguments.items():
            found = self._references(value)
            verdict = self._makes_edge(task, name) if found else False
            for item in found if verdict is not False else ():
                self._depend_on_item(task, item, name if verdict is None else "")

    def _depend_on_attributes(self, task: Task, attributes: dict[str, Any]) -> None:
        """As for arguments; an attribute is a template where it is named as one."""
        found = {name: value for name, value in attributes.items() if self._references(value)}
        if found and facts(self._base(task)) is not None:
            found = {name: value for name, value in found.items() if self._makes_edge(task, name)}
        self._depend_on_arguments(task, found)

    def _references(self, value: Any) -> list[Any]:
        if isinstance(value, ATOMS):
            return []
        return [
            item
            for item in members(value)
            if isinstance(item, REFERENCES)
            and (isinstance(item, Method) or next(self._producers(item), None) is not None)
        ]

    def _depend_on_item(self, task: Task, item: Any, unsure: str = "") -> None:
        """``unsure`` is the argument that may be no template."""
        if isinstance(item, Method) and isinstance(item.owner, Task):
            attribute = f"`{item.name}` of task `{item.owner.id}` is not known"
            follows = f"a dependency of task `{task.id}` on it may be missing"
            self.doubt(task.node, attribute, follows=follows)
        for up in self._producers(item):
            if up in task.upstream:
                continue
            self._edge(up, task)
            if unsure:
                self.assumed[up, task] = unsure

    def _base(self, task: Task) -> str:
        """The operator whose arguments those of the task are."""
        return task.operator

    def _makes_edge(self, task: Task, argument: str) -> bool | None:
        """As ``operator_facts.makes_edge``."""
        return makes_edge(self._base(task), argument, is_airflow_3=self.is_airflow_3)

    def say_assumed(self) -> None:
        """Doubt the edges that nobody made but an output in what may be no template."""
        for (up, task), argument in self.assumed.items():
            said = f"whether `{argument}` of task `{task.id}` is a template is not known"
            self.say("unknown-value", f"{said}: its dependency on `{up.id}` is not sure", task.node)
            if task.dag is not None:
                task.dag.is_complete = False
