"""Where nodes stand: one code generation pass that records only the nodes asked about."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

import libcst as cst
from libcst._nodes.internal import CodegenState

from dagmig.diagnostics import Span


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


def locate(module: cst.Module, nodes: Iterable[cst.CSTNode], file: str) -> dict[int, Span]:
    """The span of each node, by ``id(node)``; leading blank space does not count."""
    wanted = frozenset(map(id, nodes))
    if not wanted:
        return {}
    state = _Recorder(module.default_indent, module.default_newline, wanted=wanted)
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

    spans = {}
    for node, start in state.starts.items():
        first, last = offsets[start], offsets[state.ends[node]]
        while first < last and text[first].isspace():
            first += 1
        spans[node] = Span(file, *place(first), *place(last))
    return spans
