"""HTTP Tasks: calls of other clouds' APIs through an EventBridge connection.

https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations.fragment import Expression, Part
from dagmig.integrations.jsonata import quoted

RESOURCE = "arn:aws:states:::http:invoke"


@dataclass(frozen=True, slots=True)
class Connection:
    """An Airflow connection in the machine: ``${...}`` names, to be filled in when deploying."""

    name: str

    @property
    def arn(self) -> str:
        """The EventBridge connection that holds the credentials."""
        return self.part("connection_arn")

    def part(self, field: str) -> str:
        """The placeholder of one more field of the connection (``host``)."""
        return f"${{{self.name}_{field}}}"


def connection(
    task: Task, argument: str, default: str, fields: tuple[str, ...], report: Report
) -> Connection:
    """The connection an argument names, and a row that says what to fill in; open where none is known."""
    value = task.argument(argument)
    if value is None or value == Literal(None):
        value = Literal(default)
    is_known = isinstance(value, Literal) and isinstance(value.value, str) and "{{" not in value.value
    name = str(value.value) if is_known and isinstance(value, Literal) else default
    found = Connection(re.sub(r"\W", "_", name, flags=re.ASCII))
    wanted = "".join(f" and {found.part(field)}" for field in fields)
    said = (
        f"the credentials of Airflow's connection `{name}` go into an EventBridge connection: "
        f"fill in {found.arn}{wanted} when deploying"
    )
    if not is_known:
        said = f"which connection it is, is known only when the DAG runs; {said}"
    disposition = Disposition.NOTED if is_known else Disposition.DECISION
    report.row(argument, task.span, f"task:{task.id}", disposition, said, task=task.id)
    return found


def call(method: str, url: str | Expression, through: Connection, **arguments: Any) -> dict[str, Any]:
    """The Task state of a call; further ``arguments`` are RequestBody, QueryParameters ..."""
    headers = {"Headers": {"Content-Type": "application/json"}} if "RequestBody" in arguments else {}
    invocation = {"InvocationConfig": {"ConnectionArn": through.arn}}
    return {
        "Type": "Task",
        "Resource": RESOURCE,
        "Arguments": {"ApiEndpoint": url, "Method": method, **invocation, **headers, **arguments},
    }


def address(*parts: str | Value | Expression) -> str | Expression:
    """A URL of texts as they are and values as path segments: text where all are known."""
    if all(isinstance(part, str) or _is_plain(part) for part in parts):
        return "".join(part if isinstance(part, str) else _segment(part) for part in parts)
    pieces: list[Part] = []
    for part in parts:
        pieces.append(" & " if pieces else "")
        match part:
            case str():
                pieces.append(quoted(part))
            case Expression(inner):
                pieces.extend(inner)
            case _ if _is_plain(part):
                pieces.append(quoted(_segment(part)))
            case _:
                pieces += ["$encodeUrlComponent($string(", part, "))"]
    return Expression(tuple(piece for piece in pieces if piece != ""))


def path(value: Value) -> str | Expression:
    """A path in a URL, whose slashes stay as they are."""
    if isinstance(value, Literal) and _is_plain(value):
        return quote(str(value.value).lstrip("/"))
    return Expression.of(
        "$join($split($replace($string(", value, "), /^\\/+/, ''), '/').$encodeUrlComponent($), '/')"
    )


def _is_plain(part: Any) -> bool:
    return isinstance(part, Literal) and isinstance(part.value, (str, int)) and "{{" not in str(part.value)


def _segment(part: Any) -> str:
    text = str(part.value)
    return text if text.startswith("${") else quote(text, safe="")


def retry(attempts: int, delay: int, errors: tuple[str, ...]) -> dict[str, list[Mapping[str, Any]]]:
    """``Retry`` for a client that makes ``attempts`` calls in all, first ``delay`` seconds apart."""
    if attempts <= 1:
        return {}
    pace = {"IntervalSeconds": delay, "MaxAttempts": attempts - 1, "BackoffRate": 2, "JitterStrategy": "FULL"}
    return {"Retry": [{"ErrorEquals": list(errors), **pace}]}
