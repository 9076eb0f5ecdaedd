"""Expressions of the Python that DAG files are written in, over values that may be unknown."""

from __future__ import annotations

import builtins
import operator
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import libcst as cst

from dagmig.airflow.read.doubts import ONE_ROUND, reason
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
from dagmig.airflow.read.library import CONSTANTS as LIBRARY_CONSTANTS
from dagmig.airflow.read.objects import Func, Lazy, New, Ref, Scope, Unsure, XCom
from dagmig.airflow.read.operators import (
    BINARY,
    COMPARE,
    CONSTANTS,
    EQUALITY,
    IDENTITY,
    MEMBERSHIP,
    check_power,
    too_large,
)
from dagmig.airflow.read.paths import FilePath
from dagmig.airflow.read.texts import formatted, has_hidden_order, literal, percent

FAILURES = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError)
BUILTINS = frozenset(dir(builtins))
TYPES = frozenset(
    f"builtins.{kind}" for kind in ("str", "list", "dict", "set", "tuple", "bytes", "int", "float", "bool")
)
UNHASHABLE = (Unsure, New, XCom)

ASSETS = ("Asset", "Dataset")


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

    def _see_SimpleString(self, node: cst.SimpleString, scope: Scope) -> Any:
        text = literal(node)
        if isinstance(text, str) and not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
            return Unsure(node)  # half a surrogate pair: no text that could be written anywhere
        return text

    def _see_ConcatenatedString(self, node: cst.ConcatenatedString, scope: Scope) -> Any:
        return self._apply(operator.add, self.value(node.left, scope), self.value(node.right, scope), node)

    def _see_FormattedString(self, node: cst.FormattedString, scope: Scope) -> Any:
        text = self._formatted(node.parts, scope)
        return text if text is not None else self.unknown(node, "text with a value that is not known")

    def _formatted(self, content: Any, scope: Scope) -> str | None:
        """Text and its replacement fields; None where a value is not known. All fields are evaluated."""
        parts: list[str | None] = []
        for part in content:
            if isinstance(part, cst.FormattedStringText):
                parts.append(_unescaped(part.value))
            else:
                parts.append(self._field(part, scope))
        return None if None in parts else "".join(part for part in parts if part is not None)

    def _field(self, part: Any, scope: Scope) -> str | None:
        value = self.value(part.expression, scope)
        spec = self._formatted(part.format_spec, scope) if part.format_spec else ""
        if spec is None:
            return None
        if part.equal is not None:
            return self._shown(part, value, spec)
        value = self.as_text(value)
        if not self.is_deeply_known(value):
            return None
        try:
            return formatted(value, part.conversion or "", spec)
        except NotKnown:
            return None
        except FAILURES as error:
            raise Raised(error) from None

    def _shown(self, part: Any, value: Any, spec: str) -> str | None:
        """``f"{x=}"``: the expression as written, then the value."""
        equal, module = part.equal, cst.Module([])
        before: str = part.whitespace_before_expression.value + module.code_for_node(part.expression)
        before += module.code_for_node(equal)
        conversion = part.conversion or ("r" if not spec else "")
        if not self.is_deeply_known(value):
            return None
        try:
            return before + formatted(value, conversion, spec)
        except NotKnown:
            return None

    def as_text(self, value: Any) -> Any:
        """The text that an object of the file is in text; other values as they are."""
        return value

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

    def _see_IfExp(self, node: cst.IfExp, scope: Scope) -> Any:
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

    def _see_BooleanOperation(self, node: cst.BooleanOperation, scope: Scope) -> Any:
        left = self.value(node.left, scope)
        truth = self.truth(left)
        if truth is None:
            self.either(
                node,
                scope,
                lambda: self.value(node.right, scope),
                lambda: None,
                "whether this is evaluated is not known",
            )
            return Unsure(node)
        return left if truth == isinstance(node.operator, cst.Or) else self.value(node.right, scope)

    def _see_UnaryOperation(self, node: cst.UnaryOperation, scope: Scope) -> Any:
        value = self.value(node.expression, scope)
        if isinstance(node.operator, cst.Not):
            truth = self.truth(value)
            return Unsure(node) if truth is None else not truth
        unary = UNARY[type(node.operator)]
        return self._apply(lambda a, _: unary(a), value, None, node)

    def _see_Comparison(self, node: cst.Comparison, scope: Scope) -> Any:
        left = self.value(node.left, scope)
        result: Any = True
        for part in node.comparisons:
            right = self.value(part.comparator, scope)
            result = self._compare(type(part.operator), left, right, node)
            if isinstance(result, Unsure) or not result:
                return result
            left = right
        return result

    def _compare(self, kind: type, left: Any, right: Any, node: cst.CSTNode) -> Any:
        if kind in IDENTITY:
            return self._identical(left, right, node, kind is cst.Is)
        if kind in MEMBERSHIP and isinstance(right, CONTAINERS):
            return self._contains(left, right, node, kind is cst.In)
        if kind in EQUALITY and any(
            isinstance(one, New) and one.type == "dagmig.param" for one in (left, right)
        ):
            return (left is right) == (kind is cst.Equal)
        if not self.is_deeply_known(left) or not self.is_deeply_known(right):
            return self.unknown(node)
        return self._apply(COMPARE.get(kind), left, right, node)

    def _identical(self, left: Any, right: Any, node: cst.CSTNode, positive: bool) -> Any:
        if any(isinstance(one, (Unsure, Ref)) for one in (left, right)):
            one, other = (left, right) if isinstance(left, Ref) else (right, left)
            if not (isinstance(one, Ref) and self.truth(one) and not isinstance(other, Unsure)):
                return Unsure(node)
            return (one == other) == positive
        return (left is right) == positive

    def _contains(self, left: Any, right: Any, node: cst.CSTNode, positive: bool) -> Any:
        if (
            id(right) in self.blurred
            or isinstance(left, Unsure)
            or (isinstance(right, dict) and "**" in right)
        ):
            return self.unknown(node)
        keys = [*right]
        if any(one is left for one in keys):
            return positive
        if not self.is_deeply_known(left) or not all(map(self.is_deeply_known, keys)):
            return self.unknown(node)
        return self._apply(operator.contains, right, left, node, positive=positive)

    def _see_BinaryOperation(self, node: cst.BinaryOperation, scope: Scope) -> Any:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        kind = type(node.operator)
        if kind in (cst.RightShift, cst.LeftShift):
            return self.shift(left, right, kind is cst.RightShift, node)
        if kind is cst.Divide and isinstance(left, FilePath) and type(right) is str and not left.is_text:
            return left.below(right)
        if kind in (cst.BitOr, cst.BitAnd) and not (is_known(left) and is_known(right)):
            return _combined(kind is cst.BitOr, left, right, node)
        return self._apply(BINARY.get(kind), left, right, node)

    def _apply(
        self,
        function: Callable[[Any, Any], Any] | None,
        left: Any,
        right: Any,
        node: cst.CSTNode,
        *,
        positive: bool = True,
    ) -> Any:
        if function is None or not is_known(left) or not is_known(right):
            return self.unknown(node)
        if function not in (operator.add, operator.mul) or not isinstance(left, (list, tuple)):
            if not self.is_deeply_known(left) or not self.is_deeply_known(right):
                return self.unknown(node)
        elif id(left) in self.blurred or id(right) in self.blurred:
            return self.unknown(node)
        if function is not operator.contains and too_large(function is operator.mul, left, right):
            return self.unknown(node, "too large")
        try:
            if function is operator.pow:
                check_power(left, right)
            if function is operator.mod and isinstance(left, str):
                return percent(left, right)
            found = function(left, right)
        except NotKnown:
            return self.unknown(node)
        except FAILURES as error:
            raise Raised(error) from None
        return found if positive else not found

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
            self.risks += 1
            return self.subscript(owner, key, node)
        if id(owner) in self.blurred or not (isinstance(key, slice) or self.is_key(key)):
            return self.unknown(node)
        try:
            return owner[key]
        except (LookupError, TypeError, ValueError) as error:
            if isinstance(owner, dict) and "**" in owner:
                return self.unknown(node)
            raise Raised(error) from None

    def _see_Attribute(self, node: cst.Attribute, scope: Scope) -> Any:
        owner = self.value(node.value, scope)
        if isinstance(owner, Ref):
            return self._of_name(owner.name, node.attr.value)
        if (
            is_known(owner)
            and id(owner) not in self.blurred
            and not type(owner).__module__.startswith("dagmig")
        ):
            return self._of_data(owner, node.attr.value, node)
        return self.attribute(owner, node.attr.value, node)

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

    def _may_make(self, make: Callable[[Scope], Any], scope: Scope) -> bool:
        """One round of which nobody knows whether there is any; whether it changes the graph."""
        effects = self.effects
        self.undecided += 1
        try:
            make(scope)
        finally:
            self.undecided -= 1
        return self.effects != effects

    def _comprehend(self, node: Any, scope: Scope, make: Callable[[Scope], Any]) -> list[Any] | None:
        found: list[Any] = []

        shuffled = False

        def go(part: cst.CompFor, inner: Scope) -> bool:
            nonlocal shuffled
            over = self.value(part.iter, inner)
            shuffled = shuffled or has_hidden_order(over)
            items = self._iterate(over)
            if items is None:
                self.risks += 1
                self.bind(part.target, Unsure(part.iter), inner)
                if self._may_make(make, inner):
                    self.doubt(
                        part.iter, f"what the loop goes over is not known{reason(over)}", follows=ONE_ROUND
                    )
                return False
            for item in items:
                self.bind(part.target, item, inner)
                tests = self._all_true(part.ifs, inner)
                if tests is None:
                    if self._may_make(make, inner):
                        self.doubt(part.iter, "which items are taken is not known")
                    return False
                if not tests:
                    continue
                if part.inner_for_in is not None:
                    if not go(part.inner_for_in, inner):
                        return False
                else:
                    found.append(make(inner))
                    if len(found) > MAX_SIZE:
                        raise Exhausted
            return True

        is_whole = go(node.for_in, Scope({}, scope, is_inner=True))
        if shuffled and not isinstance(node, cst.SetComp) and len(found) > 1 and self.is_deeply_known(found):
            return None  # in an order that nobody knows
        return found if is_whole else None

    def _all_true(self, tests: Any, scope: Scope) -> bool | None:
        for test in tests:
            truth = self.truth(self.value(test.test, scope))
            if not truth:
                return truth
        return True

    def _see_ListComp(self, node: Any, scope: Scope) -> Any:
        found = self._comprehend(node, scope, lambda inner: self.value(node.elt, inner))
        return found if found is not None else Unsure(node, "a list with unknown members")

    def _see_GeneratorExp(self, node: Any, scope: Scope) -> Any:
        found = self._see_ListComp(node, scope)
        return Lazy(found) if isinstance(found, list) else found

    def _see_SetComp(self, node: Any, scope: Scope) -> Any:
        found = self._comprehend(node, scope, lambda inner: self.value(node.elt, inner))
        plain = found is not None and all(map(self.is_key, found))
        return set(found or ()) if plain else Unsure(node, "a set with unknown members")

    def _see_DictComp(self, node: Any, scope: Scope) -> Any:
        pairs = self._comprehend(node, scope, lambda i: (self.value(node.key, i), self.value(node.value, i)))
        if pairs is None or not all(self.is_key(key) for key, _ in pairs):
            return Unsure(node, "a dict with unknown members")
        return dict(pairs)

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
        if isinstance(value, Lazy):
            self.touch(value)
            items, value.items = value.items, []
            return items
        if isinstance(value, SEQUENCES) and len(value) <= MAX_SIZE:
            return list(value)
        return None


UNARY: dict[type, Callable[[Any], Any]] = {
    cst.Minus: operator.neg,
    cst.Plus: operator.pos,
    cst.BitInvert: operator.invert,
}
SEQUENCES: tuple[Any, ...] = (*CONTAINERS, str, bytes, range)
ITEMS = (list, tuple, dict, str, bytes, range, re.Match)


def _unescaped(text: str) -> str:
    return text.replace("{{", "{").replace("}}", "}")


def _combined(is_any: bool, left: Any, right: Any, node: cst.CSTNode) -> Any:
    """``|`` and ``&`` of assets, as Airflow's ``AssetAny`` and ``AssetAll``; a longer one is added to."""
    if not any(
        isinstance(one, New) and one.type.rpartition(".")[2].startswith(ASSETS) for one in (left, right)
    ):
        return Unsure(node)
    name = f"airflow.sdk.{'AssetAny' if is_any else 'AssetAll'}"
    before = left.args if isinstance(left, New) and left.type == name else [left]
    return New(name, [*before, right], {}, node)
