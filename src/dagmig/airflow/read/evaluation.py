"""Evaluating a DAG file: limits, what ends it, and what its layers share.

Nothing is imported or run: names from elsewhere stay names. Work, nesting and sizes are bounded, so that
hostile input ends.
"""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from typing import Any, ClassVar

from dagmig.airflow.read.doubts import MISSING
from dagmig.airflow.read.objects import Func, New, Ref, Scope, Unsure

MAX_STEPS = 400_000
MAX_DEPTH = 40
MAX_SIZE = 100_000
ATOMS = (str, int, float, bool, bytes, type(None))
VIEWS: tuple[Any, ...] = (type({}.keys()), type({}.values()), type({}.items()))
CONTAINERS: tuple[Any, ...] = (list, tuple, dict, set, frozenset, deque, *VIEWS)
PLAIN = (*ATOMS, complex, slice, range, BaseException, re.Match, re.Pattern, *CONTAINERS)
KNOWN_MODULES = ("datetime", "zoneinfo", "dateutil.relativedelta", "dagmig.airflow.read.records")


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


class Stopped(Exception):
    """The file goes no further than the statement ``at`` of the file that is read."""

    at: ast.AST | None = None


class Exhausted(Stopped):
    """The file asks for more work than dagmig does for one file."""


class Raised(Stopped):
    """The file raises an exception here: ``error``, a builtin one or an object of a class of the file."""

    def __init__(self, error: Any = None) -> None:
        super().__init__()
        self.error = error


class NotKnown(Exception):
    """A function of plain Python was handed something that is not known."""


def is_known(value: Any) -> bool:
    """Whether the truth and equality of a value are those of plain Python data."""
    return isinstance(value, PLAIN) or type(value).__module__ in KNOWN_MODULES


def in_order(values: Iterable[Any]) -> list[Any]:
    """The members of a set in an order that does not differ from run to run."""
    return sorted(values, key=_place)


def _place(value: Any) -> tuple[str, str]:
    if isinstance(value, ATOMS):
        return "", str.__repr__(value) if isinstance(value, str) else repr(value)
    shown = next((getattr(value, name) for name in ("name", "type", "id") if hasattr(value, name)), "")
    return type(value).__name__, shown if isinstance(shown, str) else ""


def is_class(name: str) -> bool:
    """Whether a name from elsewhere is written as classes are."""
    last = name.rpartition(".")[2]
    return last[:1].isupper() and not last.isupper()


def members(value: Any) -> Iterator[Any]:
    """A value and everything in it, containers opened."""
    stack, seen = [value], set()
    while stack:
        item = stack.pop()
        yield item
        if not isinstance(item, CONTAINERS) or id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, dict):
            stack += [*item.values()]
        else:
            stack += item


def is_deeply_known(value: Any) -> bool:
    """Whether a value and all it holds are plain Python data, so that text made of it is Python's."""
    if isinstance(value, ATOMS):
        return True
    for item in members(value):
        if isinstance(item, BaseException) and not all(map(is_deeply_known, item.args)):
            return False
        if not is_known(item) or (isinstance(item, dict) and not all(map(is_deeply_known, item))):
            return False
    return True


class Evaluation:
    """What statements, expressions and Airflow's objects share; each hook is given meaning further up.

    ``_see_X`` gives the value of an expression of the class ``X`` of nodes, ``_do_X`` runs a statement.
    """

    seeing: ClassVar[dict[type, Callable[..., Any]]] = {}
    doing: ClassVar[dict[type, Callable[..., Any]]] = {}

    def __init__(self) -> None:
        cls = type(self)
        if "seeing" not in vars(cls):  # once for the class that is used, not for each that it is made of
            cls.seeing, cls.doing = _by_node(cls, "_see_"), _by_node(cls, "_do_")
        self.steps = 0
        self.depth = 0
        self.effects = 0
        self.risks = 0  # what may have raised an exception, and nobody knows whether it did
        self.import_risks = 0
        self.guards = 0  # handlers that are waiting
        self.undecided = 0  # ways that are being run, of which Airflow may take another
        self.journals: list[dict[int, tuple[Any, Any]]] = []
        self.pending: list[Exception] = []  # ways out that may have been taken
        self.blurred: dict[int, Any] = {}
        self.yielders: list[Any] = []
        self.generators: dict[int, bool] = {}
        self.handled: list[Any] = []  # exceptions whose handlers are running
        self.scopes: dict[int, Any] = {}  # the names of scopes that are in a journal

    def touch_names(self, scope: Scope) -> None:
        """As ``touch``, for the names of a scope."""
        self.touch_env(scope.names)

    def touch_env(self, names: dict[str, Any]) -> None:
        """As ``touch``, for names that are known or not one by one: of a scope, or attributes."""
        if self.journals:
            self.scopes[id(names)] = names
            self.touch(names)

    def touch(self, container: Any) -> None:
        """Has to be called before a container is changed, so that both ways of a branch start alike."""
        if self.journals and id(container) not in self.journals[-1]:
            self.journals[-1][id(container)] = (container, copy(container))

    def is_deeply_known(self, value: Any) -> bool:
        """As the function of that name; what changed in an unknown way is not known either."""
        if not self.blurred:
            return is_deeply_known(value)
        return is_deeply_known(value) and not any(id(item) in self.blurred for item in members(value))

    def truth(self, value: Any) -> bool | None:
        """Whether a value counts as true, None where nobody knows."""
        if id(value) in self.blurred:
            return None
        if isinstance(value, dict) and "**" in value:
            return True if len(value) > 1 else None
        if is_known(value):
            return bool(value)
        if isinstance(value, New) and value.type == "dagmig.param":
            return True
        if isinstance(value, Ref):
            return True if value.name.startswith(("builtins.", "airflow.")) or is_class(value.name) else None
        return None if isinstance(value, (Unsure, New)) else True

    def class_of(self, value: Any) -> Any:
        """The class of the file that an object is of, None for other values."""
        return None

    def enters_itself(self, value: Any) -> bool:
        """Whether the file says what ``with`` does with a value."""
        return False

    def own_operator(
        self, kind: type, left: Any, right: Any, node: ast.AST, *, in_place: bool = False
    ) -> Any:
        """What classes of the file say of an operator; ``NotImplemented`` where they say nothing."""
        return NotImplemented

    def own_item(self, method: str, owner: Any, args: list[Any], node: ast.AST) -> Any:
        """As ``own_operator``, for setting and deleting items."""
        return NotImplemented

    def own_method(self, value: Any, name: str) -> Func | None:
        """The function that the class of an object of the file has under that name."""
        return None

    def as_text(self, value: Any, conversion: str = "") -> Any:
        """The text that an object of the file is in text; other values as they are."""
        return value

    def compare(self, kind: type, left: Any, right: Any, node: ast.AST) -> Any:
        raise AssertionError

    def as_shown(self, value: Any, node: ast.AST) -> Any:
        """What stands for an object of the file in ``str.format``; other values as they are."""
        return value

    def run(self, body: list[ast.stmt], scope: Scope) -> None:
        raise AssertionError

    def bind(self, target: Any, value: Any, scope: Scope) -> None:
        raise AssertionError

    def bind_name(self, name: str, value: Any, scope: Scope) -> None:
        raise AssertionError

    def either(
        self, node: ast.AST, scope: Scope, first: Callable[[], Any], second: Callable[[], Any], why: str
    ) -> None:
        raise AssertionError

    def call(self, callee: Any, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        raise AssertionError

    def invoke_body(self, function: Func, args: list[Any], kwargs: dict[str, Any], node: ast.AST) -> Any:
        raise AssertionError

    def _call_method(
        self, owner: Any, name: str, args: list[Any], kwargs: dict[str, Any], node: ast.AST
    ) -> Any:
        raise AssertionError

    def attribute(self, owner: Any, name: str, node: ast.AST) -> Any:
        raise AssertionError

    def set_attribute(self, owner: Any, name: str, value: Any, node: ast.AST) -> None:
        raise AssertionError

    def item(self, owner: Any, key: Any, node: ast.AST) -> Any:
        raise AssertionError

    def subscript(self, owner: Any, key: Any, node: ast.AST) -> Any:
        raise AssertionError

    def shift(self, left: Any, right: Any, forward: bool, node: ast.AST) -> Any:
        raise AssertionError

    def enter(self, value: Any, node: ast.AST) -> Any:
        raise AssertionError

    def leave(self, value: Any) -> None:
        raise AssertionError

    def decorate(self, decorators: list[tuple[Any, ast.AST]], function: Func) -> Any:
        raise AssertionError

    def at(self, node: ast.AST) -> ast.AST:
        raise AssertionError

    def doubt(self, node: ast.AST, message: str, code: str = "unknown-value", follows: str = MISSING) -> None:
        raise AssertionError


def _by_node(cls: type, prefix: str) -> dict[type, Callable[..., Any]]:
    """The methods of a class that are named after a class of nodes, as far as the interpreter has those."""
    kinds = (
        (getattr(ast, name.removeprefix(prefix), None), name) for name in dir(cls) if name.startswith(prefix)
    )
    return {kind: getattr(cls, name) for kind, name in kinds if kind is not None}
