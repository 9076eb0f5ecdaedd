"""The states of a loop as Python statements.

The data is followed as everywhere in ``lift``; only what a pass through the loop changes is kept in local
variables. Statements are written again and again until it is known what has to be kept.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from dagmig.asl.lift import code, own, sdk
from dagmig.asl.lift.document import Doc, Lost, Obj, Ref, Scene, replaced
from dagmig.asl.lift.expression import Inexpressible, python, quote
from dagmig.asl.lift.loops.carried import VARIES, Carrier, marked, unmarked
from dagmig.asl.lift.loops.region import END, Region
from dagmig.asl.lift.loops.step import Step, step
from dagmig.asl.model import Scope

MAX_ROUNDS = 60
MAX_LEVELS = 40  # of functions in functions
MAX_WRITTEN = 600  # scopes inside of a task, each as often as it is written anew
MAX_DEPTH = 6  # of ifs in ifs, after which a state becomes a block of its own
Key = tuple[str, int]  # an arrow: the state, the number of the way out of it


class _Again(Exception):
    """Something more has to be carried than was known."""


@dataclass(slots=True)
class Program:
    """The statements of a region, from ``entry`` with ``scene``.

    ``again`` is a state at which the function returns False, to be called once more (a sensor's);
    ``is_inner``: it returns the data of its end. ``is_live(target)`` says whether an exit's
    target looks at its input, and which variables.
    """

    region: Region
    entry: str
    scene: Scene
    is_live: Callable[[str], tuple[bool, Callable[[str], bool]]]
    again: str = ""
    is_inner: bool = False
    wanted: frozenset[str] = frozenset()  # see ``Weaver``
    stops: tuple[str, ...] = ()  # the names of what tells it that it has to stop
    carrier: Carrier = field(default_factory=Carrier)
    blocks: set[str] = field(default_factory=set)
    arrivals: dict[str, dict[Key, Scene]] = field(default_factory=dict)
    used: dict[str, dict[Key, Scene]] = field(default_factory=dict)  # those that a label was written for
    states: set[str] = field(default_factory=set)  # those that became statements
    lines: list[str] = field(default_factory=list)

    def write(self) -> None:
        """Fill ``lines``. Raises ``Inexpressible``."""
        self.blocks = self._labels()
        for _ in range(MAX_ROUNDS):
            before = {label: dict(found) for label, found in self.arrivals.items()}
            known = (set(self.carrier.places), set(self.blocks))
            try:
                lines = self._round()
            except _Again:
                self.arrivals.clear()
                continue
            except Inexpressible as reason:
                if not self.carrier.wanted(str(reason)):
                    raise Inexpressible(str(reason) if self.is_inner else unmarked(str(reason))) from None
                self.arrivals.clear()
                continue
            if known != (self.carrier.places, self.blocks):
                self.arrivals.clear()
            elif before == self.arrivals or (self.is_inner and self.used == self._of_labels()):
                self.lines = _tidy(lines)
                if self.lines[-1] == "return" and len(self.lines) > 1:
                    self.lines.pop()
                return
        raise Inexpressible("what the loop changes does not settle")

    def _labels(self) -> set[str]:
        counts: dict[str, int] = {}
        for state in self.region.states.values():
            for target in [arrow.target for arrow in state.transitions()]:
                counts[target] = counts.get(target, 0) + 1
        return {
            self.entry,
            *(name for name in self.region.states if counts.get(name, 0) > 1 and name != self.again),
        }

    def _of_labels(self) -> dict[str, dict[Key, Scene]]:
        """Who comes to each label that was written."""
        return {label: self.arrivals[label] for label in self.used}

    # one round

    def _round(self) -> list[str]:
        self.states.clear()
        self.used.clear()
        lines = self._goes(self.entry, (END, 0), self.scene, is_first=True)
        done: dict[str, list[str]] = {}
        waiting = [self.entry]
        while waiting:
            label = waiting.pop(0)
            if label not in done:
                done[label] = []
                done[label] = self._block(label)
                waiting += [
                    name for name in self.region.states if name in self.blocks and name in self.arrivals
                ]
        if self.again:
            if len(done) > 1:
                raise Inexpressible("the loop has loops in it")
            return [*lines, *done[self.entry]]
        if len(done) == 1 and not _goes_round(done[self.entry]):
            return [*lines, *done[self.entry]]
        body = _ended(done[self.entry]) if len(done) == 1 else self._dispatch(done)
        return [*lines, "while True:", *_indented(body)]

    def _inner(self, scope: Scope, scene: Scene, stopped: str) -> list[str]:
        """The statements of a function for a scope in a state, which returns what the scope ends with."""
        region = Region(scope.start_at, scope.states)
        if set(region.exits) - {END}:
            raise Inexpressible("a state leads to one that is not there")
        self.carrier.locals.written += 1
        if self.carrier.level >= MAX_LEVELS or self.carrier.locals.written > MAX_WRITTEN:
            raise Inexpressible("it is nested too deeply")
        found = Program(region, scope.start_at, scene, lambda _: (True, lambda _: False), is_inner=True)
        found.wanted = self.wanted
        found.stops = (*self.stops, stopped) if stopped else self.stops
        found.carrier = Carrier(self.carrier.locals, self.carrier.level + 1)
        found.write()
        return found.lines

    def _dispatch(self, done: dict[str, list[str]]) -> list[str]:
        return [
            line
            for number, (label, body) in enumerate(done.items())
            for line in [f"{'elif' if number else 'if'} state == {quote(label)}:", *_indented(_ended(body))]
        ]

    def _block(self, label: str) -> list[str]:
        self.used[label] = dict(self.arrivals[label])
        scene = self.carrier.merged(label, list(self.arrivals[label].values()))
        return self._from(label, scene, 0)

    def _from(self, name: str, scene: Scene, depth: int) -> list[str]:
        """The statements of a state and all that follow it, until a label or an exit."""
        lines: list[str] = []
        while True:
            state = self.region.states[name]
            self.states.add(name)
            done = step(
                state, scene, self.carrier.locals, self._inner, is_inner=self.is_inner, wanted=self.wanted
            )
            lines += [*self._stopping(name), *done.before, *self._worked(done, name, depth), *done.after]
            if done.failure:
                return [*lines, *done.failure]
            *guarded, last = done.ways
            for number, way in enumerate(guarded):
                body = self._goes(way.target, (name, number), way.scene, depth + 1)
                lines += [line for test in way.tests for line in [f"if {test}:", *_indented(body)]]
            if last.tests:
                body = self._goes(last.target, (name, len(guarded)), last.scene, depth + 1)
                lines += [line for test in last.tests for line in [f"if {test}:", *_indented(body)]]
                return [*lines, *code.fail("States.NoChoiceMatched: no rule of the Choice is true")]
            if not self._is_inline(last.target, depth):
                return [*lines, *self._goes(last.target, (name, len(guarded)), last.scene, depth)]
            name, scene = last.target, last.scene

    def _stopping(self, name: str) -> list[str]:
        """The statement before a state that does nothing more when another branch or item has failed."""
        is_first = name == self.entry and len(self.stops) == 1
        is_work = self.region.states[name].type in ("Task", "Wait", "Map", "Parallel")
        if not self.stops or not is_work or (is_first and not self._is_repeated(name)):
            return []
        asked = " or ".join(f"{stopped}.is_set()" for stopped in self.stops)
        return [f"if {asked}:", "    return None"]

    def _is_repeated(self, name: str) -> bool:
        return any(
            arrow.target == name for state in self.region.states.values() for arrow in state.transitions()
        )

    def _worked(self, done: Step, name: str, depth: int) -> list[str]:
        if not done.handlers:
            return done.lines
        lines = ["try:", *_indented(done.lines), "except Exception as raised:"]
        inner = [f"{done.error} = error_output(raised)"]
        for number, way in enumerate(done.handlers):
            body = self._goes(way.target, (name, -1 - number), way.scene, depth + 1)
            inner += (
                [line for test in way.tests for line in [f"if {test}:", *_indented(body)]]
                if way.tests
                else body
            )
        if done.handlers[-1].tests:
            inner.append("raise")
        inner = [_with_cause(line) for line in inner]
        return [*lines, *_indented(inner)]

    def _is_inline(self, target: str, depth: int) -> bool:
        if target not in self.region.states or target in self.blocks or target == self.again:
            return False
        if depth > MAX_DEPTH:
            self.blocks.add(target)
            return False
        return True

    def _goes(
        self, target: str, key: Key, scene: Scene, depth: int = 0, *, is_first: bool = False
    ) -> list[str]:
        """The statements that send the token on."""
        if not is_first and self._is_inline(target, depth):
            return self._from(target, scene, depth)
        if target not in self.region.states:
            self.arrivals.setdefault(target, {})[key] = scene
            return self._leaves(target, scene)
        if target == self.again:
            self.states.add(target)
            (back,) = step(self.region.states[target], scene, self.carrier.locals, self._inner).ways
            self.arrivals.setdefault(back.target, {})[key] = back.scene
            return ["return False"]
        self.arrivals.setdefault(target, {})[key] = scene
        lines = self._assigned(target, scene, is_first)
        if len(self.blocks) > 1 or target != self.entry:
            lines.append(f"state = {quote(target)}")
        return lines if is_first else [*lines, "continue"]

    def _assigned(self, label: str, scene: Scene, is_first: bool) -> list[str]:
        found: list[tuple[str, str]] = []
        for name, doc in self.carrier.values(label, scene).items():
            if doc == Ref(context=name) and not is_first:
                continue
            found.append((name, self._held(label, name, doc)))
        if is_first or len(found) == 1:
            return [f"{name} = {value}" for name, value in found]
        names, values = zip(*found, strict=True) if found else ((), ())
        read_later = [set().union(*map(code.names, values[number:])) for number in range(1, len(values) + 1)]
        if not any(name in read for name, read in zip(names, read_later, strict=True)):
            return [f"{name} = {value}" for name, value in found]
        return [f"{', '.join(names)} = {', '.join(values)}"]

    def _held(self, label: str, name: str, doc: Doc) -> str:
        try:
            return python(doc)
        except Inexpressible as reason:
            if not self.carrier.wanted(str(reason)):
                self.carrier.widen(self.carrier.place(label, name), str(reason))
            raise _Again from None

    # the ways out

    def outcome(self, target: str) -> Scene:
        """What an exit's target sees, with references to local variables."""
        merged = self.carrier.merged(target, list(self.arrivals[target].values()))
        reads, reads_variable = self.is_live(target)
        variables = {name: self._kept(doc, reads_variable(name)) for name, doc in merged.variables.items()}
        return replace(merged, document=self._kept(merged.document, reads), variables=variables, error=None)

    def _kept(self, doc: Doc, is_read: bool) -> Doc:
        if not is_read:
            return replaced(doc, lambda ref: Lost(VARIES) if self._is_local(ref) else ref)
        for reason in marked(doc):
            raise Inexpressible(reason)
        return doc

    def _is_local(self, ref: Ref) -> bool:
        return ref.context in self.carrier.locals.given.values()

    def names(self, target: str) -> list[str]:
        """The local variables that an exit's target sees, each once, in order."""
        scene = self.outcome(target)
        found: dict[str, None] = {}

        def note(ref: Ref) -> Doc:
            if self._is_local(ref):
                found[ref.context] = None
            return ref

        replaced(Obj({"input": scene.document, **scene.variables}), note)
        return list(found)

    @property
    def exits(self) -> list[str]:
        """The targets that the statements lead to outside of the region, in order."""
        return [target for target in self.region.exits if target in self.arrivals]

    def _leaves(self, target: str, scene: Scene) -> list[str]:
        if self.is_inner:
            return [f"return {python(scene.document)}"]
        carried = self.carrier.values(target, scene)
        values = {name: self._held(target, name, doc) for name, doc in carried.items()}
        values = {name: values.get(name, name) for name in self.names(target)}
        several = len(self.region.exits) > 1
        if not several and len(values) < 2:
            found = next(iter(values.values()), "")
            if self.again:
                return [
                    f"return PokeReturnValue(is_done=True, xcom_value={found})" if found else "return True"
                ]
            return [f"return {found}".rstrip()]
        given = {**({"next": quote(target)} if several else {}), **values}
        written = "{" + ", ".join(f"{quote(name)}: {value}" for name, value in given.items()) + "}"
        if self.again:
            return [f"return PokeReturnValue(is_done=True, xcom_value={written})"]
        return [f"return {written}"]


def _with_cause(line: str) -> str:
    """A statement in a handler: a failure says which error it comes from."""
    is_failure = line.lstrip().startswith("raise AirflowFailException(") and not line.endswith(" from raised")
    return f"{line} from raised" if is_failure else line


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _goes_round(lines: Sequence[str]) -> bool:
    """Whether the statements begin the loop around them again; not one of a function's in them."""
    waiting: list[ast.AST] = [ast.parse("while True:\n" + "\n".join(_indented(lines))).body[0]]
    while waiting:
        for node in ast.iter_child_nodes(waiting.pop()):
            if isinstance(node, ast.Continue):
                return True
            if not isinstance(node, ast.FunctionDef | ast.Lambda | ast.While | ast.For):
                waiting.append(node)
    return False


def _ended(lines: list[str]) -> list[str]:
    """A block of a loop without the statement that goes on with the loop, where nothing is after it."""
    return lines[:-1] if len(lines) > 1 and lines[-1] == "continue" else lines


def _tidy(lines: list[str]) -> list[str]:
    """The statements without names that nothing reads, and without a last ``continue``."""
    while True:
        tree = ast.parse("def f():\n" + "\n".join(_indented(lines)))
        read = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        kept = [line for line in (_read(line, read) for line in lines) if line]
        if kept == lines:
            break
        lines = kept
    return lines


_WORKS = (
    *("as_json(", "in_sdk_case(", "in_pascal_case(", "invoke(", "retried(", "together(", "tolerant("),
    *own.WORKS,
    *sdk.WAITS,
)
_ASSIGNED = re.compile(r"( *)([a-z_]\w*) = (.*)")


def _read(line: str, read: set[str]) -> str:
    """A statement without its target where nothing reads it; empty where it then does nothing."""
    if line.endswith(" as raised:") and "raised" not in read:
        return line.replace(" as raised:", ":")
    found = _ASSIGNED.fullmatch(line)
    if found is None or found[2] in read or found[2] == "state":
        return line
    does_something = any(work in found[3] for work in _WORKS) or (
        found[3].startswith("[") and "(" in found[3]
    )
    return found[1] + found[3] if does_something else ""
