"""The rule ``invalid-trigger-rule``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import RETIRED_RULES, TriggerRule, Workflow
from dagmig.graph.values import Literal
from dagmig.lint.rule import Finding, dag_rule
from dagmig.lint.source import Source

RULES = frozenset(rule.value for rule in TriggerRule)


@dag_rule(Severity.ERROR)
def invalid_trigger_rule(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A trigger rule is none that Airflow knows.

    Airflow refuses the file when it loads it. The names are written in small letters; `dummy` and
    `none_failed_or_skipped` are gone from Airflow 3, and flagged in a file that imports `airflow.sdk`.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        load >> BashOperator(task_id="report", bash_command="report", trigger_rule="any_failed")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        load >> BashOperator(task_id="report", bash_command="report", trigger_rule="one_failed")
    ```

    Instead: Take one of the rules in Airflow's documentation.
    """
    allowed = RULES if workflow.is_airflow_3 else RULES | RETIRED_RULES.keys()
    for task in workflow.tasks.values():
        rule = task.argument("trigger_rule")
        if not isinstance(rule, Literal) or rule.is_assumed or not isinstance(rule.value, str):
            continue
        if rule.value not in allowed:
            now = f": it is `{RETIRED_RULES[rule.value]}` now" if rule.value in RETIRED_RULES else ""
            span = source.argument_span(task.span, "trigger_rule")
            yield Finding(f"`{rule.value}` is no trigger rule{now}", span)
