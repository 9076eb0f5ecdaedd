"""One state of a loop: its statements, and the ways out of it with what each sees."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from dagmig.asl.lift import branch, catch, choice, driver, jsonpath
from dagmig.asl.lift.document import Doc, Key, Known, Obj, Ref, Scene, blame, blamed, known, plain
from dagmig.asl.lift.expression import Inexpressible, literal, python
from dagmig.asl.lift.leaves import failed_with, failure, passed, waited
from dagmig.asl.lift.loops import inner
from dagmig.asl.lift.loops.carried import Locals
from dagmig.asl.lift.loops.inner import Written
from dagmig.asl.lift.loops.region import END
from dagmig.asl.lift.making import Making, new_parts, settled, without_chance
from dagmig.asl.lift.walk import arguments, outcome
from dagmig.asl.model import State


@dataclass(frozen=True, slots=True)
class Way:
    """Where the token goes when one of ``tests`` is true (none: in any case), and what is seen there."""

    tests: tuple[str, ...]
    target: str
    scene: Scene


@dataclass(slots=True)
class Step:
    """The statements of a state: functions (``before``), ``lines``, after whose errors the token goes the way
    of ``handlers``, with the error in ``error``; then ``after``. ``failure`` are the statements of a Fail,
    which has no ways.
    """

    lines: list[str] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    handlers: list[Way] = field(default_factory=list)
    error: str = ""
    failure: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)


def step(
    state: State,
    scene: Scene,
    names: Locals,
    written: Written,
    *,
    is_inner: bool = False,
    wanted: frozenset[str] = frozenset(),
) -> Step:
    """A state that is come to with ``scene``; ``written`` is for scopes in it. ``is_inner``: it is in one
    itself; ``wanted`` are the pointers of states of which all is wanted that they answer.

    Raises ``Inexpressible``.
    """
    scene = replace(scene, state=state.name)
    match state.type:
        case "Task":
            name = names.give(state.name, "answer", state.name)
            is_whole, given = state.pointer in wanted, arguments(state, scene)
            made, result = driver.call(state, scene, given, Ref(context=name), is_whole=is_whole)
            return _work(state, scene, names, (name, made, blamed(result, blame(state.pointer))))
        case "Map" | "Parallel":
            name = names.give(state.name, "answer", state.name)
            defined, before, made = inner.scopes(state, scene, names, written)
            is_list = "ResultWriter" not in state.fields
            done = _work(state, scene, names, (name, made, Ref(context=name, is_list=is_list)))
            done.before, done.lines = defined, [*before, *done.lines]
            return done
        case "Succeed" if not is_inner:
            raise Inexpressible("a Succeed inside of a loop")
        case "Pass" | "Succeed":
            after, lines = _kept(state, scene, passed(state, scene), names)
            return Step(ways=[_onward(state, after)], after=lines)
        case "Wait":
            seen = outcome(state, scene, scene.document, has_result=False)
            after, lines = _kept(state, scene, seen, names)
            return Step([_wait(state, scene)], [_onward(state, after)], lines)
        case "Choice":
            return Step(ways=_choice(state, scene))
        case "Fail":
            said = _named(state, scene) if is_inner else _message(state, scene)
            return Step(failure=[f"raise AirflowFailException({said})"])
    raise Inexpressible(f"a {state.type or 'state without a Type'} inside of a loop")


def _onward(state: State, scene: Scene) -> Way:
    if state.is_terminal:
        return Way((), END, scene)
    target = state.fields.get("Next")
    if not isinstance(target, str):
        raise Inexpressible(f"{state.name} has neither Next nor End")
    return Way((), target, scene)


def _work(state: State, scene: Scene, names: Locals, work: tuple[str, str, Doc]) -> Step:
    """A state whose work is an expression: the name of its answer, the expression, and its result."""
    name, made, result = work
    made = driver.with_retries(state, made)
    after, lines = _kept(state, scene, outcome(state, scene, result), names)
    done = Step([f"{name} = {made}"], [_onward(state, after)], lines)
    if catchers := catch.usable(state):
        done.error = names.give("error", "error", state.name)
        error: Doc = Ref(context=done.error)
        for one in catchers:
            test = catch.error_test(_any_branch(state, one), f'{done.error}["Error"]')
            seen = without_chance(catch.handled(state, one, scene, error), scene)
            done.handlers.append(Way((test,) if test else (), one["Next"], seen))
    return done


def _any_branch(state: State, catcher: catch.Catcher) -> catch.Catcher:
    """A catcher for the failure of any branch or item as one for all errors: these keep their own names."""
    is_any = state.type != "Task" and not catch.BRANCHES.isdisjoint(catch.error_names(catcher))
    return {**catcher, "ErrorEquals": [catch.ALL]} if is_any else catcher


def _kept(state: State, before: Scene, after: Scene, names: Locals) -> tuple[Scene, list[str]]:
    """The scene after a state with local variables for what is made by chance, and what assigns them."""
    making = _Locally(state.name, names)
    kept = settled(after, making, new_parts(after, before, only_chance=True))
    return kept, [f"{making.local(name)} = {python(part)}" for name, part in making.parts.items()]


class _Locally(Making):
    """Makes parts in the function itself."""

    def __init__(self, state: str, names: Locals) -> None:
        super().__init__(state, "")
        self.names = names

    def local(self, name: str) -> str:
        return self.names.give(name, "made", self.task, name)

    def reference(self, name: str, path: tuple[Key, ...]) -> Ref:
        return Ref(context=self.local(name), path=path)


def _wait(state: State, scene: Scene) -> str:
    kind, doc = waited(state, scene)
    if kind == "Timestamp":
        return f"time.sleep(max(0, timestamp({python(doc)}).timestamp() - time.time()))"
    if known(doc) and (isinstance(plain(doc), bool) or not isinstance(plain(doc), (int, float))):
        raise Inexpressible("the number of seconds is not valid")
    return f"time.sleep({python(doc)})"


def seconds(state: State, scene: Scene) -> float | None:
    """How long a Wait waits, where that is known."""
    kind, doc = waited(state, scene)
    value = plain(doc) if kind == "Seconds" and known(doc) else None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0 else None


def _choice(state: State, scene: Scene) -> list[Way]:
    seen = (
        scene
        if state.query_language == "JSONata"
        else scene.seeing(jsonpath.shape_input(state.fields, scene))
    )
    rules = state.fields.get("Choices")
    found: list[Way] = []
    for rule in rules if isinstance(rules, list) else []:
        if not isinstance(rule, dict) or not isinstance(rule.get("Next"), str):
            raise Inexpressible("a rule of the Choice goes nowhere")
        test = choice.condition(rule, seen, state.query_language)
        found.append(Way((test,), rule["Next"], without_chance(branch.after_rule(state, rule, scene), scene)))
    if isinstance(default := state.fields.get("Default"), str):
        found.append(Way((), default, without_chance(branch.after_rule(state, state.fields, scene), scene)))
    if not found:
        raise Inexpressible("the Choice has no rules")
    return found


def _named(state: State, scene: Scene) -> str:
    """A Fail whose error the state around it may catch by its name."""
    found = {"Error": Known(state.name), "Cause": Known(""), **failed_with(state, scene)}
    return f"{literal(state.name)}, {python(Obj(found))}"


def _message(state: State, scene: Scene) -> str:
    try:
        return failure(state, scene)
    except Inexpressible as reason:
        if "\0" in str(reason):
            raise
        return literal(state.name)
