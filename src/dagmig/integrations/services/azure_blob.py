"""Azure Blob Storage over HTTP: a blob that is waited for, or deleted.

https://learn.microsoft.com/rest/api/storageservices/get-blob-properties, .../list-blobs and .../delete-blob;
``sensors/wasb.py`` and ``operators/wasb_delete_blob.py`` of the microsoft-azure provider.
"""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.azure_storage import called
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Ref
from dagmig.integrations.http import Connection, address, connection
from dagmig.integrations.http_work import BODY
from dagmig.integrations.rows import opened
from dagmig.integrations.sensor import OWN, sensed
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

AZURE = "airflow.providers.microsoft.azure."
WHERE = {"wasb_conn_id", "container_name"}
DROPPED = {"public_read": "the EventBridge connection signs in"}
UNDECIDED = {"check_options": "what it says of the call is not in the state"}
ABSENT = "States.Http.StatusCode.404"


def _harmless(task: Task) -> set[str]:
    return {"check_options"} if task.argument("check_options") in (Literal(None), Literal({})) else set()


def _storage(task: Task, report: Report) -> tuple[Connection, list[Any]]:
    """The connection, and the beginning of the container's URL."""
    through = connection(task, "wasb_conn_id", "wasb_default", ("account_url",), report)
    return through, [f"{through.part('account_url')}/", given(task, "container_name") or Literal("")]


def _blob(task: Task, report: Report) -> Fragment:
    account(task, {*WHERE, *OWN, *_harmless(task), "blob_name"}, DROPPED, "blobs", report, UNDECIDED)
    through, base = _storage(task, report)
    url = address(*base, "/", given(task, "blob_name") or Literal(""))
    absent = {"ErrorEquals": [ABSENT], "Assign": {":found": False}, "Output": {}, "Next": Ref("found?")}
    ask = {
        **called("HEAD", url, through),
        "Assign": {":found": True},
        "Output": {},
        "Catch": [absent],
        "Next": Ref("found?"),
    }
    return sensed(task, {MAIN: ask}, Expression.of("$:found"), report)


def _prefix(task: Task, report: Report) -> Fragment:
    account(task, {*WHERE, *OWN, *_harmless(task), "prefix"}, DROPPED, "blobs", report, UNDECIDED)
    through, base = _storage(task, report)
    query = {
        "restype": "container",
        "comp": "list",
        "maxresults": "1",
        "prefix": given(task, "prefix") or Literal(""),
    }
    ask = {
        **called("GET", address(*base), through, QueryParameters=query),
        "Assign": {":found": Expression.of(f"$contains($string({BODY}), '<Name>')")},
        "Output": {},
        "Next": Ref("found?"),
    }
    return sensed(task, {MAIN: ask}, Expression.of("$:found"), report)


def _delete(task: Task, report: Report) -> Fragment:
    known = {*WHERE, *_harmless(task), "blob_name", "is_prefix", "ignore_if_missing"}
    account(task, known, {}, "blobs", report, UNDECIDED)
    through, base = _storage(task, report)
    if task.argument("is_prefix") not in (None, Literal(False)):
        opened(task, "is_prefix", "the state deletes the blob of this name, not all that begin so", report)
    state = called("DELETE", address(*base, "/", given(task, "blob_name") or Literal("")), through)
    if task.argument("ignore_if_missing") in (None, Literal(False)):
        return Fragment({MAIN: state})
    gone = {"ErrorEquals": [ABSENT], "Output": {}, "Next": Ref("gone")}
    return Fragment({MAIN: {**state, "Catch": [gone]}, "gone": {"Type": "Pass"}})


blob_sensor = Integration(
    AZURE + "sensors.wasb.WasbBlobSensor",
    (),
    _blob,
    None,
    (
        AZURE + "sensors.wasb.WasbBlobAsyncSensor",
        "airflow.contrib.sensors.wasb_sensor.WasbBlobSensor",
    ),
    "`http:invoke` in a bounded loop",
)
prefix_sensor = Integration(
    AZURE + "sensors.wasb.WasbPrefixSensor",
    (),
    _prefix,
    None,
    ("airflow.contrib.sensors.wasb_sensor.WasbPrefixSensor",),
    "`http:invoke` in a bounded loop",
)
delete_blob = Integration(
    AZURE + "operators.wasb_delete_blob.WasbDeleteBlobOperator",
    (),
    _delete,
    None,
    ("airflow.contrib.operators.wasb_delete_blob_operator.WasbDeleteBlobOperator",),
    "`http:invoke`",
)
