"""The rule ``dag-cycle``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.graph.query import downstream
from dagmig.lint.rule import Finding, Need, workflow_rule


@workflow_rule(Severity.ERROR, Need.GRAPH)
def dag_cycle(workflow: Workflow) -> Iterator[Finding]:
    """Tasks wait for each other.

    Airflow refuses the file when it loads it: a task that waits for itself, directly or through others,
    can never start.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        check = BashOperator(task_id="check", bash_command="check")
        load >> check >> load
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        load = BashOperator(task_id="load", bash_command="load")
        check = BashOperator(task_id="check", bash_command="check")
        load >> check
    ```

    Instead: Remove one of the dependencies that the message names.
    """
    after = downstream(workflow)
    cycle = _cycle(after)
    if cycle:
        path = " >> ".join([*cycle, cycle[0]])
        yield Finding(f"the DAG `{workflow.id}` has a cycle: {path}", workflow.tasks[cycle[0]].span)


def _cycle(after: dict[str, list[str]]) -> list[str]:
    """The tasks of one cycle in order, empty where there is none (depth first, without recursion)."""
    done: set[str] = set()
    for start in sorted(after):
        path: dict[str, Iterator[str]] = {}
        here: str | None = None if start in done else start
        while here is not None or path:
            if here is not None:
                path[here] = iter(after[here])
            last = next(reversed(path))
            here = next((task for task in path[last] if task not in done), None)
            if here is None:
                done.add(last)
                del path[last]
            elif here in path:
                names = list(path)
                return names[names.index(here) :]
    return []
