"""The rule ``external-sensor-hangs``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.lint.edit import with_argument
from dagmig.lint.operators import is_external_sensor, known, says_everything
from dagmig.lint.rule import Finding, FixKind, Need, dag_rule
from dagmig.lint.source import Source

ENDS = ("failed_states", "timeout", "execution_timeout")


@dag_rule(Severity.WARNING, Need.ARGUMENTS, fix=FixKind.UNSAFE, words={"ExternalTaskSensor"})
def external_sensor_hangs(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A sensor goes on waiting for another DAG for seven days after that has failed.

    `ExternalTaskSensor` waits for success. Without `failed_states` it does not look at failures, and without
    `timeout` it waits for a week, the default. The fix is unsafe, as the sensor then fails with the other
    DAG.
    See https://airflow.apache.org/docs/apache-airflow-providers-standard/stable/sensors/external_task_sensor.html

    ```python bad
    from airflow import DAG
    from airflow.sensors.external_task import ExternalTaskSensor

    with DAG("report", schedule=None):
        ExternalTaskSensor(task_id="wait", external_dag_id="load")
    ```

    ```python good
    from airflow import DAG
    from airflow.sensors.external_task import ExternalTaskSensor

    with DAG("report", schedule=None):
        ExternalTaskSensor(task_id="wait", external_dag_id="load", failed_states=["failed"])
    ```

    Instead: Give `failed_states`, and a `timeout` in seconds.
    """
    for task in workflow.tasks.values():
        if not is_external_sensor(task) or not says_everything(workflow, task):
            continue
        if all(task.argument(name) is None for name in ENDS):
            fix = with_argument(source, task.span, 'failed_states=["failed"]', among="task_id")
            other = known(task, "external_dag_id")
            fails = f"`{other}` fails" if isinstance(other, str) else "the other DAG fails"
            yield Finding(f"the sensor `{task.id}` does not end when {fails}", task.span, fix)
