"""What a service keeps as it gets it: the contents of an object or an archive.

Step Functions writes JSON there, whatever stands in the state: a text is in quotes, with its own quotes and
line ends escaped (executions recorded on AWS tell it: the ETag of an object is the hash of its contents).
"""

from __future__ import annotations

import json
from typing import Any

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import json_text
from dagmig.integrations.fragment import Expression, Fragment, failing
from dagmig.integrations.rows import opened

COMPACT = (",", ":")
NO_JSON = "a state writes JSON alone, and a text in quotes: this is no JSON, or not known"


def node(task: Task, argument: str, report: Report) -> Any:
    """What makes a state write the argument's text; None where it is empty, as without the parameter.

    Raises ``ValueError`` where no state writes it.
    """
    value = task.argument(argument)
    if value is None or value in (Literal(None), Literal(""), Literal(b"")):
        return None
    found = json_text.node(value)
    if isinstance(found, Expression):
        raise ValueError("JSON or not, as it is when the machine runs")
    if not _is_as_written(value, found):
        said = "the same JSON, written without blanks"
        report.row(argument, task.span, f"task:{task.id}", Disposition.NOTED, said, task=task.id)
    return found


def _is_as_written(value: Value, found: Any) -> bool:
    text = value.value if isinstance(value, Literal) else None
    text = text.decode() if isinstance(text, bytes) else text
    return isinstance(found, Literal) and text == written(found.value)


def written(value: Any) -> str:
    """The JSON that Step Functions writes. Raises ``ValueError`` for what is no JSON."""
    return json.dumps(value, separators=COMPACT, ensure_ascii=False, allow_nan=False)


def untranslated(task: Task, argument: str, report: Report) -> Fragment:
    """A state that fails, for a task whose text no state writes."""
    opened(task, argument, NO_JSON, report)
    return failing(f"Task {task.id} was not translated: no state writes `{argument}` as it is.")
