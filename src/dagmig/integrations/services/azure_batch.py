"""Jobs of Azure Batch over HTTP: a pool, a job in it, one task.

https://learn.microsoft.com/rest/api/batchservice: pool/add, computenode/list, job/add, task/add, task/list;
``operators/batch.py`` and ``hooks/batch.py`` of the microsoft-azure provider, whose names are those of the
models of ``azure.batch``. What is there already is used as it is.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.azure_objects import as_rest
from dagmig.integrations.cleaning import cleaned
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Ref, failing
from dagmig.integrations.http import Connection, address, call, connection, retry
from dagmig.integrations.http_work import BODY, goes_on
from dagmig.integrations.poller import (
    HTTP_TRANSIENT,
    SHARE,
    WEEK,
    Ending,
    Poll,
    bound,
    known_number,
    looped,
    say_pace,
)
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

VERSION = {"api-version": "2025-06-01"}
PACE = 10  # seconds between two looks at a pool
JSON = {"Content-Type": "application/json; odata=minimalmetadata"}
POOL = {
    "batch_pool_display_name": "displayName",
    "target_dedicated_nodes": "targetDedicatedNodes",
    "target_low_priority_nodes": "targetLowPriorityNodes",
    "enable_auto_scale": "enableAutoScale",
    "auto_scale_formula": "autoScaleFormula",
    "batch_start_task": "startTask",
}
JOB = {
    "batch_job_display_name": "displayName",
    "batch_job_manager_task": "jobManagerTask",
    "batch_job_preparation_task": "jobPreparationTask",
    "batch_job_release_task": "jobReleaseTask",
}
TASK = {
    "batch_task_display_name": "displayName",
    "batch_task_container_settings": "containerSettings",
    "batch_task_resource_files": "resourceFiles",
    "batch_task_output_files": "outputFiles",
    "batch_task_user_identity": "userIdentity",
}
IDS = ("batch_pool_id", "batch_job_id", "batch_pool_vm_size", "batch_task_id", "batch_task_command_line")
IMAGE = ("vm_publisher", "vm_offer", "vm_sku", "vm_node_agent_sku_id")
KNOWN = {
    *POOL,
    *JOB,
    *TASK,
    *IDS,
    *IMAGE,
    *("azure_batch_conn_id", "vm_version", "sku_starts_with", "use_latest_verified_vm_image_and_sku"),
    *("timeout", "should_delete_job", "should_delete_pool", "poll_interval"),
}
DROPPED = {
    "batch_max_retries": "the operator makes no use of it",
    "deferrable": "the state machine waits by itself",
}
READY = "['idle', 'starttaskfailed', 'unusable']"
NODES = {
    ":nodes": Expression.of(
        f"$count({BODY}.value) >= $:wanted and $count({BODY}.value[$not(state in {READY})]) = 0"
    )
}
SIZED = {
    ":wanted": Expression.of(f"$exists({BODY}.targetDedicatedNodes) ? {BODY}.targetDedicatedNodes : 0"),
    ":resize": Expression.of(f"$exists({BODY}.resizeErrors) ? $string({BODY}.resizeErrors) : ''"),
}
TASKS = {
    ":open": Expression.of(f"$count({BODY}.value[state != 'completed'])"),
    ":failed": Expression.of(f"$join([{BODY}.value[executionInfo.result = 'failure'].id], ', ')"),
}
LATEST = (
    f"({BODY}.value[$lowercase(imageReference.publisher) = ",
    " and $lowercase(imageReference.offer) = ",
    " and $substring(imageReference.sku, 0, $length(",
    ")) = ",
    "])[0]",
)


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, KNOWN, DROPPED, "the pool, the job and its task", report)
    through = connection(task, "azure_batch_conn_id", "azure_batch_default", ("account_url",), report)
    if refused := _refused(task):
        opened(task, refused, f"the operator fails without `{refused}`", report)
        return failing(f"Task {task.id} was not translated: it lacks `{refused}`.")
    try:
        pool, job, one = _pool(task), _job(task), _task(task)
    except ValueError as problem:
        opened(task, "batch_job_id", f"what is to be made is not known: {problem}", report)
        return failing(f"Task {task.id} was not translated: its job is not known.")
    said = "a machine signs in with a token, an account's key signs each request: use an app of Entra ID"
    noted(task, "azure_batch_conn_id", said, report)
    pool_id, job_id = (given(task, name) or Literal("") for name in ("batch_pool_id", "batch_job_id"))
    states: dict[str, Any] = {}
    if _is(task, "use_latest_verified_vm_image_and_sku", report):
        states["images"] = {**_images(task, through), "Next": Ref("pool")}
    states["pool"] = _made(through, ("/pools",), pool, ":sizing", Ref("size"))
    states |= _sizing(task, through, pool_id)
    states["job"] = _made(through, ("/jobs",), job, "", Ref(MAIN))
    start = _made(through, ("/jobs/", job_id, "/tasks"), one, ":started", Ref("wait"))
    deletions = {
        f"delete {kind}": call("DELETE", address(through.part("account_url"), path, name), through,
                               QueryParameters=VERSION)
        for kind, path, name in (("job", "/jobs/", job_id), ("pool", "/pools/", pool_id))
        if _is(task, f"should_delete_{kind}", report)
    }  # fmt: skip
    names = [*deletions, "done"]
    states |= _waiting(task, through, start, Ref(names[0]), report)
    is_deferred = task.argument("deferrable") == Literal(True)
    states = cleaned(states, ("failed", "timed out") if is_deferred else ("failed",), *deletions.values())
    for name, following in pairwise(names):
        states[name] = {**deletions[name], "Output": {}, "Next": Ref(following)}
    states["done"] = {"Type": "Pass"}
    if deletions:
        noted(task, "should_delete_job", "a deletion that has begun is not waited for", report)
    return Fragment(states, entry=next(iter(states)), is_bounded=True)


def _is(task: Task, name: str, report: Report) -> bool:
    value = task.argument(name) or Literal(False)
    if not isinstance(value, Literal):
        opened(task, name, f"`{name}` is known only when the DAG runs: it is taken for false", report)
        return False
    return bool(value.value)


def _refused(task: Task) -> str:
    """What is missing, so that the operator fails at once (``_check_inputs``)."""
    missing = [name for name in (*IDS, *IMAGE) if given(task, name) in (None, Literal(""))]
    is_scaled = task.argument("enable_auto_scale") not in (None, Literal(False))
    wanted = "auto_scale_formula" if is_scaled else "target_dedicated_nodes"
    missing += [wanted] if given(task, wanted) in (None, Literal(0)) else []
    if given(task, "batch_job_release_task") and not given(task, "batch_job_preparation_task"):
        missing.append("batch_job_preparation_task")
    return missing[0] if missing else ""


def _fields(task: Task, names: dict[str, str]) -> dict[str, Any]:
    return {
        name: as_rest(value)
        for argument, name in names.items()
        if (value := given(task, argument)) is not None
    }


def _pool(task: Task) -> dict[str, Any]:
    if task.argument("use_latest_verified_vm_image_and_sku") == Literal(True):
        machine: dict[str, Any] = {
            "imageReference": Expression.of("$:image.imageReference"),
            "nodeAgentSKUId": Expression.of("$:image.nodeAgentSKUId"),
        }
    else:
        parts = ("publisher", "offer", "sku", "version")
        image = {one: value for one in parts if (value := given(task, f"vm_{one}")) is not None}
        machine = {"imageReference": image, "nodeAgentSKUId": given(task, "vm_node_agent_sku_id")}
    return {
        "id": given(task, "batch_pool_id"),
        "vmSize": given(task, "batch_pool_vm_size"),
        "virtualMachineConfiguration": machine,
        **_fields(task, POOL),
    }


def _job(task: Task) -> dict[str, Any]:
    pool = {"poolId": given(task, "batch_pool_id")}
    return {"id": given(task, "batch_job_id"), "poolInfo": pool, **_fields(task, JOB)}


def _task(task: Task) -> dict[str, Any]:
    line = given(task, "batch_task_command_line")
    return {"id": given(task, "batch_task_id"), "commandLine": line, **_fields(task, TASK)}


def _asked(through: Connection, *path: str | Value, **query: str) -> dict[str, Any]:
    url = address(through.part("account_url"), *path)
    return {**call("GET", url, through, QueryParameters={**VERSION, **query}), **retry(4, 1, HTTP_TRANSIENT)}


def _made(
    through: Connection, path: tuple[str | Value, ...], body: dict[str, Any], clock: str, following: Ref
) -> dict[str, Any]:
    """The state that makes something, unless it is there; ``clock`` is a variable for when."""
    url = address(through.part("account_url"), *path)
    state = call("POST", url, through, QueryParameters=VERSION, RequestBody=body)
    then = {**({"Assign": {clock: Expression.of("$millis()")}} if clock else {}), "Output": {}}
    there = {"ErrorEquals": ["States.Http.StatusCode.409"], **then, "Next": following}
    arguments = {**state["Arguments"], "Headers": JSON}
    return {**state, "Arguments": arguments, **then, "Catch": [there], "Next": following}


def _images(task: Task, through: Connection) -> dict[str, Any]:
    """The state that finds the first verified image of the publisher, the offer and the SKU's beginning."""
    asked = _asked(through, "/supportedimages", **{"$filter": "verificationType eq 'verified'"})
    publisher, offer, sku = (
        given(task, name) or Literal("") for name in ("vm_publisher", "vm_offer", "sku_starts_with")
    )
    parts = (LATEST[0], publisher, LATEST[1], offer, LATEST[2], sku, LATEST[3], sku, LATEST[4])
    return {**asked, "Assign": {":image": Expression(parts)}, "Output": {}}


def _sizing(task: Task, through: Connection, pool: Value) -> dict[str, Any]:
    """The loop that waits until the pool has its nodes (``wait_for_all_node_state``)."""
    nodes = _asked(through, "/pools/", pool, "/nodes", **{"$select": "id,state"})
    limit, late = bound(task, WEEK, "RuntimeError")
    elapsed = "($millis() - $:sizing)"
    seconds = Expression.of(f"$max([{PACE}, $floor({elapsed} / {1000 * SHARE})])")
    cause = Expression.of("'resize error encountered for pool ' & ", pool, " & ': ' & $:resize")
    has_errors = {"Condition": Expression.of("$:resize != ''"), "Next": Ref("not sized")}
    is_late = {"Condition": Expression.of(f"{elapsed} > {1000 * limit}"), "Next": Ref("too late")}
    are_there = {"Condition": Expression.of("$:nodes"), "Next": Ref("job")}
    return {
        "size": {**_asked(through, "/pools/", pool), "Assign": SIZED, "Output": {}, "Next": Ref("sized?")},
        "sized?": {"Type": "Choice", "Choices": [has_errors], "Default": Ref("nodes")},
        "not sized": {"Type": "Fail", "Error": "RuntimeError", "Cause": cause},
        "nodes": {**nodes, "Assign": NODES, "Output": {}, "Next": Ref("nodes?")},
        "nodes?": {"Type": "Choice", "Choices": [are_there, is_late], "Default": Ref("sizing")},
        "sizing": {"Type": "Wait", "Seconds": seconds, "Next": Ref("size")},
        "too late": {"Type": "Fail", "Error": late, "Cause": f"the pool has no nodes after {limit} seconds"},
    }


def _waiting(
    task: Task, through: Connection, start: dict[str, Any], then: Ref, report: Report
) -> dict[str, Any]:
    """The states that add the task and wait for all of the job (``wait_for_job_tasks_to_complete``)."""
    job = given(task, "batch_job_id") or Literal("")
    ask = _asked(through, "/jobs/", job, "/tasks", **{"$select": "id,state,executionInfo"})
    failed = Expression.of("'Job fail. The failed task are: ' & $:failed")
    poll = Poll(
        {**ask, "Assign": TASKS, "Output": {}},
        Expression.of("$:open = 0 and $:failed = ''"),
        Ending(Expression.of("$:open = 0"), "RuntimeError", failed),
        known_number(task, "poll_interval", 15, report),
        *bound(task, 60 * known_number(task, "timeout", 25, report), "TimeoutError"),
    )
    say_pace(task, poll, "poll_interval", report)
    noted(task, "timeout", "of a job's tasks, and a pool's nodes, the first 1,000 are looked at", report)
    goes_on(task, "job", report)
    return looped(start, poll, Expression.of("'job ' & ", job), then)


run = Integration(
    "airflow.providers.microsoft.azure.operators.batch.AzureBatchOperator",
    (),
    _to_asl,
    form="`http:invoke` for the pool, the job and its task, each with a bounded loop that asks for its state",
)
