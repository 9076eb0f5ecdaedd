"""Arguments that keep their type: a template gives text, what another task returns stays as it is.

That task is a function with an XCom for each such argument, which the operator is given as an ``XComArg``.
https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/xcoms.html
"""

from __future__ import annotations

from collections.abc import Sequence

from dagmig.asl.lift import code
from dagmig.asl.lift.document import OTHERS, Arr, Doc, Known, Obj, Ref, Text, made
from dagmig.asl.lift.expression import CONTEXT_NAMES, python
from dagmig.asl.model import State
from dagmig.asl.services.texts import MEMBER, Place
from dagmig.graph.values import Function


class Typed:
    """What a task has to return for a state that is given ``doc``: ``parts`` by the key of each.

    ``place`` says what of it is text. The outputs of the tasks ``direct`` can be passed on as they are.
    """

    def __init__(self, doc: Doc, place: Place, direct: Sequence[str]) -> None:
        self.doc, self.place, self.direct = doc, place, direct
        self.parts: dict[str, Doc] = {}
        self.referring("", "")

    def referring(self, task: str, index: str) -> Doc:
        """The document with what ``task`` returns in place of the parts; inside of a Map ``index`` is the
        name of the item's number.
        """

        def taken(doc: Doc, place: Place, name: str) -> Doc:
            match doc:
                case Known():
                    return doc
                case Obj(fields) if OTHERS not in fields:
                    return Obj({key: taken(one, place.inside(key), key) for key, one in fields.items()})
                case Arr(items):
                    return Arr(tuple(taken(one, place.inside(MEMBER), name) for one in items))
            if self._can_stay(doc, place):
                return doc
            return Ref(task, key=self._key(doc, name), index=index if place.is_json else "")

        return taken(self.doc, self.place, "value")

    def _can_stay(self, doc: Doc, place: Place) -> bool:
        """Whether a template gives the operator the same."""
        if any(made(doc)):
            return False
        match doc:
            case Ref(context=context) if context in CONTEXT_NAMES:
                return True  # which are text
            case Ref(task, (), False, "", "", "") if task in self.direct:
                return True
            case Text(parts) if not place.is_json:
                return all(isinstance(part, Known | Ref) for part in parts)
            case Ref():
                return place.is_text
        return place.is_json

    def _key(self, doc: Doc, name: str) -> str:
        key, number = name, 2
        while self.parts.get(key, doc) != doc:
            key, number = f"{name}_{number}", number + 1
        self.parts[key] = doc
        return key

    def function(self, state: State, task: str) -> Function:
        """The function of the task ``task`` that returns the parts. Raises ``Inexpressible``."""
        lines = [f"return {python(Obj(self.parts))}"]
        return code.function(code.identifier("make", task), f"What is given to {state.name}.", lines)
