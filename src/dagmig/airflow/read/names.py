"""Which imported names mean what, over the import paths of Airflow 1.10, 2 and 3."""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from typing import Any

from dagmig.airflow.read.objects import Ref

DECORATORS = {"task", "task_group", "dag", "setup", "teardown"}
DEPENDENCY_FUNCTIONS = {"chain", "chain_linear", "cross_downstream"}
KNOWN_PURE = frozenset(sys.stdlib_module_names) | {
    "pendulum",
    "dateutil",
    "pytz",
    "yaml",
    "airflow",
    "builtins",
}
GIVE_BACK = frozenset(
    {
        "airflow.providers.openlineage.api.emission_policy.extend_global_openlineage_emission_policy",
        "airflow.providers.openlineage.utils.selective_enable.enable_lineage",
        "airflow.providers.openlineage.utils.selective_enable.disable_lineage",
    }
)
"""Functions of providers that mark a task or DAG and return it."""
OPERATOR = re.compile(
    r"(Operator|Sensor|SensorAsync|OperatorAsync|Marker|Task|Decorator)$|^(SimpleHttp|Empty|Dummy)"
)
LIBRARIES = ("azure.", "celery.", "databricks.", "google.")
"""Packages with classes that are called so and make no tasks of Airflow's (``NotebookTask``)."""


@lru_cache(maxsize=4096)
def role(name: str) -> str:
    """The part an airflow name plays: ``dag``, ``task_group``, a decorator's name ... or empty."""
    package, _, last = name.rpartition(".")
    if not name.startswith("airflow"):
        return ""
    if last == "DAG" or (last == "dag" and package.endswith(("models.DAG",))):
        return "DAG"
    if last in ("TaskGroup", "Label", "Variable", "XComArg") or last in DEPENDENCY_FUNCTIONS:
        return last
    if name == "airflow.operators.python.task":
        return last
    if last in DECORATORS and package in (
        "airflow.decorators",
        "airflow.sdk",
        "airflow.providers.common.compat.sdk",
    ):
        return last
    if package.startswith("airflow.decorators") or package.startswith("airflow.sdk.definitions.decorators"):
        return last if last in DECORATORS else ""
    return ""


class Rule(str):
    """A member of Airflow's ``TriggerRule``, which is a ``str`` and shown as such."""

    __slots__ = ()


def text(value: Any) -> Any:
    """A name in Airflow's ``TriggerRule`` as that member; anything else as it is."""
    if isinstance(value, Ref) and ".TriggerRule." in value.name and value.name.startswith("airflow."):
        return Rule(value.name.rpartition(".")[2].lower())
    return value


@lru_cache(maxsize=4096)
def is_operator(name: str) -> bool:
    """Whether a class name says that it makes tasks."""
    last = name.rpartition(".")[2]
    return bool(last[:1].isupper() and OPERATOR.search(last)) and not name.startswith(LIBRARIES)


@lru_cache(maxsize=4096)
def only_makes_tasks(name: str) -> bool:
    """Whether a class from elsewhere is an operator by its name, and nothing else to the reader."""
    return is_operator(name) and not name.startswith("builtins.") and ".task." not in name


def is_of_python(name: str) -> bool:
    """Whether a function is Python's own: ``dict(task_id="a")`` is a dict and no task."""
    return name.partition(".")[0] in sys.stdlib_module_names or name.startswith("builtins.")


def is_pure(name: str) -> bool:
    """Whether a function of that module can be called without making tasks."""
    return name.partition(".")[0] in KNOWN_PURE
