"""Expressions of the Python that DAG files are written in, over values that may be unknown."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import libcst as cst

from dagmig.airflow.read.evaluation import MAX_SIZE, MAX_STEPS, Evaluation, Exhausted, is_known
from dagmig.airflow.read.objects import Func, New, Ref, Scope, Unsure
from dagmig.airflow.read.operators import BINARY, COMPARE, CONSTANTS, all_known, size


class Expressions(Evaluation):
    """The value of an expression; what is Airflow's own is left to ``call`` and ``attribute``."""

    def value(self, node: Any, scope: Scope) -> Any:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise Exhausted
        method = getattr(self, f"_see_{type(node).__name__}", None)
        return Unsure(node, "not evaluated") if method is None else method(node, scope)

    def _see_Name(self, node: cst.Name, scope: Scope) -> Any:
        if node.value in CONSTANTS:
            return CONSTANTS[node.value]
        try:
            return scope.get(node.value)
        except KeyError:
            return Ref(f"builtins.{node.value}")

    def _see_Integer(self, node: cst.Integer, scope: Scope) -> Any:
        return node.evaluated_value if len(node.value) < 200 else Unsure(node)

    def _see_Float(self, node: cst.Float, scope: Scope) -> Any:
        return node.evaluated_value

    def _see_SimpleString(self, node: cst.SimpleString, scope: Scope) -> Any:
        text = node.evaluated_value
        if isinstance(text, str) and not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
            return Unsure(node)  # half a surrogate pair: no text that could be written anywhere
        return text

    def _see_ConcatenatedString(self, node: cst.ConcatenatedString, scope: Scope) -> Any:
        return self._apply(operator.add, self.value(node.left, scope), self.value(node.right, scope), node)

    def _see_FormattedString(self, node: cst.FormattedString, scope: Scope) -> Any:
        parts = []
        content: Any = node.parts
        for part in content:
            if isinstance(part, cst.FormattedStringText):
                parts.append(part.value.replace("{{", "{").replace("}}", "}"))
                continue
            value = self.value(part.expression, scope)
            if not is_known(value) or part.conversion or part.equal:
                return Unsure(node, "text with a value that is not known")
            spec = part.format_spec
            pattern = "".join(p.value for p in spec if isinstance(p, cst.FormattedStringText)) if spec else ""
            try:
                parts.append(format(value, pattern) if len(pattern) < 20 else str(value))
            except (ValueError, TypeError):
                return Unsure(node)
        return "".join(parts)

    def _see_List(self, node: cst.List, scope: Scope) -> Any:
        found = self._elements(node.elements, scope)
        return found if found is not None else Unsure(node, "a list with unknown members")

    def _see_Tuple(self, node: cst.Tuple, scope: Scope) -> Any:
        found = self._elements(node.elements, scope)
        return tuple(found) if found is not None else Unsure(node, "a tuple with unknown members")

    def _see_Set(self, node: cst.Set, scope: Scope) -> Any:
        found = self._elements(node.elements, scope)
        if found is None or not all(isinstance(item, (str, int, float)) for item in found):
            return Unsure(node, "a set with unknown members")
        return set(found)

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
                    return Unsure(node, "a dict with unknown members")
                found.update(inner)
                continue
            key, value = self.value(element.key, scope), self.value(element.value, scope)
            if not isinstance(key, (str, int, float, bool, tuple, type(None))):
                return Unsure(node, "a dict with an unknown key")
            found[key] = value
        return found

    def _see_Lambda(self, node: cst.Lambda, scope: Scope) -> Any:
        return Func("<lambda>", node, scope)

    def _see_IfExp(self, node: cst.IfExp, scope: Scope) -> Any:
        test = self.value(node.test, scope)
        if isinstance(test, Unsure):
            effects = self.effects
            self.value(node.body, scope), self.value(node.orelse, scope)
            if self.effects != effects:
                self.doubt(node.test, "which value is taken is not known")
            return Unsure(node, "depends on an unknown condition")
        return self.value(node.body if test else node.orelse, scope)

    def _see_BooleanOperation(self, node: cst.BooleanOperation, scope: Scope) -> Any:
        left = self.value(node.left, scope)
        if isinstance(left, Unsure):
            self.value(node.right, scope)
            return Unsure(node)
        decides = bool(left) == isinstance(node.operator, cst.Or)
        return left if decides else self.value(node.right, scope)

    def _see_UnaryOperation(self, node: cst.UnaryOperation, scope: Scope) -> Any:
        value = self.value(node.expression, scope)
        if isinstance(node.operator, cst.Not) and not isinstance(value, (Unsure, Ref)):
            return not value
        if isinstance(node.operator, cst.Minus):
            return self._apply(lambda a, _: -a, value, None, node)
        return Unsure(node)

    def _see_Comparison(self, node: cst.Comparison, scope: Scope) -> Any:
        left = self.value(node.left, scope)
        result: Any = True
        for part in node.comparisons:
            right = self.value(part.comparator, scope)
            if not is_known(left) or not is_known(right):
                return Unsure(node)
            result = self._apply(COMPARE.get(type(part.operator)), left, right, node)
            if isinstance(result, Unsure) or not result:
                return result
            left = right
        return result

    def _see_BinaryOperation(self, node: cst.BinaryOperation, scope: Scope) -> Any:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        kind = type(node.operator)
        if kind in (cst.RightShift, cst.LeftShift):
            return self.shift(left, right, kind is cst.RightShift, node)
        if kind in (cst.BitOr, cst.BitAnd) and not (is_known(left) and is_known(right)):
            return New(kind.__name__, [left, right], {}, node)
        return self._apply(BINARY.get(kind), left, right, node)

    def _apply(
        self, function: Callable[[Any, Any], Any] | None, left: Any, right: Any, node: cst.CSTNode
    ) -> Any:
        if function is None or not is_known(left) or not is_known(right):
            return Unsure(node, "not computed")
        if function is operator.mul and size(left) * size(right) > MAX_SIZE:
            return Unsure(node, "too large")
        if size(left) > MAX_SIZE or size(right) > MAX_SIZE:
            return Unsure(node, "too large")
        if (
            function is operator.mod
            and isinstance(left, str)
            and ("*" in left or any(c.isdigit() for c in left))
        ):
            return Unsure(node, "text with widths")
        if function is operator.mod and isinstance(left, str) and not all_known(right):
            return Unsure(node, "text with a value that is not known")
        try:
            return function(left, right)
        except (TypeError, ValueError, ArithmeticError, LookupError):
            return Unsure(node, "not computed")

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
        owner, key = self.value(node.value, scope), self._key(node, scope)
        if isinstance(owner, (list, tuple, dict, str)) and (is_known(key) or isinstance(key, slice)):
            try:
                return owner[key]
            except (LookupError, TypeError, ValueError):
                return Unsure(node, "no such item")
        return self.subscript(owner, key, node)

    def _see_Attribute(self, node: cst.Attribute, scope: Scope) -> Any:
        owner = self.value(node.value, scope)
        if isinstance(owner, Ref):
            prefix = owner.name.removeprefix("builtins.")
            return Ref(f"{prefix}.{node.attr.value}")
        return self.attribute(owner, node.attr.value, node)

    def _see_Call(self, node: cst.Call, scope: Scope) -> Any:
        callee = self.value(node.func, scope)
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for argument in node.args:
            value = self.value(argument.value, scope)
            if argument.star == "*":
                inner = self._iterate(value)
                args += inner if inner is not None else [Unsure(argument.value, "*")]
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

    def _comprehend(self, node: Any, scope: Scope, make: Callable[[Scope], Any]) -> list[Any] | None:
        found: list[Any] = []

        def go(part: cst.CompFor, inner: Scope) -> bool:
            items = self._iterate(self.value(part.iter, inner))
            if items is None:
                effects = self.effects
                self.bind(part.target, Unsure(part.iter), inner)
                make(inner)
                if self.effects != effects:
                    self.doubt(part.iter, "the loop goes over a value that is not known")
                return False
            for item in items:
                self.bind(part.target, item, inner)
                tests = [self.value(test.test, inner) for test in part.ifs]
                if any(isinstance(test, Unsure) for test in tests):
                    return False
                if not all(tests):
                    continue
                if part.inner_for_in is not None:
                    if not go(part.inner_for_in, inner):
                        return False
                else:
                    found.append(make(inner))
            return True

        return found if go(node.for_in, Scope({}, scope)) else None

    def _see_ListComp(self, node: Any, scope: Scope) -> Any:
        found = self._comprehend(node, scope, lambda inner: self.value(node.elt, inner))
        return found if found is not None else Unsure(node, "a list with unknown members")

    _see_GeneratorExp = _see_ListComp

    def _see_SetComp(self, node: Any, scope: Scope) -> Any:
        found = self._see_ListComp(node, scope)
        plain = isinstance(found, list) and all(isinstance(item, (str, int)) for item in found)
        return set(found) if plain else Unsure(node, "a set with unknown members")

    def _see_DictComp(self, node: Any, scope: Scope) -> Any:
        pairs = self._comprehend(node, scope, lambda i: (self.value(node.key, i), self.value(node.value, i)))
        if pairs is None or not all(isinstance(key, (str, int, tuple)) for key, _ in pairs):
            return Unsure(node, "a dict with unknown members")
        return dict(pairs)

    def _see_NamedExpr(self, node: cst.NamedExpr, scope: Scope) -> Any:
        value = self.value(node.value, scope)
        self.bind(node.target, value, scope)
        return value

    def _iterate(self, value: Any) -> list[Any] | None:
        """The items of a known collection, None where they are not known."""
        if isinstance(value, set):
            return sorted(value, key=str)
        if isinstance(value, (list, tuple, dict, str)) and len(value) <= MAX_SIZE:
            return list(value)
        return None
