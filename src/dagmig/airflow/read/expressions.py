"""Expressions of the Python that DAG files are written in, over values that may be unknown."""

from __future__ import annotations

import builtins
import re
from collections import defaultdict, deque
from datetime import date, timedelta
from typing import Any

import libcst as cst

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
from dagmig.airflow.read.objects import Func, Lazy, New, Ref, Scope, Unsure
from dagmig.airflow.read.operators import (
    CONSTANTS,
)

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
        self.risks += 1
        self.effects += 1
        self.doubt(node, "the value of an expression of this kind is not known")
        return Unsure(node)

    def unknown(self, node: cst.CSTNode, why: str = "") -> Unsure:
        """A value nobody knows, of an operation that may have failed."""
        self.risks += 1
        return Unsure(node, why)

    def _see_Name(self, node: cst.Name, scope: Scope) -> Any:
        if node.value in CONSTANTS:
            return CONSTANTS[node.value]
        try:
            return scope.get(node.value)
        except KeyError:
            self.risks += node.value not in BUILTINS
            return Ref(f"builtins.{node.value}")

    def _see_Ellipsis(self, node: cst.Ellipsis, scope: Scope) -> Any:
        return Ref("builtins.Ellipsis")

    def _see_Await(self, node: cst.Await, scope: Scope) -> Any:
        self.value(node.expression, scope)
        return self.unknown(node)

    def _see_Yield(self, node: cst.Yield, scope: Scope) -> Any:
        if not self.yielders:
            return self.unknown(node)
        give = self.yielders[-1]
        if not isinstance(node.value, cst.From):
            give(self.value(node.value, scope) if node.value is not None else None)
            return None
        items = self._iterate(self.value(node.value.item, scope))
        if items is None:
            raise NotKnown
        for item in items:
            give(item)
        return self.unknown(node)

    def _see_Integer(self, node: cst.Integer, scope: Scope) -> Any:
        if len(node.value) >= 200:
            return Unsure(node)
        return int(node.value, 0)

    def _see_Float(self, node: cst.Float, scope: Scope) -> Any:
        return node.evaluated_value

    def _see_List(self, node: cst.List, scope: Scope) -> Any:
        found = self._elements(node.elements, scope)
        return found if found is not None else Unsure(node, "a list with unknown members")

    def _see_Tuple(self, node: cst.Tuple, scope: Scope) -> Any:
        found = self._elements(node.elements, scope)
        return tuple(found) if found is not None else Unsure(node, "a tuple with unknown members")

    def _see_Set(self, node: cst.Set, scope: Scope) -> Any:
        found = self._elements(node.elements, scope)
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
            value = self.value(element.value, scope)
            if isinstance(element, cst.StarredElement):
                inner = self._iterate(value)
                if inner is None:
                    return None
                found += inner
            else:
                found.append(value)
        return found

    def _see_Dict(self, node: cst.Dict, scope: Scope) -> Any:
        found: dict[Any, Any] = {}
        elements: Any = node.elements
        for element in elements:
            if isinstance(element, cst.StarredDictElement):
                inner = self.value(element.value, scope)
                if not isinstance(inner, dict):
                    return self.unknown(node, "a dict with unknown members")
                found.update(inner)
                continue
            key, value = self.value(element.key, scope), self.value(element.value, scope)
            if not self.is_key(key):
                return Unsure(node, "a dict with an unknown key")
            found[key] = value
        return found

    def _see_Lambda(self, node: cst.Lambda, scope: Scope) -> Any:
        return Func("<lambda>", node, scope, defaults=self.defaults(node.params, scope))

    def defaults(self, parameters: cst.Parameters, scope: Scope) -> dict[str, Any]:
        """What parameters are when they are not given, evaluated where the function is defined."""
        return {
            parameter.name.value: self.value(parameter.default, scope)
            for parameter in (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params)
            if parameter.default is not None
        }

    def _key(self, node: cst.Subscript, scope: Scope) -> Any:
        if len(node.slice) != 1:
            return Unsure(node)
        part: Any = node.slice[0].slice
        if isinstance(part, cst.Index):
            return self.value(part.value, scope)
        bounds = [
            self.value(b, scope) if b is not None else None for b in (part.lower, part.upper, part.step)
        ]
        if all(b is None or isinstance(b, int) for b in bounds):
            return slice(*bounds)
        return Unsure(node)

    def _see_Subscript(self, node: cst.Subscript, scope: Scope) -> Any:
        return self.item(self.value(node.value, scope), self._key(node, scope), node)

    def item(self, owner: Any, key: Any, node: cst.CSTNode) -> Any:
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

    def _see_Attribute(self, node: cst.Attribute, scope: Scope) -> Any:
        return self.member(self.value(node.value, scope), node.attr.value, node)

    def member(self, owner: Any, name: str, node: cst.CSTNode) -> Any:
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

    def _of_data(self, owner: Any, name: str, node: cst.CSTNode) -> Any:
        try:
            found = getattr(owner, name)
        except AttributeError as error:
            if isinstance(owner, (date, timedelta)):
                return self.attribute(owner, name, node)  # pendulum's are held as those of datetime
            raise Raised(error) from None
        if name.startswith("_") or callable(found) or (isinstance(owner, BaseException) and name != "args"):
            return self.attribute(owner, name, node)
        return found

    def _see_Call(self, node: cst.Call, scope: Scope) -> Any:
        callee = self.value(node.func, scope)
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for argument in node.args:
            value = self.value(argument.value, scope)
            if argument.star == "*":
                inner = self._iterate(value)
                args += inner if inner is not None else [self.unknown(argument.value, "*")]
            elif argument.star == "**":
                if isinstance(value, dict) and all(isinstance(key, str) for key in value):
                    kwargs.update(value)
                else:
                    kwargs["**"] = Unsure(argument.value, "**")
            elif argument.keyword is not None:
                kwargs[argument.keyword.value] = value
            else:
                args.append(value)
        return self.call(callee, args, kwargs, node)

    def _see_NamedExpr(self, node: cst.NamedExpr, scope: Scope) -> Any:
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
