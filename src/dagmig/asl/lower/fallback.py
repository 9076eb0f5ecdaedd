"""An operator without an integration, run as it is: in a container that has Airflow and the user's code.

``runner.py`` of the bundle loads the DAG file and executes the task with what the state sends: the run's
dates and configuration, and the outputs of other tasks that its arguments ask for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dagmig.asl.lower.data import references
from dagmig.asl.lower.mapping import KWARGS, unmapped
from dagmig.asl.lower.obstacles import chooses, may_choose
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task, Workflow
from dagmig.graph.query import mapped_group
from dagmig.graph.values import Output, RunContext, Value
from dagmig.integrations import registry
from dagmig.integrations.container import HEARTBEAT, in_ecs
from dagmig.integrations.context import pulled
from dagmig.integrations.fragment import MAIN, SKIP, Expression, Fragment, Projection

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
CONF = "$states.context.Execution.Input.conf"
DEFINITION = "fallback_definition_arn"
FLAG = "--fallback container"
WITH_DAEMON = frozenset({"docker", "DockerOperator", "DockerSwarmOperator"})
LOCAL = frozenset({"filepath", "local_file_path", "local_filepath", "local_path"})  # FileSensor, transfers
FINAL = (SKIP, "AirflowFailException", "AirflowSensorTimeout")  # which Airflow does not try again


@dataclass(frozen=True, slots=True)
class _Pushed(Mapping[str, Projection]):
    """Whatever the operator pushes; None for a key that it does not push, as in Airflow."""

    def __getitem__(self, key: str) -> Projection:
        if key not in self:
            raise KeyError(key)
        place = f"$states.result.`{key}`"
        return Projection(MAIN, Expression.of(f"$exists({place}) ? {place} : null"))

    def __contains__(self, key: object) -> bool:
        return not {"`", "@"} & {*str(key)}

    def __iter__(self) -> Iterator[str]:
        return iter(("return_value",))

    def __len__(self) -> int:
        return 1


def fallback(workflow: Workflow, task: Task, report: Report) -> Fragment | None:
    """The state that runs the operator in a container; None where one cannot (see ``refused``)."""
    if refused(workflow, task) is not None:
        return None
    made = in_ecs(task, _event(workflow, task), DEFINITION)
    said = (
        "the operator runs as it is in a container of ECS, with the project and Airflow in its image: the "
        "Connections and Variables that it uses have to be in its environment or a secrets backend, and its "
        "task role needs the rights to what it calls"
    )
    _row(task, DECISION, said, report)
    said = (
        "the container answers with the task's token, in JSON, and is heard of at least every "
        f"{HEARTBEAT} s; what the state sends has to fit into 8,192 characters, and has the XComs that the "
        "operator's arguments name, not those that its own code pulls; one "
        "that skips tasks after it fails"
    )
    _row(task, NOTED, said, report)
    for said in _lacks(task):
        _row(task, DECISION, said, report)
    return Fragment(made.states, _Pushed(), final=FINAL, skips=(SKIP,))


def _lacks(task: Task) -> Iterator[str]:
    """What of an Airflow worker a container on Fargate has not."""
    operator = task.call.operator.rpartition(".")[2]
    if operator in WITH_DAEMON:
        yield "it needs a Docker daemon, which Fargate has not: `docker_url` must be one that it reaches"
    for name in sorted(LOCAL & task.call.arguments.keys()):
        yield (
            f"the container's disk is its own, and gone afterwards: `{name}` must be on a file system that "
            "its task definition mounts"
        )


def refused(workflow: Workflow, task: Task) -> str | None:
    """Why a container cannot run the task: which instance it is must be told; None where it can."""
    if mapped_group(workflow, task.group) is not None:
        return "as it is in a mapped task group"
    if task.call.operator.startswith("@") and task.expand is not None:
        return "as it is a decorated function that is mapped"
    if chooses(task) or may_choose(task):
        return "as it chooses which tasks run after it"
    return None


def hint(workflow: Workflow, task: Task) -> str:
    """What the option does for a task that has no other translation."""
    cannot = refused(workflow, task)
    return f"; {FLAG} does not run it, {cannot}" if cannot else f"; {FLAG} runs it as it is, in ECS"


def runs_apart(fragment: Fragment) -> bool:
    """Whether the states run an operator as it is."""
    return isinstance(fragment.outputs, _Pushed)


def _row(task: Task, disposition: Disposition, said: str, report: Report) -> None:
    report.row(task.call.operator, task.span, f"task:{task.id}", disposition, said, task=task.id)


def _event(workflow: Workflow, task: Task) -> dict[str, Any]:
    event: dict[str, Any] = {
        "dag_id": RunContext("dag.dag_id"),
        "task_id": RunContext("task.task_id"),
        "run_id": RunContext("run_id"),
        "logical_date": RunContext("ts"),
        "data_interval_start": RunContext("data_interval_start"),
        "data_interval_end": RunContext("data_interval_end"),
        "conf": Expression.of("$exists(", CONF, ") ? ", CONF, " : {}"),
        "try_number": Expression.of("$states.context.State.RetryCount + 1"),
    }
    if task.expand is not None:
        event["mapped"] = _items(task)
    found = {output for value in task.call.arguments.values() for output in references(value)}
    if "." not in task.call.operator:  # a class of the DAG file: what its __init__ is given is not known
        found |= {Output(name) for name in _before(workflow, task)}
    xcoms: dict[str, dict[str, Value]] = {}
    own = (output for output in pulled(task) if "@" not in output.key)  # the runner has no more
    for output in sorted({*found, *own}, key=lambda one: (one.task, one.key)):
        xcoms.setdefault(output.task, {})[output.key] = Output(output.task, output.key)
    return event | ({"xcoms": xcoms} if xcoms else {})


def _before(workflow: Workflow, task: Task) -> Iterator[str]:
    """The tasks directly before one that give what they return."""
    for name in sorted(edge.upstream for edge in workflow.edges if edge.downstream == task.id):
        before = workflow.tasks[name]
        known = registry().for_operator(before.call.operator)
        if known is None or "return_value" in known.to_asl(unmapped(before), Report()).outputs:
            yield name


def _items(task: Task) -> Any:
    """What one instance is given, by argument."""
    assert task.expand is not None
    before, given = task.call.arguments, unmapped(task).call.arguments
    items = {name: value for name, value in given.items() if before.get(name) is not value}
    is_whole = task.expand.kind == "expand_kwargs" and KWARGS in items
    return items[KWARGS] if is_whole else items
