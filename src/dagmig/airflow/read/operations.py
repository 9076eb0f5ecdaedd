"""Operators, comparisons and choices over values that may be unknown."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from dagmig.airflow.read.evaluation import (
    CONTAINERS,
    NotKnown,
    Raised,
    is_known,
)
from dagmig.airflow.read.expressions import FAILURES, Expressions
from dagmig.airflow.read.objects import Instance, New, Ref, Scope, Unsure
from dagmig.airflow.read.operators import (
    BINARY,
    COMPARE,
    EQUALITY,
    IDENTITY,
    MEMBERSHIP,
    check_power,
    too_large,
)
from dagmig.airflow.read.paths import FilePath
from dagmig.airflow.read.texts import percent

ASSETS = ("Asset", "Dataset")
UNARY: dict[type, Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}


class Operations(Expressions):
    """Applies an operator where both sides are known, and says what is not."""

    def _see_IfExp(self, node: ast.IfExp, scope: Scope) -> Any:
        test = self.truth(self.value(node.test, scope))
        if test is not None:
            return self.value(node.body if test else node.orelse, scope)
        found: list[Any] = []
        self.either(
            node,
            scope,
            lambda: found.append(self.value(node.body, scope)),
            lambda: found.append(self.value(node.orelse, scope)),
            "which value is taken is not known",
        )
        return Unsure(node, "depends on an unknown condition")

    def _see_BoolOp(self, node: ast.BoolOp, scope: Scope) -> Any:
        found = self.value(node.values[0], scope)
        for other in node.values[1:]:
            truth = self.truth(found)
            if truth is None:
                self.either(
                    node,
                    scope,
                    lambda: self.value(other, scope),  # noqa: B023
                    lambda: None,
                    "whether this is evaluated is not known",
                )
                found = Unsure(node)
            elif truth == isinstance(node.op, ast.Or):
                return found
            else:
                found = self.value(other, scope)
        return found

    def _see_UnaryOp(self, node: ast.UnaryOp, scope: Scope) -> Any:
        value = self.value(node.operand, scope)
        if isinstance(node.op, ast.Not):
            truth = self.truth(value)
            return Unsure(node) if truth is None else not truth
        unary = UNARY[type(node.op)]
        return self._apply(lambda a, _: unary(a), value, None, node)

    def _see_Compare(self, node: ast.Compare, scope: Scope) -> Any:
        left = self.value(node.left, scope)
        result: Any = True
        for kind, comparator in zip(node.ops, node.comparators, strict=True):
            right = self.value(comparator, scope)
            result = self.compare(type(kind), left, right, node)
            if isinstance(result, Unsure) or not result:
                return result
            left = right
        return result

    def compare(self, kind: type, left: Any, right: Any, node: ast.AST) -> Any:
        if kind in IDENTITY:
            return self._identical(left, right, node, kind is ast.Is)
        own = self.own_operator(kind, left, right, node)
        if own is not NotImplemented:
            return own
        if kind in MEMBERSHIP and isinstance(right, CONTAINERS):
            return self._contains(left, right, node, kind is ast.In)
        if kind in EQUALITY and any(
            isinstance(one, New) and one.type == "dagmig.param" for one in (left, right)
        ):
            return (left is right) == (kind is ast.Eq)
        if not self.is_deeply_known(left) or not self.is_deeply_known(right):
            return self.unknown(node)
        return self._apply(COMPARE.get(kind), left, right, node)

    def _identical(self, left: Any, right: Any, node: ast.AST, positive: bool) -> Any:
        if any(isinstance(one, (Unsure, Ref)) for one in (left, right)):
            one, other = (left, right) if isinstance(left, Ref) else (right, left)
            if not (isinstance(one, Ref) and self.truth(one) and not isinstance(other, Unsure)):
                return Unsure(node)
            return (one == other) == positive
        return (left is right) == positive

    def _contains(self, left: Any, right: Any, node: ast.AST, positive: bool) -> Any:
        if (
            id(right) in self.blurred
            or isinstance(left, Unsure)
            or (isinstance(right, dict) and "**" in right)
        ):
            return self.unknown(node)
        keys = [*right]
        if any(one is left for one in keys):
            return positive
        if isinstance(right, (list, tuple)) and any(isinstance(one, Instance) for one in (left, *keys)):
            return self._contains_object(left, keys, node, positive)
        if not self.is_deeply_known(left) or not all(map(self.is_deeply_known, keys)):
            return self.unknown(node)
        try:
            return (left in right) == positive
        except TypeError as error:
            raise Raised(error) from None

    def _contains_object(self, left: Any, items: list[Any], node: ast.AST, positive: bool) -> Any:
        """As Python looks for an object of the file in a list: one item after the other is compared."""
        for item in items:
            truth = self.truth(self.compare(ast.Eq, item, left, node))
            if truth is None:
                return self.unknown(node)
            if truth:
                return positive
        return not positive

    def _see_BinOp(self, node: ast.BinOp, scope: Scope) -> Any:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        kind = type(node.op)
        own = self.own_operator(kind, left, right, node)
        if own is not NotImplemented:
            return own
        if kind in (ast.RShift, ast.LShift):
            return self.shift(left, right, kind is ast.RShift, node)
        if kind is ast.Div and isinstance(left, FilePath) and isinstance(right, str) and not left.is_text:
            return left.below(right)
        if kind in (ast.BitOr, ast.BitAnd) and not (is_known(left) and is_known(right)):
            return _combined(kind is ast.BitOr, left, right, node)
        return self._apply(BINARY.get(kind), left, right, node)

    def _apply(
        self,
        function: Callable[[Any, Any], Any] | None,
        left: Any,
        right: Any,
        node: ast.AST,
    ) -> Any:
        if function is None or not is_known(left) or not is_known(right):
            return self.unknown(node)
        if function not in (operator.add, operator.mul) or not isinstance(left, (list, tuple)):
            if not self.is_deeply_known(left) or not self.is_deeply_known(right):
                return self.unknown(node)
        elif id(left) in self.blurred or id(right) in self.blurred:
            return self.unknown(node)
        if too_large(function is operator.mul, left, right):
            return self.unknown(node, "too large")
        try:
            if function is operator.pow:
                check_power(left, right)
            if function is operator.mod and isinstance(left, str):
                return percent(left, right)
            return function(left, right)
        except NotKnown:
            return self.unknown(node)
        except FAILURES as error:
            raise Raised(error) from None


def _combined(is_any: bool, left: Any, right: Any, node: ast.AST) -> Any:
    """``|`` and ``&`` of assets, as Airflow's ``AssetAny`` and ``AssetAll``; a longer one is added to."""
    if not any(
        isinstance(one, New) and one.type.rpartition(".")[2].startswith(ASSETS) for one in (left, right)
    ):
        return Unsure(node)
    name = f"airflow.sdk.{'AssetAny' if is_any else 'AssetAll'}"
    before = left.args if isinstance(left, New) and left.type == name else [left]
    return New(name, [*before, right], {}, node)
