"""The rule ``removed-context-in-jinja``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Edit, Fix, Severity, Span
from dagmig.graph.model import Workflow
from dagmig.lint.edit import offset
from dagmig.lint.rule import Finding, FixKind, Need, dag_rule
from dagmig.lint.rules.upgrade.removed_context_key_dynamic import NOW, OLD_DATE
from dagmig.lint.source import Source
from dagmig.lint.templated import CONTEXT_2, has_usual_environment, names


@dag_rule(Severity.ERROR, Need.SETTINGS, fix=FixKind.UNSAFE, airflow=">=3")
def removed_context_in_jinja(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A template uses a name that Airflow 3 does not have.

    Rendering fails after the upgrade, and the task with it. The names that took their place exist since
    Airflow 2.2: `logical_date`, and the two ends of the data interval. The fix writes `logical_date` for
    `execution_date`; it is unsafe, as Airflow 2.1 and before do not know it.
    See https://airflow.apache.org/docs/apache-airflow/stable/installation/upgrading_to_airflow3.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load {{ execution_date }}")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load {{ logical_date }}")
    ```

    Instead: Use `logical_date`, `data_interval_start`, `data_interval_end`, or `macros.ds_add(ds, 1)`.
    """
    if not has_usual_environment(workflow):
        return
    for task in workflow.tasks.values():
        for argument, text in source.templates(task):
            for name in sorted(names(text) & CONTEXT_2):
                instead = f": use `{NOW[name]}`" if name in NOW else ""
                span = source.syntax.argument_span(task.span, argument)
                fix = _renamed(source, span) if name == OLD_DATE else None
                yield Finding(
                    f"Airflow 3 has no `{name}` for the template of `{task.id}`{instead}", span, fix
                )


def _renamed(source: Source, span: Span) -> Fix | None:
    """The new name wherever the old one stands in the braces of a text; None where that is not plain."""
    start, end = offset(source, span.line, span.column), offset(source, span.end_line, span.end_column)
    edits = [
        Edit(start + block.start() + one.start(), start + block.start() + one.end(), NOW[OLD_DATE])
        for block in re.finditer(r"\{\{.*?\}\}|\{%.*?%\}", source.text[start:end], re.DOTALL)
        for one in re.finditer(rf"(?<![\w.'\"]){OLD_DATE}\b", block[0])
    ]
    is_text = source.text[start:end].lstrip("rR").startswith(("'", '"'))
    return Fix(tuple(edits), safe=False) if edits and is_text else None
