"""Checks by SQL: a call of the RDS Data API whose rows a Choice judges, and what such a task has to say."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph import jinja
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.fragment import AFTER, Expression, Fragment, Ref, failing
from dagmig.integrations.rds_data import Database
from dagmig.integrations.rows import opened
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

OPERATORS = "airflow.providers.common.sql.operators.sql."
CALL = "rdsdata:executeStatement"
FORM = "`aws-sdk:rdsdata:executeStatement`, then a Choice"
DATABASE = {"conn_id", "database"}
DROPPED = {"retry_on_failure": "a statement that fails is tried again as the task's retries say"}
UNDECIDED = {"hook_params": "what it says of the connection is not in the state"}
NUMBERS = "values are compared as numbers, as the API gives decimals as text"
YES = "['y', 'yes', 't', 'true', 'on', '1']"


class Unknown(ValueError):
    """What is not known of the task, in words; the argument comes first."""


def checking(
    own: set[str], check: Callable[[Task, Database, Report], Fragment]
) -> Callable[[Task, Report], Fragment]:
    """``check`` with the database asked for; an open row and states that fail where it raises ``Unknown``."""

    def to_asl(task: Task, report: Report) -> Fragment:
        nothing = {name for name in UNDECIDED if task.argument(name) in (Literal(None), Literal({}))}
        account(task, {*own, *DATABASE, *nothing}, DROPPED, CALL, report, UNDECIDED)
        database = Database.of(task, "conn_id", "sql_default", report)
        try:
            return check(task, database, report)
        except ValueError as problem:
            name, said = problem.args if isinstance(problem, Unknown) else ("sql", str(problem))
            opened(task, name, f"`{name}` is not known: {said}", report)
            return failing(f"Task {task.id} was not translated: `{name}` is not known.")

    return to_asl


def judged(asking: Mapping[str, Mapping[str, Any]], is_right: Expression, cause: str) -> Fragment:
    """The states that ask, one after the other, and fail where the answer is not right."""
    names = [*asking, "right?"]
    states: dict[str, Mapping[str, Any]] = {
        name: {**asking[name], "Next": Ref(after)} for name, after in zip(asking, names[1:], strict=True)
    }
    choice = {"Condition": is_right, "Next": AFTER}
    states["right?"] = {"Type": "Choice", "Choices": [choice], "Default": Ref("failed")}
    states["failed"] = {"Type": "Fail", "Error": "AirflowException", "Cause": cause}
    return Fragment(states, entry=next(iter(asking)))


def rendered(text: Value) -> Value:
    """The text with what Jinja it has."""
    return jinja.parse(str(text.value)) if isinstance(text, Literal) else text


def known_dict(task: Task, name: str) -> dict[str, Any]:
    """An argument that is a dict with something in it, by text; raises ``Unknown``."""
    value = given(task, name)
    if not isinstance(value, Literal) or not isinstance(value.value, dict) or not value.value:
        raise Unknown(name, "it is no dict")
    if not all(isinstance(key, str) for key in value.value):
        raise Unknown(name, "a key of it is no text")
    return value.value


def known_dicts(task: Task, name: str) -> dict[str, dict[str, Any]]:
    """An argument that is a dict of dicts; raises ``Unknown``."""
    found = known_dict(task, name)
    if not all(isinstance(inner, dict) for inner in found.values()):
        raise Unknown(name, "it holds more than dicts")
    return found


def number_of(value: Value) -> float | None:
    """What ``float`` makes of an argument; None where it is none (``_convert_to_float_if_possible``)."""
    try:
        found = float(str(value.value)) if isinstance(value, Literal) else math.nan
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def written(number: float) -> str:
    """A number in JSONata."""
    return str(int(number)) if float(number).is_integer() and abs(number) < 1e15 else repr(float(number))


def integration(
    name: str, own: set[str], check: Callable[[Task, Database, Report], Fragment], *aliases: str
) -> Integration:
    """One operator; ``aliases`` are further names within ``airflow.operators``."""
    form = "`aws-sdk:rdsdata:executeStatement`, which chooses" if name.startswith("Branch") else FORM
    old = (f"airflow.operators.sql.{name}", *(f"airflow.operators.{alias}" for alias in aliases))
    return Integration(OPERATORS + name, (), checking(own, check), None, old, form)
