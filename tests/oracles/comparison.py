"""The DAGs of a file as the reader sees them beside Airflow's, fact by fact, and what excuses a difference.

A fact is what the file says. Where it says nothing the value is Airflow's default, and equal to what a DAG
that says nothing has in the Airflow that loaded the file (catchup and the schedule differ between 2 and 3).

Where Airflow itself answers otherwise at another time (``later``), as for ``datetime.now()``, no file says
what the value is: there UNKNOWN is right and equal, if a diagnostic says so.

A difference is *silent* unless the reader said that it does not know this very fact:

* DAGs that are missing or too many: a warning or an error in the file.
* Tasks and groups that are missing or too many, and edges: the workflow is not complete, and a warning or an
  error in the file.
* Any other fact, a task's operator as well: it is UNKNOWN (null in the JSON), and a diagnostic of the file
  names it (`` `retries` ``). A DAG's id: it is UNKNOWN, and a warning or an error in the file.

A known value that is not Airflow's is never excused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from tests.oracles import schedules

from dagmig.diagnostics import Diagnostic, Severity
from dagmig.graph.model import Task, Workflow
from dagmig.graph.query import schedule, upstream
from dagmig.graph.values import UNKNOWN, Literal, Unknown, Value

Facts = dict[str, Any]
STRUCTURE = ("tasks", "groups", "upstream")


@dataclass(frozen=True)
class Difference:
    """One fact of one DAG, or of one ``task`` of it, as both have it; UNKNOWN was left open."""

    fact: str
    ours: object
    theirs: object
    task: str = ""

    def __str__(self) -> str:
        where = f"{self.task}." if self.task else ""
        return f"{where}{self.fact}: {self.ours!r} not {self.theirs!r}"


@dataclass(frozen=True)
class Compared:
    """One DAG; ``excused`` says of each difference whether the reader said so."""

    file: str
    dag: str
    tasks: int
    differences: tuple[Difference, ...]
    excused: tuple[bool, ...]

    @property
    def is_equal(self) -> bool:
        return not self.differences

    @property
    def is_silent(self) -> bool:
        return not all(self.excused)


def compare(
    file: str,
    ours: tuple[Workflow, ...],
    said: list[Diagnostic],
    answer: Facts,
    defaults: Facts,
    airflow: str,
) -> list[Compared]:
    """All DAGs of a file that either has."""
    found = []
    for dag, workflow, facts in _paired(ours, answer["dags"]):
        judged = [
            (one, excused)
            for one in _differences(dag, workflow, facts, defaults, airflow)
            for excused in [_is_excused(one, workflow, said)]
            if not (excused and one.ours is UNKNOWN and _moves(one, dag, answer))
        ]
        tasks = len(facts["tasks"]) if facts else 0
        found.append(Compared(file, dag, tasks, tuple(d for d, _ in judged), tuple(ok for _, ok in judged)))
    return found


def _moves(one: Difference, dag: str, answer: Facts) -> bool:
    """Whether Airflow itself answers otherwise at another time."""
    if "later" not in answer:
        return False
    if one.fact == "dag_id":
        return dag not in answer["later"]
    now, later = answer["dags"][dag], answer["later"].get(dag)
    if later is None:
        return False
    if one.task:
        now, later = now["tasks"][one.task], later["tasks"].get(one.task, {})
    return bool(now.get(one.fact) != later.get(one.fact))


def _paired(ours: tuple[Workflow, ...], answer: Facts) -> Iterator[tuple[str, Workflow | None, Facts | None]]:
    """By id; a DAG whose id is not known goes with the one left that shares most of its tasks."""
    named = {workflow.id: workflow for workflow in ours if workflow.id is not None}
    nameless = [workflow for workflow in ours if workflow.id is None]
    for dag in sorted(answer.keys() & named.keys()):
        yield dag, named[dag], answer[dag]
    left = {dag: answer[dag] for dag in sorted(answer.keys() - named.keys())}
    for workflow in nameless:
        best = max(left, key=lambda dag: len(left[dag]["tasks"].keys() & workflow.tasks.keys()), default=None)
        yield (best or "(no id)"), workflow, left.pop(best) if best else None
    for dag, facts in left.items():
        yield dag, None, facts
    for dag in sorted(named.keys() - answer.keys()):
        yield dag, named[dag], None


def _differences(
    dag: str, ours: Workflow | None, theirs: Facts | None, defaults: Facts, airflow: str
) -> Iterator[Difference]:
    if ours is None or theirs is None:
        yield Difference("DAG", ours and "read", theirs and "built")
        return
    if ours.id != dag:
        yield Difference("dag_id", UNKNOWN, dag)
    mine = _dag_facts(ours, defaults, airflow)
    built = {**theirs, "schedule": schedules.theirs(theirs["schedule"], airflow)}
    for fact, value in mine.items():
        if not _same(fact, value, built[fact]):
            yield Difference(fact, value, built[fact])
    yield from _structure("groups", ours.groups.keys(), theirs["groups"].keys())
    for group in sorted(ours.groups.keys() & theirs["groups"].keys()):
        if (ours.groups[group].expand is not None) != theirs["groups"][group]["mapped"]:
            yield Difference("mapped", ours.groups[group].expand is not None, None, group)
    yield from _structure("tasks", ours.tasks.keys(), theirs["tasks"].keys())
    before = upstream(ours)
    for name in sorted(ours.tasks.keys() & theirs["tasks"].keys()):
        facts = _task_facts(ours.tasks[name], before[name])
        for fact, value in facts.items():
            if not _same(fact, value, theirs["tasks"][name][fact]):
                yield Difference(fact, value, _shown(theirs["tasks"][name][fact]), name)


def _structure(fact: str, ours: Any, theirs: Any) -> Iterator[Difference]:
    more, less = sorted(ours - theirs), sorted(theirs - ours)
    if more or less:
        yield Difference(fact, more, less)


def _shown(value: object) -> object:
    return value["shows"] if isinstance(value, dict) else value


def _same(fact: str, ours: object, theirs: Any) -> bool:
    if fact == "operator":
        return _is_operator(str(ours), theirs)
    return ours is not UNKNOWN and ours == theirs


def _is_operator(ours: str, theirs: dict[str, Any]) -> bool:
    """Any name that the file may have for the class, or a class of the same name; decorators as they show."""
    if ours.startswith("@"):
        ours = ours.removesuffix(".python")
        return ours == theirs["shows"] or (ours == "@asset" and theirs["name"] == "_AssetMainOperator")
    return ours in theirs["names"] or ours.rpartition(".")[2] == theirs["name"]


def _dag_facts(workflow: Workflow, defaults: Facts, airflow: str) -> Facts:
    """What the DAG says of itself; what it leaves to Airflow as the default is there."""
    given = schedule(workflow)
    found = (
        schedules.theirs(defaults["schedule"], airflow) if given is None else schedules.ours(given, airflow)
    )
    return {
        "schedule": UNKNOWN if "UNKNOWN" in repr(found) else found,
        "catchup": _known(workflow.arguments.get("catchup"), defaults["catchup"]),
        "max_active_runs": _known(workflow.arguments.get("max_active_runs"), defaults["max_active_runs"]),
        "start_date": _start_date(workflow),
    }


def _known(value: Value | None, default: object) -> object:
    if value is None:
        return default
    return value.value if isinstance(value, Literal) else UNKNOWN


def _start_date(workflow: Workflow) -> str | Unknown | None:
    """As Airflow keeps it, in UTC; the DAG's own, else that of its ``default_args``."""
    found = _known(workflow.arguments.get("start_date"), None)
    if found is None:
        found = _known(workflow.defaults.get("start_date"), None)
    if isinstance(found, str):
        found = datetime.fromisoformat(found)
    if isinstance(found, datetime):
        return (
            (found if found.tzinfo else found.replace(tzinfo=timezone.utc))
            .astimezone(timezone.utc)
            .isoformat()
        )
    if isinstance(found, date):
        return datetime(found.year, found.month, found.day, tzinfo=timezone.utc).isoformat()
    return None if found is None else UNKNOWN


def _task_facts(task: Task, before: list[str]) -> Facts:
    return {
        "operator": task.call.operator,
        "upstream": before,
        "trigger_rule": task.trigger if task.trigger is UNKNOWN else str(task.trigger),
        "mapped": task.expand is not None,
        "group": task.group,
        "retries": task.policy.retries,
        "retry_delay": _seconds(task.policy.retry_delay),
        "execution_timeout": _seconds(task.policy.timeout),
        "setup": task.is_setup,
        "teardown": task.is_teardown,
    }


def _seconds(value: timedelta | Unknown | None) -> float | Unknown | None:
    return value.total_seconds() if isinstance(value, timedelta) else value


def _is_excused(one: Difference, workflow: Workflow | None, said: list[Diagnostic]) -> bool:
    """Whether the reader said that it does not know this fact."""
    loud = any(diagnostic.severity is not Severity.INFO for diagnostic in said)
    if one.fact == "DAG":
        return loud
    if one.fact in STRUCTURE:
        return loud and workflow is not None and not workflow.is_complete
    named = any(f"`{one.fact}`" in diagnostic.message for diagnostic in said)
    return one.ours is UNKNOWN and (named or (loud and one.fact == "dag_id"))
