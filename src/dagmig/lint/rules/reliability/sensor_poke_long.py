"""The rule ``sensor-poke-long``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.values import Literal
from dagmig.lint.edit import with_argument
from dagmig.lint.operators import SENSOR, is_sensor, may_defer, says_everything, seconds
from dagmig.lint.rule import Finding, FixKind, Need, dag_rule
from dagmig.lint.source import Source

LONG = 300.0  # seconds between two looks


@dag_rule(Severity.WARNING, Need.ARGUMENTS, fix=FixKind.UNSAFE, words={SENSOR})
def sensor_poke_long(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A sensor holds a worker's slot while it sleeps for minutes between two looks.

    In the mode `poke`, the default, the slot is taken all the time; with `reschedule` it is free between the
    looks. Flagged: sensors of Airflow with a `poke_interval` of five minutes or more, which cannot defer. The
    fix is unsafe, as each look is then a new process.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/sensors.html

    ```python bad
    from airflow import DAG
    from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor

    with DAG("nightly", schedule=None):
        S3KeySensor(task_id="wait", bucket_key="s3://a/b", timeout=9000, poke_interval=600)
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor

    with DAG("nightly", schedule=None):
        S3KeySensor(task_id="wait", bucket_key="s3://a/b", timeout=9000, poke_interval=600, mode="reschedule")
    ```

    Instead: Set `mode="reschedule"`, or `deferrable=True` where the sensor has it.
    """
    for task in workflow.tasks.values():
        if not is_sensor(task) or may_defer(task) or not says_everything(workflow, task):
            continue
        mode, interval = task.argument("mode"), seconds(task, "poke_interval")
        if interval is not None and interval >= LONG and (mode is None or mode == Literal("poke")):
            fix = None
            if mode is None:
                fix = with_argument(source, task.span, 'mode="reschedule"', among="task_id")
            message = f"the sensor `{task.id}` holds a slot and looks every {interval / 60:.0f} minutes"
            yield Finding(message, task.span, fix)
