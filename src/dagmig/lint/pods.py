"""What the rules know of pods that a task starts."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.graph.model import Task, Workflow
from dagmig.graph.values import Entries, Literal, New, Value
from dagmig.lint.operators import class_name
from dagmig.lint.words import last

OPERATORS = frozenset({"KubernetesPodOperator", "EksPodOperator", "GKEStartPodOperator"})
OTHERS = frozenset({"@task.kubernetes"})
WORDS = OPERATORS | last(OTHERS)
"""Of a file with a pod (see ``Rule``)."""


def pods(workflow: Workflow) -> Iterator[Task]:
    """The tasks that start a pod by its arguments."""
    for task in workflow.tasks.values():
        operator = task.call.operator
        if operator in OTHERS or (operator.startswith("airflow.") and class_name(task) in OPERATORS):
            yield task


def member(value: Value | None, name: str) -> object:
    """A member of a dict, or an argument of a model of the Kubernetes client; None where it is not known."""
    held: Value | None = None
    match value:
        case Literal(value=dict() as plain):
            return plain.get(name)
        case Entries(entries):
            held = next((one for key, one in entries if key == Literal(name)), None)
        case New(keywords=keywords):
            held = keywords.get(name)
    return held.value if isinstance(held, Literal) else held
