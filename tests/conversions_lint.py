"""What the linter finds in a conversion, and whether the source had it as well.

The rules are other ones on the other side, so the source is asked for the fact: a task without retries
becomes a state without a retrier.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import dagmig
from dagmig.asl.load import load_machine
from dagmig.asl.model import Machine, State
from dagmig.diagnostics import Diagnostic, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.lint.check import check
from dagmig.lint.source import Source
from dagmig.pipeline import Converted

NAMED = re.compile(r"`([^`]+)`")
CALLS = ("lambda_function.LambdaInvokeFunctionOperator", "lambda_function.AwsLambdaInvokeFunctionOperator")
LISTS = (
    "S3ListOperator",
    "S3ListPrefixesOperator",
    "MSGraphAsyncOperator",
    "ADLSListOperator",
    "SsmGetCommandInvocationOperator",
)


def _has_no_retries(task: Task) -> bool:
    return not isinstance(task.policy.retries, int) or task.policy.retries == 0


def _calls_without_version(task: Task) -> bool:
    return task.call.operator.endswith(CALLS) and task.argument("qualifier") in (None, Literal(None))


def _adds_steps(task: Task) -> bool:
    """A sensor waits for the steps, not the operator."""
    return task.call.operator.endswith("EmrAddStepsOperator") and not task.argument("wait_for_completion")


def _may_fail_unseen(task: Task) -> bool:
    return task.is_teardown and task.argument("on_failure_fail_dagrun") in (None, Literal(False))


OF_TASKS: dict[str, Callable[[Task], bool]] = {
    "no-retry": _has_no_retries,
    "task-no-timeout": lambda task: task.policy.timeout is None,
    "lambda-unqualified": _calls_without_version,
    "catch-goes-to-success": _may_fail_unseen,
    "payload-risk": lambda task: task.call.operator.endswith(LISTS),  # it keeps all pages in an XCom
}  # what a task has to be that its state is found by a rule


def of_machines(file: Path) -> Iterator[str]:
    """The findings in the machines of a DAG file that it had not itself, a line each."""
    for one in dagmig.to_asl(file, Report()):
        yield from not_of_the_dag(one, file)


def not_of_the_dag(one: Converted, file: Path) -> Iterator[str]:
    """The findings in one machine that its DAG had not, a line each."""
    for found in check(Source(one.text, f"{one.id}.asl.json", "machine")).found:
        if not _is_of_dag(found, one, file):
            yield f"{file.name}: {one.id}: {found.code}: {found.message}"


def _is_of_dag(found: Diagnostic, one: Converted, file: Path) -> bool:
    assert one.workflow is not None
    if found.code == "hardcoded-secret":
        return found.code in _codes(file)
    if found.code == "secret-value-in-state":
        return "`Variable " in found.message  # the DAG reads it into what it renders
    if found.code == "retry-budget-exceeds-timeout":
        return "dagrun_timeout" in one.workflow.arguments  # which ends the run, whatever is tried again
    if found.code == "missing-required-parameter":
        return any(row.construct == "emr_conn_id" and row.disposition.is_open for row in one.report.rows)
    if found.code == "poll-instead-of-sync":
        return any(map(_adds_steps, one.workflow.tasks.values()))
    is_so = OF_TASKS.get(found.code, lambda task: False)
    return any(is_so(task) for task in _meant(found, one.workflow.tasks.values()))


def _meant(found: Diagnostic, tasks: Iterable[Task]) -> Iterator[Task]:
    """The tasks whose states the finding may be about: a state's name begins with the task's; a Variable is
    read for any.
    """
    name = next(iter(NAMED.findall(found.message)), "").removeprefix("$")
    for task in tasks:
        plain = re.sub(r"\W", "_", task.id)
        if (
            name.startswith("Variable ")
            or name == task.id
            or name.startswith((f"{task.id} ", f"{plain}_"))
            or name[:60] == task.id[:60]
        ):
            yield task


def _codes(file: Path) -> set[str]:
    return {one.code for one in check(Source(file.read_text("utf-8"), str(file), "dag")).found}


def of_dag(file: Path) -> Iterator[str]:
    """The findings in the DAG of a machine that it had not itself, a line each."""
    made = dagmig.to_airflow(file, Report(), "converted")
    if made is None:
        return
    machine = load_machine(file.read_text("utf-8"), str(file), Report())
    assert machine is not None
    for found in check(Source(made.text, "dag.py", "dag")).found:
        if not _is_of_machine(found, machine):
            yield f"{file.name}: {found.code}: {found.message}"


def _is_of_machine(found: Diagnostic, machine: Machine) -> bool:
    states: list[State] = list(machine.root.all_states())
    name = next(iter(NAMED.findall(found.message)), "")
    meant = [one for one in states if re.sub(r"\W", "_", one.name) == name.rpartition(".")[2]]
    if found.code == "retry-delay-zero-or-missing-backoff":
        return any(_is_constant(retrier) for one in meant for retrier in one.fields.get("Retry", ()))
    if found.code == "orphan-task":  # beside the others in a Parallel, and alone there
        return any("End" in one.fields and "/Branches/" in one.pointer for one in meant)
    return False


def _is_constant(retrier: Any) -> bool:
    return retrier.get("BackoffRate", 2) == 1
