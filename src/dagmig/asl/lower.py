"""Regions to a state machine: a chain of Tasks, a Parallel where parts do not wait for each other.

A task that has no translation becomes a state that fails: ``Fail`` at the end of a branch, else a Choice
whose Default is the ``Fail``, so that what follows stays reachable for validators and never runs.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from dagmig.asl.check import check
from dagmig.asl.data import Scene, Untranslatable, operand, references, render
from dagmig.asl.ledger import task_rows, workflow_rows
from dagmig.asl.model import Machine
from dagmig.asl.policy import NO_RETRY, differences, retrier, seconds
from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph.model import Task, TriggerRule, Workflow
from dagmig.graph.query import literal, schedule
from dagmig.graph.values import Literal, Output
from dagmig.integrations import registry
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, Ref
from dagmig.regions.tree import Parallel, Region, Series, Step, tasks, without

MAX_NAME = 80
NOTED, DECISION, REDESIGN = Disposition.NOTED, Disposition.DECISION, Disposition.REDESIGN
EMPTY = frozenset({"EmptyOperator", "DummyOperator"})
CHOOSERS = re.compile(r"branch|short_?circuit|latestonly", re.IGNORECASE)
LIKE_ALL_SUCCESS = frozenset(
    {
        TriggerRule.ALL_SUCCESS,
        TriggerRule.NONE_FAILED,
        TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
        TriggerRule.NONE_SKIPPED,
    }
)  # where no task can be skipped
States = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Product:
    """The machine, and the Lambda sources it calls by file name."""

    machine: dict[str, Any]
    functions: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Lowering:
    workflow: Workflow
    report: Report
    names: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    fragments: dict[str, Fragment] = field(default_factory=dict)
    scopes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    wanted: set[tuple[str, str]] = field(default_factory=set)
    functions: dict[str, str] = field(default_factory=dict)


def lower(workflow: Workflow, region: Region, report: Report) -> Product:
    """The machine of a workflow. Every task gets a row that names the state doing its work."""
    lowering = _Lowering(workflow, report)
    kept = _pruned(lowering, region)
    _prepare(lowering, kept)
    start, states = _emit(lowering, kept, None)
    machine = _machine(workflow, start, states)
    check(machine)
    _rows(lowering, machine)
    return Product(machine, lowering.functions)


def _pruned(lowering: _Lowering, region: Region) -> Region:
    """Without the tasks that only order others, as long as one remains that does work."""
    found = lowering.workflow.tasks
    empty = frozenset(
        t for t in found if _is_empty(found[t]) and _obstacle(lowering.workflow, found[t]) is None
    )
    if len(empty) == len(found):
        return region
    for task in sorted(empty):
        said = "elided: it only orders other tasks, and their order is kept"
        lowering.report.row(found[task].call.operator, found[task].span, "", NOTED, said, task=task)
    return without(region, empty) or Series(())


def _is_empty(task: Task) -> bool:
    return task.call.operator.rpartition(".")[2] in EMPTY


def _prepare(lowering: _Lowering, region: Region) -> None:
    ordered = list(tasks(region))
    for task in ordered:
        lowering.names[task] = _name(lowering, task)
        found = lowering.workflow.tasks[task]
        values = [*found.call.arguments.values(), *found.defaults.values()]
        lowering.wanted |= {(o.task, o.key) for value in values for o in references(value)}
    _place(lowering, region, ())
    for task in ordered:
        lowering.fragments[task] = _fragment(lowering, lowering.workflow.tasks[task])
        lowering.functions |= lowering.fragments[task].functions


def _place(lowering: _Lowering, region: Region, scope: tuple[int, ...]) -> None:
    """Which Parallel branch each task stands in."""
    match region:
        case Step(task):
            lowering.scopes[task] = scope
        case Series(parts):
            for part in parts:
                _place(lowering, part, scope)
        case Parallel(parts):
            for part in parts:
                _place(lowering, part, (*scope, len(lowering.scopes)))


def _name(lowering: _Lowering, wanted: str) -> str:
    """A state name that is free: at most 80 characters, unique in the machine."""
    digest = hashlib.sha256(wanted.encode()).hexdigest()[:8]
    name = wanted if len(wanted) <= MAX_NAME else f"{wanted[: MAX_NAME - 9]}-{digest}"
    number = 2
    while name in lowering.taken:
        name = f"{wanted[: MAX_NAME - 12]} {number}"
        number += 1
    lowering.taken.add(name)
    return name


def _obstacle(workflow: Workflow, task: Task) -> str | None:
    """Why a task cannot be translated as one that runs when all before it succeeded; None where it can."""
    if CHOOSERS.search(task.call.operator.rpartition(".")[2]):
        return "it chooses which tasks run after it"
    if task.expand is not None:
        return "it is mapped over values"
    group = workflow.groups.get(task.group or "")
    while group is not None:
        if group.expand is not None:
            return "its task group is mapped over values"
        group = workflow.groups.get(group.parent or "")
    if task.is_teardown or task.is_setup:
        return "it is a setup or teardown task"
    if task.trigger not in LIKE_ALL_SUCCESS:
        return f"its trigger rule is {task.trigger}"
    return None


def _fragment(lowering: _Lowering, task: Task) -> Fragment:
    """What the task becomes; a failing placeholder where there is no translation."""
    report = lowering.report
    obstacle = _obstacle(lowering.workflow, task)
    if obstacle is not None:
        said = f"{obstacle}, which is not translated: the state fails when it is reached"
        report.row(task.call.operator, task.span, f"task:{task.id}", REDESIGN, said, task=task.id)
        return _placeholder(task, f"Task {task.id} was not translated: {obstacle}.")
    if _is_empty(task):
        return Fragment({MAIN: {"Type": "Pass"}})
    known = registry().for_operator(task.call.operator)
    if known is not None:
        return known.to_asl(task, report)
    said = f"no integration for {task.call.operator}: the state fails when it is reached"
    report.row(task.call.operator, task.span, f"task:{task.id}", DECISION, said, task=task.id)
    return _placeholder(task, f"Operator {task.call.operator} of task {task.id} was not translated.")


def _placeholder(task: Task, cause: str) -> Fragment:
    never = {"Condition": "{% false %}", "Next": AFTER}
    failed = {"Type": "Fail", "Error": "NotTranslated", "Cause": cause}
    return Fragment(
        {MAIN: {"Type": "Choice", "Choices": [never], "Default": Ref("failed")}, "failed": failed}
    )


def _emit(lowering: _Lowering, region: Region, after: str | None) -> tuple[str, States]:
    match region:
        case Step(task):
            return _step(lowering, lowering.workflow.tasks[task], after)
        case Parallel(parts):
            name = _name(lowering, "Parallel")
            branches = [_branch(*_emit(lowering, part, None)) for part in parts]
            return name, {name: {"Type": "Parallel", "Branches": branches, **_leave(after)}}
        case Series(()):
            return "Done", {"Done": {"Type": "Succeed"}}
    emitted: list[States] = []
    for part in reversed(region.parts):
        after, states = _emit(lowering, part, after)
        emitted.append(states)
    return str(after), {k: v for states in reversed(emitted) for k, v in states.items()}


def _branch(start: str, states: States) -> dict[str, Any]:
    return {"StartAt": start, "States": states}


def _leave(after: str | None) -> dict[str, Any]:
    return {"End": True} if after is None else {"Next": after}


def _step(lowering: _Lowering, task: Task, after: str | None) -> tuple[str, States]:
    fragment = lowering.fragments[task.id]
    name = lowering.names[task.id]
    is_placeholder = fragment.states[MAIN].get("Default") == Ref("failed") and len(fragment.states) == 2
    if is_placeholder and after is None:
        return name, {name: {**fragment.states["failed"]}}
    retry = None if is_placeholder else retrier(task.policy)
    is_single = len(fragment.states) == 1
    if is_single or retry is None:
        states = _states(lowering, task, fragment, after, retry)
        return name, states
    wrapper = _name(lowering, f"{name[: MAX_NAME - 8]} retried")
    inner = _states(lowering, task, fragment, None, None)
    exported = {f"x_{_identifier(task.id)}_{key}": key for t, key in sorted(lowering.wanted) if t == task.id}
    outer: dict[str, Any] = {"Type": "Parallel", "Branches": [_branch(name, inner)], "Retry": [retry]}
    if exported:
        outer["Assign"] = {
            variable: f"{{% ($states.result)[0].{key} %}}" for variable, key in exported.items()
        }
    return wrapper, {wrapper: {**outer, **_leave(after)}}


def _states(
    lowering: _Lowering, task: Task, fragment: Fragment, after: str | None, retry: dict[str, Any] | None
) -> States:
    """The fragment's states with their names, values, policies and way out."""
    name = lowering.names[task.id]
    names = {
        local: name if local == MAIN else _name(lowering, f"{name[: MAX_NAME - len(local) - 1]} {local}")
        for local in fragment.states
    }
    is_wrapped = retry is None and retrier(task.policy) is not None and len(fragment.states) > 1
    exported = [key for t, key in sorted(lowering.wanted) if t == task.id and key in fragment.outputs]
    done: States = {}
    if after is None and (len(fragment.states) > 1 and (exported or _chooses_end(fragment))):
        after = _name(lowering, f"{name[: MAX_NAME - 5]} done")
        done[after] = {"Type": "Succeed"}
        if is_wrapped and exported:
            done[after]["Output"] = {key: f"{{% ${_variable(task, key, True)} %}}" for key in exported}
    found: States = {}
    for local, state in fragment.states.items():
        built = _fill(lowering, task, {**state}, names, after)
        for key in exported:
            projection = fragment.outputs[key]
            if projection.state == local:
                source = f"{{% {_expression(lowering, task, projection.expression)} %}}"
                built["Assign"] = {**built.get("Assign", {}), _variable(task, key, is_wrapped): source}
        if local == MAIN:
            _apply_policy(lowering, task, fragment, built, retry)
        if not built.keys() & {"Next", "End"} and built["Type"] not in ("Succeed", "Fail", "Choice"):
            built |= _leave(after)
        found[names[local]] = built
    return found | done


def _chooses_end(fragment: Fragment) -> bool:
    return any(state.get("Type") == "Choice" for state in fragment.states.values())


def _apply_policy(
    lowering: _Lowering, task: Task, fragment: Fragment, built: dict[str, Any], retry: dict[str, Any] | None
) -> None:
    never = [NO_RETRY] if fragment.functions and retry else []
    retriers = [*never, *fragment.transport, *([retry] if retry else [])]
    can_retry = built["Type"] in ("Task", "Parallel", "Map")
    if retriers and can_retry:
        built["Retry"] = [*built.get("Retry", []), *(dict(r) for r in retriers)]
    for construct, is_open, said in differences(task.policy):
        row = (construct, task.span, f"task:{task.id}", DECISION if is_open else NOTED, said)
        lowering.report.row(*row, task=task.id)
    if not isinstance(task.policy.timeout, timedelta) or fragment.is_bounded:
        return
    if len(fragment.states) == 1 and built["Type"] == "Task":
        built["TimeoutSeconds"] = seconds(task.policy.timeout)
        return
    said = "not bounded: the work takes several states, and only a Task has a time limit"
    target = f"task:{task.id}"
    lowering.report.row("execution_timeout", task.span, target, DECISION, said, task=task.id)


def _fill(lowering: _Lowering, task: Task, node: Any, names: dict[str, str], after: str | None) -> Any:
    """Plain JSON from a fragment's dicts: transitions resolved, values and expressions written out."""
    match node:
        case Ref(state) if state == AFTER.state and AFTER.state not in names:
            return after
        case Ref(state):
            return names[state]
        case Expression():
            return f"{{% {_expression(lowering, task, node)} %}}"
        case dict() | Mapping():
            return {_key(task, k): _fill(lowering, task, v, names, after) for k, v in node.items()}
        case list() | tuple():
            return [_fill(lowering, task, item, names, after) for item in node]
        case str() | int() | float() | None:
            return node
    try:
        return render(node, _scene(lowering, task))
    except Untranslatable as problem:
        _untranslated(lowering, task, problem)
        return f"UNTRANSLATED {problem}"


def _expression(lowering: _Lowering, task: Task, expression: Expression) -> str:
    pieces: list[str] = []
    for part in expression.parts:
        if isinstance(part, str):
            pieces.append(part.replace("$:", f"${_identifier(task.id)}_"))
            continue
        try:
            pieces.append(operand(part, _scene(lowering, task)))
        except Untranslatable as problem:
            _untranslated(lowering, task, problem)
            pieces.append("$error('a value was not translated')")
    return "".join(pieces)


def _untranslated(lowering: _Lowering, task: Task, problem: Untranslatable) -> None:
    said = f"{problem} has no form in a state machine: the state holds a text that marks the place"
    lowering.report.row("value", task.span, f"task:{task.id}", DECISION, said, task=task.id)


def _key(task: Task, key: str) -> str:
    return f"{_identifier(task.id)}_{key[1:]}" if key.startswith(":") else key


def _identifier(text: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_]", "_", text)
    return plain if plain == text else f"{plain}_{hashlib.sha256(text.encode()).hexdigest()[:4]}"


def _variable(task: Task, key: str, is_inner: bool = False) -> str:
    return f"{'y' if is_inner else 'x'}_{_identifier(task.id)}_{key}"


def _scene(lowering: _Lowering, task: Task) -> Scene:
    def variable(output: Output) -> str:
        producer = lowering.fragments.get(output.task)
        if producer is None or output.key not in producer.outputs:
            raise Untranslatable(f"the output {output.key} of task {output.task}")
        scope = lowering.scopes[output.task]
        if lowering.scopes[task.id][: len(scope)] != scope:
            raise Untranslatable(f"the output of task {output.task}, which stands in another branch,")
        return f"${_variable(lowering.workflow.tasks[output.task], output.key)}"

    params = literal(lowering.workflow.arguments, "params")
    constants = {"dag.dag_id": lowering.workflow.id or "", "task.task_id": task.id}
    return Scene(variable, params if isinstance(params, dict) else {}, constants)


def _machine(workflow: Workflow, start: str, states: States) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if (comment := _comment(workflow)) is not None:
        found["Comment"] = comment
    if _speaks_jsonata(states):
        found["QueryLanguage"] = "JSONata"
    timeout = literal(workflow.arguments, "dagrun_timeout")
    if isinstance(timeout, timedelta):
        found["TimeoutSeconds"] = seconds(timeout)
    return {**found, "StartAt": start, "States": states}


def _speaks_jsonata(node: Any) -> bool:
    match node:
        case dict():
            used = node.keys() & {"Arguments", "Output", "Assign", "Condition"}
            return bool(used) or any(_speaks_jsonata(item) for item in node.values())
        case list():
            return any(_speaks_jsonata(item) for item in node)
    return isinstance(node, str) and node.startswith("{%")


def _comment(workflow: Workflow) -> str | None:
    """The description, and what only a schedule needs, as ``lift`` reads it back."""
    metadata: dict[str, Any] = {"dag_id": workflow.id} if workflow.id else {}
    found = schedule(workflow)
    if isinstance(found, Literal) and found.value is not None:
        metadata["schedule"] = _plain(found.value)
    for name in ("start_date", "end_date", "catchup", "max_active_runs", "tags"):
        if (value := literal(workflow.arguments, name)) is not None:
            metadata[name] = _plain(value)
    if metadata.get("catchup") is False and "schedule" not in metadata:
        del metadata["catchup"]
    description = literal(workflow.arguments, "description")
    if metadata.keys() <= {"dag_id"} and not description:
        return None
    said = json.dumps(metadata, separators=(",", ":"), ensure_ascii=False, default=str)
    return f"{description or workflow.id or 'dag'} | dagmig {said}"


def _plain(value: Any) -> Any:
    match value:
        case timedelta():
            return value.total_seconds()
        case datetime() | date():
            return value.isoformat()
        case set() | frozenset() | tuple():
            return sorted(value, key=str)
    return value


def _rows(lowering: _Lowering, machine: dict[str, Any]) -> None:
    """A row for every task with its state, then the DAG's own; targets become JSON pointers."""
    report = lowering.report
    pointers = {
        state.name: state.pointer for state in Machine(machine, "", lambda *_: Span("")).root.all_states()
    }
    targets = {f"task:{task}": pointers[name] for task, name in lowering.names.items()}
    for task, name in lowering.names.items():
        found = lowering.workflow.tasks[task]
        said = "" if name == task else f"the state is named {name}"
        row = (
            found.call.operator,
            found.span,
            f"task:{task}",
            Disposition.EXACT if not said else NOTED,
            said,
        )
        report.row(*row, task=task)
        task_rows(found, report)
    workflow_rows(lowering.workflow, report)
    if any(state.get("Type") == "Parallel" for state in machine["States"].values()):
        said = "when a branch fails the others are stopped; Airflow would let them finish"
        report.row("parallel", lowering.workflow.span, "", NOTED, said)
    report.retarget(targets)
