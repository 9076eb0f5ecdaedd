"""Stand-ins for what TaskFlow adds, and all of them by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

from airflow_read.programs.stand_ins import (
    RUN,
    Asset,
    Dag,
    Group,
    Label,
    Operator,
    Partial,
    TriggerRule,
    XCom,
    chain,
    chain_linear,
    cross_downstream,
    link,
    scoped,
)


@dataclass
class TaskFactory:
    """A decorated function: called, it makes a task."""

    function: Callable[..., Any]
    options: dict[str, Any]

    def __call__(self, *given: Any, **arguments: Any) -> XCom:
        name = self.options.get("task_id", self.function.__name__)
        stack = RUN.get().stack
        taken = next(one for one in reversed(stack) if isinstance(one, Dag)).ids
        tries = [name, *(f"{name}__{number}" for number in range(1, 20))]
        free = next(one for one in tries if scoped(one, stack) not in taken)
        made = XCom(Operator(task_id=free))
        for up in found_in([given, arguments]):
            link(up, made)
        return made

    def override(self, **options: Any) -> TaskFactory:
        return TaskFactory(self.function, {**self.options, **options})

    def partial(self, **arguments: Any) -> Partial:
        return Partial(lambda **more: self(**arguments, **more))

    def expand(self, **arguments: Any) -> XCom:
        return self(**arguments)

    def expand_kwargs(self, arguments: Any) -> XCom:
        return self()


def found_in(value: Any) -> Iterator[XCom]:
    match value:
        case XCom():
            yield value
        case dict():
            yield from found_in(list(value.values()))
        case list() | tuple():
            for item in value:
                yield from found_in(item)


class TaskDecorator:
    """``@task`` and whatever hangs on it."""

    def __call__(self, function: Any = None, **options: Any) -> Any:
        if callable(function):
            return TaskFactory(function, options)
        return lambda function: TaskFactory(function, options)

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
    "setup": TaskDecorator(), "teardown": TaskDecorator(), "chain": chain, "chain_linear": chain_linear,
    "cross_downstream": cross_downstream, "Label": Label, "Asset": Asset, "TriggerRule": TriggerRule,
    "CronDataIntervalTimetable": Asset, "CronTriggerTimetable": Asset, "DeltaDataIntervalTimetable": Asset,
    "Param": Asset, "BaseOperator": Operator, "AssetAll": Asset, "AssetAny": Asset,
    "pendulum": SimpleNamespace(datetime=_aware, duration=timedelta, timezone=str, today=_aware),
    **dict.fromkeys(
        ("EmptyOperator", "BashOperator", "PythonOperator", "BranchPythonOperator", "ShortCircuitOperator",
         "PythonSensor", "TimeDeltaSensor", "BashSensor", "FileSensor", "TriggerDagRunOperator"),
        Operator,
    ),
}  # fmt: skip
