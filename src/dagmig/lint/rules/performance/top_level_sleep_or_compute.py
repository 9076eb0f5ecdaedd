"""The rule ``top-level-sleep-or-compute``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source
from dagmig.lint.words import last

WAITS = frozenset(
    {
        *("time.sleep", "asyncio.run", "os.system", "os.popen"),
        *(f"subprocess.{one}" for one in ("run", "call", "check_call", "check_output", "Popen", "getoutput")),
    }
)


@source_rule(Severity.WARNING, words=last(WAITS))
def top_level_sleep_or_compute(source: Source) -> Iterator[Finding]:
    """The file sleeps or starts another program each time it is parsed.

    The scheduler parses a DAG file every few seconds and gives up after 30 seconds. What takes time there
    slows all DAGs, and a program with effects has them every few seconds.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html#top-level-python-code

    ```python bad
    import subprocess

    from airflow import DAG
    from airflow.operators.bash import BashOperator

    VERSION = subprocess.check_output(["git", "describe"], text=True)

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command=f"load {VERSION}")
    ```

    ```python good
    import os

    from airflow import DAG
    from airflow.operators.bash import BashOperator

    VERSION = os.environ["VERSION"]

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command=f"load {VERSION}")
    ```

    Instead: Do it in a task, or once when the image is built.
    """
    syntax = source.syntax
    for node, name in syntax.calls:
        if name in WAITS and syntax.runs_at_parse(node):
            yield Finding(f"`{name}` runs each time the file is parsed", syntax.span(node))
