"""What the reader did not know of a file, in words."""

from __future__ import annotations

import ast
from typing import Any, NamedTuple

from dagmig.airflow.read.airflow_objects import XCom
from dagmig.airflow.read.objects import New, Ref, Unsure
from dagmig.diagnostics import Severity

MISSING = "tasks or dependencies may be missing"
EITHER = "the graph holds what either way adds"
ONE_ROUND = "the graph holds what one round adds"


class Doubt(NamedTuple):
    """One thing that is not known. ``node`` stands in the file that is read, ``origin`` where it arose, when
    that is in another module of the project.
    """

    code: str
    message: str
    node: ast.AST
    origin: ast.AST | None = None
    severity: Severity | None = None  # else the code's


def reason(value: Any) -> str:
    """Why a value is not known, in brackets after a blank; empty where there is nothing to say."""
    match value:
        case Ref(name):
            return f" (`{name.removeprefix('builtins.')}`)"
        case New(type=name):
            is_class = name.rpartition(".")[2][:1].isupper()
            return f" ({'an object' if is_class else 'the result'} of `{name}`)"
        case XCom(task=task):
            return f" (what the task `{task.id}` returns)"
        case Unsure(why=why) if len(why) > 2:
            return f" ({why})"
    return ""
