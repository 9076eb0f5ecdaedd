"""What a loop hands from one pass to the next, and what it ends with.

A *label* is a place in the loop that several ways lead to. Where the data of those ways differ there, the
data is lost, marked with its place; a place that turns out to be read becomes a local variable.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dagmig.asl.lift.code import companions, snake
from dagmig.asl.lift.document import OTHERS, Doc, Known, Lost, Obj, Ref, Scene, losses
from dagmig.asl.lift.expression import CONTEXT_NAMES, Inexpressible

Path = tuple[str, ...]
Place = tuple[str, Path]  # a label, and where in the data: ("input", key, ...) or ("$variable", key, ...)
_IMPORTED = ("datetime", "json", "partial", "re", "task", "threading", "time")
_PYTHONS = (*keyword.kwlist, *dir(builtins))  # a state may well be named `Try` or `List`
_READING = ("client", "place", "items", "results")  # of the statements around an ItemReader
RESERVED = frozenset({*CONTEXT_NAMES, *companions(), *_IMPORTED, *_PYTHONS, "state", "v", "w", *_READING})
_MARK = re.compile("\0(\\d+) (\\d+)\0")
VARIES = "it depends on the way that the token took through a loop"


class Locals:
    """The names of a function's local variables, each given once for a purpose; how many scopes in it have
    been ``written``.
    """

    def __init__(self) -> None:
        self.given: dict[tuple[str, ...], str] = {}
        self.written = 0

    def give(self, wanted: str, *purpose: str) -> str:
        if purpose not in self.given:
            stem = snake(wanted) or "data"
            taken = {*self.given.values(), *RESERVED}
            found, count = stem, 2
            while found in taken:
                found, count = f"{stem}_{count}", count + 1
            self.given[purpose] = found
        return self.given[purpose]


@dataclass(slots=True)
class Carrier:
    """The places that are carried; ``marks`` are all that could be."""

    locals: Locals = field(default_factory=Locals)
    level: int = 0  # how many functions it is inside of
    places: set[Place] = field(default_factory=set)
    marks: list[Place] = field(default_factory=list)

    def name(self, place: Place) -> str:
        """The local variable of a carried place."""
        label, path = place
        wanted = "data" if path == ("input",) else path[-1].removeprefix("$")
        return self.locals.give(wanted, "carried", str(self.level), label, *path)

    def lost(self, label: str, path: Path) -> Lost:
        place = (label, path)
        if place not in self.marks:
            self.marks.append(place)
        return Lost(f"{VARIES}\0{self.level} {self.marks.index(place)}\0")

    def wanted(self, reason: str) -> bool:
        """Carry the place whose loss is the reason that something cannot be written; whether there is one."""
        found = _MARK.search(reason)
        if found is None or int(found[1]) != self.level:
            return False
        self.places.add(self.marks[int(found[2])])
        return True

    def widen(self, place: Place, reason: str) -> None:
        """Carry what a place is in, as the place itself is not there on each way.

        Raises ``Inexpressible`` where it is in nothing.
        """
        label, path = place
        if len(path) == 1:
            raise Inexpressible(reason)
        self.places = {p for p in self.places if p[0] != label or p[1][: len(path) - 1] != path[:-1]}
        self.places.add((label, path[:-1]))

    def merged(self, label: str, scenes: Sequence[Scene]) -> Scene:
        """What is known at a label that is come to with these scenes."""
        first = scenes[0]
        shared = [name for name in first.variables if all(name in one.variables for one in scenes)]
        variables = {
            name: self._merged(label, (f"${name}",), [one.variables[name] for one in scenes])
            for name in shared
        }
        document = self._merged(label, ("input",), [one.document for one in scenes])
        return replace(first, document=document, variables=variables)

    def _merged(self, label: str, path: Path, docs: Sequence[Doc]) -> Doc:
        if all(doc == docs[0] for doc in docs):
            return docs[0]
        if (label, path) in self.places:
            return Ref(context=self.name((label, path)))
        spread = [fields for fields in map(_fields, docs) if fields is not None]
        if len(spread) < len(docs) or any(one.get(OTHERS) != spread[0].get(OTHERS) for one in spread):
            return self.lost(label, path)
        found: dict[str, Doc] = {}
        for key in dict.fromkeys(key for one in spread for key in one):
            inner = [one[key] for one in spread if key in one]
            is_shared = len(inner) == len(spread)
            found[key] = (
                self._merged(label, (*path, key), inner) if is_shared else self.lost(label, (*path, key))
            )
        return Obj(found)

    def values(self, label: str, scene: Scene) -> dict[str, Doc]:
        """The carried variables of a label, with what one way to it has there; lost where it has nothing."""
        found: dict[str, Doc] = {}
        for place in sorted(self.places):
            if place[0] == label:
                root, *rest = place[1]
                unset = Lost("it is not set on each way")
                start = scene.document if root == "input" else scene.variables.get(root[1:], unset)
                found[self.name(place)] = _held(start, rest)
        return found

    def places_of(self, label: str) -> list[Place]:
        """The places that are carried to a label."""
        return [place for place in sorted(self.places) if place[0] == label]

    def place(self, label: str, name: str) -> Place:
        """The place that a local variable is for."""
        return next(place for place in self.places if place[0] == label and self.name(place) == name)


def _fields(doc: Doc) -> Mapping[str, Doc] | None:
    match doc:
        case Obj(fields):
            return fields
        case Ref():
            return {OTHERS: doc}
        case Known(dict() as value):
            return {key: Known(member) for key, member in value.items()}
    return None


def _held(doc: Doc, path: Sequence[str]) -> Doc:
    """What is at a path; lost where it is not sure that there is something."""
    for key in path:
        fields = _fields(doc) or {}
        if key not in fields:
            return Lost(f"`{key}` is not there on each way")
        doc = fields[key]
    return doc


def marked(doc: Doc) -> Iterator[str]:
    """The losses in a document that carrying a place would mend."""
    return (reason for reason in losses(doc) if _MARK.search(reason))


def unmarked(reason: str) -> str:
    """A reason as a person reads it."""
    return _MARK.sub("", reason)
