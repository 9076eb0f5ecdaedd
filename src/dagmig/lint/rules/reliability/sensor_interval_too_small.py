"""The rule ``sensor-interval-too-small``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.lint.edit import replaced
from dagmig.lint.operators import SENSOR, is_sensor, may_defer, seconds
from dagmig.lint.rule import Finding, FixKind, dag_rule
from dagmig.lint.source import Source

SHORT = 10.0  # seconds
BRIEF = 600.0  # seconds in all
LOCAL = (".standard.", "airflow.sensors.filesystem", "airflow.sensors.bash", "airflow.sensors.python")


@dag_rule(Severity.WARNING, fix=FixKind.UNSAFE, words={SENSOR})
def sensor_interval_too_small(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A sensor asks a service again every few seconds.

    Each look is a call, and a row in the database with `mode="reschedule"`: hundreds an hour for each
    waiting task, and services throttle who asks so often. Flagged: a `poke_interval` under ten seconds in a
    provider's sensor; those that look at the worker itself are left alone, and those that give up within ten
    minutes.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/sensors.html

    ```python bad
    from airflow import DAG
    from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor

    with DAG("nightly", schedule=None):
        S3KeySensor(task_id="wait", bucket_key="s3://sales/done", timeout=3600, poke_interval=1)
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor

    with DAG("nightly", schedule=None):
        S3KeySensor(task_id="wait", bucket_key="s3://sales/done", timeout=3600, poke_interval=60)
    ```

    Instead: Look once a minute, the default, or less often.
    """
    for task in workflow.tasks.values():
        operator = task.call.operator
        if (
            not is_sensor(task)
            or not operator.startswith("airflow.")
            or any(one in operator for one in LOCAL)
        ):
            continue
        interval = seconds(task, "poke_interval")
        is_brief = (seconds(task, "timeout") or BRIEF + 1) <= BRIEF
        if interval is not None and interval < SHORT and not is_brief and not may_defer(task):
            span = source.syntax.argument_span(task.span, "poke_interval")
            fix = None if span == task.span else replaced(source, span, "60")
            yield Finding(f"the sensor `{task.id}` looks every {interval:g} seconds", span, fix)
