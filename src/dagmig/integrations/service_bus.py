"""Where queues, topics and subscriptions of Azure Service Bus are, and the operators' connection."""

from __future__ import annotations

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations.http import Connection, connection
from dagmig.integrations.spelling import given

OPERATORS = "airflow.providers.microsoft.azure.operators.asb."
CONNECTION = "azure_service_bus_conn_id"


def reached(task: Task, report: Report) -> tuple[Connection, str]:
    """The connection, and the beginning of the namespace's URLs."""
    through = connection(task, CONNECTION, "azure_service_bus_default", ("namespace",), report)
    return through, f"https://{through.part('namespace')}.servicebus.windows.net/"


def segments(task: Task, names: tuple[str, ...]) -> list[str | Value]:
    """Names as segments, a subscription under its topic."""
    parts: list[str | Value] = []
    for name in names:
        parts += ["/subscriptions/" if parts else "", given(task, name) or Literal("")]
    return parts[1:]
