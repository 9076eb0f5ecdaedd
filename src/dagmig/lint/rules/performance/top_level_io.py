"""The rule ``top-level-io``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.arguments import argument
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

READS = re.compile(
    r"^(pandas|polars|geopandas)\.(read|scan)_(?!sql|gbq)\w+$|^numpy\.(load|loadtxt|genfromtxt)$"
)


@source_rule(Severity.WARNING, words={"pandas", "polars", "geopandas", "numpy", "open"})
def top_level_io(source: Source) -> Iterator[Finding]:
    """A table is read, or a file by a relative path opened, each time the file is parsed.

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
        elif name == "open" and syntax.runs_at_parse(node):
            path = syntax.text_of(argument(node, "file", 0))
            if path and not path.startswith(("/", "~")) and ":" not in path:
                yield Finding(f"`{path}` is looked for where the process was started", syntax.span(node))
