"""The rule ``unknown-operator-arg``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from dagmig.airflow.read.operator_facts import arguments, facts
from dagmig.diagnostics import Edit, Fix, Severity, Span
from dagmig.graph.model import Task, Workflow
from dagmig.lint.arguments import OF_A_DAG, OF_EVERY_TASK, USUAL_SLIPS, meant
from dagmig.lint.rule import Finding, FixKind, dag_rule
from dagmig.lint.source import Source

CORE = (
    *(f"airflow.operators.{module}." for module in ("bash", "python", "empty")),
    "airflow.providers.standard.",
)
OF_CORE = ("@task", "@task.branch", "@task.short_circuit", "@task.virtualenv", "@task.sensor", "@task.bash")


@dag_rule(Severity.ERROR, fix=FixKind.UNSAFE)
def unknown_operator_arg(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """An argument of a DAG or task is misspelt, or a key of the `default_args`.

    Airflow refuses the file with a TypeError, or an AirflowException that speaks of invalid arguments. Of the
    `default_args` it takes what a task knows, and leaves the rest out without a word. Flagged: names a letter
    or two from an argument that every task or every DAG takes, where the operator is one of Airflow's or its
    providers', and none of these has one of that name. The fix is a guess, so unsafe.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/operators.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load", depend_on_past=True)
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load", depends_on_past=True)
    ```

    Instead: Write the name that the message gives.
    """
    for name in sorted(workflow.arguments.keys() - OF_A_DAG - {"**"}):
        if name.isidentifier() and (right := meant(name, OF_A_DAG)):
            yield _finding("a DAG", name, right, workflow.span, source)
    yield from _of_defaults(workflow, source)
    for task in workflow.tasks.values():
        taken = _taken(task.call.operator)
        if taken is None or task.expand is not None or taken.issuperset(task.call.arguments):
            continue
        for name in sorted(task.call.arguments.keys() - taken):
            right = meant(name, taken) if name.isidentifier() else None
            if right is not None and (_is_of_core(name, task) or name not in arguments()):
                yield _finding(f"`{task.call.operator.rpartition('.')[2]}`", name, right, task.span, source)


@lru_cache(maxsize=1024)
def _taken(operator: str) -> frozenset[str] | None:
    """The arguments that a version of an operator takes, with ``**``; None where not all are known."""
    known = facts(operator)
    if known is None or not known.plain:
        return None
    own = known.fields | known.plain | known.newer_fields | known.newer_plain
    return OF_EVERY_TASK.union([name for name in own if not name.startswith("_")], {"**"})


def _is_of_core(name: str, task: Task) -> bool:
    """Whether a usual slip is made with an operator that no version of any provider gave the argument."""
    return name in USUAL_SLIPS and (task.call.operator.startswith(CORE) or task.call.operator in OF_CORE)


def _of_defaults(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """Keys that no task of the DAG takes: Airflow leaves them out without a word."""
    strange = [name for name in workflow.defaults.keys() - OF_EVERY_TASK - OF_A_DAG if name.isidentifier()]
    if not strange:
        return
    taken: set[str] = set()
    for task in workflow.tasks.values():
        known = facts(task.call.operator)
        if known is None:
            return
        taken |= known.fields | known.plain | known.newer_fields | known.newer_plain
    for name in sorted(set(strange) - taken):
        if right := meant(name, OF_EVERY_TASK):
            message = f"no task of `{workflow.id}` takes `{name}` of the `default_args`: is `{right}` meant?"
            yield Finding(message, source.syntax.key_span(name) or workflow.span)


def _finding(owner: str, name: str, right: str, call: Span, source: Source) -> Finding:
    syntax = source.syntax
    given = syntax.given_at(call, name)
    message = f"{owner} takes no `{name}`: is `{right}` meant?"
    if given is None:
        return Finding(message, call)
    start = syntax.offset(given)
    return Finding(message, syntax.span(given), Fix((Edit(start, start + len(name), right),), safe=False))
