"""States that do one thing: Task, Pass and Succeed, Fail, Wait."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from dagmig.asl import resource as resources
from dagmig.asl.lift import (
    calls,
    catch,
    code,
    driver,
    expression,
    jsonata,
    jsonpath,
    kept,
    policy,
    sdk,
    web_calls,
)
from dagmig.asl.lift.document import (
    INSTANCE,
    Doc,
    Known,
    Made,
    Ref,
    Scene,
    blame,
    blamed,
    instance,
    known,
    plain,
)
from dagmig.asl.lift.expression import Inexpressible, literal, python, quote
from dagmig.asl.lift.making import new_parts
from dagmig.asl.lift.typed import Typed
from dagmig.asl.lift.visit import Visit, placeholder
from dagmig.asl.lift.walk import (
    EMPTY_OPERATOR,
    Arrival,
    arguments,
    outcome,
    pass_result,
)
from dagmig.asl.model import State
from dagmig.asl.services.texts import Place
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Call, TriggerRule
from dagmig.graph.values import Literal
from dagmig.integrations import registry

WAIT_SENSOR = "airflow.providers.standard.sensors.time_delta.WaitSensor"
TIME_SENSOR = "airflow.providers.standard.sensors.date_time.DateTimeSensorAsync"
FOLDED = "needs no task: its data goes straight to where it is used"
SHORT = timedelta(seconds=60)  # how long the AWS client waits for an answer
MAX_WAIT = 99_999_999
_AS_WELL = ("placeholder", "connection")  # what is open where a function does the work, too


def task(visit: Visit) -> None:
    weaver, state = visit.weaver, visit.state
    task_id = weaver.name(state)
    upstream, trigger, scene = visit.join()
    visit.enter(task_id)
    resource = state.fields.get("Resource")
    try:
        if kept.is_kept(state):
            kept.keep(visit, task_id, (upstream, trigger, scene))
            return
        before, done = _work(visit, resource, task_id)
    except Inexpressible as reason:
        what = resource if isinstance(resource, str) else "the Task"
        placeholder(visit, task_id, upstream, trigger, scene, f"{what} is not converted: {reason}")
        return
    upstream, trigger = before.upstream, before.trigger
    task_policy, findings = done.policy or policy.policy(state.fields, done.transient)
    weaver.add(task_id, documented(state, done.call), upstream, state, trigger=trigger, policy=task_policy)
    weaver.works[task_id] = state.pointer
    is_short = isinstance(task_policy.timeout, timedelta) and task_policy.timeout <= SHORT
    noted = "" if is_short else done.difference
    weaver.row(state, Disposition.NOTED if noted else Disposition.EXACT, noted, task=task_id)
    for construct, disposition, difference in [*done.findings, *findings]:
        weaver.row(state, disposition, difference, task=task_id, construct=construct)
    result = instance(done.result, task_id, INSTANCE) if weaver.names.group else done.result
    after = outcome(state, scene, result)
    catch.leave(visit, catch.Ended(task_id, task_id), after, scene, done.tolerates)


def documented(state: State, call: Call) -> Call:
    """An operator's call with the state's Comment; a function has it as its docstring."""
    comment = state.fields.get("Comment")
    if not isinstance(comment, str) or not comment.strip() or "python_callable" in call.arguments:
        return call
    return replace(call, arguments={**call.arguments, "doc_md": Literal(comment)})


def _work(visit: Visit, resource: Any, task_id: str) -> tuple[Before, calls.Work]:
    """The call of a Task, and what comes before it. Raises ``Inexpressible``.

    It is a function where it acts as a role of its own, tells errors apart, or more is wanted of what the
    service answers than an operator returns; and where the operator cannot be given what the state gives.
    """
    weaver, state = visit.weaver, visit.state
    if not isinstance(resource, str):
        raise Inexpressible("the state has no `Resource`")
    upstream, trigger, scene = visit.join()
    given = arguments(state, scene)
    integration = registry().for_resource(resource)
    is_told = policy.by_name(state.fields, integration.transient if integration else frozenset()) is not None
    is_wanted = state.pointer in weaver.wanted or policy.is_late(state.fields)
    if is_told or "Credentials" in state.fields or is_wanted:
        try:
            return Before(visit, upstream, trigger), _coded(visit, scene, given, task_id)
        except Inexpressible:
            if integration is None and not web_calls.is_http(resources.parse(resource)):
                raise
    undo, count = weaver.saved(), len(weaver.report.rows)
    before = Before(visit, upstream, trigger)
    ledger = Report()
    span = weaver.machine.locate(state.pointer, True)
    try:
        done = calls.work(resource, given, task_id, span, ledger, before.settle)
        if "Credentials" in state.fields:
            done = driver.connected(state, scene, done)
        said = [*ledger.rows, *weaver.report.rows[count:]]
        own = [one for one in done.findings if one[0] not in _AS_WELL]
        is_open = any(row.disposition.is_open for row in said) or any(one[1].is_open for one in own)
        failed = None
    except Inexpressible as reason:
        is_open, failed = True, reason
    if is_open and "Credentials" not in state.fields:
        function, why = _tried(visit, scene, given, task_id)
        if function is not None:
            undo()
            visit.enter(task_id)
            return Before(visit, upstream, trigger), function
        if failed is not None and sdk.waits(resources.parse(resource)):
            failed = why
    if failed is not None:
        raise failed
    weaver.report.take(ledger)
    if done.host:
        weaver.hosts[task_id] = done.host
    return before, replace(done, result=blamed(done.result, blame(state.pointer)))


def _tried(
    visit: Visit, scene: Scene, given: Doc, task_id: str
) -> tuple[calls.Work | None, Inexpressible | None]:
    """A function that does the work of a Task, or why there is none."""
    try:
        return _coded(visit, scene, given, task_id), None
    except Inexpressible as reason:
        return None, reason


def _coded(visit: Visit, scene: Scene, given: Doc, task_id: str) -> calls.Work:
    """A function that does the work of a Task through Airflow's hooks. Raises ``Inexpressible``."""
    state = visit.state
    answer = Ref(task_id)
    is_whole = state.pointer in visit.weaver.wanted
    found = policy.by_name(state.fields, frozenset())
    is_late, is_several = policy.is_late(state.fields), found is not None and found.retrier is None
    has_timeout = False
    if is_late or is_several:
        made, result = driver.call(state, scene, given, answer, is_whole=is_whole)
        has_timeout = is_late or "TimeoutSeconds" in state.fields
        if has_timeout:
            made = f"within({python(_seconds(state, scene))}, lambda: {made})"
        lines = [f"return {driver.with_retries(state, made) if is_several else made}"]
    else:
        lines, result = driver.lines(state, scene, given, answer, is_whole=is_whole)
    if found is not None and found.retrier is not None:
        lines = _telling(lines, found, "TimeoutSeconds" in state.fields)
    doc = code.said(state, f"Do the work of {state.name}.")
    body = code.function(code.identifier("call", task_id), doc, lines)
    resource = str(state.fields["Resource"])
    variable = calls.variable_of(resource)
    findings = [calls.placeholder(resource, variable)] if variable else []
    fields = {name: value for name, value in state.fields.items() if not (has_timeout and name in _TIMEOUTS)}
    if is_several:
        limits = driver.limits(replace(state, fields=fields))
        findings += [one for one in limits if one[0] in ("timeout", "heartbeat")]
        findings += driver.retriers(state)[1]
    findings += driver.slots(state)
    return calls.Work(
        code.call("@task", body),
        result,
        findings,
        calls.LAMBDA_WAITS if variable or resources.parse(resource).is_lambda else "",
        policy=policy.policy(fields) if found is None else policy.chosen(fields, found),
    )


_TIMEOUTS = ("TimeoutSeconds", "TimeoutSecondsPath")


def _seconds(state: State, scene: Scene) -> Doc:
    """How long a Task may take."""
    if state.query_language == "JSONata":
        return jsonata.template(state.fields["TimeoutSeconds"], scene)
    if "TimeoutSeconds" in state.fields:
        return Known(state.fields["TimeoutSeconds"])
    inner = scene.seeing(jsonpath.shape_input(state.fields, scene))
    return jsonpath.resolve(str(state.fields.get("TimeoutSecondsPath")), inner)


def _telling(lines: list[str], found: policy.ByName, has_timeout: bool) -> list[str]:
    """The statements, after whose other errors Airflow does not try again."""
    names = [form for name in found.names for form in catch.forms(name)]
    test = f'said["Error"] {"in" if found.is_fatal else "not in"} {literal(names)}'
    if len(names) == 1:
        test = f'said["Error"] {"==" if found.is_fatal else "!="} {quote(names[0])}'
    return [
        "try:",
        *(f"    {line}" for line in lines),
        f"except {'(Exception, AirflowTaskTimeout)' if has_timeout else 'Exception'} as error:",
        "    said = error_output(error)",
        f"    if {test}:",
        '        raise AirflowFailException("after this error it is not tried again", said) from error',
        "    raise",
    ]


@dataclass(slots=True)
class Before:
    """What comes before a state's task: the task that makes its arguments, where one is needed."""

    visit: Visit
    upstream: tuple[str, ...]
    trigger: TriggerRule

    def settle(self, doc: Doc, place: Place | None = None, /) -> Doc:
        """See ``calls.Settle``."""
        if place is not None:
            return self._typed(doc, place)
        scene = Scene(doc)
        if not (parts := new_parts(scene, Scene(), only_chance=False)):
            return doc
        task_id = self._task_id()
        after = self.visit.make(task_id, scene, parts, self.upstream, self.trigger, "What is given to")
        self._follow(task_id)
        return after.document

    def _typed(self, doc: Doc, place: Place) -> Doc:
        """The same where what is no text keeps its type."""
        expression.check(doc)
        weaver = self.visit.weaver
        typed = Typed(doc, place, list(filter(weaver.is_in_sight, self.upstream)))
        if not typed.parts:
            return doc
        task_id = self._task_id()
        call = code.call("@task", typed.function(self.visit.state, task_id), multiple_outputs=Literal(True))
        weaver.add(task_id, call, self.upstream, self.visit.state, trigger=self.trigger)
        self._follow(task_id)
        return typed.referring(task_id, INSTANCE if weaver.names.group else "")

    def _task_id(self) -> str:
        return self.visit.weaver.names.give(f"{self.visit.state.name}_arguments")

    def _follow(self, task_id: str) -> None:
        """The state's task comes after this one."""
        visit = self.visit
        self.upstream, self.trigger = (task_id,), TriggerRule.ALL_SUCCESS
        visit.enter(task_id)
        if "Catch" in visit.fields:
            message = "an error while its arguments are made is not caught"
            visit.weaver.row(visit.state, Disposition.DECISION, message, task=task_id, construct="arguments")


def pass_(visit: Visit) -> None:
    weaver, state = visit.weaver, visit.state
    if not visit.needs_task:
        arrival = visit.arrivals[0]
        if arrival.tasks or not state.is_terminal:
            visit.entered = entered = replace(arrival.scene, state=state.name)
            scene = passed(state, entered)
            if parts := new_parts(scene, entered, only_chance=False):
                _make(visit, arrival.tasks, TriggerRule.ALL_SUCCESS, scene, parts)
                return
            weaver.row(state, Disposition.NOTED, FOLDED)
            visit.enter()
            visit.leave(Arrival(arrival.tasks, scene))
            return
    upstream, trigger, scene = visit.join()
    after = passed(state, scene)
    if parts := new_parts(after, scene, only_chance=False):
        _make(visit, upstream, trigger, after, parts)
        return
    task_id = weaver.name(state)
    weaver.add(task_id, Call(EMPTY_OPERATOR), upstream, state, trigger=trigger)
    weaver.row(state, Disposition.EXACT, task=task_id)
    visit.enter(task_id)
    visit.leave(Arrival((task_id,), after))


def _make(
    visit: Visit, upstream: tuple[str, ...], trigger: TriggerRule, scene: Scene, parts: list[Made]
) -> None:
    """A Pass that makes data: a function that returns it."""
    task_id = visit.weaver.name(visit.state)
    after = visit.make(task_id, scene, parts, upstream, trigger, "The data of")
    visit.entered = after
    visit.weaver.row(visit.state, Disposition.EXACT, task=task_id)
    visit.enter(task_id)
    visit.leave(Arrival((task_id,), after))


def passed(state: State, scene: Scene) -> Scene:
    """What is seen after a Pass or a Succeed."""
    if state.type == "Succeed":
        return outcome(state, scene, scene.document, has_result=False)
    if state.query_language == "JSONata":
        return outcome(state, scene, scene.document, has_result=False)
    return outcome(state, scene, pass_result(state, scene))


def fail(visit: Visit) -> None:
    weaver, state = visit.weaver, visit.state
    task_id = weaver.name(state)
    upstream, trigger, scene = visit.join()
    visit.enter(task_id)
    visit.passage.failures.append(task_id)
    try:
        message = failure(state, scene)
    except Inexpressible as reason:
        weaver.row(state, Disposition.NOTED, f"fails without the machine's message: {reason}", task=task_id)
        message = quote(state.name)
    else:
        weaver.row(state, Disposition.EXACT, task=task_id)
    doc = code.said(state, f"Fail as {state.name} does.")
    body = code.function(code.identifier("fail", task_id), doc, [f"raise AirflowFailException({message})"])
    weaver.add(task_id, code.call("@task", body), upstream, state, trigger=trigger)


def failure(state: State, scene: Scene) -> str:
    """The Python expression of ``Error: Cause``."""
    parts = list(failed_with(state, scene).values())
    between: list[Doc] = [parts[0], Known(": "), parts[1]] if len(parts) == 2 else parts
    return python(jsonpath.text_of(between or [Known(state.name)]))


def failed_with(state: State, scene: Scene) -> dict[str, Doc]:
    """The Error and the Cause of a Fail, as far as it has them."""
    found: dict[str, Doc] = {}
    for name in ("Error", "Cause"):
        if name in state.fields:
            value = state.fields[name]
            is_jsonata = state.query_language == "JSONata"
            found[name] = jsonata.template(value, scene) if is_jsonata else Known(value)
        elif isinstance(path := state.fields.get(f"{name}Path"), str):
            found[name] = jsonpath.resolve(path, scene)
    return found


def wait(visit: Visit) -> None:
    weaver, state = visit.weaver, visit.state
    task_id = weaver.name(state)
    upstream, trigger, scene = visit.join()
    visit.enter(task_id)
    try:
        before = Before(visit, upstream, trigger)
        call, difference = waiting(state, scene, task_id, before.settle)
    except Inexpressible as reason:
        placeholder(visit, task_id, upstream, trigger, scene, f"the Wait is not converted: {reason}")
        return
    weaver.add(task_id, documented(state, call), before.upstream, state, trigger=before.trigger)
    weaver.works[task_id] = state.pointer
    weaver.row(state, Disposition.NOTED if difference else Disposition.EXACT, difference, task=task_id)
    visit.leave(Arrival((task_id,), outcome(state, scene, scene.document, has_result=False)))


def waiting(state: State, scene: Scene, task_id: str, settle: calls.Settle) -> tuple[Call, str]:
    """The call that waits, and a difference to note. Raises ``Inexpressible``."""
    kind, doc = waited(state, scene)
    if kind == "Timestamp":
        if known(doc) and not isinstance(plain(doc), str):
            raise Inexpressible("the timestamp is no text")
        return Call(TIME_SENSOR, {"target_time": expression.value(settle(doc))}), ""
    if not known(doc):
        body = [f"time.sleep({python(doc)})"]
        said = code.said(state, f"Wait as {state.name} does.")
        function = code.function(code.identifier("wait", task_id), said, body)
        return code.call("@task", function), "the waiting task keeps its worker slot"
    seconds = plain(doc)
    if isinstance(seconds, str) and "${" in seconds:
        raise Inexpressible("a template fills in the number of seconds: write it there")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds <= MAX_WAIT:
        raise Inexpressible("the number of seconds is not valid")
    waits = {"time_to_wait": Literal(timedelta(seconds=seconds)), "deferrable": Literal(True)}
    return Call(WAIT_SENSOR, waits), ""


def waited(state: State, scene: Scene) -> tuple[str, Doc]:
    """Whether a Wait says Seconds or a Timestamp, and what. Raises ``Inexpressible``."""
    for kind in ("Seconds", "Timestamp"):
        if kind in state.fields:
            value = state.fields[kind]
            return kind, jsonata.template(value, scene) if state.query_language == "JSONata" else Known(value)
        if isinstance(path := state.fields.get(f"{kind}Path"), str):
            inner = scene.seeing(jsonpath.shape_input(state.fields, scene))
            return kind, jsonpath.resolve(path, inner)
    raise Inexpressible("it says neither how long nor until when")
