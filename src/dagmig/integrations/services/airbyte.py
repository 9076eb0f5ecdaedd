"""Syncs of Airbyte over HTTP, and the sensor that waits for one.

https://reference.airbyte.com/reference/createjob, .../getjob and .../canceljob; ``operators``, ``sensors``
and ``hooks/airbyte.py`` of the airbyte provider: a job that takes too long is cancelled.
"""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.cleaning import cleaned
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref
from dagmig.integrations.http import Connection, address, call, connection, retry
from dagmig.integrations.http_work import BODY, Words, awaited, goes_on
from dagmig.integrations.poller import FAILED, HTTP_TRANSIENT
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.sensor import OWN, sensed
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

PROVIDER = "airflow.providers.airbyte."
CONNECTION = "airbyte_conn_id"
DROPPED = {
    "api_version": "the server's URL says it",
    "deferrable": "the state machine waits by itself",
}
WORDS = Words("status", ("succeeded",), ("failed", "cancelled"))
JOB_ID = Expression.of(f"{BODY}.jobId")
QUEUED = (
    "a job that is queued is waited for; the operator takes that for a status it does not know, and fails"
)


def _through(task: Task, report: Report) -> tuple[Connection, str]:
    """The connection, and the URL of the jobs."""
    through = connection(task, CONNECTION, "airbyte_default", ("server_url",), report)
    return through, f"{through.part('server_url')}/jobs"


def _asked(through: Connection, jobs: str, job: Value | Expression) -> dict[str, Any]:
    return {**call("GET", address(f"{jobs}/", job), through), **retry(5, 1, HTTP_TRANSIENT)}


def _sync(task: Task, report: Report) -> Fragment:
    known = {CONNECTION, "connection_id", "asynchronous", "wait_seconds", "timeout"}
    account(task, known, DROPPED, "the job", report)
    through, jobs = _through(task, report)
    body = {"connectionId": given(task, "connection_id") or Literal(""), "jobType": "sync"}
    start = call("POST", jobs, through, RequestBody=body)
    outputs = {"return_value": Projection(MAIN, JOB_ID)}
    is_left = given(task, "asynchronous") or Literal(False)
    if not isinstance(is_left, Literal):
        opened(task, "asynchronous", "it is known only when the DAG runs: the state waits", report)
    elif is_left.value:
        return Fragment({MAIN: start}, outputs)
    job = Expression.of("$string($:job_id)")
    states = awaited(
        task,
        {**start, "Assign": {":job_id": JOB_ID}},
        _asked(through, jobs, job),
        WORDS,
        Expression.of("'job ' & ", *job.parts),
        report,
        every=("wait_seconds", 3),
        timeout="timeout",
        longest=3600,
    )
    noted(task, "connection_id", QUEUED, report)
    goes_on(task, "job", report)
    cancel = call("DELETE", address(f"{jobs}/", job), through)
    return Fragment(cleaned(states, ("timed out",), cancel), outputs, is_bounded=True)


def _sense(task: Task, report: Report) -> Fragment:
    account(task, {*OWN, CONNECTION, "airbyte_job_id"}, DROPPED, "jobs", report)
    through, jobs = _through(task, report)
    job = given(task, "airbyte_job_id") or Literal("")
    ask = {**WORDS.asked(_asked(through, jobs, job)), "Next": Ref("found?")}
    failed = WORDS.ending(Expression.of("'job ' & $string(", job, ")"), FAILED)
    every = 5 if task.argument("deferrable") == Literal(True) else 60
    return sensed(task, {MAIN: ask}, WORDS.is_done, report, failed=failed, every=every)


sync = Integration(
    PROVIDER + "operators.airbyte.AirbyteTriggerSyncOperator",
    (),
    _sync,
    form="`http:invoke`, then a bounded loop that asks for the job's status",
)
sensor = Integration(
    PROVIDER + "sensors.airbyte.AirbyteJobSensor", (), _sense, form="`http:invoke` in a bounded loop"
)
