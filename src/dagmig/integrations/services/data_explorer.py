"""Queries of Azure Data Explorer over HTTP: https://learn.microsoft.com/kusto/api/rest/request.

``operators/adx.py`` of the microsoft-azure provider, ``KustoClient.execute`` of ``azure.kusto.data``: what
begins with a full stop is a command, which has an address of its own.
"""

from __future__ import annotations

import json
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection
from dagmig.integrations.http import call, connection
from dagmig.integrations.http_work import BODY
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

CONNECTION = "azure_data_explorer_conn_id"
TABLE = (
    f"($t := {BODY}[FrameType = 'DataTable' and TableKind = 'PrimaryResult'][0]; "
    "$names := [$t.Columns.ColumnName]; $row := function($r) { "
    "$merge($map($names, function($name, $i) { {$name: $exists($r[$i]) ? $r[$i] : null} })) }; "
    "$string({'name': $t.TableName, 'kind': $t.TableKind, 'data': [$map($lookup($t, 'Rows'), $row)]}))"
)
SPELLING = "it is the same JSON without blanks, with dates and lengths of time as the API writes them"


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, {"query", "database", "options", CONNECTION}, {}, "the request", report)
    through = connection(task, CONNECTION, "azure_data_explorer_default", ("cluster",), report)
    query, options = given(task, "query") or Literal(""), given(task, "options")
    if isinstance(query, Literal):
        query = Literal(str(query.value).strip())
    body: dict[str, Any] = {"db": given(task, "database") or Literal(""), "csl": query}
    if isinstance(options, Literal) and isinstance(options.value, dict):
        body["properties"] = Literal(json.dumps({"Options": options.value, "Parameters": {}}, default=str))
    elif options is not None:
        opened(task, "options", "they are not sent, as they are not known", report)
    noted(task, "query", "it has to end within 60 seconds, and its answer to fit into 256 KiB", report)
    is_command = isinstance(query, Literal) and str(query.value).startswith(".")
    path = "/v1/rest/mgmt" if is_command else "/v2/rest/query"
    state = call("POST", through.part("cluster") + path, through, RequestBody=body)
    if is_command:
        return Fragment({MAIN: state})
    return Fragment({MAIN: state}, {"return_value": Projection(MAIN, Expression.of(TABLE), SPELLING)})


query = Integration(
    "airflow.providers.microsoft.azure.operators.adx.AzureDataExplorerQueryOperator",
    (),
    _to_asl,
    form="`http:invoke`",
)
