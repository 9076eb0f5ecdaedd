"""JSONata that code gives to the jsonata-python library, in the JSONata of a state."""

from __future__ import annotations

from collections.abc import Mapping

from dagmig.asl import jsonata
from dagmig.asl.lower.scene import Untranslatable
from dagmig.asl.lower.templates.code import Code, Kind, loose, required
from dagmig.graph.values import Opaque

STATES = "states"  # whose meaning is the state's own


def evaluated(query: str, names: Mapping[str, Code]) -> Code:
    """What an expression gives with variables of these names, be they the run's own or not.

    Raises ``Untranslatable``.
    """
    try:
        nodes = [node for node, _ in jsonata.parse(query).walk()]
    except (jsonata.JsonataError, RecursionError) as error:
        raise Untranslatable(f"{query!r}, which is no JSONata,") from error
    used = {str(node.value) for node in nodes if node.kind == "variable"} | {
        name for node in nodes for name in node.bound
    }
    other = next(name for name in ("given", "given_states", "_given") if name not in {*used, *names})
    places = [node.position for node in nodes if (node.kind, node.value) == ("variable", STATES)]
    for at in sorted(places, reverse=True):
        query = f"{query[:at]}${other}{query[at + len(STATES) + 1 :]}"
    bound = "".join(f"${other if name == STATES else name} := {one.source}; " for name, one in names.items())
    return loose(f"({bound}{query})", Kind.ANY, may_miss=True, seen=Opaque("what JSONata gives"))


def holds(code: Code) -> Code:
    """A condition, which has to be true or false."""
    held = required(code).source
    said = "$error('a condition is neither true nor false')"
    return Code(f"($held := {held}; $type($held) = 'boolean' ? $held : {said})", Kind.FLAG)
