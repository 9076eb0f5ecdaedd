"""The rule ``sensor-no-timeout``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.lint.edit import with_argument
from dagmig.lint.operators import SENSOR, ends_by_itself, is_external_sensor, is_sensor, says_everything
from dagmig.lint.rule import Finding, FixKind, Need, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.WARNING, Need.ARGUMENTS, fix=FixKind.UNSAFE, words={SENSOR})
def sensor_no_timeout(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A sensor waits up to seven days, the default.

    What it waits for often never comes, and nobody hears of it for a week; meanwhile the sensor may hold
    a worker's slot. Left alone: sensors that wait for a moment in time and end by themselves, those that
    wait for another DAG (`external-sensor-hangs`), and classes that are not Airflow's own, which may have a
    default of theirs. The fix writes an hour, and is unsafe, as the sensor then fails.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/sensors.html

    ```python bad
    from airflow import DAG
    from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor

    with DAG("nightly", schedule=None):
        S3KeySensor(task_id="wait", bucket_key="s3://sales/done")
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor

    with DAG("nightly", schedule=None):
        S3KeySensor(task_id="wait", bucket_key="s3://sales/done", timeout=3600)
    ```

    Instead: Set `timeout`, in seconds.
    """
    for task in workflow.tasks.values():
        if not is_sensor(task) or ends_by_itself(task) or is_external_sensor(task):
            continue
        if not says_everything(workflow, task):
            continue
        if task.argument("timeout") is None and task.policy.timeout is None:
            fix = with_argument(source, task.span, "timeout=3600", among="task_id")
            yield Finding(f"the sensor `{task.id}` has no timeout", task.span, fix)
