"""JSONata that is not translated: the jsonata-python library evaluates it in the generated task.

It is given what the expression names: parts of ``$states``, and variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dagmig.asl import jsonata as grammar
from dagmig.asl.lift.document import EMPTY, UNSET, Doc, Known, Lost, Made, Obj, field_of, members

COMPANION = "evaluate"
_OWN = {
    "partition": "jsonata_partition",
    "range": "jsonata_range",
    "hash": "hash_of",
    "parse": "parse_json",
    "uuid": "new_uuid",
}  # Step Functions' own functions, and the companions that do the same


def evaluated(text: str, variables: Mapping[str, Doc], states: Doc) -> Doc:
    """What an expression gives, as a call of the library; ``states`` is ``$states``."""
    try:
        tree = grammar.parse(text)
        paths = dict.fromkeys(_used(tree))
        walked = list(tree.walk())
    except grammar.JsonataError as error:
        return Lost(f"of the JSONata in it: {error}")
    except RecursionError:
        return Lost("of the JSONata in it: it is nested too deeply")
    for node, is_top in walked:
        if is_top and node.kind in ("wildcard", "name"):
            return Lost(f"of the JSONata in it: `{node.value}` has nothing to be a field of")
    nodes = [node for node, _ in walked]
    bound = {name for node in nodes for name in node.bound}
    given: dict[str, Doc] = {}
    for root, *keys in paths:
        if root == "states":
            given[root] = _with(given.get(root, EMPTY), states, keys)
        elif variables.get(root, UNSET) is not UNSET:
            given[root] = variables[root]
    called = {str(node.value) for node in nodes if node.kind == "call" and node.value not in bound}
    if any((node.kind, node.value) == ("call", "random") and len(node.parts) > 1 for node in nodes):
        return Lost("a seed of $random gives other numbers here")
    rest = tuple(f"{name}={companion}" for name, companion in _OWN.items() if name in called)
    for name in sorted({root for root, *_ in paths} - given.keys() - bound - {""}):
        is_asked = re.search(rf"\$exists\(\s*\${re.escape(name)}\b", text)
        if name not in grammar.FUNCTIONS and not is_asked:
            return Lost(f"the variable `${name}` is not set")
    return Made(COMPANION, (Known(text), members(given)), rest)


def _used(node: grammar.Node) -> Iterator[tuple[str, ...]]:
    """The variables that are used, each with the names of fields after it."""
    if (chain := _chain(node)) is not None:
        yield chain
        return
    if node.kind == "." and node.inner[0].kind == "[" and (before := _chain(node.parts[0])) is not None:
        held, filters = node.inner[0], list(node.inner[0].inner)
        while (held := held.parts[0]).kind == "[":
            filters += held.inner
        if held.kind == "name":
            yield (*before, str(held.value))
            for one in filters:
                yield from _used(one)
            return
    for part in (*node.parts, *node.inner):
        yield from _used(part)


def _chain(node: grammar.Node) -> tuple[str, ...] | None:
    if node.kind == "variable":
        return (str(node.value),)
    if node.kind != "." or node.inner[0].kind != "name":
        return None
    before = _chain(node.parts[0])
    return None if before is None else (*before, str(node.inner[0].value))


def _with(given: Doc, held: Doc, keys: list[str]) -> Doc:
    """``given`` with what ``held`` has at those keys, as far as the keys of objects are known."""
    if not keys or not isinstance(held, Obj):
        return held
    inner = field_of(held, keys[0])
    if inner is None:
        return given
    if not isinstance(given, Obj):
        given = Obj({}) if given == EMPTY else given
    if not isinstance(given, Obj):
        return given
    had = given.fields.get(keys[0], EMPTY)
    return Obj({**given.fields, keys[0]: _with(had, inner, keys[1:])})
