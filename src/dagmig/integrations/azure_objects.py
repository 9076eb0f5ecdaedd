"""Objects of Azure's libraries for Python as its REST APIs have them: ``GpuResource(count=1, sku="K80")``.

Their attributes are the API's names in snake case (``_attribute_map`` and ``rest_field`` of the models); a
dict may have either.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from dagmig.graph.values import Entries, Items, Literal, New, Reference, Value
from dagmig.integrations.spelling import items, members

FREE = frozenset({"metadata", "tags", "user_assigned_identities", "userAssignedIdentities"})
"""Maps whose keys are the user's own."""


def as_rest(value: Value) -> Any:
    """The node of a request's body. Raises ``ValueError`` in words where it is not known."""
    match value:
        case New(arguments=(), keywords=keywords):
            return _object(keywords.items())
        case New() | Reference():
            raise ValueError("an object is not known")
        case Literal(dict()) | Entries():
            return _object(members(value))
        case Literal(list() | tuple()) | Items():
            return [as_rest(item) for item in items(value)]
        case Literal(timedelta() as time):
            return Literal(duration(time))
    return value


def duration(time: timedelta) -> str:
    """A length of time by ISO 8601, in seconds."""
    return f"PT{time / timedelta(seconds=1):.6f}".rstrip("0").rstrip(".") + "S"


def _object(pairs: Iterable[tuple[str, Value]]) -> dict[str, Any]:
    return {
        _camel(name): item if name in FREE else as_rest(item) for name, item in pairs if item != Literal(None)
    }


def _camel(name: str) -> str:
    """``searchDomains`` for ``search_domains``; a name of the API stays as it is."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
