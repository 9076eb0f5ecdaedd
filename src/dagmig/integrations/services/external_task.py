"""``ExternalTaskSensor``: it waits for the other DAG's run of the same date, an execution of its machine.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html. An execution is
found by its name, which has to be the run's date: ``2024-05-06T030000``.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, RunContext
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Ref, failing
from dagmig.integrations.http import Connection
from dagmig.integrations.poller import FAILED, Ending
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.sensor import OWN, sensed
from dagmig.integrations.spelling import given, items
from dagmig.integrations.status import PREFIX
from dagmig.integrations.table import account

SENSOR = "airflow.providers.standard.sensors.external_task.ExternalTaskSensor"
PICTURE = "[Y0001]-[M01]-[D01]T[H01][m01][s01]"
STATES = {"success": ("SUCCEEDED",), "failed": ("FAILED", "TIMED_OUT", "ABORTED")}
KNOWN = {"external_dag_id", "execution_delta", "allowed_states", "failed_states"}
DROPPED = {"check_existence": "the machine is named when deploying"}
WHOLE = "the state waits for the whole execution, not for tasks of it"
UNDECIDED = {
    "external_task_id": WHOLE,
    "external_task_ids": WHOLE,
    "external_task_group_id": WHOLE,
    "poll_interval": "an old name: write `poke_interval`",
    "skipped_states": "no execution is skipped",
    "execution_date_fn": "which date it is, its code says",
}
EMPTY = (None, Literal(None), Literal([]))


def _to_asl(task: Task, report: Report) -> Fragment:
    nothing = {name for name in UNDECIDED if task.argument(name) in EMPTY}
    account(task, {*KNOWN, *OWN, *nothing}, DROPPED, "describeExecution", report, UNDECIDED)
    name = _name(task)
    if name is None or "execution_date_fn" not in nothing:
        opened(task, "execution_delta", "which run it waits for is not known", report)
        return failing(f"Task {task.id} was not translated: which run it waits for is not known.")
    machine = _machine(task, report)
    arn = Expression.of(f"$replace('{machine}', ':stateMachine:', ':execution:') & ':' & ", *name.parts)
    done = _states(task, "allowed_states", ("success",), report)
    failed = _states(task, "failed_states", (), report)
    absent = {
        "ErrorEquals": ["Sfn.ExecutionDoesNotExistException"],
        "Assign": {":status": ""},
        "Output": {},
        "Next": Ref("found?"),
    }
    ask: dict[str, Any] = {
        "Type": "Task",
        "Resource": PREFIX + "aws-sdk:sfn:describeExecution",
        "Arguments": {"ExecutionArn": arn},
        "Assign": {":status": Expression.of("$states.result.Status")},
        "Output": {},
        "Catch": [absent],
        "Next": Ref("found?"),
    }
    ending = Ending(_among(failed), FAILED, Expression.of("'the execution ended ' & $:status"))
    return sensed(task, {MAIN: ask}, _among(done), report, failed=ending if failed else None)


def _machine(task: Task, report: Report) -> str:
    """The placeholder for the ARN of the other DAG's machine."""
    value = given(task, "external_dag_id")
    text = str(value.value) if isinstance(value, Literal) else ""
    is_known = bool(text) and "{{" not in text
    name = re.sub(r"\W", "_", text, flags=re.ASCII) if is_known else "external"
    machine = Connection(name).part("state_machine_arn")
    said = (
        f"fill in {machine}, the state machine that the DAG becomes, when deploying, and start its "
        "executions under the name of their date, as in 2024-05-06T030000: others are not found"
    )
    opened(task, "external_dag_id", said, report)
    return machine


def _name(task: Task) -> Expression | None:
    """The date of the other run in the letters of an execution's name."""
    match given(task, "execution_delta"):
        case None:
            before = ""
        case Literal(timedelta() as delta):
            before = f" - {round(1000 * delta.total_seconds())}" if delta else ""
        case _:
            return None
    return Expression.of("$fromMillis($toMillis(", RunContext("ts"), f"){before}, '{PICTURE}')")


def _states(task: Task, argument: str, default: tuple[str, ...], report: Report) -> tuple[str, ...]:
    """The statuses of an execution that states of a run mean."""
    value = given(task, argument)
    try:
        words = [_word(one) for one in items(value)] if value not in EMPTY and value else [*default]
    except ValueError as problem:
        opened(task, argument, f"they are not known: {problem}", report)
        words = [*default]
    other = [word for word in words if word not in STATES]
    if other:
        say = noted if len(other) < len(words) else opened
        say(task, argument, f"an execution never is {', '.join(other)}", report)
    return tuple(status for word in words for status in STATES.get(word, ()))


def _word(value: Any) -> str:
    """A state, by itself or as a member of Airflow's enumeration."""
    text = value.value if isinstance(value, Literal) else getattr(value, "name", "")
    return str(getattr(text, "value", text)).removesuffix(".value").rpartition(".")[2].lower()


def _among(statuses: tuple[str, ...]) -> Expression:
    return Expression.of(f"$:status in [{', '.join(repr(status) for status in statuses)}]")


external_task = Integration(
    SENSOR,
    (),
    _to_asl,
    None,
    (
        "airflow.sensors.external_task.ExternalTaskSensor",
        "airflow.sensors.external_task_sensor.ExternalTaskSensor",
        "airflow.operators.sensors.ExternalTaskSensor",
    ),
    "`aws-sdk:sfn:describeExecution` in a bounded loop",
)
