"""The rule ``invalid-trigger-rule``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Fix, Severity, Span
from dagmig.graph.model import RETIRED_RULES, TriggerRule, Workflow
from dagmig.graph.values import Literal
from dagmig.lint.edit import offset, replaced
from dagmig.lint.rule import Finding, FixKind, dag_rule
from dagmig.lint.source import Source

RULES = frozenset(rule.value for rule in TriggerRule)


@dag_rule(Severity.ERROR, fix=FixKind.SAFE, words={"trigger_rule"})
def invalid_trigger_rule(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A trigger rule is none that Airflow knows.

    Airflow refuses the file when it loads it. The names are written in small letters; `dummy` and
    `none_failed_or_skipped` are gone from Airflow 3, and flagged in a file that imports `airflow.sdk`.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules

    ```python bad
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        load >> BashOperator(task_id="r", bash_command="r", trigger_rule="none_failed_or_skipped")
    ```

    ```python good
    from airflow.providers.standard.operators.bash import BashOperator
    from airflow.sdk import DAG

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        load >> BashOperator(task_id="r", bash_command="r", trigger_rule="none_failed_min_one_success")
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
            span = source.syntax.argument_span(task.span, "trigger_rule")
            yield Finding(f"`{rule.value}` is no trigger rule{now}", span, _renamed(rule.value, span, source))


def _renamed(rule: str, span: Span, source: Source) -> Fix | None:
    """Today's name of a rule, where the old one is written as a text."""
    start, end = offset(source, span.line, span.column), offset(source, span.end_line, span.end_column)
    written = source.text[start:end]
    if rule not in RETIRED_RULES or written.strip("\"'") != rule or written == rule:
        return None
    return replaced(source, span, written.replace(rule, RETIRED_RULES[rule]), safe=True)
