"""Whether two texts of a file mean the same graph: what a fix must not change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from dagmig.asl.model import Scope
from dagmig.diagnostics import Report
from dagmig.lint.source import UNREADABLE, Source

Shape = Mapping[str, Any]
Pair = tuple[str, str]


def difference(old: str, new: str, file: str, is_safe: bool) -> str:
    """What of the DAGs or machines is another in the new text; empty where nothing is.

    A DAG's tasks and what waits for what, a machine's states; each dependency and its transitions too if the
    fixes are said to be safe.
    What could not be read before is not compared, but what could be stays readable.
    """
    if old == new:
        return ""
    kind = "dag" if file.endswith(".py") else "machine"
    before, after = (Source(text, file, kind, report=Report()) for text in (old, new))
    shapes = _dags if kind == "dag" else _machines
    was, now = dict(shapes(before, is_safe)), dict(shapes(after, is_safe))
    if _is_unreadable(after) and not _is_unreadable(before):
        return "a file that can be read into one that cannot"
    return next((name for name, shape in was.items() if now.get(name) != shape), "")


def _is_unreadable(source: Source) -> bool:
    return any(diagnostic.code == UNREADABLE for diagnostic in source.report)


def _dags(source: Source, is_safe: bool) -> Iterator[tuple[str, Shape]]:
    for number, workflow in enumerate(source.workflows):
        if workflow.is_complete:
            edges = {(edge.upstream, edge.downstream) for edge in workflow.edges}
            shape = {"tasks": set(workflow.tasks), "edges": edges if is_safe else _waits(edges)}
            yield f"the DAG {workflow.id or number}", shape


def _waits(edges: set[Pair]) -> set[Pair]:
    """Which task waits for which, by whatever way."""
    after: dict[str, set[str]] = defaultdict(set)
    for upstream, downstream in edges:
        after[upstream].add(downstream)
    found: set[Pair] = set()
    for start in list(after):
        waiting = list(after[start])
        while waiting:
            pair = (start, waiting.pop())
            if pair not in found:
                found.add(pair)
                waiting += after.get(pair[1], ())
    return found


def _machines(source: Source, is_safe: bool) -> Iterator[tuple[str, Shape]]:
    for subject in source.subjects:
        where = subject.machine.locate("").pointer
        yield f"the machine {where}".strip(), _scope(subject.machine.root, is_safe)


def _scope(scope: Scope, is_safe: bool) -> Shape:
    """Its states by name, each with its transitions and the scopes inside it, however these are called."""
    start = {"": scope.start_at} if is_safe else {}
    return start | {
        name: (
            [(one.kind, one.target) for one in state.transitions()] if is_safe else [],
            [_scope(inner, is_safe) for inner in state.scopes()],
        )
        for name, state in scope.states.items()
    }
