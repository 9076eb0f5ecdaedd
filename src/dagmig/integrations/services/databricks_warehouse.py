"""SQL warehouses of Databricks, started and stopped.

https://docs.databricks.com/api/workspace/warehouses; ``operators/warehouse.py`` asks first, and has nothing
to do where the warehouse is there already, or on its way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations import databricks as api
from dagmig.integrations.databricks import CLIENT, PROVIDER, WAITING, Api
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, Ref
from dagmig.integrations.http_work import Words, awaited, waits
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

OPERATORS = PROVIDER + "operators.warehouse."
FORM = "`http:invoke`, then a bounded loop that asks for the warehouse's state"
ERROR = "DatabricksWarehouseError"


def _to_asl(action: str, there: str, coming: str) -> Callable[[Task, Report], Fragment]:
    words = Words("state", (there,), ("DELETING", "DELETED"))

    def to_asl(task: Task, report: Report) -> Fragment:
        account(task, {"warehouse_id", "timeout", *CLIENT, *WAITING}, api.DROPPED, "warehouses", report,
                api.UNDECIDED)  # fmt: skip
        client = Api(task, report)
        path = ("/api/2.0/sql/warehouses/", given(task, "warehouse_id") or Literal(""))
        ask = client.call("GET", *path)
        start = client.call("POST", *path, f"/{action}")
        is_waiting = waits(task, report)
        states: dict[str, Mapping[str, Any]] = {MAIN: start}
        if is_waiting:
            subject = Expression.of("'warehouse ' & ", path[1])
            states = awaited(
                task,
                start,
                ask,
                words,
                subject,
                report,
                every=("polling_period_seconds", 30),
                timeout="timeout",
                longest=3600,
                error=ERROR,
            )
        choices = [{"Condition": words.is_done, "Next": AFTER}]
        if not is_waiting:
            choices.append({"Condition": Expression.of(f"$:status = '{coming}'"), "Next": AFTER})
        look = {**words.asked(ask), "Next": Ref("is there?")}
        first = {"look": look, "is there?": {"Type": "Choice", "Choices": choices, "Default": Ref(MAIN)}}
        return Fragment({**first, **states}, entry="look", is_bounded=is_waiting)

    return to_asl


start = Integration(
    OPERATORS + "DatabricksStartWarehouseOperator", (), _to_asl("start", "RUNNING", "STARTING"), form=FORM
)
stop = Integration(
    OPERATORS + "DatabricksStopWarehouseOperator", (), _to_asl("stop", "STOPPED", "STOPPING"), form=FORM
)
