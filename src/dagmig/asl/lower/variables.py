"""Task outputs as workflow variables: which are needed, in which scope they live, and what they are called.

A Parallel's branches are scopes: a branch sees the variables around it, and what it assigns is lost at its
end (https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html), so an output that is
read outside is the branch's output too. An inner scope may not use a name of an outer one.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from dagmig.asl.lower.data import pulls, references
from dagmig.asl.lower.guards import Guard
from dagmig.asl.lower.names import identifier
from dagmig.asl.lower.plan import Chain, Do, Each, Fork, Gate, Pick, Plan
from dagmig.graph.model import Task, Workflow
from dagmig.integrations.asking import ITEM, STATE
from dagmig.integrations.context import pulled
from dagmig.regions.groups import stand_in

Scope = tuple[int, ...]
Wanted = tuple[str, str]  # a task and the key of its XCom, or of its state
Read = tuple[Wanted, Scope]  # what is read, and where
RETURNED = "return_value"


@dataclass(slots=True)
class Variables:
    """``scopes`` of tasks, and of mapped groups around their own; ``homes`` are how deep the outermost scope
    lies in which an output is read.
    """

    scopes: dict[str, Scope] = field(default_factory=dict)
    homes: dict[Wanted, int] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)

    def add(self, task: str, key: str, home: int) -> None:
        """That an output is read, at the outermost in a scope of that depth."""
        self.homes[task, key] = home
        insort(self.keys.setdefault(task, []), key)

    def of(self, task: str) -> list[str]:
        """The keys of a task's output that are read anywhere."""
        return self.keys.get(task, [])

    def name(self, task: str, key: str, depth: int) -> str:
        """The variable's name in a scope of that depth, without ``$``."""
        is_home = depth <= self.homes[task, key]
        if key == STATE:
            return f"state{'' if is_home else depth}_of_{identifier(task)}"
        return f"{'x' if is_home else f'y{depth}'}_{identifier(task)}_{identifier(key)}"

    def leaving(self, tasks: Iterable[str], depth: int) -> list[Wanted]:
        """The outputs of tasks in a scope of that depth that are read outside it."""
        return [(task, key) for task in tasks for key in self.of(task) if self.homes[task, key] < depth]


def variables(
    workflow: Workflow, plan: Plan, precedes: Callable[[str, str], bool], reads: Iterable[Read] = ()
) -> Variables:
    """Where every output lives that something reads which has to wait for it; ``reads`` are those of the
    states themselves.
    """
    found = Variables()
    readers: dict[Wanted, list[Scope]] = {}
    for wanted, scope in reads:
        readers.setdefault(wanted, []).append(scope)
    _place(plan, (), found.scopes, readers, [0])
    for name, scope in found.scopes.items():
        reader = workflow.tasks[name] if name in workflow.tasks else stand_in(workflow.groups[name])
        for wanted in outputs_read(reader):
            if precedes(wanted[0], name):
                readers.setdefault(wanted, []).append(scope)
    for (task, key), scopes in readers.items():
        if task in found.scopes:
            found.add(task, key, min(shared(found.scopes[task], scope) for scope in scopes))
    return found


def outputs_read(task: Task) -> set[Wanted]:
    """The outputs of others that a task is given."""
    expanded = task.expand.arguments.values() if task.expand else ()
    values = [*task.call.arguments.values(), *task.defaults.values(), *expanded]
    found = (output for value in values for output in references(value))
    return {(output.task, output.key.removesuffix(ITEM)) for output in (*found, *pulled(task))}


def outputs_pulled(task: Task) -> set[Wanted]:
    """The outputs that a task pulls itself, in its templates or its callable's code, of all instances."""
    values = (*task.call.arguments.values(), *task.defaults.values())
    asked = (pull for value in values for pull in pulls(value) if not pull.is_of_item)
    found = (output for pull in asked for output in pull.outputs)
    own = (output for output in pulled(task) if not output.key.startswith("@"))
    return {(output.task, output.key) for output in (*found, *own)}


def _place(
    plan: Plan, scope: Scope, scopes: dict[str, Scope], readers: dict[Wanted, list[Scope]], count: list[int]
) -> None:
    match plan:
        case Do(task):
            scopes[task] = scope
        case Fork(branches):
            for branch in branches:
                count[0] += 1
                _place(branch, (*scope, count[0]), scopes, readers, count)
        case Gate(guard, body):
            _ask(guard, scope, readers)
            _place(body, scope, scopes, readers, count)
        case Chain(parts):
            for part in parts:
                _place(part, scope, scopes, readers, count)
        case Pick(_, arms, _):
            for arm in arms:
                _place(arm, scope, scopes, readers, count)
        case Each(group, body):
            scopes[group] = scope
            count[0] += 1
            _place(body, (*scope, count[0]), scopes, readers, count)


def _ask(guard: Guard, scope: Scope, readers: dict[Wanted, list[Scope]]) -> None:
    for term in guard:
        for chooser, _ in term:
            readers.setdefault((chooser, RETURNED), []).append(scope)


def shared(one: Scope, other: Scope) -> int:
    """How many scopes two places share."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
