"""Tasks that make data: what no template of an operator can say is made by a function before it.

What depends on chance or on the time is made once, where the state is, as in the machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from dagmig.asl.lift import code
from dagmig.asl.lift.document import (
    Arr,
    Doc,
    Key,
    Known,
    Lost,
    Made,
    Obj,
    Ref,
    Scene,
    Text,
    inside,
    losses,
    made,
)
from dagmig.asl.lift.expression import python
from dagmig.asl.model import State
from dagmig.graph.values import Function

CHANCE = frozenset({"math_random", "new_uuid", "time_now"})
_CHANCE_OF_JSONATA = ("$random", "$shuffle", "$now", "$millis", "$uuid")


def is_by_chance(doc: Made) -> bool:
    """Whether a document is another one each time that it is made."""
    if doc.function in CHANCE:
        return True
    match doc.arguments:
        case (Known(str() as text), *_) if doc.function == "evaluate":
            if any(f"{name}(" in text.replace(" ", "") for name in _CHANCE_OF_JSONATA):
                return True
    return any(is_by_chance(one) for child in inside(doc) for one in made(child))


class Making:
    """What one function makes: the parts taken out of documents, by the name under which it returns each."""

    def __init__(self, task: str, index: str) -> None:
        self.task, self.index = task, index
        self.parts: dict[str, Doc] = {}

    def taken(self, doc: Doc, wanted: Iterable[Made], place: str = "value") -> Doc:
        """The document with references to the task in place of the parts wanted."""
        chosen = list(wanted)
        match doc:
            case Made() if replace(doc, path=()) in chosen:
                return self._reference(doc, place)
            case Obj(fields):
                return Obj({key: self.taken(child, chosen, key) for key, child in fields.items()})
            case Made(arguments=inner):
                return replace(doc, arguments=tuple(self.taken(one, chosen, place) for one in inner))
            case Arr(items):
                return Arr(self._each(items, chosen, place))
            case Text(parts):
                found = [replace(one, path=()) for one in made(doc)]
                is_whole = any(one in chosen for one in found) and not any(map(is_by_chance, found))
                return (
                    self._reference(doc, place)
                    if is_whole
                    else replace(doc, parts=self._each(parts, chosen, place))
                )
        return doc

    def _each(self, docs: tuple[Doc, ...], chosen: list[Made], place: str) -> tuple[Doc, ...]:
        return tuple(self.taken(child, chosen, f"{place}_{number}") for number, child in enumerate(docs))

    def _reference(self, doc: Made | Text, place: str) -> Ref:
        path = doc.path if isinstance(doc, Made) else ()
        whole = replace(doc, path=()) if isinstance(doc, Made) else doc
        known = next((name for name, part in self.parts.items() if part == whole), None)
        name, number = known or place, 2
        while known is None and name in self.parts:
            name, number = f"{place}_{number}", number + 1
        self.parts[name] = whole
        return self.reference(name, path)

    def reference(self, name: str, path: tuple[Key, ...]) -> Ref:
        """What stands for a part, or for ``path`` into it."""
        return Ref(self.task, (name, *path), index=self.index)

    def function(self, state: State, said: str) -> Function:
        """The function that makes the parts. Raises ``Inexpressible``."""
        lines = [f"return {python(Obj(dict(self.parts)))}"]
        return code.function(code.identifier("make", self.task), f"{said} {state.name}.", lines)


def new_parts(after: Scene, before: Scene, *, only_chance: bool) -> list[Made]:
    """What is made in ``after`` and was not in ``before``, without what is lost."""
    had = list(_parts(before))
    found: list[Made] = []
    for one in _parts(after):
        is_wanted = one not in had and one not in found and not list(losses(one))
        if is_wanted and (not only_chance or is_by_chance(one)):
            found.append(one)
    return found


def without_chance(scene: Scene, before: Scene) -> Scene:
    """The scene where nothing can make a state's new data once for all: what depends on chance is lost."""
    if not new_parts(scene, before, only_chance=True):
        return scene
    reason = Lost("it depends on chance or on the time, and no task makes it once for all")
    variables = {name: _steady(doc, reason) for name, doc in scene.variables.items()}
    return replace(scene, document=_steady(scene.document, reason), variables=variables)


def _steady(doc: Doc, reason: Lost) -> Doc:
    if isinstance(doc, Obj):
        return Obj({key: _steady(child, reason) for key, child in doc.fields.items()})
    return reason if any(is_by_chance(one) for one in made(doc)) else doc


def _parts(scene: Scene) -> Iterable[Made]:
    for doc in (scene.document, *scene.variables.values()):
        for one in made(doc):
            yield replace(one, path=())


def settled(scene: Scene, making: Making, parts: list[Made]) -> Scene:
    """The scene with references to the task that makes the parts."""
    variables: Mapping[str, Doc] = {
        name: making.taken(doc, parts, name) for name, doc in scene.variables.items()
    }
    return replace(scene, document=making.taken(scene.document, parts, "output"), variables=variables)
