"""dbt Cloud: runs of jobs. https://docs.getdbt.com/dbt-cloud/api-v2; ``DbtCloudHook`` has the statuses."""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, RunContext, Value
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Part, Projection, Ref
from dagmig.integrations.http import Connection, address, call, connection
from dagmig.integrations.http_work import BODY, Words, awaited, goes_on, waits
from dagmig.integrations.rows import opened
from dagmig.integrations.sensor import OWN, sensed
from dagmig.integrations.spelling import given, members
from dagmig.integrations.table import account

DBT = "airflow.providers.dbt.cloud."
ERROR = "DbtCloudJobRunException"
WORDS = Words("data.status", (10,), (20, 30), "data.status_message")
WHERE = {"dbt_cloud_conn_id", "account_id"}
RUN = {"job_id", "trigger_reason", "steps_override", "schema_override", "additional_run_config",
       "wait_for_termination", "timeout", "check_interval"}  # fmt: skip
DROPPED = {"deferrable": "the state machine waits by itself"}
UNDECIDED = {
    "project_name": "the job is not looked up by its name: give `job_id`",
    "environment_name": "the job is not looked up by its name: give `job_id`",
    "job_name": "the job is not looked up by its name: give `job_id`",
    "reuse_existing_run": "a run that is still going is not looked for",
    "retry_from_failure": "a retry runs the whole job",
    "hook_params": "what it says of the calls is not in the states",
    "openlineage_inject_parent_job_info": "nothing is added for OpenLineage",
}
HARMLESS = {**dict.fromkeys(UNDECIDED), "reuse_existing_run": False, "retry_from_failure": False,
            "openlineage_inject_parent_job_info": False}  # fmt: skip
LONGEST_CAUSE = 255


def _runs(task: Task, report: Report) -> tuple[Connection, list[str | Value]]:
    """The connection, and the beginning of the account's URLs."""
    account_id = given(task, "account_id")
    fields = ("host",) if account_id is not None else ("host", "account_id")
    through = connection(task, "dbt_cloud_conn_id", "dbt_cloud_default", fields, report)
    own = account_id if account_id is not None else through.part("account_id")
    return through, [f"https://{through.part('host')}/api/v2/accounts/", own]


def _body(task: Task, report: Report) -> dict[str, Any]:
    reason = given(task, "trigger_reason")
    body: dict[str, Any] = {
        "cause": Expression.of(*_reason(task)) if reason is None else _short(reason),
        "steps_override": given(task, "steps_override") or Literal(None),
        "schema_override": given(task, "schema_override") or Literal(None),
    }
    more = given(task, "additional_run_config")
    try:
        return body | (dict(members(more)) if more is not None else {})
    except ValueError as problem:
        opened(task, "additional_run_config", f"it is not in the request: {problem}", report)
        return body


def _reason(task: Task) -> tuple[Part, ...]:
    said = Literal(f"Triggered via Apache Airflow by task {task.id!r} in the ")
    return ("$substring(", said, " & ", RunContext("dag.dag_id"), f" & ' DAG.', 0, {LONGEST_CAUSE})")


def _short(reason: Value) -> Value:
    is_text = isinstance(reason, Literal) and isinstance(reason.value, str) and "{{" not in reason.value
    return Literal(str(reason.value)[:LONGEST_CAUSE]) if is_text and isinstance(reason, Literal) else reason


def _run(task: Task, report: Report) -> Fragment:
    nothing = {name for name, value in HARMLESS.items() if task.argument(name) == Literal(value)}
    account(task, {*WHERE, *RUN, *nothing}, DROPPED, "jobs/run", report, UNDECIDED)
    through, base = _runs(task, report)
    if given(task, "job_id") is None:
        opened(task, "job_id", "the job's id is not given, and the API needs it", report)
    url = address(*base, "/jobs/", given(task, "job_id") or Literal(""), "/run/")
    start = call("POST", url, through, RequestBody=_body(task, report))
    run_id = Expression.of(f"{BODY}.data.id")
    outputs = {
        "return_value": Projection(MAIN, run_id),
        "job_run_id": Projection(MAIN, run_id),
        "job_run_url": Projection(MAIN, Expression.of(f"{BODY}.data.href")),
    }
    if not waits(task, report):
        return Fragment({MAIN: start}, outputs)
    own = Expression.of("$string($:run_id)")
    states = awaited(
        task,
        {**start, "Assign": {":run_id": run_id}},
        call("GET", address(*base, "/runs/", own, "/"), through),
        WORDS,
        Expression.of("'job run ' & $string($:run_id)"),
        report,
        every=("check_interval", 60),
        timeout="timeout",
        error=ERROR,
    )
    goes_on(task, "job run", report)
    return Fragment(states, outputs, is_bounded=True)


def _sense(task: Task, report: Report) -> Fragment:
    nothing = {"hook_params"} if task.argument("hook_params") == Literal(None) else set()
    account(task, {*WHERE, *OWN, *nothing, "run_id"}, {}, "runs", report, UNDECIDED)
    through, base = _runs(task, report)
    run_id = given(task, "run_id") or Literal("")
    ask = WORDS.asked(call("GET", address(*base, "/runs/", run_id, "/"), through))
    failed = WORDS.ending(Expression.of("'job run ' & $string(", run_id, ")"), ERROR)
    every = 5 if task.argument("deferrable") == Literal(True) else 60
    asking = {MAIN: {**ask, "Next": Ref("found?")}}
    return sensed(task, asking, WORDS.is_done, report, failed=failed, every=every)


run_job = Integration(
    DBT + "operators.dbt.DbtCloudRunJobOperator",
    (),
    _run,
    form="`http:invoke`, then a bounded loop that asks for the run's status",
)
run_sensor = Integration(
    DBT + "sensors.dbt.DbtCloudJobRunSensor",
    (),
    _sense,
    None,
    (DBT + "sensors.dbt.DbtCloudJobRunAsyncSensor",),
    "`http:invoke` in a bounded loop",
)
