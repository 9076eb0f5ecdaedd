"""The rule ``deferrable-available``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.airflow.read.operator_facts import facts
from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.values import Literal
from dagmig.lint.edit import with_argument
from dagmig.lint.operators import ends_by_itself, is_sensor, says_everything
from dagmig.lint.rule import Finding, FixKind, Need, dag_rule
from dagmig.lint.source import Source


@dag_rule(Severity.INFO, Need.ARGUMENTS, fix=FixKind.UNSAFE, is_default=False)
def deferrable_available(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A sensor holds a worker's slot, and could wait in the triggerer.

    With `deferrable=True` hundreds of waiting tasks share one process. It needs a running triggerer, and the
    installation may make it the default (`operators.default_deferrable`), which a file does not show. The fix
    is unsafe, as without a triggerer the task waits for ever.
    See https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/deferring.html

    ```python bad
    from airflow import DAG
    from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor

    with DAG("nightly", schedule=None):
        S3KeySensor(task_id="wait", bucket_key="s3://sales/done", timeout=3600)
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor

    with DAG("nightly", schedule=None):
        S3KeySensor(task_id="wait", bucket_key="s3://sales/done", timeout=3600, deferrable=True)
    ```

    Instead: Set `deferrable=True`.
    """
    for task in workflow.tasks.values():
        if not is_sensor(task) or ends_by_itself(task) or not says_everything(workflow, task):
            continue
        known = facts(task.call.operator)
        is_held = task.argument("mode") in (None, Literal("poke")) and task.argument("deferrable") is None
        if known is not None and "deferrable" in known.plain | known.fields and is_held:
            fix = with_argument(source, task.span, "deferrable=True", among="task_id")
            yield Finding(f"the sensor `{task.id}` could defer", task.span, fix)
