"""The rule ``dynamic-start-date``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dagmig.diagnostics import Severity
from dagmig.lint.mends.dynamic_start_date import mend
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source

if TYPE_CHECKING:
    from ast_grep_py import SgNode

CLOCK = {
    "kind": "call",
    "has": {
        "field": "function",
        "regex": r"^((datetime|dt|date|pendulum|timezone)\.)*(now|utcnow|today|yesterday|days_ago)$",
    },
}
TAKES_START = re.compile(r"(\w+\.)*(DAG|dag|task)|[\w.]+(Operator|Sensor)(\.partial)?|dict", re.ASCII)


@source_rule(Severity.ERROR, fix=FixKind.UNSAFE)
def dynamic_start_date(source: Source) -> Iterator[Finding]:
    """`start_date` is computed when the file is parsed, so it moves with every parse.

    The scheduler parses the file again and again. With a start date that is always now, the first interval
    never ends and the DAG may never run; Airflow 3 also makes a new DAG version at each parse.
    The fix writes the first of January 2024; it is unsafe, as nobody knows which date is meant, and Airflow 2
    catches up from there unless the DAG says `catchup=False`.
    See https://airflow.apache.org/docs/apache-airflow/stable/faq.html#what-s-the-deal-with-start-date

    ```python bad
    from datetime import datetime

    from airflow import DAG

    dag = DAG("daily", schedule="@daily", start_date=datetime.now(), catchup=False)
    ```

    ```python good
    from datetime import datetime

    from airflow import DAG

    dag = DAG("daily", schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False)
    ```

    Instead: Write a fixed date in the past, `start_date=datetime(2024, 1, 1)`.
    """
    if "start_date" not in source.text:
        return
    for clock in source.tree.find_all(**CLOCK):
        if _is_for_parsing(clock) and _starts(clock, source, set()):
            message = "`start_date` is computed when the file is parsed, so it moves with every parse"
            span = source.span(clock)
            yield Finding(message, span, mend(source, span))


def _is_for_parsing(clock: SgNode) -> bool:
    """Whether the scheduler may come by: not in a method, nor in a test."""
    functions = [outer for outer in clock.ancestors() if outer.kind() == "function_definition"]
    is_method = bool(functions) and any(
        outer.kind() == "class_definition" for outer in functions[-1].ancestors()
    )
    return not is_method and not any(_text(function, "name").startswith("test") for function in functions)


def _starts(node: SgNode, source: Source, seen: set[str]) -> bool:
    """Whether a value becomes the start date of a DAG or a task, here or by way of variables."""
    for outer in node.ancestors():
        match outer.kind():
            case "keyword_argument" if _text(outer, "name") == "start_date":
                return _is_of_a_dag(outer, source)
            case "pair" if _text(outer, "key").strip("\"'") == "start_date":
                return _is_of_default_args(outer, source)
            case "assignment":
                return _is_used(_text(outer, "left"), source, seen)
            case "keyword_argument" | "pair" | "function_definition" | "lambda":
                return False
    return False


def _is_of_a_dag(argument: SgNode, source: Source) -> bool:
    call = next((outer for outer in argument.ancestors() if outer.kind() == "call"), None)
    if call is None or not TAKES_START.fullmatch(_text(call, "function")):
        return False
    return _text(call, "function") != "dict" or _is_of_default_args(argument, source)


def _is_of_default_args(member: SgNode, source: Source) -> bool:
    """Whether a dict is given as ``default_args``, or assigned to a name that is."""
    for outer in member.ancestors():
        if outer.kind() == "keyword_argument":
            return _text(outer, "name") == "default_args"
        if outer.kind() == "assignment":
            name = _text(outer, "left")
            given = {"kind": "keyword_argument", "regex": rf"^default_args\s*=\s*{re.escape(name)}$"}
            return name.lower().endswith("default_args") or source.tree.find(**given) is not None
    return False


def _is_used(name: str, source: Source, seen: set[str]) -> bool:
    """Whether a variable is given for a start date somewhere in the file."""
    if not name.isidentifier() or name in seen:
        return False
    seen.add(name)
    uses = source.tree.find_all(kind="identifier", regex=f"^{name}$")
    return any(_is_value(use) and _is_for_parsing(use) and _starts(use, source, seen) for use in uses)


def _is_value(use: SgNode) -> bool:
    """Whether a name is read where it stands, and is no target of an assignment and no argument's name."""
    outer = use.parent()
    if outer is None:
        return False
    side = {"assignment": "left", "keyword_argument": "name"}.get(outer.kind())
    target = outer.field(side) if side else None
    return target is None or target.range().start.index != use.range().start.index


def _text(node: SgNode, field: str) -> str:
    found = node.field(field)
    return "" if found is None else found.text()
