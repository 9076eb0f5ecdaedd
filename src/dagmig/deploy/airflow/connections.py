"""The Airflow connections that a workflow's tasks use, without secrets.

The file is one that ``airflow connections import`` reads:
https://airflow.apache.org/docs/apache-airflow/stable/howto/connection.html#exporting-connections-to-file
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from dagmig.graph.model import Task, Workflow
from dagmig.graph.values import Connection, Entries, Function, Items, Literal, Template, Value

BY_PROVIDER = {
    "airflow.providers.amazon.aws.": ("aws_conn_id", "aws_default"),
    "airflow.providers.databricks.": ("databricks_conn_id", "databricks_default"),
    "airflow.providers.http.": ("http_conn_id", "http_default"),
    "airflow.providers.microsoft.azure.operators.data_factory.": (
        "azure_data_factory_conn_id",
        "azure_data_factory_default",
    ),
    "airflow.providers.smtp.": ("smtp_conn_id", "smtp_default"),
}
"""By the beginning of an operator's name: the argument that names its connection, and which it is without
(``conn_name_attr`` and ``default_conn_name`` of the provider's hook).
"""
SERVICE = re.compile(r"\bcall_service\(\s*['\"]([\w-]+)['\"]")  # a service on the web, by its connection
HOOK = "AwsGenericHook("  # which signs in with `aws_default`
HEADER = """\
# Connections that the DAGs use. Add what they need to sign in where secrets are kept (a secrets backend), or
# here before `airflow connections import connections.yaml`; then keep this file out of version control.
"""


def connections(workflows: Iterable[Workflow]) -> dict[str, dict[str, Any]]:
    """The connections by id, each with its type, its host where that is known, and what it is for."""
    users: dict[str, set[str]] = {}
    types: dict[str, str] = {}
    hosts: dict[str, set[str]] = {}
    for workflow in workflows:
        for name, host in workflow.hosts.items():
            hosts.setdefault(name, set()).add(host)
        for task in workflow.tasks.values():
            for name, argument in _of_task(task):
                users.setdefault(name, set()).add(f"{workflow.id}.{task.id}")
                types.setdefault(name, argument.removesuffix("_conn_id"))
    return {
        name: {
            "conn_type": types[name] or "generic",
            **({"host": min(hosts[name])} if len(hosts.get(name, ())) == 1 else {}),
            "description": _used_by(users[name]),
        }
        for name in sorted(users)
    }


def text(found: Mapping[str, Mapping[str, Any]]) -> str:
    """The file."""
    return HEADER + yaml.safe_dump({name: dict(one) for name, one in found.items()}, sort_keys=False)


def _of_task(task: Task) -> Iterator[tuple[str, str]]:
    """Each connection of a task with the argument that names it; without one where a template does."""
    argument, default = next(
        (known for start, known in BY_PROVIDER.items() if task.call.operator.startswith(start)), ("", "")
    )
    if argument and task.argument(argument) is None:
        yield default, argument
    for name, value in task.call.arguments.items():
        if name.endswith("_conn_id") and isinstance(value, Literal) and isinstance(value.value, str):
            yield value.value, name
        yield from ((one, "") for one in _named(value))
        if isinstance(value, Function) and HOOK in value.source:
            yield "aws_default", "aws_conn_id"
        if isinstance(value, Function):
            yield from ((one, "http_conn_id") for one in SERVICE.findall(value.source))


def _named(value: Value) -> Iterator[str]:
    match value:
        case Connection(name, _):
            yield name
        case Items(parts) | Template(parts):
            for part in parts:
                if not isinstance(part, str):
                    yield from _named(part)
        case Entries(entries):
            for _, held in entries:
                yield from _named(held)


def _used_by(tasks: set[str]) -> str:
    shown = sorted(tasks)
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    return f"Used by {', '.join(shown[:3])}{more}"
