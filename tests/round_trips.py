"""A DAG and what comes back of it through a machine: what differs, and which row of a ledger says so.

Arguments are compared by what they mean: a template that is one reference is what it refers to, JSON text
what it says, Airflow's own default nothing. A task that was not there before only stands between those that
were; a row excuses a difference of its task. ``python -m tests.round_trips`` prints the table, and
``--machines`` what is left open where a machine becomes a DAG and that a machine again.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import starmap
from typing import Any

from tests.literate import FOLDER, SHAPES, cases

from dagmig.airflow.read import read
from dagmig.diagnostics import Report, Row
from dagmig.graph.jinja import has_jinja, parse, unparse
from dagmig.graph.model import Edge, Task, TriggerRule, Workflow
from dagmig.graph.query import downstream, schedule
from dagmig.graph.values import Entries, Function, Items, Literal, RunContext, Template, Value
from dagmig.pipeline import Lowering, airflow_to_asl, asl_to_airflow

POLICY = ("retries", "retry_delay", "backoff", "max_delay", "timeout")
SAID_APART = frozenset(  # of arguments these are facts of their own, or say nothing of what the task does
    {"trigger_rule", "retries", "retry_delay", "retry_exponential_backoff", "max_retry_delay",
     "execution_timeout", "doc", "doc_md", "waiter_max_attempts"}
)  # fmt: skip
# a state waits as long as it takes, and is an operator that does
NONE = Literal(None)
_AS_USUAL = Lowering()
KINDS = (
    "equal",
    "equal, with tasks between",
    "equal, with a call that code makes",
    "equal but for rows",
    "different",
)


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
    """One DAG there and back; ``rows`` are those of both ledgers that name a difference, ``added`` the tasks
    that it had not before.
    """

    name: str
    added: tuple[str, ...]
    called: tuple[str, ...]  # operators that came back as functions which make the same call
    differences: tuple[Difference, ...]
    rows: tuple[Row, ...]

    @property
    def unsaid(self) -> list[Difference]:
        """The differences that no row is about."""
        return [one for one in self.differences if not any(says(row, one) for row in self.rows)]

    @property
    def kind(self) -> str:
        if not self.differences and self.called:
            return "equal, with a call that code makes"
        if not self.differences:
            return "equal, with tasks between" if self.added else "equal"
        return "different" if self.unsaid else "equal but for rows"


def trip(name: str, text: str, lowering: Lowering = _AS_USUAL) -> list[Trip]:
    """Every DAG of a file to a machine and back."""
    found = []
    befores = {workflow.id or "dag": workflow for workflow in read(text, "dag.py", Report())}
    for there in airflow_to_asl(text, "dag.py", Report(), lowering=lowering):
        back = asl_to_airflow(there.text, "machine.asl.json", Report(), there.id)
        assert back is not None
        (after,) = read(back.text, "dag.py", Report())
        rows = tuple(row for row in (*there.report.rows, *back.report.rows) if row.difference)
        before = befores[there.id]
        added = tuple(sorted(after.tasks.keys() - before.tasks.keys()))
        called = tuple(one for one, task in after.tasks.items() if _is_call(task) and one in before.tasks)
        found.append(Trip(name, added, called, tuple(differences(before, after)), rows))
    return found


def _is_call(task: Task) -> bool:
    """Whether a task is a function that dagmig wrote to make one call of an API."""
    held = task.call.arguments.get("python_callable")
    return task.call.operator == "@task" and isinstance(held, Function) and held.name.startswith("call_")


def differences(before: Workflow, after: Workflow) -> Iterator[Difference]:
    """All facts that are not the same, of the DAG and of the tasks that it had."""
    yield from _of_facts("", _whole(before), _whole(after))
    for name, old in before.tasks.items():
        new = after.tasks.get(name)
        if new is None and _is_joint(old):
            continue
        if new is None:
            yield Difference(name, "task", old.call.operator, None)
        else:
            facts = _of_task(old, before), _of_task(new, after)
            yield from _of_facts(name, *(map(_around_the_call, facts) if _is_call(new) else facts))
    names = {name for name, task in before.tasks.items() if not _is_joint(task)}
    pairs = [needed(contracted(one, names)) for one in (before, after)]
    for pair in sorted(pairs[0] ^ pairs[1]):
        old, new = (pair[0] if pair in one else None for one in pairs)
        yield Difference(pair[1], "upstream", old, new)


def _is_joint(task: Task) -> bool:
    """Whether a task does nothing but join dependencies."""
    return task.call.operator.endswith(".EmptyOperator") and task.trigger is TriggerRule.ALL_SUCCESS


def contracted(workflow: Workflow, names: Collection[str]) -> Workflow:
    """The workflow with only these tasks; who waited for another still waits for what is before it."""
    edges = {(edge.upstream, edge.downstream) for edge in workflow.edges}
    for name in workflow.tasks.keys() - set(names):
        before, after = ([pair[at] for pair in edges if pair[1 - at] == name] for at in (0, 1))
        edges = {pair for pair in edges if name not in pair}
        edges |= {(first, last) for first in before for last in after}
    tasks = {name: task for name, task in workflow.tasks.items() if name in names}
    return replace(workflow, tasks=tasks, edges=frozenset(starmap(Edge, edges)))


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


def _around_the_call(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that are not what a task calls and with what."""
    return {
        name: one for name, one in facts.items() if name.partition(" ")[0] not in ("argument", "operator")
    }


def _of_task(task: Task, workflow: Workflow) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operator": task.call.operator,
        "trigger_rule": task.trigger,
        "expand": task.expand,
    }
    waits = POLICY if task.policy.retries != 0 else ("retries", "timeout")
    found |= {name: getattr(task.policy, name) for name in waits}
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
    """Whether a row is about a difference: of the same task, and about its policy or not."""
    if one.fact == "argument pre_execute" and row.construct in ("Parallel", "Map"):
        return True
    if row.construct == "Retry" and one.fact in POLICY:  # of a Parallel around the task
        return True
    if row.task != (one.task or None) or row.construct in _ABOUT_NOTHING_ELSE:
        return False
    return row.disposition.is_open or (one.fact in POLICY) is (row.construct in _POLICY_ROWS)


_ABOUT_NOTHING_ELSE = frozenset({"state-name", "jsonata", "stopped"})
_POLICY_ROWS = frozenset(
    {"retries", "retry", "retry_delay", "retry-delay", "retry-error-names", "retry-jitter", "retry-several",
     "retry-transport", "retry_exponential_backoff", "max_retry_delay", "execution_timeout", "timeout"}
)  # fmt: skip


def dags() -> Iterator[tuple[str, str, Lowering]]:
    """All DAGs of the fixtures: a name, the file, how it is converted."""
    for path in sorted(FOLDER.with_name("dags").glob("*/dag.py")):
        yield path.parent.name, path.read_text(encoding="utf-8"), Lowering()
    for path in (*sorted(FOLDER.glob("*.md")), *sorted(SHAPES.glob("*.md"))):
        for case in cases(path):
            yield case.id, case.dag, Lowering(drains="drain" in case.way, latches="latch" in case.way)


def machines() -> Iterator[tuple[str, tuple[Row, ...]]]:
    """Each machine of the fixtures, with the open rows of the machine that its DAG becomes."""
    for path in sorted(FOLDER.with_name("machines").glob("*/machine.asl.json")):
        name = path.parent.name
        there = asl_to_airflow(path.read_text(encoding="utf-8"), "machine.asl.json", Report(), name)
        assert there is not None
        (back,) = airflow_to_asl(there.text, "dag.py", Report())
        yield name, tuple(row for row in back.report.rows if row.disposition.is_open)


def print_machines() -> None:
    """Print how many machines come back, and by reason how many do not."""
    found = dict(machines())
    named: dict[tuple[str, str], set[str]] = {}
    for name, rows in found.items():
        for row in rows:
            said = row.difference.replace(f" {row.task} ", " TASK ") if row.task else row.difference
            named.setdefault((row.construct, said), set()).add(name)
    print(f"{sum(not rows for rows in found.values())} of {len(found)} machines come back without open rows")
    for (construct, said), names in sorted(named.items(), key=lambda one: -len(one[1])):
        print(f"{len(names)} {construct}: {said} ({', '.join(sorted(names)[:5])})")


def main() -> None:
    """Print the table, and what differs without a row."""
    found = [one for name, text, lowering in dags() for one in trip(name, text, lowering=lowering)]
    counts = Counter(one.kind for one in found)
    print("| DAG to machine to DAG | count |\n|---|--:|")
    print("\n".join(f"| {kind} | {counts[kind]} |" for kind in KINDS))
    for one in found:
        if one.unsaid:
            print(f"\n{one.name}")
            print("\n".join(f"  {difference}" for difference in one.unsaid))


if __name__ == "__main__":
    print_machines() if "--machines" in sys.argv else main()
