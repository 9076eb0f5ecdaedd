"""Words without one of which a rule can find nothing in a file, so that it need not look."""

from __future__ import annotations

from collections.abc import Iterable

from dagmig.graph.model import Workflow
from dagmig.lint.operators import kinds


def given(workflows: Iterable[Workflow]) -> frozenset[str]:
    """The names of the arguments of DAGs and tasks, and of the tasks' operators (see ``kinds``)."""
    found: set[str] = set()
    for workflow in workflows:
        found.update(workflow.arguments, workflow.defaults)
        for task in workflow.tasks.values():
            found.update(task.call.arguments, task.defaults, kinds(task.call.operator))
    return frozenset(found)


def last(names: Iterable[str]) -> frozenset[str]:
    """The last part of each qualified name: code that uses such a name has one of them."""
    return frozenset(name.rpartition(".")[2] for name in names)
