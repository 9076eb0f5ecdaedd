"""Expressions of the Python that DAG files are written in, over values that may be unknown."""

from __future__ import annotations

import ast
import builtins
import re
from collections import defaultdict, deque
from datetime import date, timedelta
from typing import Any

from dagmig.airflow.read.airflow_objects import XCom
from dagmig.airflow.read.evaluation import (
    CONTAINERS,
    MAX_SIZE,
    MAX_STEPS,
    Evaluation,
    Exhausted,
    NotKnown,
    Raised,
    in_order,
    is_class,
    is_known,
)
from dagmig.airflow.read.iterators import Endless
from dagmig.airflow.read.library import CONSTANTS as LIBRARY_CONSTANTS
from dagmig.airflow.read.objects import Func, Lazy, New, Ref, Scope, Unsure, parameters

FAILURES = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)
BUILTINS = frozenset(dir(builtins))
TYPES = frozenset(
    f"builtins.{kind}" for kind in ("str", "list", "dict", "set", "tuple", "bytes", "int", "float", "bool")
)
UNHASHABLE = (Unsure, New, XCom)


class Expressions(Evaluation):
    """The value of an expression; what is Airflow's own is left to ``call`` and ``attribute``."""

    def value(self, node: Any, scope: Scope) -> Any:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise Exhausted
        method = self.seeing.get(node.__class__)
        if method is not None:
            return method(self, node, scope)
        return self.unread(node)

    def unread(self, node: ast.expr) -> Unsure:
        """The value of an expression that is not evaluated, whatever it does."""
        self.effects += 1
        self.doubt(node, "the value of an expression of this kind is not known")
        return self.unknown(node)

    def unknown(self, node: ast.AST, why: str = "") -> Unsure:
        """A value nobody knows, of an operation that may have failed."""
        self.risks += 1
        return Unsure(node, why)

    def _see_Name(self, node: ast.Name, scope: Scope) -> Any:
        try:
            return scope.get(node.id)
        except KeyError:
            self.risks += node.id not in BUILTINS
            return Ref(f"builtins.{node.id}")

    def _see_Await(self, node: ast.Await, scope: Scope) -> Any:
        self.value(node.value, scope)
        return self.unknown(node)

    def _see_Yield(self, node: ast.Yield, scope: Scope) -> Any:
        if not self.yielders:
            return self.unknown(node)
        self.yielders[-1](self.value(node.value, scope) if node.value is not None else None)
        return None

    def _see_YieldFrom(self, node: ast.YieldFrom, scope: Scope) -> Any:
        if not self.yielders:
            return self.unknown(node)
        give = self.yielders[-1]
        items = self._iterate(self.value(node.value, scope))
        if items is None:
            raise NotKnown
        for item in items:
            give(item)
        return self.unknown(node)

    def _see_List(self, node: ast.List, scope: Scope) -> Any:
        found = self._elements(node.elts, scope)
        return found if found is not None else Unsure(node, "a list with unknown members")

    def _see_Tuple(self, node: ast.Tuple, scope: Scope) -> Any:
        found = self._elements(node.elts, scope)
        return tuple(found) if found is not None else Unsure(node, "a tuple with unknown members")

    def _see_Set(self, node: ast.Set, scope: Scope) -> Any:
        found = self._elements(node.elts, scope)
        if found is None or not all(map(self.is_key, found)):
            return Unsure(node, "a set with unknown members")
        return set(found)

    def is_key(self, value: Any) -> bool:
        """Whether nobody could take the value for another one as a key of a dict."""
        if isinstance(value, UNHASHABLE) or (is_known(value) and not self.is_deeply_known(value)):
            return False
        if isinstance(value, Ref) and not (value.name.startswith("builtins.") or is_class(value.name)):
            return False
        try:
            hash(value)
        except TypeError as error:
            raise Raised(error) from None
        return True

    def _elements(self, elements: Any, scope: Scope) -> list[Any] | None:
        found: list[Any] = []
        for element in elements:
            if isinstance(element, ast.Starred):
                inner = self._iterate(self.value(element.value, scope))
                if inner is None:
                    return None
                found += inner
            else:
                found.append(self.value(element, scope))
        return found

    def _see_Dict(self, node: ast.Dict, scope: Scope) -> Any:
        found: dict[Any, Any] = {}
        for at, member in zip(node.keys, node.values, strict=True):
            if at is None:
                inner = self.value(member, scope)
                if not isinstance(inner, dict):
                    return self.unknown(node, "a dict with unknown members")
                found.update(inner)
                continue
            key, value = self.value(at, scope), self.value(member, scope)
            if not self.is_key(key):
                return Unsure(node, "a dict with an unknown key")
            found[key] = value
        return found

    def _see_Lambda(self, node: ast.Lambda, scope: Scope) -> Any:
        return Func("<lambda>", node, scope, defaults=self.defaults(node.args, scope))

    def defaults(self, arguments: ast.arguments, scope: Scope) -> dict[str, Any]:
        """What parameters are when they are not given, evaluated where the function is defined."""
        return {
            parameter.name: self.value(parameter.default, scope)
            for parameter in parameters(arguments)
            if parameter.default is not None
        }

    def _see_Slice(self, node: ast.Slice, scope: Scope) -> Any:
        bounds = [
            self.value(b, scope) if b is not None else None for b in (node.lower, node.upper, node.step)
        ]
        if all(b is None or isinstance(b, int) for b in bounds):
            return slice(*bounds)
        return Unsure(node)

    def _see_Subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        return self.item(self.value(node.value, scope), self.value(node.slice, scope), node)

    def item(self, owner: Any, key: Any, node: ast.AST) -> Any:
        """``owner[key]``."""
        if not isinstance(owner, ITEMS):
            if isinstance(owner, WITHOUT_ITEMS):
                raise Raised(TypeError(f"{type(owner).__name__} has no items"))
            self.risks += 1
            return self.subscript(owner, key, node)
        if id(owner) in self.blurred or not (isinstance(key, slice) or self.is_key(key)):
            return self.unknown(node)
        if isinstance(owner, defaultdict):
            self.touch(owner)
        try:
            return owner[key]
        except (LookupError, TypeError, ValueError) as error:
            if isinstance(owner, dict) and "**" in owner:
                return self.unknown(node)
            if isinstance(error, KeyError) and (own := self.own_method(owner, "__missing__")) is not None:
                return self.call(own, [owner, key], {}, node)
            raise Raised(error) from None

    def _see_Attribute(self, node: ast.Attribute, scope: Scope) -> Any:
        return self.member(self.value(node.value, scope), node.attr, node)

    def member(self, owner: Any, name: str, node: ast.AST) -> Any:
        """``owner.name``."""
        if isinstance(owner, Ref):
            return self._of_name(owner.name, name)
        if (
            is_known(owner)
            and id(owner) not in self.blurred
            and not type(owner).__module__.startswith("dagmig")
        ):
            return self._of_data(owner, name, node)
        return self.attribute(owner, name, node)

    def _of_name(self, name: str, attribute: str) -> Any:
        if attribute == "__name__" and name.startswith("builtins."):
            return name.rpartition(".")[2]
        prefix = name if name in TYPES else name.removeprefix("builtins.")
        full = f"{prefix}.{attribute}"
        return LIBRARY_CONSTANTS.get(full, Ref(full))

    def _of_data(self, owner: Any, name: str, node: ast.AST) -> Any:
        try:
            found = getattr(owner, name)
        except AttributeError as error:
            if isinstance(owner, (date, timedelta)):
                return self.attribute(owner, name, node)  # pendulum's are held as those of datetime
            raise Raised(error) from None
        if name.startswith("_") or callable(found) or (isinstance(owner, BaseException) and name != "args"):
            return self.attribute(owner, name, node)
        return found

    def _see_Call(self, node: ast.Call, scope: Scope) -> Any:
        callee = self.value(node.func, scope)
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                inner = self._iterate(self.value(argument.value, scope))
                args += inner if inner is not None else [self.unknown(argument.value, "*")]
            else:
                args.append(self.value(argument, scope))
        for keyword in node.keywords:
            value = self.value(keyword.value, scope)
            if keyword.arg is not None:
                kwargs[keyword.arg] = value
            elif isinstance(value, dict) and all(isinstance(key, str) for key in value):
                kwargs.update(value)
            else:
                kwargs["**"] = Unsure(keyword.value, "**")
        return self.call(callee, args, kwargs, node)

    def _see_NamedExpr(self, node: ast.NamedExpr, scope: Scope) -> Any:
        value = self.value(node.value, scope)
        outer = scope
        while outer.is_inner and outer.parent is not None:
            outer = outer.parent
        self.bind(node.target, value, outer)
        return value

    def _iterate(self, value: Any) -> list[Any] | None:
        """The items of a known collection, None where they are not known."""
        if id(value) in self.blurred or (isinstance(value, dict) and "**" in value):
            return None
        if isinstance(value, (set, frozenset)):
            return in_order(value)
        if isinstance(value, Endless):
            return None
        if isinstance(value, Lazy):
            self.touch(value)
            items, value.items = value.items, []
            return items
        if isinstance(value, SEQUENCES) and len(value) <= MAX_SIZE:
            return list(value)
        return None


SEQUENCES: tuple[Any, ...] = (*CONTAINERS, str, bytes, range)
ITEMS = (list, tuple, dict, str, bytes, range, deque, re.Match)
WITHOUT_ITEMS = (int, float, type(None), set, frozenset, date, timedelta, Func)
