"""The rule ``wrong-arg-type``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from dagmig.diagnostics import Fix, Severity, Span
from dagmig.graph.model import Workflow
from dagmig.graph.values import Literal
from dagmig.lint.edit import offset, replaced
from dagmig.lint.imports import with_edits, written
from dagmig.lint.rule import Finding, FixKind, dag_rule
from dagmig.lint.source import Source

SHORT = 30


@dag_rule(Severity.ERROR, fix=FixKind.UNSAFE)
def wrong_arg_type(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """An argument of a task or DAG has a type that Airflow refuses.

    The file fails to load with a TypeError, ValueError or AttributeError: `retries` is a number,
    `execution_timeout` a `timedelta`, `retry_delay` and `max_retry_delay` a `timedelta` or seconds, the
    `start_date` of a DAG a `datetime`. A number of retries below zero is taken without a word, and the task
    is never retried; older versions take the text `"no"` for yes, and the tags `"etl"` for three letters.
    Only operators of Airflow and its providers are looked at; others may convert what they are given.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/tasks.html#timeouts

    ```python bad
    from datetime import timedelta

    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load", execution_timeout=3600)
    ```

    ```python good
    from datetime import timedelta

    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load", execution_timeout=timedelta(seconds=3600))
    ```

    Instead: Give a `timedelta` for a time, and a number for `retries`.
    """
    for name, (is_right, wanted) in OF_A_DAG.items():
        given = workflow.arguments.get(name)
        if isinstance(given, Literal) and given.value is not None and not is_right(given.value):
            span = source.syntax.argument_span(workflow.span, name)
            message = f"`{name}` of the DAG `{workflow.id}` is {_shown(given.value)}: it has to be {wanted}"
            yield Finding(message, span)
    for task in workflow.tasks.values():
        if not task.call.operator.startswith(("airflow.", "@")) or task.expand is not None:
            continue
        for name, (is_right, wanted) in WANTED.items():
            given = task.argument(name)
            if isinstance(given, Literal) and given.value is not None and not is_right(given.value):
                span = source.syntax.argument_span(task.span, name)
                fix = _timed(given.value, source, span) if name == "execution_timeout" else None
                message = f"`{name}` of `{task.id}` is {_shown(given.value)}: it has to be {wanted}"
                yield Finding(message, span, fix)


def _shown(value: object) -> str:
    is_short = isinstance(value, bool | int | float | str) and len(repr(value)) < SHORT
    return f"`{value!r}`" if is_short else f"of the type `{type(value).__name__}`"


def _timed(value: object, source: Source, span: Span) -> Fix | None:
    """Seconds as a ``timedelta``, where they are written as they are."""
    name = written(source, "datetime.timedelta")
    start, end = offset(source, span.line, span.column), offset(source, span.end_line, span.end_column)
    is_plain = isinstance(value, int | float) and source.text[start:end] == str(value)
    if name is None or not is_plain:
        return None
    return with_edits(replaced(source, span, f"{name.name}(seconds={value})"), name)


def _is_count(value: object) -> bool:
    if isinstance(value, str):  # Airflow converts it
        return value.strip().lstrip("+").isdecimal()
    return isinstance(value, int | float) and value >= 0


def _is_time(value: object) -> bool:
    return isinstance(value, timedelta)


def _is_delay(value: object) -> bool:
    return isinstance(value, timedelta | int | float)


def _is_moment(value: object) -> bool:
    return not isinstance(value, str) and (isinstance(value, datetime) or not isinstance(value, date))


def _is_whole(value: object) -> bool:
    return isinstance(value, int)


def _is_no_text(value: object) -> bool:
    return not isinstance(value, str)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_schedule(value: object) -> bool:
    return not isinstance(value, int | float)


Wanted = dict[str, tuple[Callable[[object], bool], str]]
OF_A_DAG: Wanted = {
    "dagrun_timeout": (_is_time, "a `timedelta`"),
    "start_date": (_is_moment, "a `datetime`"),
    "end_date": (_is_moment, "a `datetime`"),
    "max_active_runs": (_is_whole, "a whole number"),
    "max_active_tasks": (_is_whole, "a whole number"),
    "catchup": (_is_no_text, "`True` or `False`"),
    "tags": (_is_no_text, "a list of texts"),
    "description": (_is_text, "a text"),
    "schedule": (_is_schedule, "a cron expression, a `timedelta`, a timetable or assets"),
}
WANTED: Wanted = {
    "depends_on_past": (_is_no_text, "`True` or `False`"),
    "wait_for_downstream": (_is_no_text, "`True` or `False`"),
    "do_xcom_push": (_is_no_text, "`True` or `False`"),
    "priority_weight": (_is_whole, "a whole number"),
    "pool_slots": (lambda value: isinstance(value, int) and value > 0, "a whole number, from 1"),
    "max_active_tis_per_dag": (_is_whole, "a whole number"),
    "pool": (_is_text, "a text"),
    "queue": (_is_text, "a text"),
    "retries": (_is_count, "a number, from 0"),
    "execution_timeout": (_is_time, "a `timedelta`"),
    "retry_delay": (_is_delay, "a `timedelta` or seconds"),
    "max_retry_delay": (_is_delay, "a `timedelta` or seconds"),
}
