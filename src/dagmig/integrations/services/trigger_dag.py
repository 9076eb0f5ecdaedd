"""TriggerDagRunOperator: an execution of the other DAG's state machine.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html;
``operators/trigger_dagrun.py`` of the standard provider. The input is what dagmig's machines read.
"""

from __future__ import annotations

import re
from typing import Any

from dagmig.diagnostics import Disposition, Report
from dagmig.graph import jinja
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection
from dagmig.integrations.status import PREFIX
from dagmig.integrations.table import WAITING, account

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
KNOWN = {"trigger_dag_id", "trigger_run_id", "conf", "logical_date", "execution_date", "wait_for_completion"}
DROPPED = {
    "poke_interval": WAITING,
    "deferrable": WAITING,
    "note": "only shown in Airflow's user interface",
    "openlineage_inject_parent_info": "nothing is added for OpenLineage",
}
UNDECIDED = {
    "allowed_states": "the state succeeds where the execution does",
    "failed_states": "the state fails where the execution does",
    "reset_dag_run": "an execution is not run again",
    "skip_when_already_exists": "an execution of this name fails the state",
    "fail_when_dag_is_paused": "a state machine cannot be paused",
    "run_after": "the execution starts at once",
}
HARMLESS = {
    "allowed_states": ["success"],
    "failed_states": ["failed"],
    "reset_dag_run": False,
    "skip_when_already_exists": False,
    "fail_when_dag_is_paused": False,
    "run_after": None,
}
NONE = Literal(None)
INPUT = (("conf", "conf"), ("execution_date", "logical_date"), ("logical_date", "logical_date"))
NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")  # of an execution
RUN_ID = "$split($states.result.ExecutionArn, ':')[-1]"


def _to_asl(task: Task, report: Report) -> Fragment:
    nothing = {name for name, value in HARMLESS.items() if task.argument(name) in (Literal(value), NONE)}
    account(task, KNOWN | nothing, DROPPED, "states:startExecution", report, UNDECIDED)
    wanted = {
        name: task.argument(argument) for argument, name in INPUT if task.argument(argument) is not None
    }
    given = {name: value for name, value in wanted.items() if value != NONE}
    arguments = {"StateMachineArn": _machine(task, report), "Input": given, **_name(task, report)}
    waits = task.argument("wait_for_completion")
    suffix = "" if waits in (None, NONE, Literal(False)) else ".sync:2"
    if suffix and waits != Literal(True):
        _row(task, "wait_for_completion", DECISION, "known only when the DAG runs: the state waits", report)
    state = {"Type": "Task", "Resource": f"{PREFIX}states:startExecution{suffix}", "Arguments": arguments}
    return Fragment({MAIN: state}, {"trigger_run_id": Projection(MAIN, Expression.of(RUN_ID))})


def _machine(task: Task, report: Report) -> str:
    """The placeholder for the ARN of the other DAG's machine."""
    value = task.argument("trigger_dag_id")
    text = value.value if isinstance(value, Literal) else None
    is_known = isinstance(text, str) and isinstance(jinja.parse(text), Literal)
    name = re.sub(r"\W", "_", text, flags=re.ASCII) if is_known and isinstance(text, str) else "triggered"
    placeholder = f"${{{name}_state_machine_arn}}"
    said = f"fill in {placeholder}, the state machine that the DAG becomes, when deploying"
    if not is_known:
        said = f"which DAG it is, is known only when the DAG runs; {said}"
    _row(task, "trigger_dag_id", NOTED if is_known else DECISION, said, report)
    return placeholder


def _name(task: Task, report: Report) -> dict[str, Any]:
    value = task.argument("trigger_run_id")
    if value is None or value == NONE:
        return {}
    if isinstance(value, Literal) and NAME.fullmatch(str(value.value)):
        return {"Name": value}
    said = "an execution's name has 80 letters, digits, `-` and `_`: others become `_`"
    _row(task, "trigger_run_id", NOTED, said, report)
    return {"Name": Expression.of("$substring($replace($string(", value, "), /[^A-Za-z0-9_-]/, '_'), 0, 80)")}


def _row(task: Task, construct: str, disposition: Disposition, said: str, report: Report) -> None:
    report.row(construct, task.span, f"task:{task.id}", disposition, said, task=task.id)


trigger_dag_run = Integration(
    "airflow.providers.standard.operators.trigger_dagrun.TriggerDagRunOperator",
    (),
    _to_asl,
    None,
    (
        "airflow.operators.trigger_dagrun.TriggerDagRunOperator",
        "airflow.operators.dagrun_operator.TriggerDagRunOperator",
        "airflow.operators.TriggerDagRunOperator",
    ),
    "`states:startExecution`, `states:startExecution.sync:2`",
)
