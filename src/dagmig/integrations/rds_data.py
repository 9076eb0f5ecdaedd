"""SQL on Amazon Aurora through the RDS Data API, in which parameters have names.

https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_ExecuteStatement.html: a statement ends
within 45 seconds, and its rows are 1 MiB at most.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Template, Value
from dagmig.integrations.fragment import Expression
from dagmig.integrations.http import Connection
from dagmig.integrations.rows import opened
from dagmig.integrations.spelling import given, is_dict, items, members
from dagmig.integrations.status import PREFIX

SDK = PREFIX + "aws-sdk:rdsdata:"
RECORDS = "$states.result.FormattedRecords"
ROWS = (
    f"$exists({RECORDS}) ? $reduce($parse({RECORDS}), function($rows, $row) "
    "{ $append($rows, [[$row.*]]) }, []) : null"
)  # a row is an object of its columns there, a list of their values in Airflow
FIRST = f"$exists({RECORDS}) ? $append([], [$parse({RECORDS})[0].*]) : []"
_MARK = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|%%|%\((\w+)\)s|%s", re.DOTALL)
_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "BooleanValue"), (int, "LongValue"), (float, "DoubleValue"), (str, "StringValue"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Database:
    """An Airflow connection as a database with the Data API: ``${...}`` names, filled in when deploying."""

    connection: Connection
    name: Any

    @classmethod
    def of(cls, task: Task, argument: str, default: str, report: Report) -> Database:
        """The database that the argument's connection means, and a row that says what to fill in."""
        value = given(task, argument)
        is_known = isinstance(value, Literal) and "{{" not in str(value.value)
        text = str(value.value) if is_known and isinstance(value, Literal) else default
        found = Connection(re.sub(r"\W", "_", text, flags=re.ASCII))
        name = next((v for n in ("database", "schema") if (v := given(task, n)) is not None), None)
        fields = ["resource_arn", "secret_arn", *([] if name is not None else ["database"])]
        wanted = " and ".join(found.part(field) for field in fields)
        said = (
            f"the connection `{text}` must be a database of Aurora with the Data API, in which a statement "
            f"takes 45 seconds at most: fill in {wanted} when deploying"
        )
        if value is not None and not is_known:
            said = f"which connection it is, is known only when the DAG runs; {said}"
        opened(task, argument, said, report)
        return cls(found, name if name is not None else found.part("database"))

    @property
    def place(self) -> dict[str, Any]:
        """The parameters that every call has."""
        part = self.connection.part
        return {"ResourceArn": part("resource_arn"), "SecretArn": part("secret_arn")}

    def execute(self, statement: Value, parameters: list[Any]) -> dict[str, Any]:
        """The state that runs a statement."""
        arguments = {**self.place, "Database": self.name, "Sql": statement, "FormatRecordsAs": "JSON"}
        if parameters:
            arguments["Parameters"] = parameters
        return {"Type": "Task", "Resource": SDK + "executeStatement", "Arguments": arguments}

    def begin(self) -> dict[str, Any]:
        """The state that begins a transaction."""
        arguments = {**self.place, "Database": self.name}
        return {"Type": "Task", "Resource": SDK + "beginTransaction", "Arguments": arguments}

    def end(self, action: str) -> dict[str, Any]:
        """The state that commits or rolls back the transaction ``$:transaction``."""
        arguments = {**self.place, "TransactionId": Expression.of("$:transaction")}
        return {"Type": "Task", "Resource": SDK + f"{action}Transaction", "Arguments": arguments}


def bound(task: Task, statement: Value, report: Report) -> tuple[Value, list[Any]]:
    """A statement with the task's parameters: `%(name)s` is `:name` here, `%s` the first that is left."""
    given_ones = given(task, "parameters")
    if given_ones is None or given_ones in (Literal({}), Literal([]), Literal(())):
        return statement, []
    if not isinstance(statement, Literal) or not isinstance(statement.value, str):
        opened(task, "parameters", "they are not bound, as the statement is not known", report)
        return statement, []
    try:
        named: Mapping[str, Value] = (
            dict(members(given_ones))
            if is_dict(given_ones)
            else {f"p{number}": one for number, one in enumerate(items(given_ones), 1)}
        )
        parameters = {name: _parameter(name, value) for name, value in named.items()}
    except ValueError as problem:
        opened(task, "parameters", f"they are not bound: {problem}", report)
        return statement, []
    used: list[str] = []

    def mark(found: re.Match[str]) -> str:
        if found[0].startswith("{"):
            return found[0]
        if found[0] == "%%":
            return "%"
        used.append(found[1] or f"p{len(used) + 1}")
        return f":{used[-1]}"

    text = Literal(_MARK.sub(mark, statement.value))
    return text, [parameters[name] for name in dict.fromkeys(used) if name in parameters]


def _parameter(name: str, value: Value) -> dict[str, Any]:
    if value == Literal(None):
        return {"Name": name, "Value": {"IsNull": True}}
    if isinstance(value, Literal):
        kind = next((kind for type_, kind in _KINDS if isinstance(value.value, type_)), None)
        if kind is None:
            raise ValueError(f"`{name}` is neither text, a number nor true or false")
        return {"Name": name, "Value": {kind: value}}
    if isinstance(value, Template):
        return {"Name": name, "Value": {"StringValue": value}}
    raise ValueError(f"what `{name}` is, is known only when the DAG runs")
