"""What each task becomes, by its operator's integration; a failing placeholder where there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from dagmig.asl.lower.fallback import fallback, hint, runs_apart
from dagmig.asl.lower.guards import Chooser
from dagmig.asl.lower.kept_error import keeping
from dagmig.asl.lower.latch import fragment as latch_fragment
from dagmig.asl.lower.latch import is_latch
from dagmig.asl.lower.ledger import task_rows
from dagmig.asl.lower.library_jsonata import of_library
from dagmig.asl.lower.mapping import unmapped
from dagmig.asl.lower.obstacles import chooses, may_choose, obstacle, short
from dagmig.asl.lower.task import is_one_call, is_placeholder
from dagmig.asl.lower.variables import RETURNED, outputs_read
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task, Workflow
from dagmig.graph.query import mapped_group
from dagmig.graph.values import Function
from dagmig.integrations import registry
from dagmig.integrations.asking import EACH
from dagmig.integrations.callables import is_whole
from dagmig.integrations.container import contained
from dagmig.integrations.fragment import (
    MAIN,
    SKIP,
    Expression,
    Fragment,
    FunctionName,
    Projection,
    Ref,
    failing,
)
from dagmig.integrations.running import IN_LAMBDA, Running
from dagmig.integrations.shared_clusters import with_cluster
from dagmig.integrations.unreachable import reason_against

NOTED, DECISION, REDESIGN = Disposition.NOTED, Disposition.DECISION, Disposition.REDESIGN
EMPTY = frozenset({"EmptyOperator", "DummyOperator"})


def fragment_of(
    workflow: Workflow,
    task: Task,
    choosing: Mapping[str, Chooser],
    problems: Mapping[str, str],
    report: Report,
    running: Running = IN_LAMBDA,
) -> Fragment:
    """What the task becomes; a failing placeholder where there is no translation."""
    if is_latch(task):
        return latch_fragment(task)
    target = f"task:{task.id}"
    reason = obstacle(workflow, task, problems)
    if reason is not None:
        said = f"{reason}, which is not translated: the state fails when it is reached{_instead(task)}"
        report.row(task.call.operator, task.span, target, REDESIGN, said, task=task.id)
        return failing(f"Task {task.id} was not translated: {reason}.")
    if _is_empty(task):
        return Fragment({MAIN: {"Type": "Pass"}})
    known = registry().for_operator(task.call.operator)
    if known is None:
        return _unknown(workflow, task, report, running)
    if task.expand is None and (made := of_library(task, report)) is not None:
        return _checked(task, choosing.get(task.id), made, report)
    own = Report()
    found = known.to_asl(with_cluster(workflow, unmapped(task)), own)
    problem = _dead_end(task, found)
    if task.id in running.apart or problem:
        made = fallback(workflow, task, report) if running.has_fallback else None
        if made is not None:
            return made
    if problem:
        said = f"{problem}{hint(workflow, task)}"
        own.row(task.call.operator, task.span, target, DECISION, said, task=task.id)
    report.take(own)
    if found.functions and running.python != IN_LAMBDA.python and len(found.states) > 1:
        said = f"code that is asked again and again runs in Lambda only, not in {running.python}"
        report.row(task.call.operator, task.span, target, DECISION, said, task=task.id)
        return failing(f"Task {task.id} was not translated: its code does not run in a container.")
    if found.functions and running.python != IN_LAMBDA.python:
        found = contained(task, found, running.python, report)
    return keeping(task, _checked(task, choosing.get(task.id), found, report))


def _unknown(workflow: Workflow, task: Task, report: Report, running: Running) -> Fragment:
    """An operator without an integration: in a container where that is wanted, otherwise a placeholder."""
    made = fallback(workflow, task, report) if running.has_fallback else None
    if made is not None:
        return made
    why = reason_against(task.call.operator)
    said = f"no integration for {task.call.operator}: the state fails when it is reached"
    said += f"; {why}" if why else ""
    said += hint(workflow, task)
    report.row(task.call.operator, task.span, f"task:{task.id}", DECISION, said, task=task.id)
    return failing(f"Operator {task.call.operator} of task {task.id} was not translated.")


def _dead_end(task: Task, fragment: Fragment) -> str:
    """What the integration could not do; empty where it made what runs."""
    function = task.argument("python_callable")
    if is_placeholder(fragment):
        return "the operator is not translated"
    if function is None or not fragment.gives_anything:
        return ""
    if not fragment.functions:
        return "the callable's code is not known"
    is_open = isinstance(function, Function) and not is_whole(function)
    return "the callable needs more than is carried along" if is_open else ""


def _instead(task: Task) -> str:
    """What a person can do about a task that chooses in a way of its own."""
    is_strange = may_choose(task) and not chooses(task)
    return "; write it as a `@task.branch` or `@task.short_circuit` that asks the same" if is_strange else ""


@dataclass(frozen=True, slots=True)
class _WithEach(Mapping[str, Projection]):
    """Outputs of which each is asked for by item, too."""

    outputs: Mapping[str, Projection]

    def __getitem__(self, key: str) -> Projection:
        return self.outputs[key.removesuffix(EACH)]

    def __contains__(self, key: object) -> bool:
        return str(key).removesuffix(EACH) in self.outputs

    def __iter__(self) -> Iterator[str]:
        return iter(self.outputs)

    def __len__(self) -> int:
        return len(self.outputs)


def with_each(workflow: Workflow, fragments: Mapping[str, Fragment]) -> dict[str, Fragment]:
    """The fragments, with lists of outputs that tasks pull by the index of an item."""
    read = (wanted for task in workflow.tasks.values() for wanted in outputs_read(task))
    asked = {name for name, key in read if key.endswith(EACH)}
    mapped = {name for name in asked & fragments.keys() if _has_items(workflow, workflow.tasks[name])}
    own = {name: fragments[name] for name in mapped if not runs_apart(fragments[name])}
    made = {name: replace(one, outputs=_WithEach(one.outputs)) for name, one in own.items()}
    return {**fragments, **made}


def _has_items(workflow: Workflow, task: Task) -> bool:
    return task.expand is not None or mapped_group(workflow, task.group) is not None


def outline(task: str, fragment: Fragment) -> Fragment:
    """Work that is not one call as a call that stands for it, with the same outputs, and a pass after it."""
    if is_one_call(fragment) or is_placeholder(fragment):
        return fragment
    arguments = {"FunctionName": FunctionName(task)}
    called = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": arguments,
        "Next": Ref("checked"),
    }
    given = Projection(MAIN, Expression.of("$states.result.Payload"))
    return replace(
        fragment,
        states={MAIN: called, "checked": {"Type": "Pass"}},
        outputs=dict.fromkeys(fragment.outputs, given),
        entry=MAIN,
        functions={},
        direct=None,
        final=(SKIP,) if fragment.skips else (),
        skips=(SKIP,) if fragment.skips else (),
    )


def _checked(task: Task, chooser: Chooser | None, fragment: Fragment, report: Report) -> Fragment:
    """A branch whose code does not say what it chooses fails on what is not directly after it; Airflow
    fails on what is no task or group of the DAG, and takes any other for nothing chosen.
    """
    if chooser is None or not chooser.is_branch or chooser.ids is not None:
        return fragment
    after = ", ".join(f"'{name}'" for name in sorted(chooser.choices))
    given = fragment.outputs[RETURNED]
    is_valid = f"$chosen = null or $count([$chosen][$not($ in [{after}])]) = 0"
    failed = "$error('chose a task that is not directly after it')"
    said = "fails where it chooses what is not directly after it, which Airflow takes for no choice"
    report.row("branch", task.span, f"task:{task.id}", NOTED, said, task=task.id)
    parts = ("($chosen := ", *given.expression.parts, f"; ({is_valid}) ? $chosen : {failed})")
    checked = Projection(given.state, Expression(parts))
    return replace(fragment, outputs={**fragment.outputs, RETURNED: checked})


def _is_empty(task: Task) -> bool:
    return short(task) in EMPTY


def only_orders(task: Task) -> bool:
    """Whether an empty task has no callbacks, outlets or the like, which somebody has to decide about."""
    rows = Report()
    task_rows(task, rows)
    return _is_empty(task) and not rows.has_open_rows
