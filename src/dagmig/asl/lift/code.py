"""Functions written for a DAG: a body of statements, with the imports and companions it needs."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Sequence

from dagmig.asl.lift import runtime
from dagmig.asl.lift.expression import CONTEXT_NAMES, quote
from dagmig.graph.model import Call
from dagmig.graph.values import Function, Literal, Parameter, Value

COMPANIONS = ("find", "is_number", "as_text", "timestamp", "matches", "state_of", "keep_error", "as_json")
_IMPORTS = (
    ("json", "import json"),
    ("re", "import re"),
    ("time", "import time"),
    ("datetime", "from datetime import datetime"),
    ("AwsGenericHook", "from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook"),
    ("AirflowFailException", "from airflow.sdk.exceptions import AirflowFailException"),
    ("AirflowSkipException", "from airflow.sdk.exceptions import AirflowSkipException"),
)
_FAIL_WIDTH = 100
_MAX_MESSAGE = 400


def function(name: str, doc: str, body: Sequence[str], companions: Sequence[str] = ()) -> Function:
    """A function over the run's context: its parameters are the context names that the body uses.

    ``companions`` are functions to define beside it for others than its body.
    """
    lines = textwrap.indent("\n".join(body), "    ")
    used = names("\n".join(body))
    parameters = [known for known in CONTEXT_NAMES if known in used]
    signature = ", ".join(f"{parameter}=None" for parameter in parameters)
    definition = f"def {name}({signature}):\n    {docstring(doc)}\n{lines}\n"
    needed = used.union(companions)
    sources = [_unannotated(inspect.getsource(getattr(runtime, n))) for n in COMPANIONS if n in needed]
    if "MISSING" in used or any("MISSING" in source for source in sources):
        sources.insert(0, "MISSING = object()")
    known = names("\n".join([definition, *sources]))
    imports = "\n".join(statement for imported, statement in _IMPORTS if imported in known)
    source = "\n\n\n".join(part.strip("\n") for part in (imports, *sources, definition) if part) + "\n"
    return Function(name, tuple(Parameter(p, default=Literal(None)) for p in parameters), source)


def names(source: str) -> set[str]:
    """The names that Python source reads or binds."""
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


def _unannotated(source: str) -> str:
    first, rest = source.split("\n", 1)
    first = re.sub(r": str \| int|: Any|: str(?=[,)])| -> [^:]+(?=:$)", "", first)
    return f"{first}\n{rest}"


def docstring(text: str) -> str:
    """One line of documentation as source."""
    line = " ".join(text.split())[:_FAIL_WIDTH].replace("\\", "\\\\").replace('"', "'").strip()
    return f'"""{line}"""'


def call(decorator: str, body: Function, **arguments: Value) -> Call:
    """A call of a TaskFlow function, ``@task`` or ``@task.branch``."""
    return Call(decorator, {"python_callable": body, **arguments})


def fail(message: str) -> list[str]:
    """The statement that fails a task for good, without retries."""
    short = message if len(message) <= _MAX_MESSAGE else message[: _MAX_MESSAGE - 3] + "..."
    return [f"raise AirflowFailException({quote(short)})"]


def identifier(prefix: str, task_id: str) -> str:
    """A function's name made of a verb and a task id."""
    words = re.sub(r"[^0-9A-Za-z]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", task_id)).strip("_").lower()
    return f"{prefix}_{words or 'state'}"[:50].rstrip("_")
