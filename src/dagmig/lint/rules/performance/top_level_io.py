"""The rule ``top-level-io``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.arguments import argument
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax
from dagmig.lint.words import last

READS = re.compile(
    r"^(pandas|polars|geopandas)\.(read|scan)_(?!sql|gbq)\w+$|^numpy\.(load|loadtxt|genfromtxt)$"
)

LIBRARIES = frozenset({"pandas", "polars", "geopandas", "numpy"})
OPENS = frozenset(f"pathlib.Path().{name}" for name in ("open", "read_text", "read_bytes"))
LISTS = frozenset({"glob.glob", "glob.iglob", "os.listdir", "os.scandir", "os.walk", "pathlib.Path().glob"})


@source_rule(Severity.WARNING, words=LIBRARIES | last(OPENS) | last(LISTS))
def top_level_io(source: Source) -> Iterator[Finding]:
    """A table is read, or a file or folder by a relative path, each time the file is parsed.

    The scheduler parses a DAG file every few seconds: a table read at the top level is read as often. A
    relative path begins where the process was started, which differs between scheduler, worker and one's own
    machine.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html#top-level-python-code

    ```python bad
    import json

    from airflow import DAG
    from airflow.operators.bash import BashOperator

    SETTINGS = json.load(open("config/settings.json"))

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command=SETTINGS["command"])
    ```

    ```python good
    import json
    from pathlib import Path

    from airflow import DAG
    from airflow.operators.bash import BashOperator

    SETTINGS = json.loads((Path(__file__).parent / "config/settings.json").read_text())

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command=SETTINGS["command"])
    ```

    Instead: Read tables in tasks; begin paths at `Path(__file__).parent`.
    """
    syntax = source.syntax
    for node, name in syntax.calls:
        if READS.match(name) and syntax.runs_at_parse(node):
            yield Finding(f"`{name}` reads a table each time the file is parsed", syntax.span(node))
        elif (path := _path(node, name, syntax)) and _is_relative(path) and syntax.runs_at_parse(node):
            yield Finding(f"`{path}` is looked for where the process was started", syntax.span(node))


def _path(call: ast.Call, name: str, syntax: Syntax) -> str | None:
    """The path of what a call opens or lists, where it is written."""
    if name == "open" or name in LISTS - {"pathlib.Path().glob"}:
        return syntax.text_of(argument(call, "file", 0))
    if name in OPENS | LISTS and isinstance(call.func, ast.Attribute):
        made = call.func.value
        return syntax.text_of(made.args[0]) if isinstance(made, ast.Call) and len(made.args) == 1 else None
    return None


def _is_relative(path: str) -> bool:
    return not path.startswith(("/", "~")) and ":" not in path
