"""A DAG and what comes back of it through a machine: what differs, and which row of a ledger says so.

Arguments are compared by what they mean: a template that is one reference is what it refers to, JSON text
what it says, a default of ``default_args`` an argument of every task, Airflow's own default nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dagmig.airflow.read import read
from dagmig.diagnostics import Report, Row
from dagmig.graph.jinja import has_jinja, parse, unparse
from dagmig.graph.model import Task, TriggerRule, Workflow
from dagmig.graph.query import downstream, schedule
from dagmig.graph.values import Entries, Function, Items, Literal, RunContext, Template, Value
from dagmig.pipeline import airflow_to_asl, asl_to_airflow

POLICY = ("retries", "retry_delay", "backoff", "max_delay", "timeout")
SAID_APART = frozenset(  # of arguments these are facts of their own, or say nothing of what the task does
    {"trigger_rule", "retries", "retry_delay", "retry_exponential_backoff", "max_retry_delay",
     "execution_timeout", "doc", "doc_md"}
)  # fmt: skip
NONE = Literal(None)


@dataclass(frozen=True)
class Difference:
    """One fact of a DAG, or of its ``task``, before and after."""

    task: str
    fact: str
    before: Any
    after: Any

    def __str__(self) -> str:
        where = f"{self.task}." if self.task else ""
        return f"{where}{self.fact}: {self.before!r} became {self.after!r}"


@dataclass(frozen=True)
class Trip:
    """One DAG there and back; ``rows`` are those of both ledgers that name a difference."""

    name: str
    differences: tuple[Difference, ...]
    rows: tuple[Row, ...]

    @property
    def unsaid(self) -> list[Difference]:
        """The differences that no row is about."""
        return [one for one in self.differences if not any(says(row, one) for row in self.rows)]

    @property
    def kind(self) -> str:
        if not self.differences:
            return "exact"
        return "different" if self.unsaid else "equal with rows"


def trip(name: str, text: str, **options: Any) -> list[Trip]:
    """Every DAG of a file to a machine and back."""
    found = []
    befores = {workflow.id or "dag": workflow for workflow in read(text, "dag.py", Report())}
    for there in airflow_to_asl(text, "dag.py", Report(), **options):
        back = asl_to_airflow(there.text, "machine.asl.json", Report(), there.id)
        assert back is not None
        (after,) = read(back.text, "dag.py", Report())
        rows = tuple(row for row in (*there.report.rows, *back.report.rows) if row.difference)
        found.append(Trip(f"{name}", tuple(differences(befores[there.id], after)), rows))
    return found


def differences(before: Workflow, after: Workflow) -> Iterator[Difference]:
    """All facts that are not the same."""
    yield from _of_facts("", _whole(before), _whole(after))
    for name in before.tasks.keys() | after.tasks.keys():
        old, new = before.tasks.get(name), after.tasks.get(name)
        if old is None or new is None:
            yield Difference(name, "task", old and old.call.operator, new and new.call.operator)
            continue
        yield from _of_facts(name, _of_task(old, before), _of_task(new, after))
    pairs = [needed(one) for one in (before, after)]
    for pair in sorted(pairs[0] ^ pairs[1]):
        old, new = (pair[0] if pair in one else None for one in pairs)
        yield Difference(pair[1], "upstream", old, new)


def needed(workflow: Workflow) -> set[tuple[str, str]]:
    """The dependencies without those that others mean already: tasks that wait for all success, in a row."""
    after = downstream(workflow)
    plain = {
        name
        for name, task in workflow.tasks.items()
        if task.trigger is TriggerRule.ALL_SUCCESS and not (task.is_setup or task.is_teardown)
    }

    def others(first: str, last: str) -> bool:
        waiting, seen = [one for one in after[first] if one != last], set()
        while waiting:
            name = waiting.pop()
            if name == last:
                return True
            if name in plain and name not in seen:
                seen.add(name)
                waiting += after[name]
        return False

    pairs = {(edge.upstream, edge.downstream) for edge in workflow.edges}
    return {(a, b) for a, b in pairs if b not in plain or not others(a, b)}


def _of_facts(task: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for fact in sorted(before.keys() | after.keys()):
        old, new = before.get(fact), after.get(fact)
        if old != new:
            yield Difference(task, fact, old, new)


def _whole(workflow: Workflow) -> dict[str, Any]:
    found: dict[str, Any] = {"schedule": schedule(workflow)}
    for name, value in workflow.arguments.items():
        if name not in ("schedule", "default_args") and (name, value) != ("catchup", Literal(False)):
            found[name] = meaning(value)
    return found


def _of_task(task: Task, workflow: Workflow) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operator": task.call.operator,
        "trigger_rule": task.trigger,
        "expand": task.expand,
    }
    found |= {name: getattr(task.policy, name) for name in POLICY}
    for name, value in task.call.arguments.items():
        if name not in SAID_APART and value != NONE:
            found[f"argument {name}"] = meaning(value, workflow.id or "")
    return found


def meaning(value: Value, dag: str = "") -> Value:
    """A value in one of the forms it can be written in, in the DAG ``dag``."""
    match value:
        case Template(parts) if RunContext("dag.dag_id") in parts:
            texts = (dag if part == RunContext("dag.dag_id") else part for part in parts)
            return meaning(parse(unparse(Template(tuple(texts)))))
        case Literal(str() as text) if text[:1] in ("{", "[") and (held := _json(text)) is not None:
            return meaning(held, dag)
        case Literal(str() as text) if has_jinja(text):
            return meaning(parse(text), dag)
        case Literal(dict() as fields):
            return meaning(Entries(tuple((Literal(key), Literal(one)) for key, one in fields.items())), dag)
        case Literal(list() | tuple() as members):
            return meaning(Items(tuple(map(Literal, members))), dag)
        case Template((str() as text,)):
            return Literal(text)
        case Template((one,)) if not isinstance(one, str):
            return meaning(one, dag)
        case Entries(entries):
            return Entries(tuple(sorted(((key, meaning(one, dag)) for key, one in entries), key=repr)))
        case Items(members):
            return Items(tuple(meaning(one, dag) for one in members))
        case Function(name):
            return Function(name)
    return value


def _json(text: str) -> Literal | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return Literal(found) if isinstance(found, dict | list) else None


def says(row: Row, one: Difference) -> bool:
    """Whether a row is about a difference."""
    return row.task == (one.task or None)
