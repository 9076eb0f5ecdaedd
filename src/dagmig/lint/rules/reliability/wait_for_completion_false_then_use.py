"""The rule ``wait-for-completion-false-then-use``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Task, Workflow
from dagmig.graph.query import downstream
from dagmig.lint.edit import replaced
from dagmig.lint.operators import calls_a_service, class_name, known, may_defer
from dagmig.lint.rule import Finding, FixKind, Need, dag_rule
from dagmig.lint.source import Source

STARTS = ("Start", "Run", "Glue", "Submit", "Batch", "Emr", "SageMaker", "Create", "Databricks", "Dataflow")
MANAGES = ("Delete", "Stop", "Cancel", "Terminate", "Get", "Describe", "List", "Modify", "Add", "Update")


@dag_rule(Severity.WARNING, Need.GRAPH, fix=FixKind.UNSAFE, words={"wait_for_completion"})
def wait_for_completion_false_then_use(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A job is started without waiting for its end, and the next task works on what it makes.

    With `wait_for_completion=False` the task succeeds once the job has started: what comes after it runs
    beside the job, or before it. Flagged: a job followed at once by another of a provider, where no sensor
    comes in between or anywhere after it.
    See https://airflow.apache.org/docs/apache-airflow-providers-amazon/stable/operators/glue.html

    ```python bad
    from airflow import DAG
    from airflow.providers.amazon.aws.operators.athena import AthenaOperator
    from airflow.providers.amazon.aws.operators.glue import GlueJobOperator

    with DAG("nightly", schedule=None, default_args={"retries": 2}):
        load = GlueJobOperator(task_id="load", job_name="load", wait_for_completion=False)
        load >> AthenaOperator(task_id="report", query="select 1", database="sales")
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.amazon.aws.operators.athena import AthenaOperator
    from airflow.providers.amazon.aws.operators.glue import GlueJobOperator

    with DAG("nightly", schedule=None, default_args={"retries": 2}):
        load = GlueJobOperator(task_id="load", job_name="load", wait_for_completion=True)
        load >> AthenaOperator(task_id="report", query="select 1", database="sales")
    ```

    Instead: Wait (`wait_for_completion=True`, `deferrable=True`), or put a sensor in between.
    """
    after = downstream(workflow)
    for task in workflow.tasks.values():
        if known(task, "wait_for_completion") is not False or not calls_a_service(task):
            continue
        if (
            may_defer(task)
            or not class_name(task).startswith(STARTS)
            or _is_waited_for(task.id, after, workflow)
        ):
            continue
        for name in after[task.id]:
            if _works(workflow.tasks[name]):
                span = source.syntax.argument_span(task.span, "wait_for_completion")
                fix = None if span == task.span else replaced(source, span, "True")
                yield Finding(f"`{name}` runs before the job of `{task.id}` has ended", span, fix)
                break


def _works(task: Task) -> bool:
    name = class_name(task)
    return calls_a_service(task) and not any(word in name for word in MANAGES)


def _is_waited_for(task: str, after: dict[str, list[str]], workflow: Workflow) -> bool:
    seen, waiting = {task}, [task]
    while waiting:
        for one in after[waiting.pop()]:
            if "Sensor" in class_name(workflow.tasks[one]) or not workflow.tasks[
                one
            ].call.operator.startswith("airflow."):
                return True
            if one not in seen:
                seen.add(one)
                waiting.append(one)
    return False
