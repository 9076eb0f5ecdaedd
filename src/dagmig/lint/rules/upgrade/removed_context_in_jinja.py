"""The rule ``removed-context-in-jinja``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Fix, Severity
from dagmig.graph.model import Workflow
from dagmig.lint.renaming import name_edits
from dagmig.lint.rule import Finding, FixKind, Need, dag_rule
from dagmig.lint.rules.upgrade.removed_context_key_dynamic import NOW
from dagmig.lint.source import Source
from dagmig.lint.templated import CONTEXT_2, has_usual_environment, names

WRITES = NOW | {
    "next_ds": "data_interval_end | ds",
    "next_ds_nodash": "data_interval_end | ds_nodash",
    "yesterday_ds": "macros.ds_add(ds, -1)",
    "tomorrow_ds": "macros.ds_add(ds, 1)",
}


@dag_rule(Severity.ERROR, Need.SETTINGS, fix=FixKind.UNSAFE, airflow=">=3")
def removed_context_in_jinja(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A template uses a name that Airflow 3 does not have.

    Rendering fails after the upgrade, and the task with it. The names that took their place exist since
    Airflow 2.2: `logical_date`, and the two ends of the data interval. The fix is unsafe, as a run by hand or
    by an asset may have no such date; it leaves a name alone that nothing took the place of, as `prev_ds`.
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
                instead = f": use `{WRITES[name]}`" if name in WRITES else ""
                span = source.template_span(task, argument, text)
                message = f"Airflow 3 has no `{name}` for the template of `{task.id}`{instead}"
                edits = name_edits(source, span, text, name, WRITES[name]) if name in WRITES else ()
                yield Finding(message, span, Fix(edits, safe=False) if edits else None)
