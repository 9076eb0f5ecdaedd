"""Stand-ins for what TaskFlow adds, and all of them by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from inspect import signature
from types import SimpleNamespace
from typing import Any

from airflow_read.programs.stand_in_links import RUN, Label, chain, chain_linear, cross_downstream
from airflow_read.programs.stand_ins import (
    Asset,
    Dag,
    Group,
    Operator,
    Partial,
    TriggerRule,
    XCom,
    check_mapped,
    scoped,
)


@dataclass
class TaskFactory:
    """A decorated function: called, it makes a task."""

    function: Callable[..., Any]
    options: dict[str, Any]
    is_setup: bool = False
    is_teardown: bool = False

    def __call__(self, *given: Any, **arguments: Any) -> XCom:
        signature(self.function).bind_partial(*given, **arguments)
        return self._made([given, arguments])

    def _made(self, given: Any) -> XCom:
        if self.is_teardown:
            if "trigger_rule" in self.options:
                raise ValueError("a teardown has a trigger rule of its own")
            self.options["trigger_rule"] = "all_done_setup_success"  # as Airflow does: not called twice
        name = self.options.get("task_id", self.function.__name__)
        stack = RUN.get().stack
        taken = next(one for one in reversed(stack) if isinstance(one, Dag)).ids
        tries = [name, *(f"{name}__{number}" for number in range(1, 20))]
        free = next(one for one in tries if scoped(one, stack) not in taken)
        made = Operator(**{**self.options, "task_id": free, "given": given})
        made.is_setup, made.is_teardown = self.is_setup, self.is_teardown
        return XCom(made)

    def override(self, **options: Any) -> TaskFactory:
        return TaskFactory(self.function, {**self.options, **options}, self.is_setup, self.is_teardown)

    def partial(self, **arguments: Any) -> Partial:
        return Partial(lambda **more: self._mapped({**arguments, **more}))

    def expand(self, **arguments: Any) -> XCom:
        check_mapped(arguments)
        return self._mapped(arguments)

    def expand_kwargs(self, arguments: Any) -> XCom:
        check_mapped(arguments)
        return self._mapped({"mapped": arguments})

    def _mapped(self, arguments: dict[str, Any]) -> XCom:
        signature(self.function).bind_partial(
            **{name: v for name, v in arguments.items() if name != "mapped"}
        )
        return self._made(arguments)


class TaskDecorator:
    """``@task`` and whatever hangs on it."""

    def __init__(self, **kind: bool) -> None:
        self.kind = kind

    def __call__(self, function: Any = None, **options: Any) -> Any:
        if callable(function):
            return TaskFactory(function, options, **self.kind)
        return lambda function: TaskFactory(function, options, **self.kind)

    branch = short_circuit = bash = sensor = property(lambda self: TaskDecorator())


@dataclass
class GroupFactory:
    function: Callable[..., Any]
    options: dict[str, Any]

    def __call__(self, *given: Any, **arguments: Any) -> Any:
        options = {"group_id": self.function.__name__, "add_suffix_on_collision": True, **self.options}
        with Group(**options) as group:
            returned = self.function(*given, **arguments)
        return group if returned is None else returned

    def override(self, **options: Any) -> GroupFactory:
        return GroupFactory(self.function, {**self.options, **options})

    def partial(self, **arguments: Any) -> Partial:
        return Partial(lambda **more: self(**arguments, **more))

    def expand(self, **arguments: Any) -> Any:
        return self(
            **{name: values[0] if isinstance(values, list) else values for name, values in arguments.items()}
        )


def task_group(function: Any = None, **options: Any) -> Any:
    if callable(function):
        return GroupFactory(function, options)
    return lambda function: GroupFactory(function, options)


def dag(function: Any = None, **options: Any) -> Any:
    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        def make(*given: Any, **arguments: Any) -> Dag:
            with Dag(**{"dag_id": function.__name__, **options}) as made:
                function(*given, **arguments)
            return made

        return make

    return decorate(function) if callable(function) else decorate


class Moment(datetime):
    """Of pendulum."""

    def add(self, **parts: int) -> Moment:
        return self


def _aware(*parts: int, tz: str = "UTC") -> Moment:
    return Moment(*parts, tzinfo=timezone.utc)


NAMES: dict[str, Any] = {
    "DAG": Dag, "dag": dag, "TaskGroup": Group, "task_group": task_group, "task": TaskDecorator(),
    "setup": TaskDecorator(is_setup=True), "teardown": TaskDecorator(is_teardown=True), "chain": chain,
    "chain_linear": chain_linear, "cross_downstream": cross_downstream, "Label": Label, "Asset": Asset,
    "TriggerRule": TriggerRule,
    "CronDataIntervalTimetable": Asset, "CronTriggerTimetable": Asset, "DeltaDataIntervalTimetable": Asset,
    "Param": Asset, "BaseOperator": Operator, "AssetAll": Asset, "AssetAny": Asset,
    "pendulum": SimpleNamespace(datetime=_aware, duration=timedelta, timezone=str, today=_aware),
    **dict.fromkeys(
        ("EmptyOperator", "BashOperator", "PythonOperator", "BranchPythonOperator", "ShortCircuitOperator",
         "PythonSensor", "TimeDeltaSensor", "BashSensor", "FileSensor", "TriggerDagRunOperator"),
        Operator,
    ),
}  # fmt: skip
