"""Azure Data Lake Storage over HTTP: a file that is written, files that are listed, and deleted in Gen1.

https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/create, .../update, .../list and
https://learn.microsoft.com/rest/api/datalakestore/webhdfs-filesystem-apis; ``operators/adls.py`` and
``hooks/data_lake.py`` of the microsoft-azure provider, ``_upload_helper.py`` of
``azure.storage.filedatalake`` and ``core.py`` of ``azure.datalake.store``.
"""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Entries, Items, Literal, Template, Value
from dagmig.integrations import Integration
from dagmig.integrations.azure_storage import HEADERS, called
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref, failing
from dagmig.integrations.http import Connection, address, call, connection, path, retry
from dagmig.integrations.http_work import BODY
from dagmig.integrations.poller import FAILED, HTTP_TRANSIENT
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

OPERATORS = "airflow.providers.microsoft.azure.operators.adls."
CONNECTION = "azure_data_lake_conn_id"
PAGE = "500"  # paths in an answer, which has to fit into 256 KiB
NEXT = "($sift($states.result.Headers, function($v, $k) { $lowercase($k) = 'x-ms-continuation' }).*)[0]"
MORE = f"$exists({NEXT}) ? {NEXT} : ''"
QUERY = {"resource": "filesystem", "recursive": "true", "maxResults": PAGE}
ABSENT = "States.Http.StatusCode.404"
REPLACED = (
    "the operator makes an empty file, then refuses to write into it, as it is there: the state writes it; "
    "`replace=True` does the same in both"
)
RETIRED = "the operator speaks to Data Lake Storage Gen1, which is retired: move the files to Gen2"


def _storage(task: Task, report: Report) -> tuple[Connection, list[Any]]:
    """The connection, and the URL of the file system."""
    through = connection(task, CONNECTION, "azure_data_lake_default", ("account_url",), report)
    return through, [f"{through.part('account_url')}/", given(task, "file_system_name") or Literal("")]


def _create(task: Task, report: Report) -> Fragment:
    known = {"file_system_name", "file_name", "data", "length", "replace", CONNECTION}
    account(task, known, {}, "the file", report)
    data = given(task, "data") or Literal("")
    if isinstance(data, (Entries, Items)) or (isinstance(data, Literal) and not isinstance(data.value, str)):
        opened(task, "data", "`data` is no text", report)
        return failing(f"Task {task.id} was not translated: `data` is no text.")
    if not isinstance(data, (Literal, Template)):
        noted(task, "data", "it is taken for text, as it is known only when the DAG runs", report)
    if given(task, "length") is not None:
        opened(task, "length", "all of the data is written, whatever `length` says", report)
    if task.argument("replace") != Literal(True):
        opened(task, "replace", REPLACED, report)
    through, base = _storage(task, report)
    url = address(*base, "/", path(given(task, "file_name") or Literal("")))
    create = called("PUT", url, through, QueryParameters={"resource": "file"})
    if data == Literal(""):
        return Fragment({MAIN: create})
    sent = {"action": "append", "position": "0"}
    append = call("PATCH", url, through, QueryParameters=sent, RequestBody=data)
    headers = {"Content-Type": "text/plain; charset=utf-8", **HEADERS}
    flush = called("PATCH", url, through, QueryParameters={"action": "flush", "position": _size(data)})
    states = {
        "create": {**create, "Next": Ref(MAIN)},
        MAIN: {**append, "Arguments": {**append["Arguments"], "Headers": headers}, "Next": Ref("flush")},
        "flush": flush,
    }
    return Fragment(states, entry="create")


def _size(data: Value) -> str | Expression:
    """The number of its bytes, as text."""
    if isinstance(data, Literal) and "{{" not in data.value and "{%" not in data.value:
        return str(len(data.value.encode()))
    return Expression.of(
        "$string($length($replace($encodeUrlComponent(", data, "), /%[0-9A-F][0-9A-F]/, '.')))"
    )


def _list(task: Task, report: Report) -> Fragment:
    account(task, {"file_system_name", "path", CONNECTION}, {}, "the list", report)
    through, base = _storage(task, report)
    query: list[str | Value] = ["$merge([", _object(QUERY)]
    folder = given(task, "path") or Literal("")
    if folder != Literal(""):
        query += [", {'directory': ", folder, "}"]
    query.append(", $:next = '' ? {} : {'continuation': $:next}])")
    ask = {
        **called("GET", address(*base), through, QueryParameters=Expression(tuple(query))),
        **retry(3, 1, HTTP_TRANSIENT),
        "Assign": {
            ":all": Expression.of(f"$append($:all, [{BODY}.paths.name])"),
            ":next": Expression.of(MORE),
        },
        "Output": {},
        "Next": Ref("more?"),
    }
    is_more = {"Condition": Expression.of("$:next != ''"), "Next": Ref(MAIN)}
    states = {
        "start": {"Type": "Pass", "Assign": {":all": [], ":next": ""}, "Next": Ref(MAIN)},
        MAIN: ask,
        "more?": {"Type": "Choice", "Choices": [is_more], "Default": Ref("listed")},
        "listed": {"Type": "Pass"},
    }
    noted(task, "path", "the list has to fit into 256 KiB", report)
    outputs = {"return_value": Projection("listed", Expression.of("$:all"))}
    return Fragment(states, outputs, entry="start")


def _object(constants: dict[str, str]) -> str:
    return "{" + ", ".join(f"'{name}': '{value}'" for name, value in constants.items()) + "}"


def _delete(task: Task, report: Report) -> Fragment:
    account(task, {"path", "recursive", "ignore_not_found", CONNECTION}, {}, "the deletion", report)
    opened(task, "path", RETIRED, report)
    through = connection(task, CONNECTION, "azure_data_lake_default", ("account_name",), report)
    base = f"https://{through.part('account_name')}.azuredatalakestore.net/webhdfs/v1/"
    url = address(base, path(given(task, "path") or Literal("")))
    is_deep = "true" if task.argument("recursive") == Literal(True) else "false"
    version = {"api-version": "2018-09-01"}
    absent = {"ErrorEquals": [ABSENT], "Output": {}, "Next": Ref("absent")}
    query = {"OP": "DELETE", "recursive": is_deep, **version}
    missing: dict[str, Any] = {"Type": "Pass"}
    if task.argument("ignore_not_found") == Literal(False):
        missing = {"Type": "Fail", "Error": FAILED, "Cause": "File not found"}
    asked = {"OP": "GETFILESTATUS", **version}
    states = {
        "there?": {**call("GET", url, through, QueryParameters=asked), "Catch": [absent], "Next": Ref(MAIN)},
        MAIN: call("DELETE", url, through, QueryParameters=query),
        "absent": missing,
    }
    return Fragment(states, entry="there?")


create = Integration(OPERATORS + "ADLSCreateObjectOperator", (), _create, form="`http:invoke`, three times")
listing = Integration(OPERATORS + "ADLSListOperator", (), _list, form="`http:invoke`, page by page")
delete = Integration(OPERATORS + "ADLSDeleteOperator", (), _delete, form="`http:invoke`")
