"""Functions written for a DAG: a body of statements, with the imports and companions it needs."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Mapping, Sequence, Set
from functools import cache
from pathlib import Path

from dagmig.asl.lift.document import unblamed
from dagmig.asl.lift.expression import CONTEXT_NAMES, quote
from dagmig.asl.model import State
from dagmig.graph.model import Call
from dagmig.graph.values import Function, Literal, Parameter, Value

_COMPANION_FILES = (
    *("runtime.py", "sync.py", "sync_clusters.py", "sync_serverless.py", "web.py", "kubernetes.py"),
    *("own_calls.py", "item_files.py", "intrinsics.py", "query.py", "../../integrations/sdk_names.py"),
)
_IMPORTS = (
    *(
        (name, f"import {name}")
        for name in (
            "base64",
            "csv",
            "gzip",
            "hashlib",
            "io",
            "json",
            "math",
            "random",
            "re",
            "threading",
            "time",
            "uuid",
        )
    ),
    ("ThreadPoolExecutor", "from concurrent.futures import ThreadPoolExecutor"),
    *((name, f"from datetime import {name}") for name in ("datetime", "timezone")),
    ("partial", "from functools import partial"),
    ("boto3", "import boto3"),
    ("AwsGenericHook", "from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook"),
    ("HttpHook", "from airflow.providers.http.hooks.http import HttpHook"),
    ("SigV4Auth", "from botocore.auth import SigV4Auth"),
    ("AWSRequest", "from botocore.awsrequest import AWSRequest"),
    ("URLLib3Session", "from botocore.httpsession import URLLib3Session"),
    ("RequestSigner", "from botocore.signers import RequestSigner"),
    ("NamedTemporaryFile", "from tempfile import NamedTemporaryFile"),
    ("urlencode", "from urllib.parse import urlencode"),
    ("PokeReturnValue", "from airflow.sdk import PokeReturnValue"),
    ("Variable", "from airflow.sdk import Variable"),
    ("AirflowFailException", "from airflow.sdk.exceptions import AirflowFailException"),
    ("AirflowTaskTimeout", "from airflow.sdk.exceptions import AirflowTaskTimeout"),
    ("AirflowSkipException", "from airflow.sdk.exceptions import AirflowSkipException"),
    ("Jsonata", "from jsonata import Jsonata"),
    ("Utils", "from jsonata.utils import Utils"),
)
_FAIL_WIDTH = 100
_MAX_MESSAGE = 400


def function(
    name: str, doc: str, body: Sequence[str], extra: Sequence[str] = (), *, context: bool = False
) -> Function:
    """A function over the run's context: its parameters are the context names that the body uses.

    ``extra`` are companions to define beside it for others than its body; ``context``: it is given all
    of the context as one.
    """
    body = _returned(body)
    lines = textwrap.indent("\n".join(body), "    ")
    used = names("\n".join(body))
    parameters = [known for known in CONTEXT_NAMES if known in used and not context]
    signature = "context" if context else ", ".join(f"{parameter}=None" for parameter in parameters)
    definition = f"def {name}({signature}):\n    {docstring(doc)}\n{lines}\n"
    given = [Parameter(p, default=Literal(None)) for p in parameters]
    source = _module(used.union(extra), definition)
    return Function(name, (Parameter("context"),) if context else tuple(given), source)


def companion(name: str) -> Function:
    """A companion that an operator is given as it is."""
    return Function(name, (), _module({name}, ""))


def _module(wanted: Set[str], definition: str) -> str:
    """A module of a definition after the imports and companions that it and ``wanted`` need."""
    sources = list(_carried(set(wanted)).values())
    if "MISSING" in wanted or any("MISSING" in source for source in sources):
        sources.insert(0, "MISSING = object()")
    known = names("\n".join([definition, *sources]))
    imports = "\n".join(statement for imported, statement in _IMPORTS if imported in known)
    return "\n\n\n".join(part.strip("\n") for part in (imports, *sources, definition) if part) + "\n"


_ASSIGNED = re.compile(r"( *)(\w+) = (.*)")


def _returned(body: Sequence[str]) -> list[str]:
    """The statements with what is only named to be returned in the statement that returns it."""
    found: list[str] = []
    for line in body:
        before = _ASSIGNED.fullmatch(found[-1]) if found else None
        if before is not None and line == f"{before[1]}return {before[2]}":
            found[-1] = f"{before[1]}return {before[3]}"
        else:
            found.append(line)
    return found


def names(source: str) -> set[str]:
    """The names that Python source reads or binds."""
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


def _carried(wanted: set[str]) -> dict[str, str]:
    """The sources of the companions of these names and of all that they call, those that are called first."""
    found: dict[str, str] = {}
    for name in (name for name in companions() if name in wanted):
        source = companions()[name]
        found |= _carried(names(source) - {name, *found})
        found[name] = source
    return found


@cache
def companions() -> Mapping[str, str]:
    """The functions that a DAG may carry along, without annotations, by name; they are read, not imported."""
    found = {}
    for file in _COMPANION_FILES:
        text = Path(__file__).parent.joinpath(file).read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef):
                found[node.name] = _unannotated(ast.get_source_segment(text, node) or "")
    return found


def _unannotated(source: str) -> str:
    kind = r"\w+(?:\[[\w, .]+\])?(?: \| \w+(?:\[[\w, .]+\])?)*"

    def signature(found: re.Match[str]) -> str:
        line = re.sub(rf": {kind} = ", "=", found[0])
        return re.sub(rf": {kind}(?=[,)])| -> {kind}(?=:$)", "", line)

    bare = re.sub(r"^ *def .*:$", signature, source, flags=re.MULTILINE)
    return re.sub(rf"^(    [a-z]+): {kind} = ", r"\1 = ", bare, flags=re.MULTILINE)


def said(state: State, otherwise: str) -> str:
    """What a state's Comment says of it, which has to be more than a word."""
    comment = state.fields.get("Comment")
    return comment if isinstance(comment, str) and " " in comment.strip() else otherwise


def docstring(text: str) -> str:
    """One line of documentation as source."""
    line = " ".join(text.split())[:_FAIL_WIDTH].replace("\\", "\\\\").replace('"', "'").strip()
    line = re.sub(r"([.!?])\.$", r"\1", line)  # after a name that ends with one
    return f'"""{line}"""'


def call(decorator: str, body: Function, **arguments: Value) -> Call:
    """A call of a TaskFlow function, ``@task`` or ``@task.branch``."""
    return Call(decorator, {"python_callable": body, **arguments})


def fail(message: str) -> list[str]:
    """The statement that fails a task for good, without retries."""
    message, _ = unblamed(message)
    short = message if len(message) <= _MAX_MESSAGE else message[: _MAX_MESSAGE - 3] + "..."
    return [f"raise AirflowFailException({quote(short)})"]


def snake(text: str) -> str:
    """Words as a Python name; empty where there are none."""
    words = re.sub(r"[^0-9A-Za-z]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)).strip("_").lower()
    return f"_{words}" if words[:1].isdigit() else words[:40].rstrip("_")


def identifier(prefix: str, task_id: str) -> str:
    """A function's name made of a verb and a task id; none that a companion has."""
    words = re.sub(r"[^0-9A-Za-z]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", task_id)).strip("_").lower()
    name = f"{prefix}_{words or 'state'}"[:50].rstrip("_")
    return f"{name}_task" if name in companions() else name
