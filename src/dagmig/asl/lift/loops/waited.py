"""How a loop of a user's own waits, where an operator does the same.

Each word that the service may say is put through the loop's states, and the loop is run until its counter
ends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dagmig.asl.lift import choice, expression, jsonpath
from dagmig.asl.lift.branch import after_rule
from dagmig.asl.lift.document import OTHERS, Arr, Doc, Key, Known, Lost, Made, Obj, Ref, Scene, Text, select
from dagmig.asl.lift.expression import Inexpressible
from dagmig.asl.lift.leaves import passed
from dagmig.asl.lift.loops import constant
from dagmig.asl.lift.loops.carried import Carrier, unmarked
from dagmig.asl.lift.loops.step import seconds
from dagmig.asl.lift.loops.watched import Watched, keys
from dagmig.asl.lift.walk import arguments, outcome
from dagmig.asl.model import State
from dagmig.graph.model import Call
from dagmig.graph.values import Literal
from dagmig.integrations.waits import Watch

ANSWER = Ref(task="\0started")  # what starting the work gives
REST = "the operator keeps only how the work was started"
ANY_OTHER = "\0"  # a word that the operator does not know: the work goes on
MAX_ROUNDS = 3000
SETTLES = 20
MOST = 601  # seconds before the first look that make no difference


@dataclass(frozen=True, slots=True)
class Found:
    """How the loop waits: every ``pause`` seconds, for ``times`` looks (None: for ever), then it fails.

    ``after`` is what is seen behind it, with references to ``ANSWER``. ``differences`` are words at which the
    loop does something else, with what the operator does.
    """

    watch: Watch
    pause: int
    times: int | None
    after: Scene
    differences: tuple[tuple[str, str], ...] = ()


def found(one: Watched, scene: Scene, call: Callable[[], Call]) -> Found:
    """How the loop waits, where the operator of ``call`` does the same. Raises ``Inexpressible``."""
    reasons: list[str] = []
    for watch in one.watches:
        try:
            return _Loop(one, watch, scene, call).found()
        except Inexpressible as reason:
            reasons.append(str(reason))
    raise Inexpressible(reasons[0])


@dataclass(slots=True)
class _Loop:
    one: Watched
    watch: Watch
    scene: Scene
    call: Callable[[], Call]
    asked: Mapping[str, Doc] | None = None  # what it has asked with

    def found(self) -> Found:
        status = self.watch.status
        (exit_,) = self.one.loop.exits
        first = self._entered()
        same = self._settled(first)
        if not self._is_about_it():
            raise Inexpressible("it asks for something else than what was started")
        pause = self._pause(same)
        running = status.pending or (ANY_OTHER,)
        for word in (*status.done, *status.failed, *running, *self.watch.overlooks):
            self._same_word(word, first, exit_)
        differences = [
            (word, "the operator fails, the loop goes on")
            for word in status.failed
            if self._goes(word, first) == self.one.loop.entry
        ]
        differences += [
            (word, "the operator waits until its attempts are over, the loop fails")
            for word in self.watch.overlooks
            if self._goes(word, first) != self.one.loop.entry
        ]
        times = self._times(first, running[0], exit_)
        if times is not None and not self.watch.times:
            raise Inexpressible("the operator has no number of attempts")
        after = self._after(same, exit_)
        return Found(self.watch, pause, times, after, tuple(differences))

    def _same_word(self, word: str, first: Scene, exit_: str) -> None:
        """Raise ``Inexpressible`` where the operator takes a word for something else than the loop does."""
        status, target = self.watch.status, self._goes(word, first)
        is_exit, is_again = target == exit_, target == self.one.loop.entry
        if word in status.done:
            is_same = is_exit
        elif word in status.failed or word in self.watch.overlooks:
            is_same = not is_exit
        else:
            is_same = is_again
        if not is_same:
            raise Inexpressible(f"at `{word}` the loop does something else than the operator")

    # the data

    def _entered(self) -> Scene:
        """What the loop sees when the token comes to it."""
        paths = [keys(path.lstrip("[$.")) for path in _of_answer(self.watch.status.ask.values())]
        paths += self.one.kept(self.watch)
        answer: Doc = Obj({OTHERS: Lost(REST)})
        for path in paths:
            answer = _with(answer, path, select(ANSWER, path))
        scene = outcome(self.one.start, replace(self.scene, state=self.one.start.name), answer)
        for state in self.one.before:
            if state.type == "Wait" and not 0 <= (seconds(state, scene) or MOST) < MOST:
                raise Inexpressible("it waits for long before it asks")
            scene = _after_state(state, scene)
        return scene

    def _settled(self, scene: Scene) -> Scene:
        """What the loop sees whenever it begins anew; what changes is lost."""
        carrier, entry = Carrier(), self.one.loop.entry
        running = (*self.watch.status.pending, ANY_OTHER)[0]
        for _ in range(SETTLES):
            target, after = self._pass(scene, running, is_lenient=True)
            if target != entry:
                raise Inexpressible("the loop ends while the work goes on")
            merged = carrier.merged(entry, [scene, after])
            if merged == scene:
                return scene
            scene = merged
        raise Inexpressible("what the loop changes does not settle")

    def _after(self, same: Scene, exit_: str) -> Scene:
        carrier = Carrier()
        ways = [self._pass(same, word, is_lenient=True) for word in self.watch.status.done]
        if any(target != exit_ for target, _ in ways):
            raise Inexpressible("how it ends depends on more than the status")
        return carrier.merged(exit_, [after for _, after in ways])

    def _answer(self, word: str, scene: Scene) -> Doc:
        """What asking gives when the service says a word."""
        self.asked = _fields(arguments(self.one.ask, scene))
        answer = _with(Obj({OTHERS: Lost(REST)}), keys(self.watch.status.at), Known(word))
        for name in self.watch.repeats:
            if self.asked is not None and name in self.asked:
                answer = _with(answer, (name,), self.asked[name])
        return answer

    # one pass through the loop

    def _goes(self, word: str, scene: Scene) -> str:
        return self._pass(scene, word)[0]

    def _pass(self, scene: Scene, word: str, *, is_lenient: bool = False) -> tuple[str, Scene]:
        """Where the token goes when the service says a word: out of the loop, to a Fail, or to the entry.

        ``is_lenient``: a rule that fails the loop, and of which nothing is known, does not hold.
        """
        loop = self.one.loop
        name = loop.entry
        for _ in loop.states:
            state = loop.states[name]
            if state.type == "Fail":
                return name, scene
            if state.type == "Choice":
                name, scene = self._chosen(state, replace(scene, state=name), is_lenient)
            else:
                scene = replace(scene, state=name)
                answer = self._answer(word, scene) if state.type == "Task" else None
                scene = _after_state(state, scene, answer)
                name = str(state.fields.get("Next"))
            if name == loop.entry or name not in loop.states:
                return name, scene
        raise Inexpressible("the loop has loops in it")

    def _chosen(self, state: State, scene: Scene, is_lenient: bool) -> tuple[str, Scene]:
        is_jsonata = state.query_language == "JSONata"
        seen = scene if is_jsonata else scene.seeing(jsonpath.shape_input(state.fields, scene))
        rules = state.fields.get("Choices")
        for rule in rules if isinstance(rules, list) else []:
            if self._holds(rule, seen, state.query_language, is_lenient):
                return str(rule.get("Next")), after_rule(state, rule, scene)
        if "Default" not in state.fields:
            raise Inexpressible("the Choice may have no rule that holds")
        return str(state.fields["Default"]), after_rule(state, state.fields, scene)

    def _holds(self, rule: Any, scene: Scene, language: str, is_lenient: bool) -> bool:
        try:
            return bool(constant.value(choice.condition(rule, scene, language)))
        except (Inexpressible, constant.NotConstant):
            target = self.one.loop.states.get(str(rule.get("Next")) if isinstance(rule, dict) else "")
            if target is None or target.type != "Fail" or not is_lenient:
                raise Inexpressible("what the loop chooses by is only known when the DAG runs") from None
            return False

    # how long

    def _times(self, scene: Scene, word: str, exit_: str) -> int | None:
        """How often the loop asks until it fails; None where it asks for ever."""
        for number in range(1, MAX_ROUNDS):
            target, after = self._pass(scene, word)
            if target != self.one.loop.entry:
                is_asked = self._goes(self.watch.status.done[0], scene) == exit_
                if number == 1 and not is_asked:
                    raise Inexpressible("it does not ask at all")
                return number if is_asked else number - 1
            after = _constant(after)
            if after == scene:
                return None
            if self._goes(self.watch.status.done[0], scene) != exit_:
                raise Inexpressible("not every look counts")
            scene = after
        raise Inexpressible("it asks too often")

    def _pause(self, scene: Scene) -> int:
        (wait,) = [state for state in self.one.loop.states.values() if state.type == "Wait"]
        found = seconds(wait, scene)
        if found is None or found != int(found) or found < 1:
            raise Inexpressible("how long it waits is only known when the DAG runs")
        return int(found)

    # what it asks for

    def _is_about_it(self) -> bool:
        """Whether the loop has asked for the work that was started."""
        started = _fields(arguments(self.one.start, replace(self.scene, state=self.one.start.name)))
        asked, ask = self.asked, self.watch.status.ask
        if asked is None or started is None or set(asked) != set(ask):
            return False
        return all(self._is_same(value, asked[name], started) for name, value in ask.items())

    def _is_same(self, wanted: Any, doc: Doc, started: Mapping[str, Doc]) -> bool:
        match wanted:
            case str() if wanted.startswith("[$."):
                items = doc.items if isinstance(doc, Arr) else ()
                return items == (select(ANSWER, keys(wanted[3:])),)
            case str() if wanted.startswith("$."):
                return doc == select(ANSWER, keys(wanted[2:]))
            case str() if wanted.startswith("@"):
                return doc == started.get(wanted[1:])
            case str():
                given = self.call().arguments.get(wanted)
                return given is not None and expression.value(doc) == given
            case [inner] if isinstance(doc, Arr) and len(doc.items) == 1:
                return self._is_same(inner, doc.items[0], started)
            case [inner] if isinstance(doc, Known) and isinstance(doc.value, list) and len(doc.value) == 1:
                return self._is_same(inner, Known(doc.value[0]), started)
            case Literal(constant_):
                return doc == Known(constant_)
        return False


def _of_answer(values: Iterable[Any]) -> Iterator[str]:
    """The paths into what starting the work gives, among what is asked with."""
    for value in values:
        if isinstance(value, str) and value.startswith(("$.", "[$.")):
            yield value
        elif isinstance(value, list):
            yield from _of_answer(value)


def _with(doc: Doc, path: tuple[Key, ...], held: Doc) -> Doc:
    """An answer of which what is at ``path`` is known."""
    if not path:
        return held
    key, *rest = path
    fields = doc.fields if isinstance(doc, Obj) else {OTHERS: Lost(REST)}
    if isinstance(key, int):
        return Arr((*[Lost(REST)] * key, _with(Lost(REST), tuple(rest), held)))
    return Obj({**fields, key: _with(fields.get(key, Lost(REST)), tuple(rest), held)})


def _after_state(state: State, scene: Scene, answer: Doc | None = None) -> Scene:
    if answer is not None:
        return outcome(state, scene, answer)
    if state.type == "Wait":
        return outcome(state, scene, scene.document, has_result=False)
    return passed(state, scene)


def _fields(doc: Doc) -> Mapping[str, Doc] | None:
    match doc:
        case Obj(fields) if OTHERS not in fields:
            return fields
        case Known(dict() as value):
            return {key: Known(child) for key, child in value.items()}
    return None


def _constant(scene: Scene) -> Scene:
    variables = {name: constant.settled(doc) for name, doc in scene.variables.items()}
    return replace(scene, document=constant.settled(scene.document), variables=variables)


def given(doc: Doc, kept: Mapping[tuple[Key, ...], tuple[Key, ...]], task: Ref, reason: str) -> Doc:
    """A document behind the loop, with what ``task`` returns in place of what it has ``kept`` of the answer;
    what else the loop has learnt is lost.
    """
    match doc:
        case Ref(task=ANSWER.task, path=at):
            found = (
                replace(task, path=(*to, *at[len(path) :]))
                for path, to in kept.items()
                if at[: len(path)] == path
            )
            return next(found, Lost(reason))
        case Lost(why):
            return Lost(reason) if why == REST else Lost(unmarked(why) + reason.removeprefix(REST))
        case Obj(fields):
            return Obj({key: given(child, kept, task, reason) for key, child in fields.items()})
        case Arr(items):
            return Arr(tuple(given(child, kept, task, reason) for child in items))
        case Text(parts):
            return replace(doc, parts=tuple(given(child, kept, task, reason) for child in parts))
        case Made(arguments=parts):
            return replace(doc, arguments=tuple(given(child, kept, task, reason) for child in parts))
    return doc
