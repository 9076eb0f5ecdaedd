"""What lowering one workflow knows, and the ways on from a task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dagmig.asl.lower.mapping import Mapped
from dagmig.asl.lower.names import Names
from dagmig.asl.lower.outcomes import Outcomes
from dagmig.asl.lower.run import Run
from dagmig.asl.lower.variables import Read, Scope, Variables, shared
from dagmig.diagnostics import Report
from dagmig.graph.model import Workflow
from dagmig.integrations.fragment import Fragment, FunctionName

UNNAMED = "dag"  # the id of a workflow whose own is not known
States = dict[str, dict[str, Any]]


def function_name(workflow: Workflow, function: FunctionName) -> str:
    """What a task's generated function is called in the account; its file is called so too."""
    return function.within(workflow.id or UNNAMED)


@dataclass(slots=True)
class Setting:
    """What lowering one workflow knows: ``states`` are the names of the states that do the tasks' work,
    ``precedes`` says which tasks have always ended before which others start. ``fatal`` tasks fail the run.
    While states are written, ``reads`` collects what they read of other tasks, ``uncaught`` the tasks whose
    failure need not be caught, and ``kept`` those for which it must be.
    """

    workflow: Workflow
    report: Report
    outcomes: Outcomes
    fatal: frozenset[str]
    variables: Variables
    precedes: Callable[[str, str], bool]
    run: Run
    names: Names = field(default_factory=Names)
    states: dict[str, str] = field(default_factory=dict)
    fragments: dict[str, Fragment] = field(default_factory=dict)
    forks: dict[int, str] = field(default_factory=dict)  # names of Parallel states by the id() of their plan

    maps: dict[str, str] = field(default_factory=dict)  # names of the Map states of mapped groups
    items: dict[str, str] = field(default_factory=dict)  # JSONata of their item, by the tasks that read it
    places: Mapping[str, int] = field(default_factory=dict)  # tasks in the order of the plan
    fallible: frozenset[str] = frozenset()  # tasks that can fail when they run, and are translated
    distributed: set[str] = field(default_factory=set)  # tasks and groups whose items are executions
    reads: set[Read] = field(default_factory=set)
    uncaught: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)

    @property
    def mapped(self) -> Mapping[str, Mapped]:
        """The mapped tasks that become Map states."""
        return self.outcomes.shape.mapped

    def is_beside(self, task: str, other: str) -> bool:
        """Whether both are of one mapped group, of which an instance looks at those of its own item."""
        group = self.outcomes.shape.group
        return group.get(task) is not None and group.get(task) == group.get(other)

    def is_of_all(self, task: str, reader: str) -> bool:
        """Whether what a reader is given of a task in a mapped group is of all items."""
        return task in self.outcomes.shape.group and not self.is_beside(task, reader)

    def seen(self, task: str, key: str, scope: Scope) -> str:
        """The variable that holds a task's output, or its state, for a reader in a scope, with ``$``."""
        self.reads.add(((task, key), scope))
        if (task, key) not in self.variables.homes:
            return "$"  # a draft, which is written again once all is known that is read
        return f"${self.variables.name(task, key, shared(self.variables.scopes[task], scope))}"


@dataclass(frozen=True, slots=True)
class Catcher:
    """Errors that are caught, what is assigned then (``Exits.is_output``: given), and the next state."""

    errors: tuple[str, ...]
    values: Mapping[str, Any]
    target: str


@dataclass(frozen=True, slots=True)
class Exits:
    """The ways on from a task: ``after`` success, with ``assign``, and where errors are caught.

    ``is_output``: the task is a whole branch, whose output holds what the task gives others; ``is_bare``:
    the output is the one value that it gives.
    """

    after: str | None
    assign: Mapping[str, Any] = field(default_factory=dict)
    catch: tuple[Catcher, ...] = ()
    is_output: bool = False
    is_bare: bool = False
