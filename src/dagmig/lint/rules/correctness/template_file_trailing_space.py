"""The rule ``template-file-trailing-space``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Edit, Fix, Severity, Span
from dagmig.graph.model import Workflow
from dagmig.lint.commands import WORDS, commands
from dagmig.lint.edit import offset
from dagmig.lint.rule import Finding, FixKind, Need, dag_rule
from dagmig.lint.source import Source

SCRIPT = re.compile(r"(?:/|.*\s).*\.(?:sh|bash)", re.DOTALL)  # no name of a file beside the DAG


@dag_rule(Severity.WARNING, Need.SETTINGS, fix=FixKind.UNSAFE, words=WORDS)
def template_file_trailing_space(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A command that ends with `.sh` is taken for the name of a template file.

    Airflow looks for a file of that whole name in the folder of the DAG, and the task fails with
    TemplateNotFound. Flagged: a command of several words, and an absolute path, where the DAG has no
    `template_searchpath`. The fix writes a space at the end, and is unsafe, as the task then runs.
    See https://airflow.apache.org/docs/apache-airflow-providers-standard/stable/operators/bash.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="bash /opt/load.sh")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="bash /opt/load.sh ")
    ```

    Instead: Write a space after the command.
    """
    if {"template_searchpath", "**"} & workflow.arguments.keys():
        return
    for task in workflow.tasks.values():
        for command in commands(task, source):
            if SCRIPT.fullmatch(command.text):
                message = f"the command of `{task.id}` is taken for the name of a template file"
                yield Finding(message, command.span, _spaced(source, command.span))


def _spaced(source: Source, value: Span) -> Fix | None:
    """A space before the quote that ends a text."""
    end = offset(source, value.end_line, value.end_column)
    written = source.text[offset(source, value.line, value.column) : end]
    quote = re.fullmatch(r"[rR]?(\"\"\"|'''|\"|')[^\"'\\]*\1", written)
    return None if quote is None else Fix((Edit(end - len(quote[1]), end - len(quote[1]), " "),), safe=False)
