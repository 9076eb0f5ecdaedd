"""Evaluating a DAG file: limits, what ends it, and what its layers share.

Nothing is imported or run: names from elsewhere stay names. Work, nesting and sizes are bounded, so that
hostile input ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libcst as cst

from dagmig.airflow.read.objects import Func, Scope

MAX_STEPS = 400_000
MAX_DEPTH = 40
MAX_SIZE = 100_000
PLAIN = (str, int, float, bool, bytes, type(None), list, tuple, dict, set)


class Return(Exception):
    """A function of the file returned."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class LoopControl(Exception):
    """``break`` (or ``continue``) was reached."""

    def __init__(self, is_break: bool) -> None:
        super().__init__()
        self.is_break = is_break


class Exhausted(Exception):
    """The file asks for more work than dagmig does for one file."""


class Raised(Exception):
    """The file raises an exception here."""


def is_known(value: Any) -> bool:
    """Whether the truth and equality of a value are those of plain Python data."""
    return isinstance(value, PLAIN) or type(value).__module__ in ("datetime", "zoneinfo")


def members(value: Any) -> Iterator[Any]:
    """A value and everything in it, containers opened."""
    stack = [value]
    while stack:
        item = stack.pop()
        yield item
        if isinstance(item, dict):
            stack += [*item.values()]
        elif isinstance(item, (list, tuple)):
            stack += item


class Evaluation:
    """What statements, expressions and Airflow's objects share; each hook is given meaning further up."""

    def __init__(self) -> None:
        self.steps = 0
        self.depth = 0
        self.effects = 0

    def run(self, body: Any, scope: Scope) -> None:
        raise AssertionError

    def bind(self, target: Any, value: Any, scope: Scope) -> None:
        raise AssertionError

    def call(self, callee: Any, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:
        raise AssertionError

    def attribute(self, owner: Any, name: str, node: cst.CSTNode) -> Any:
        raise AssertionError

    def set_attribute(self, owner: Any, name: str, value: Any, node: cst.CSTNode) -> None:
        raise AssertionError

    def subscript(self, owner: Any, key: Any, node: cst.CSTNode) -> Any:
        raise AssertionError

    def shift(self, left: Any, right: Any, forward: bool, node: cst.CSTNode) -> Any:
        raise AssertionError

    def enter(self, value: Any, node: cst.CSTNode) -> Any:
        raise AssertionError

    def leave(self, value: Any) -> None:
        raise AssertionError

    def decorate(self, decorators: list[tuple[Any, cst.CSTNode]], function: Func) -> Any:
        raise AssertionError

    def doubt(self, node: cst.CSTNode, message: str, code: str = "unknown-value") -> None:
        raise AssertionError
