"""Spark batches of Azure Synapse over HTTP, which speaks Livy's language.

https://learn.microsoft.com/rest/api/synapse/data-plane/spark-batch; ``operators/synapse.py`` of the
microsoft-azure provider; ``SparkBatchJobOptions`` of ``azure.synapse.spark`` says what its fields are called.
"""

from __future__ import annotations

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, New, Value
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, failing
from dagmig.integrations.http import address, call, connection
from dagmig.integrations.http_work import BODY, Words, awaited, goes_on, waits
from dagmig.integrations.rows import opened
from dagmig.integrations.spelling import given, is_dict, mapping, members
from dagmig.integrations.table import account

ARGUMENTS = {
    "azure_synapse_conn_id",
    "wait_for_termination",
    "spark_pool",
    "payload",
    "timeout",
    "check_interval",
}
FIELDS = {
    "tags": "tags",
    "artifact_id": "artifactId",
    "name": "name",
    "file": "file",
    "class_name": "className",
    "arguments": "args",
    "jars": "jars",
    "python_files": "pyFiles",
    "files": "files",
    "archives": "archives",
    "configuration": "conf",
    "driver_memory": "driverMemory",
    "driver_cores": "driverCores",
    "executor_memory": "executorMemory",
    "executor_cores": "executorCores",
    "executor_count": "numExecutors",
}
LIVY = "/livyApi/versions/2022-02-22-preview/sparkPools/"
WORDS = Words("state", ("success",), ("dead", "killed", "error"))
JOB_ID = Expression.of(f"{BODY}.id")


def _run(task: Task, report: Report) -> Fragment:
    account(task, ARGUMENTS, {}, "Livy's batches", report)
    through = connection(task, "azure_synapse_conn_id", "azure_synapse_default", ("host",), report)
    try:
        body = _options(given(task, "payload"))
    except ValueError as problem:
        opened(task, "payload", f"`payload` is not known: {problem}", report)
        return failing(f"Task {task.id} was not translated: `payload` is not known.")
    pool = given(task, "spark_pool") or Literal("")
    base = (f"{through.part('host')}{LIVY}", pool, "/batches")
    start = call("POST", address(*base), through, RequestBody=body)
    outputs = {"job_id": Projection(MAIN, JOB_ID)}
    if not waits(task, report):
        return Fragment({MAIN: start}, outputs)
    states = awaited(
        task,
        {**start, "Assign": {":job_id": JOB_ID}},
        call("GET", address(*base, "/", Expression.of("$string($:job_id)")), through),
        WORDS,
        Expression.of("'job run ' & $string($:job_id)"),
        report,
        every=("check_interval", 60),
        timeout="timeout",
    )
    goes_on(task, "job run", report)
    return Fragment(states, outputs, is_bounded=True)


def _options(payload: Value | None) -> Value:
    """The body of the request. Raises ``ValueError`` where it is not known."""
    if isinstance(payload, New) and payload.type.endswith("SparkBatchJobOptions") and not payload.arguments:
        found = [(name, value) for name, value in payload.keywords.items() if value != Literal(None)]
    elif payload is not None and is_dict(payload):
        found = members(payload)
    else:
        raise ValueError("it is neither a dict nor SparkBatchJobOptions")
    unknown = [name for name, _ in found if name not in FIELDS and name not in FIELDS.values()]
    if unknown:
        raise ValueError(f"`{unknown[0]}` is not one of its fields")
    return mapping((FIELDS.get(name, name), value) for name, value in found)


run_batch = Integration(
    "airflow.providers.microsoft.azure.operators.synapse.AzureSynapseRunSparkBatchOperator",
    (),
    _run,
    form="`http:invoke`, then a bounded loop that asks for the job's state",
)
