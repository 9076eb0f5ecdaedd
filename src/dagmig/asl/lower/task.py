"""One task as states: its fragment with names, values, policies and a way out filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from dagmig.asl.lower.data import operand, render
from dagmig.asl.lower.jsonata import quoted
from dagmig.asl.lower.names import Names, identifier
from dagmig.asl.lower.outcomes import Outcomes
from dagmig.asl.lower.policy import NO_RETRY, differences, retrier, seconds
from dagmig.asl.lower.run import Run
from dagmig.asl.lower.scene import Untranslatable
from dagmig.asl.lower.stage import scene_of
from dagmig.asl.lower.variables import STATE, Read, Scope, Variables, shared
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task, Workflow
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, FunctionName, Ref

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
FAILED = "failed"
UNNAMED = "dag"  # the id of a workflow whose own is not known
States = dict[str, dict[str, Any]]


@dataclass(slots=True)
class Setting:
    """What lowering one workflow knows: ``states`` are the names of the states that do the tasks' work,
    ``precedes`` says which tasks have always ended before which others start. ``fatal`` tasks fail the run.
    While states are written, ``reads`` collects what they read of other tasks, ``uncaught`` the tasks whose
    failure need not be caught, and ``kept`` those for which it must be.
    """

    workflow: Workflow
    report: Report
    outcomes: Outcomes
    fatal: frozenset[str]
    variables: Variables
    precedes: Callable[[str, str], bool]
    run: Run
    names: Names = field(default_factory=Names)
    states: dict[str, str] = field(default_factory=dict)
    fragments: dict[str, Fragment] = field(default_factory=dict)
    forks: dict[int, str] = field(default_factory=dict)  # names of Parallel states by the id() of their plan

    places: Mapping[str, int] = field(default_factory=dict)  # tasks in the order of the plan
    fallible: frozenset[str] = frozenset()  # tasks that can fail when they run, and are translated
    reads: set[Read] = field(default_factory=set)
    uncaught: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)

    def seen(self, task: str, key: str, scope: Scope) -> str:
        """The variable that holds a task's output, or its state, for a reader in a scope, with ``$``."""
        self.reads.add(((task, key), scope))
        if (task, key) not in self.variables.homes:
            return "$"  # a draft, which is written again once all is known that is read
        return f"${self.variables.name(task, key, shared(self.variables.scopes[task], scope))}"


@dataclass(frozen=True, slots=True)
class Catcher:
    """Errors that are caught, what is assigned then (``Exits.is_output``: given), and the next state."""

    errors: tuple[str, ...]
    values: Mapping[str, Any]
    target: str


@dataclass(frozen=True, slots=True)
class Exits:
    """The ways on from a task: ``after`` success, with ``assign``, and where errors are caught.

    ``is_output``: the task is a whole branch, whose output holds what the task gives others.
    """

    after: str | None
    assign: Mapping[str, Any] = field(default_factory=dict)
    catch: tuple[Catcher, ...] = ()
    is_output: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """The task being written: the ``depth`` of its variables and the state names by local name."""

    setting: Setting
    task: Task
    fragment: Fragment
    depth: int
    names: Mapping[str, str]
    after: str | None


def placeholder(cause: str) -> Fragment:
    """States that fail when they are reached, with what follows still reachable for validators."""
    never = {"Condition": "{% false %}", "Next": AFTER}
    failed = {"Type": "Fail", "Error": "NotTranslated", "Cause": cause}
    return Fragment({MAIN: {"Type": "Choice", "Choices": [never], "Default": Ref(FAILED)}, FAILED: failed})


def field_name(task: str, key: str) -> str:
    """The name of a task's output within the output of a branch."""
    return f"state_of_{identifier(task)}" if key == STATE else f"{identifier(task)}_{identifier(key)}"


def leave(after: str | None) -> dict[str, Any]:
    """The way out of a state."""
    return {"End": True} if after is None else {"Next": after}


def write(setting: Setting, name: str, exits: Exits) -> tuple[str, States]:
    """The entry and the states of a task."""
    task, fragment = setting.workflow.tasks[name], setting.fragments[name]
    _policy_rows(setting, task, fragment)
    state = setting.states[name]
    if _is_placeholder(fragment):
        if exits.after is None:
            return state, {state: {**fragment.states[FAILED]}}
        return _several(setting, task, fragment, exits)
    if len(fragment.states) == 1:
        return state, {state: _single(setting, task, fragment, exits)}
    retry = retrier(task.policy)
    if retry is None and not exits.is_output and not exits.catch:
        return _several(setting, task, fragment, exits)
    return _wrapped(setting, task, fragment, exits, retry)


def can_fail(fragment: Fragment) -> bool:
    """Whether the work can fail in a way that can be caught; what was not translated fails the execution."""
    works = any(state["Type"] == "Task" for state in fragment.states.values())
    return not _is_placeholder(fragment) and (works or len(fragment.states) > 1)


def _is_placeholder(fragment: Fragment) -> bool:
    return fragment.states[MAIN].get("Default") == Ref(FAILED) and len(fragment.states) == 2


def _caught(exits: Exits) -> dict[str, Any]:
    """The catchers of a state."""
    kept = "Output" if exits.is_output else "Assign"
    found: list[dict[str, Any]] = []
    for one in exits.catch:
        values = {kept: dict(one.values)} if one.values else {}
        found.append({"ErrorEquals": list(one.errors), **values, "Next": one.target})
    return {"Catch": found} if found else {}


def _depth(setting: Setting, task: Task) -> int:
    return len(setting.variables.scopes[task.id])


def _single(setting: Setting, task: Task, fragment: Fragment, exits: Exits) -> dict[str, Any]:
    names = {MAIN: setting.states[task.id]}
    place = _Place(setting, task, fragment, _depth(setting, task), names, exits.after)
    built = _fill(place, {**fragment.states[MAIN]})
    given = {
        key: _jsonata(place, fragment.outputs[key].expression) for key in _wanted(setting, task, fragment)
    }
    if exits.is_output:
        output = {field_name(task.id, key): value for key, value in given.items()}
        built["Output"] = {**output, **exits.assign}
    elif given or exits.assign:
        assigned = {setting.variables.name(task.id, k, place.depth): v for k, v in given.items()}
        built["Assign"] = {**built.get("Assign", {}), **assigned, **exits.assign}
    retriers = _retriers(fragment, retrier(task.policy))
    if retriers and built["Type"] == "Task":
        built["Retry"] = [*built.get("Retry", []), *retriers]
    if isinstance(task.policy.timeout, timedelta) and built["Type"] == "Task":
        built["TimeoutSeconds"] = seconds(task.policy.timeout)
    if built["Type"] == "Task":
        built |= _caught(exits)
    return _ended(built, exits.after)


def _wanted(setting: Setting, task: Task, fragment: Fragment) -> list[str]:
    return [key for key in setting.variables.of(task.id) if key in fragment.outputs]


def _several(
    setting: Setting, task: Task, fragment: Fragment, exits: Exits, *, is_inner: bool = False
) -> tuple[str, States]:
    """The states of a fragment in a row; ``is_inner``: alone in a branch, whose output is the task's."""
    main, after = setting.states[task.id], exits.after
    names = {
        local: main if local == MAIN else setting.names.state(main, f" {local}") for local in fragment.states
    }
    depth = _depth(setting, task) + is_inner
    wanted = _wanted(setting, task, fragment)
    done: States = {}
    chooses = any(state.get("Type") == "Choice" for state in fragment.states.values())
    if exits.assign:
        ending = setting.names.state(main, " done")
        done[ending] = {"Type": "Pass", "Assign": dict(exits.assign), **leave(after)}
        after = ending
    elif after is None and (chooses or (is_inner and wanted)):
        after = setting.names.state(main, " done")
        done[after] = {"Type": "Succeed"}
        if is_inner and wanted:
            variable = setting.variables.name
            kept = {field_name(task.id, k): f"{{% ${variable(task.id, k, depth)} %}}" for k in wanted}
            done[after]["Output"] = kept
    place = _Place(setting, task, fragment, depth, names, after)
    found: States = {}
    for local, state in fragment.states.items():
        built = _fill(place, {**state})
        for key in wanted:
            if fragment.outputs[key].state == local:
                source = _jsonata(place, fragment.outputs[key].expression)
                assigned = {setting.variables.name(task.id, key, depth): source}
                built["Assign"] = {**built.get("Assign", {}), **assigned}
        found[names[local]] = _ended(built, after)
    return names[fragment.entry], found | done


def _wrapped(
    setting: Setting, task: Task, fragment: Fragment, exits: Exits, retry: Mapping[str, Any] | None
) -> tuple[str, States]:
    """The states as the one branch of a Parallel, which retries them as a whole and keeps their output."""
    wrapper = setting.names.state(setting.states[task.id], " retried" if retry else " whole")
    start, inner = _several(setting, task, fragment, Exits(None), is_inner=True)
    outer: dict[str, Any] = {"Type": "Parallel", "Branches": [{"StartAt": start, "States": inner}]}
    if retry:
        outer["Retry"] = [*_never(fragment), dict(retry)]
    wanted = {key: field_name(task.id, key) for key in _wanted(setting, task, fragment)}
    kept = {key: f"{{% $states.result[0].{name} %}}" for key, name in wanted.items()}
    if exits.is_output:
        outer["Output"] = "{% $states.result[0] %}"
        if exits.assign:
            outer["Output"] = {**{wanted[key]: value for key, value in kept.items()}, **exits.assign}
    elif kept or exits.assign:
        depth = _depth(setting, task)
        assigned = {setting.variables.name(task.id, key, depth): value for key, value in kept.items()}
        outer["Assign"] = {**assigned, **exits.assign}
    return wrapper, {wrapper: {**outer, **_caught(exits), **leave(exits.after)}}


def _retriers(fragment: Fragment, retry: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The task's own retrier, or else the service's: of the retriers that match an error only the first
    counts (https://states-language.net/spec.html#retrying-after-error), so both would not add up.
    """
    if retry is None:
        return [dict(one) for one in fragment.transport]
    never = [NO_RETRY] if fragment.functions else []
    return [*(dict(one) for one in never), *_never(fragment), dict(retry)]


def _never(fragment: Fragment) -> list[dict[str, Any]]:
    """The retrier for errors that fail the task at once."""
    return [{"ErrorEquals": list(fragment.final), "MaxAttempts": 0}] if fragment.final else []


def _ended(built: dict[str, Any], after: str | None) -> dict[str, Any]:
    if built.keys() & {"Next", "End"} or built["Type"] in ("Succeed", "Fail", "Choice"):
        return built
    return {**built, **leave(after)}


def _policy_rows(setting: Setting, task: Task, fragment: Fragment) -> None:
    found = [(name, DECISION if is_open else NOTED, said) for name, is_open, said in differences(task.policy)]
    is_task = len(fragment.states) == 1 and fragment.states[MAIN]["Type"] == "Task"
    if isinstance(task.policy.timeout, timedelta) and not is_task and not fragment.is_bounded:
        said = "not bounded: the work takes several states, and only a Task has a time limit"
        found.append(("execution_timeout", DECISION, said))
    if fragment.transport and retrier(task.policy):
        said = "the service's transient errors are retried as all others, not at once by the client first"
        found.append(("retry-transport", NOTED, said))
    for construct, disposition, said in found:
        setting.report.row(construct, task.span, f"task:{task.id}", disposition, said, task=task.id)


def _fill(place: _Place, node: Any) -> Any:
    """Plain JSON from a fragment's dicts: transitions resolved, values and expressions written out."""
    match node:
        case Ref() if node == AFTER:
            return place.after
        case Ref(state):
            return place.names[state]
        case FunctionName():
            return node.within(place.setting.workflow.id or UNNAMED)
        case Expression():
            return _jsonata(place, node)
        case Mapping():
            return {_key(place.task, key): _fill(place, value) for key, value in node.items()}
        case list() | tuple():
            return [_fill(place, item) for item in node]
        case str() | int() | float() | None:
            return node
    try:
        return render(node, scene_of(place.setting, place.task))
    except Untranslatable as problem:
        return f"{{% {_untranslated(place, problem)} %}}"


def _jsonata(place: _Place, expression: Expression) -> str:
    pieces: list[str] = []
    for part in expression.parts:
        if isinstance(part, str):
            pieces.append(part.replace("$:", f"${identifier(place.task.id)}_"))
            continue
        try:
            pieces.append(operand(part, scene_of(place.setting, place.task)))
        except Untranslatable as problem:
            pieces.append(_untranslated(place, problem))
    return f"{{% {''.join(pieces)} %}}"


def _untranslated(place: _Place, problem: Untranslatable) -> str:
    """JSONata that fails the state, instead of guessing; and the row that says so."""
    said = f"{problem} has no form in a state machine: the state fails when it is reached"
    task = place.task
    place.setting.report.row("value", task.span, f"task:{task.id}", DECISION, said, task=task.id)
    named = str(problem).replace("{%", "{ %").replace("%}", "% }")
    return f"$error({quoted(f'not translated: {named}')})"


def _key(task: Task, key: str) -> str:
    return f"{identifier(task.id)}_{key[1:]}" if key.startswith(":") else key
