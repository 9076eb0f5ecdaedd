"""What the rules know of operators by their qualified names."""

from __future__ import annotations

from dagmig.graph.model import Task

QUIET_WORDS = ("Empty", "Dummy", "Branch", "ShortCircuit", "LatestOnly", "Sensor", "TriggerDagRun")
OLD_PROVIDERS = ("airflow.contrib.operators.", "airflow.operators.http_operator.")
TIME_SENSORS = ("DateTime", "Time", "DayOfWeek")


def class_name(task: Task) -> str:
    return task.call.operator.rpartition(".")[2]


def is_sensor(task: Task) -> bool:
    """Whether the task waits for something outside."""
    return task.call.operator == "@task.sensor" or class_name(task).removesuffix("Async").endswith("Sensor")


def waits_for_a_time(task: Task) -> bool:
    """Whether the wait ends by itself, at a moment that is written down."""
    return class_name(task).startswith(TIME_SENSORS)


def calls_a_service(task: Task) -> bool:
    """Whether the operator talks to a system that can be away for a moment: those of the providers."""
    operator = task.call.operator
    if operator.startswith("@") or any(word in class_name(task) for word in QUIET_WORDS):
        return False
    is_provider = operator.startswith("airflow.providers.") and ".standard." not in operator
    return is_provider or operator.startswith(OLD_PROVIDERS)
