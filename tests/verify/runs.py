"""Workflows, vectors and runs as short text.

A workflow: ``a>b`` is an edge, ``b:one_failed`` a trigger rule, ``a~2`` two retries, ``a=branch`` what a task
is (``circuit``, ``circuit1`` for one that skips only the next tasks, ``setup``, ``teardown``, ``teardown!``
for one that fails the run), ``m*p`` a task mapped over what p returns, ``m*3`` over a list of three,
``g.a*p`` a task in a task group g that is mapped.

A vector: ``a:F`` fails, ``a:F0`` for good at once, ``a:K`` skips itself, ``a:S2`` succeeds after two failed
attempts, ``a:N`` returns None, ``a->b,c`` chooses, ``p#3`` returns a list of three, ``a@5`` takes five
seconds; ``a.1`` is an instance.

A run: ``a:S b:F c:U d:K e:k f:- = failed``: success, failed, upstream_failed, skipped, skipped by itself,
nothing decided; ``F2`` after two attempts.
"""

from __future__ import annotations

import re
from datetime import timedelta

from dagmig.graph.model import Call, Edge, Expansion, Group, Policy, Task, TriggerRule, Workflow
from dagmig.graph.values import Literal, Output, Value
from dagmig.verify.observed import Ended, Instance, Observed, Outcome, State, Vector

KINDS = {
    "branch": Call("@task.branch"),
    "circuit": Call("@task.short_circuit"),
    "circuit1": Call("@task.short_circuit", {"ignore_downstream_trigger_rules": Literal(False)}),
    "teardown!": Call("@task", {"on_failure_fail_dagrun": Literal(True)}),
}
STATES = {"S": State.SUCCESS, "F": State.FAILED, "K": State.SKIPPED, "U": State.UPSTREAM_FAILED}
LETTERS = {state: letter for letter, state in STATES.items()}


def workflow(text: str, **arguments: Value) -> Workflow:
    """The workflow that a text stands for; ``arguments`` are the DAG's."""
    names: dict[str, None] = {}
    found: dict[str, dict[str, str]] = {mark: {} for mark in ":=~*"}
    edges = set()
    for token in text.split():
        one, mark, rest = re.fullmatch(r"([\w.]+)(?:([>:=~*])(.+))?", token).groups()  # type: ignore[union-attr]
        names[one] = None
        if mark == ">":
            names[rest] = None
            edges.add(Edge(one, rest))
        elif mark:
            found[mark][one] = rest
            if mark == "*" and not rest.isdigit():
                edges.add(Edge(rest, one))
    groups = {}
    tasks = {}
    for name in names:
        kind, group = found["="].get(name, ""), name.rpartition(".")[0] or None
        over = found["*"].get(name)
        expansion = None
        if over is not None:
            value = Literal(list(range(int(over)))) if over.isdigit() else Output(over)
            expansion = Expansion("expand", {"x": value})
        if group and expansion:
            groups[group] = Group(group, expand=expansion)
        tasks[name] = Task(
            name,
            KINDS.get(kind, Call("@task")),
            Policy(int(found["~"].get(name, 0)), timedelta(0)),
            TriggerRule(found[":"].get(name, "all_success")),
            None if group else expansion,
            group,
            is_setup=kind == "setup",
            is_teardown=kind.startswith("teardown"),
        )
    return Workflow("d", tasks, frozenset(edges), groups, arguments)


def vector(text: str) -> Vector:
    """The vector that a text stands for."""
    found = Vector({}, {}, {})
    for token in text.split():
        name, mark, rest = re.fullmatch(r"([\w.]+?)(:|->|#|@)(.*)", token).groups()  # type: ignore[union-attr]
        one = _instance(name)
        if mark == "#":
            found.lengths[name] = int(rest)  # type: ignore[index]
        elif mark == "@":
            found.durations[one] = float(rest)  # type: ignore[index]
        elif mark == "->":
            found.outcomes[one] = Outcome(chosen=tuple(rest.split(",")) if rest else ())  # type: ignore[index]
        else:
            failures = int(rest[1:]) if rest[1:] else None
            said = Outcome(value=None) if rest == "N" else Outcome(STATES[rest[0]], failures)
            found.outcomes[one] = said  # type: ignore[index]
    return found


def _instance(name: str) -> Instance:
    task, _, index = name.rpartition(".")
    return (task, int(index)) if index.isdigit() else (name, -1)


def shown(run: Observed) -> str:
    """A run as text, its instances by name."""
    found = [f"{shown_name(one)}:{_shown(ended)}" for one, ended in sorted(run.instances.items())]
    return f"{' '.join(found)} = {run.state}"


def shown_name(one: Instance) -> str:
    """An instance as text."""
    return one[0] if one[1] < 0 else f"{one[0]}.{one[1]}"


def _shown(ended: Ended) -> str:
    letter = LETTERS[ended.state] if ended.state else "-"
    letter = letter.lower() if ended.state is State.SKIPPED and ended.executed else letter
    return letter + (str(ended.attempts) if ended.attempts > 1 else "")
