"""Dependencies as a person writes them: ``a >> [b, c] >> d``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import libcst as cst

from dagmig.graph.model import Edge

Side = tuple[str, ...]
MAX_CHAIN = 100  # characters of a chain before a new statement is begun


def statements(edges: Iterable[Edge], names: Mapping[str, str]) -> list[cst.BaseExpression]:
    """Expressions that make exactly these edges; ``names`` gives each task's variable, in file order."""
    position = {task: index for index, task in enumerate(names)}
    segments = _segments(edges, position)
    chains: list[list[Side]] = []
    for left, right in segments:
        chain = next((c for c in chains if c[-1] == left and _width([*c, right], names) <= MAX_CHAIN), None)
        if chain is None or (len(left) > 1 and len(right) > 1):
            chains.append([left, right])
        else:
            chain.append(right)
    return [_expression(chain, names) for chain in chains]


def _segments(edges: Iterable[Edge], position: Mapping[str, int]) -> list[tuple[Side, Side]]:
    """The edges as pairs of which at most one side is a list, in file order of the first task."""
    downstream: dict[str, list[str]] = {}
    for edge in sorted(edges, key=lambda e: (position[e.upstream], position[e.downstream])):
        downstream.setdefault(edge.upstream, []).append(edge.downstream)
    joins: dict[str, list[str]] = {}
    for task, after in downstream.items():
        if len(after) == 1:
            joins.setdefault(after[0], []).append(task)
    found: list[tuple[Side, Side]] = [(tuple(before), (after,)) for after, before in joins.items()]
    found += [((task,), tuple(after)) for task, after in downstream.items() if len(after) > 1]
    return sorted(found, key=lambda pair: [position[task] for side in pair for task in side])


def _width(chain: list[Side], names: Mapping[str, str]) -> int:
    return sum(sum(len(names[task]) + 2 for task in side) + 4 for side in chain)


def _expression(chain: list[Side], names: Mapping[str, str]) -> cst.BaseExpression:
    sides = [_side(side, names) for side in chain]
    found = sides[0]
    for side in sides[1:]:
        found = cst.BinaryOperation(found, cst.RightShift(), side)
    return found


def _side(side: Side, names: Mapping[str, str]) -> cst.BaseExpression:
    found = [cst.Name(names[task]) for task in side]
    return found[0] if len(found) == 1 else cst.List([cst.Element(name) for name in found])
