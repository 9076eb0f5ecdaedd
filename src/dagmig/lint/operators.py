"""What the rules know of operators by their qualified names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache

from dagmig.graph.model import Task, Workflow
from dagmig.graph.values import Literal

QUIET_WORDS = ("Empty", "Dummy", "Branch", "ShortCircuit", "LatestOnly", "Sensor", "TriggerDagRun")
LOCAL_PROVIDERS = (".standard.", ".sqlite.", ".leveldb.", ".papermill.")  # files on the worker
OLD_PROVIDERS = ("airflow.contrib.operators.", "airflow.operators.http_operator.", "airflow.operators.email")
TIME_SENSORS = ("DateTime", "Time", "DayOfWeek", "Wait")
BOUNDED_SENSORS = ("DatabricksSqlSensor",)  # a default of its own, an hour

SENSOR, BRANCH = "a sensor", "a branch"  # in ``words`` of rules: no argument is called so
BRANCHES = ("@task.branch", "@task.branch_external_python", "@task.branch_virtualenv")
MAPPED_BY_NAME = frozenset({"timeout", "retries", "execution_timeout", "**"})


def class_name(task: Task) -> str:
    return task.call.operator.rpartition(".")[2]


def says_everything(workflow: Workflow, task: Task) -> bool:
    """Whether the reader saw all arguments that reach the task: none come out of an unknown ``**``, and none
    differ between the instances of a mapped task.
    """
    if task.expand is not None and (
        task.expand.kind != "expand" or not MAPPED_BY_NAME.isdisjoint(task.expand.arguments)
    ):
        return False
    return not any("**" in known for known in (workflow.arguments, task.defaults, task.call.arguments))


def is_sensor(task: Task) -> bool:
    """Whether the task waits for something outside, in a class of Airflow's own.

    Other classes may end in Sensor too, and bring a timeout of their own.
    """
    return SENSOR in kinds(task.call.operator)


def ends_by_itself(task: Task) -> bool:
    """Whether a sensor waits for a moment that is written down, or has a bound by default."""
    return class_name(task).startswith(TIME_SENSORS) or class_name(task) in BOUNDED_SENSORS


def is_branch(task: Task) -> bool:
    """Whether the task chooses which of the tasks after it run."""
    return BRANCH in kinds(task.call.operator)


@lru_cache(maxsize=1024)
def kinds(operator: str) -> frozenset[str]:
    """The class of an operator, or what follows ``@task.``; ``SENSOR`` and ``BRANCH`` where it is one."""
    name = operator.rpartition(".")[2]
    found = {name}
    is_airflows = operator.startswith("airflow.")
    if operator == "@task.sensor" or (is_airflows and name.removesuffix("Async").endswith("Sensor")):
        found.add(SENSOR)
    if operator in BRANCHES or (name.startswith("Branch") and name.endswith("Operator")):
        found.add(BRANCH)
    return frozenset(found)


def calls_a_service(task: Task) -> bool:
    """Whether the operator talks to a system that can be away for a moment: those of the providers."""
    return _is_of_a_service(task.call.operator)


@lru_cache(maxsize=1024)
def _is_of_a_service(operator: str) -> bool:
    if operator.startswith("@") or any(word in operator.rpartition(".")[2] for word in QUIET_WORDS):
        return False
    is_local = any(name in operator for name in LOCAL_PROVIDERS)
    return (operator.startswith("airflow.providers.") and not is_local) or operator.startswith(OLD_PROVIDERS)


def known(task: Task, name: str) -> object:
    """The value of an argument in effect where it is known in full, else None."""
    value = task.argument(name)
    return value.value if isinstance(value, Literal) else None


def seconds(task: Task, name: str) -> float | None:
    """An argument in effect that is a time, in seconds; None where it is not known."""
    value = known(task, name)
    if isinstance(value, timedelta):
        return value.total_seconds()
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def is_external_sensor(task: Task) -> bool:
    """Whether the task waits for another DAG."""
    return task.call.operator.startswith("airflow.") and class_name(task) == "ExternalTaskSensor"


def may_defer(task: Task) -> bool:
    """Whether the task may wait in the triggerer: ``deferrable`` is given, or its class always does."""
    value = task.argument("deferrable")
    return class_name(task).endswith("Async") or not (value is None or value == Literal(False))


OLD_HOMES = (
    *("airflow.contrib", "airflow.datasets", "airflow.utils.dates", "airflow.operators.dummy"),
    *("airflow.hooks.base_hook", "airflow.operators.subdag", "airflow.sensors.base_sensor_operator"),
)
OLD_MODULE = re.compile(r"airflow\.(operators|sensors)\.\w+_(operator|sensor)\b")


def is_for_airflow_2(imported: Iterable[str]) -> bool:
    """Whether a file imports (by qualified names) what Airflow 3 does not have."""
    return any(name.startswith(OLD_HOMES) or OLD_MODULE.match(name) for name in imported)
