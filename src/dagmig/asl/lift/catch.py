"""``Catch``: a branch after the state that runs also when it failed, and goes on or to a handler.

All that follows the state waits for that branch, so that a task behind a handled error is skipped, not
``upstream_failed``, which would fail the run. A task keeps its error in an XCom when it has failed for good.
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dagmig.asl.lift import code, jsonata, jsonpath
from dagmig.asl.lift.branch import fork, goes, guard
from dagmig.asl.lift.calls import LAMBDA_OPERATOR
from dagmig.asl.lift.document import INSTANCE, Doc, Known, Lost, Obj, Ref, Scene, insert
from dagmig.asl.lift.expression import literal, quote
from dagmig.asl.lift.making import without_chance
from dagmig.asl.lift.visit import Visit
from dagmig.asl.lift.walk import EMPTY_OPERATOR, Arrival, targets
from dagmig.asl.lift.web_calls import HTTP_OPERATOR
from dagmig.asl.model import State
from dagmig.diagnostics import Disposition
from dagmig.graph.model import Call, TriggerRule
from dagmig.graph.values import Function

ALL, TASK_FAILED, TIMEOUT = "States.ALL", "States.TaskFailed", "States.Timeout"
BRANCHES = frozenset({"States.BranchFailed", "States.ExceedToleratedFailureThreshold"})
OF_GROUPS = BRANCHES | {ALL, TASK_FAILED}
ERROR = "error"  # the key of the XCom that a task keeps its error in
KEEPER = "keep_error"
_TELLING = (LAMBDA_OPERATOR, HTTP_OPERATOR, "@task", "@task.sensor")  # whose exceptions name the error
Catcher = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ended:
    """How to tell what became of a state: ``task`` succeeds when the state does, and ``first`` has run when
    the state was reached. They are the same where the state is one task; only then is the error known.
    """

    task: str
    first: str

    @property
    def is_group(self) -> bool:
        return self.task != self.first


def leave(visit: Visit, ended: Ended, after: Scene, entered: Scene, tolerated: Sequence[str] = ()) -> None:
    """Send the token on after a state, or to where its Catch sends it if it failed.

    ``entered`` is what the state saw, which its handlers see as well; ``tolerated`` are errors with which the
    operator goes on.
    """
    catchers = [one for one in _catchers(visit) if not _is_tolerated(visit, one, tolerated)]
    if ended.is_group:
        catchers = list(_of_group(visit, catchers, ended))
    if not catchers:
        visit.leave(Arrival((ended.task,), after))
        return
    weaver, state = visit.weaver, visit.state
    weaver.caught.add(state.pointer)
    route = weaver.names.give(f"{state.name}_catch")
    weaver.add(route, Call(EMPTY_OPERATOR), (ended.task,), state, trigger=TriggerRule.NONE_SKIPPED)
    error = _error(visit, ended)
    onward = _onward(visit, route, after)
    ways: list[tuple[str, str, tuple[str, ...]]] = []
    for one in catchers:
        scene = handled(state, one, entered, error)
        is_used = one["Next"] in (onward[0], *(target for _, target, _ in ways))
        ways.append((error_test(one), one["Next"], _to_handler(visit, route, one["Next"], scene, is_used)))
    is_kept = not ended.is_group and any(
        test or _reads_error(state, one) for (test, *_), one in zip(ways, catchers, strict=True)
    )
    if is_kept:
        _keep_error(visit, ended, catchers)

    def finish() -> None:
        body = [f'if state_of(ti, {quote(ended.task)}) == "success":', f"    {goes(visit, route, *onward)}"]
        body += [f"if state_of(ti, {quote(ended.first)}) {_RAN_NOT[ended.is_group]}:"]
        body += [f"    {line}" for line in code.fail(f"{state.name} did not run")]
        if any(test for test, *_ in ways):
            pulled = f"ti.xcom_pull(task_ids={quote(ended.task)}, key={quote(ERROR)}{_instance(visit)})"
            body.append(f'error = {pulled}["Error"]')
        for test, target, fixed in ways:
            way = goes(visit, route, target, fixed)
            body += [f"if {test}:", f"    {way}"] if test else [way]
        if ways[-1][0]:
            body += code.fail(f"no Catch of {state.name} is for the error")
        companions = [KEEPER] if is_kept else []
        function = code.function(code.identifier("route", route), f"After {state.name}.", body, companions)
        old = weaver.tasks[route]
        given = {name: value for name, value in old.call.arguments.items() if name == "trigger_rule"}
        decorator = "@task" if old.group else "@task.branch"
        weaver.tasks[route] = replace(old, call=code.call(decorator, function, **given))

    visit.later.append(finish)


_RAN_NOT = {True: 'not in ("success", "failed")', False: '!= "failed"'}


def _to_handler(visit: Visit, route: str, target: str, scene: Scene, is_used: bool) -> tuple[str, ...]:
    """Send the token to a handler; where another way leads there too, by a task that tells them apart."""
    weaver = visit.weaver
    if not is_used or weaver.names.group:
        return fork(visit, route, target, scene)
    between = weaver.names.give(f"{visit.state.name}_caught")
    weaver.add(between, Call(EMPTY_OPERATOR), (route,), visit.state)
    visit.send(target, Arrival((between,), scene))
    return (between,)


def _catchers(visit: Visit) -> list[Catcher]:
    """The catchers of a state, with a row for each that is no use."""
    found = usable(visit.state)
    written = visit.fields.get("Catch")
    useful = [one for one in written if _is_useful(one)] if isinstance(written, list) else []
    for _ in range(len(written) - len(useful) if isinstance(written, list) else 0):
        message = "a catcher without `Next` or `ErrorEquals` is left out"
        visit.weaver.row(visit.state, Disposition.IMPOSSIBLE, message, construct="Catch")
    return found


def usable(state: State) -> list[Catcher]:
    """The catchers that go somewhere, up to the first that is for all errors."""
    written = state.fields.get("Catch")
    kept: list[Catcher] = []
    for one in written if isinstance(written, list) else []:
        if _is_useful(one):
            kept.append(one)
            if ALL in error_names(one):
                break
    return kept


def _is_useful(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("Next"), str) and bool(error_names(one))


def error_names(catcher: Catcher) -> list[str]:
    """The names that a catcher or a retrier is for."""
    found = catcher.get("ErrorEquals")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _of_group(visit: Visit, catchers: Sequence[Catcher], ended: Ended) -> Iterator[Catcher]:
    """The catchers that a group of tasks can have: which error it was is not known."""
    for one in catchers:
        if set(error_names(one)) & OF_GROUPS:
            yield {**one, "ErrorEquals": [ALL]}
            message = "a handler is told States.TaskFailed as the error of a group of tasks, whatever it was"
            visit.weaver.row(visit.state, Disposition.NOTED, message, task=ended.task, construct="Catch")
            return
        message = f"the error of a group of tasks is not known: it never goes to {one['Next']}"
        visit.weaver.row(visit.state, Disposition.REDESIGN, message, task=ended.task, construct="Catch")


def error_test(catcher: Catcher, error: str = "error") -> str:
    """The condition on the name that the expression ``error`` holds; empty where every error is caught."""
    names = error_names(catcher)
    if ALL in names:
        return ""
    if TASK_FAILED in names:
        return "" if TIMEOUT in names else f"{error} != {quote(TIMEOUT)}"
    known = [form for name in names for form in forms(name)]
    return f"{error} == {quote(known[0])}" if len(known) == 1 else f"{error} in {literal(known)}"


def forms(name: str) -> list[str]:
    """An error's name, and what AWS's client calls it, without the service."""
    short = name.rpartition(".")[2]
    return [name] if name.startswith("States.") or short == name else [name, short]


def _error(visit: Visit, ended: Ended) -> Doc:
    """The error output, as Step Functions hands it to a handler."""
    if ended.is_group:
        cause = f"see the log of the task of {visit.state.name} that failed"
        return Obj({"Error": Known(TASK_FAILED), "Cause": Known(cause)})
    return Ref(ended.task, key=ERROR, index=INSTANCE if visit.weaver.names.group else "")


def _instance(visit: Visit) -> str:
    return f", map_indexes={INSTANCE}" if visit.weaver.names.group else ""


def handled(state: State, catcher: Catcher, entered: Scene, error: Doc) -> Scene:
    """What a handler sees."""
    if state.query_language == "JSONata":
        scene = replace(entered, error=error)
        document = jsonata.template(catcher["Output"], scene) if "Output" in catcher else error
        return replace(entered, document=document, variables=jsonata.assigned(catcher, scene, None))
    variables = dict(entered.variables)
    if isinstance(assign := catcher.get("Assign"), dict):
        variables.update(getattr(jsonpath.template(assign, entered.seeing(error)), "fields", {}))
    place = catcher.get("ResultPath", "$")
    if place is None:
        return replace(entered, variables=variables)
    steps = jsonpath.reference_path(place)
    lost = Lost("the ResultPath of a Catch is no path")
    document = lost if steps is None else insert(entered.document, steps, error)
    return replace(entered, document=document, variables=variables)


def _reads_error(state: State, catcher: Catcher) -> bool:
    """Whether a handler may see the error."""
    if state.query_language != "JSONata":
        return catcher.get("ResultPath", "$") is not None or "Assign" in catcher
    return "Output" not in catcher or "errorOutput" in str((catcher["Output"], catcher.get("Assign")))


def _keep_error(visit: Visit, ended: Ended, catchers: Sequence[Catcher]) -> None:
    """Let the task keep its error, with a row on its name."""
    weaver = visit.weaver
    task = weaver.tasks[ended.task]
    kept = {**task.call.arguments, "on_failure_callback": Function(KEEPER)}
    weaver.tasks[ended.task] = replace(task, call=replace(task.call, arguments=kept))
    named = {name for one in catchers for name in error_names(one)} - {ALL, TASK_FAILED, TIMEOUT}
    is_told = not named or task.call.operator in _TELLING
    message = (
        "an error has the name of the function's exception, or the code of the AWS client's"
        if is_told
        else f"whether the error is {' or '.join(sorted(named))} is told by the exception that Airflow sees"
    )
    disposition = Disposition.NOTED if is_told else Disposition.DECISION
    weaver.row(visit.state, disposition, message, task=ended.task, construct="Catch")


def _onward(visit: Visit, route: str, after: Scene) -> tuple[str, tuple[str, ...] | None]:
    """Send the token on where nothing failed: the state it goes to, and the ids if they are known already."""
    weaver, state = visit.weaver, visit.state
    after = without_chance(after, visit.entered or Scene())
    if not state.is_terminal:
        following = targets(state)
        if following:
            return following[0], fork(visit, route, following[0], after)
        return "", (visit.stop(Arrival((route,), after)),)
    if not visit.passage.scope.pointer:
        visit.passage.ends.append(Arrival((route,), after))
        return "", None
    if weaver.names.group:
        done = guard(visit, route, "end")
    else:
        done = weaver.names.give(f"{state.name}_end")
        weaver.add(done, Call(EMPTY_OPERATOR), (route,), state)
    visit.passage.ends.append(Arrival((done,), after))
    return "", (done,)


def _is_tolerated(visit: Visit, catcher: Catcher, errors: Sequence[str]) -> bool:
    """Whether a catcher goes on after errors with which the operator does too, as if there was none."""
    if not set(error_names(catcher)) <= set(errors):
        return False
    name = catcher.get("Next")
    if name == visit.fields.get("Next"):
        return True
    states = visit.passage.scope.states
    passed: list[str] = []
    while isinstance(name, str) and name in states and _only_goes_on(states[name]) and name not in passed:
        passed.append(name)
        name = states[name].fields.get("Next")
    if name != visit.fields.get("Next"):
        return False
    visit.passage.tolerated.update(passed)
    return True


def _only_goes_on(state: State) -> bool:
    return state.type in ("Pass", "Succeed") and state.fields.keys() <= {"Type", "Next", "End", "Comment"}
