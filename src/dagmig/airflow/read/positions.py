"""Where nodes stand: one code generation pass that records only the nodes asked about."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache

import libcst as cst
from libcst._nodes.internal import CodegenState

from dagmig.airflow.read.calls import Calls
from dagmig.diagnostics import Span


class _AllFoundError(Exception):
    """There is no need to write out the rest of the module."""


@dataclass
class _Recorder(CodegenState):
    wanted: frozenset[int] = frozenset()
    starts: dict[int, int] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)

    def before_codegen(self, node: cst.CSTNode) -> None:
        if id(node) in self.wanted:
            self.starts[id(node)] = len(self.tokens)

    def after_codegen(self, node: cst.CSTNode) -> None:
        if id(node) in self.wanted:
            self.ends[id(node)] = len(self.tokens)
            if len(self.ends) == len(self.wanted):
                raise _AllFoundError


def locate_shared(module: cst.Module, nodes: Iterable[cst.CSTNode], file: str) -> dict[int, Span]:
    """As ``locate``, of a module that many files import: nodes are looked for once, also those it has not."""
    known = _places(module)
    nodes = list(nodes)
    missing = [node for node in nodes if id(node) not in known]
    found = locate(module, missing, file) if missing else {}
    known.update({id(node): (node, found.get(id(node))) for node in missing})
    spans = {id(node): known[id(node)][1] for node in nodes}
    return {key: span for key, span in spans.items() if span is not None}


@lru_cache(maxsize=64)
def _places(module: cst.Module) -> dict[int, tuple[cst.CSTNode, Span | None]]:
    """By ``id(node)``; the nodes are held, so that no other one gets their id."""
    return {}


def locate(
    module: cst.Module, nodes: Iterable[cst.CSTNode], file: str, calls: Calls | None = None
) -> dict[int, Span]:
    """The span of each node, by ``id(node)``; leading blank space does not count."""
    rest = {id(node): node for node in nodes}
    known: dict[int, Span] = {}
    for key, node in rest.items() if calls is not None else ():
        if (span := calls.span(module, node)) is not None:  # type: ignore[union-attr]
            known[key] = span
    wanted = frozenset(rest.keys() - known.keys())
    if not wanted:
        return known
    state = _Recorder(module.default_indent, module.default_newline, wanted=wanted)
    with suppress(_AllFoundError):
        module._codegen(state)
    offsets = [0]
    for token in state.tokens:
        offsets.append(offsets[-1] + len(token))
    text = "".join(state.tokens)
    lines = [0]
    while (found := text.find("\n", lines[-1])) >= 0:
        lines.append(found + 1)

    def place(offset: int) -> tuple[int, int]:
        line = bisect_right(lines, offset)
        return line, offset - lines[line - 1] + 1

    spans = known
    for key, start in state.starts.items():
        first, last = offsets[start], offsets[state.ends[key]]
        while first < last and text[first].isspace():
            first += 1
        spans[key] = Span(file, *place(first), *place(last))
    return spans
