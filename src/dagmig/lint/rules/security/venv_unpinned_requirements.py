"""The rule ``venv-unpinned-requirements``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.jinja import has_jinja
from dagmig.graph.model import Workflow
from dagmig.lint.operators import class_name, known
from dagmig.lint.rule import Finding, dag_rule
from dagmig.lint.source import Source

TASKS = ("PythonVirtualenvOperator", "@task.virtualenv", "BranchPythonVirtualenvOperator")
BARE = re.compile(r"[A-Za-z0-9][\w.-]*(\[[\w, -]*\])?")


@dag_rule(Severity.WARNING, words={"requirements"})
def venv_unpinned_requirements(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A task installs whatever version of a package is newest when it runs.

    The next release changes the task without a change to the DAG, and a package that was taken over runs on
    the worker with the task's credentials at once. Flagged: names without any version.
    See https://airflow.apache.org/docs/apache-airflow/stable/best-practices.html

    ```python bad
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task.virtualenv(requirements=["pandas"], retries=2)
        def load(): ...

        load()

    nightly()
    ```

    ```python good
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task.virtualenv(requirements=["pandas==2.2.3"], retries=2)
        def load(): ...

        load()

    nightly()
    ```

    Instead: Say the version: `pandas==2.2.3`.
    """
    for task in workflow.tasks.values():
        if task.call.operator not in TASKS and class_name(task) not in TASKS:
            continue
        given = known(task, "requirements")
        lines = given.splitlines() if isinstance(given, str) else given
        for one in lines if isinstance(lines, list | tuple | set) else ():
            if isinstance(one, str) and _has_no_version(one.strip()):
                span = source.syntax.argument_span(task.span, "requirements")
                yield Finding(f"`{task.id}` installs the newest `{one.strip()}`, whatever it is", span)
                break


def _has_no_version(requirement: str) -> bool:
    is_bare = BARE.fullmatch(requirement) is not None and not requirement.endswith((".txt", ".whl"))
    return is_bare and not has_jinja(requirement)
