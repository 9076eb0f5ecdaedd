"""JSONata in a machine: parsed once, and what it refers to.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

from functools import lru_cache

from dagmig.asl.jsonata import FUNCTIONS, JsonataError, Node, parse


@lru_cache(maxsize=4096)
def tree(source: str) -> Node | JsonataError | None:
    """The tree of an expression without its delimiters, or what is wrong with it; None if it is too deep."""
    try:
        return parse(source)
    except JsonataError as error:
        return error
    except RecursionError:
        return None


def steps(node: Node) -> tuple[str, ...]:
    """The names that a path goes through, its variable first (``states``, ``result``, ``Payload``)."""
    names: list[str] = []
    while True:
        if node.kind == "." and node.inner[0].kind == "name":
            names.append(str(node.inner[0].value))
        elif node.kind == "variable":
            return (str(node.value), *reversed(names))
        elif node.kind not in ("[", "."):
            return ()
        else:
            names.clear()
        node = node.parts[0]


def free_variables(node: Node) -> list[Node]:
    """The variables that the expression itself does not bind; those of ``$states`` and functions are none."""
    parts = [part for part, _ in node.walk()]
    bound = {name for part in parts for name in part.bound}
    return [
        part
        for part in parts
        if part.kind == "variable" and part.value not in bound | FUNCTIONS | {"", "$", "states"}
    ]


def guarded(node: Node) -> frozenset[str]:
    """The variables of which the expression asks whether they exist; ``states`` among them."""
    asked = [part for part, _ in node.walk() if part.kind == "call" and part.value in ("exists", "type")]
    return frozenset(
        str(inner.value) for call in asked for inner, _ in call.walk() if inner.kind == "variable"
    ) - {"exists", "type"}
