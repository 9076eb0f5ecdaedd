"""The part of Python that DAG files are written in, over values that may be unknown.

Nothing is imported or run: names from elsewhere stay names. Work, nesting and sizes are bounded, so that
hostile input ends.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import libcst as cst

from dagmig.airflow.read.objects import Class, Env, Func, New, Ref, Scope, Unsure

MAX_STEPS = 400_000
MAX_DEPTH = 40
MAX_SIZE = 100_000
BINARY: dict[type, Callable[[Any, Any], Any]] = {
    cst.Add: operator.add,
    cst.Subtract: operator.sub,
    cst.Multiply: operator.mul,
    cst.Divide: operator.truediv,
    cst.FloorDivide: operator.floordiv,
    cst.Modulo: operator.mod,
    cst.BitOr: operator.or_,
    cst.BitAnd: operator.and_,
}
COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    cst.Equal: operator.eq,
    cst.NotEqual: operator.ne,
    cst.LessThan: operator.lt,
    cst.LessThanEqual: operator.le,
    cst.GreaterThan: operator.gt,
    cst.GreaterThanEqual: operator.ge,
    cst.In: lambda a, b: a in b,
    cst.NotIn: lambda a, b: a not in b,
    cst.Is: lambda a, b: a is b,
    cst.IsNot: lambda a, b: a is not b,
}
CONSTANTS = {"True": True, "False": False, "None": None}
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


class Evaluator:
    """Statements and expressions; what is Airflow's own is left to ``call``, ``attribute`` and ``shift``."""

    def __init__(self) -> None:
        self.steps = 0
        self.depth = 0
        self.effects = 0

    # Hooks, given meaning by the builder.
    def call(self, callee: Any, args: list[Any], kwargs: dict[str, Any], node: cst.CSTNode) -> Any:
        raise AssertionError

    def attribute(self, owner: Any, name: str, node: cst.CSTNode) -> Any:
        raise AssertionError

    def shift(self, left: Any, right: Any, forward: bool, node: cst.CSTNode) -> Any:
        raise AssertionError

    def enter(self, value: Any, node: cst.CSTNode) -> Any:
        raise AssertionError

    def leave(self, value: Any) -> None:
        raise AssertionError

    def decorate(self, decorators: list[tuple[Any, cst.CSTNode]], function: Func) -> Any:
        raise AssertionError

    def doubt(self, node: cst.CSTNode, message: str) -> None:
        raise AssertionError

    # Statements

    def run(self, body: Any, scope: Scope) -> None:
        for statement in body.body if hasattr(body, "body") else body:
            self.statement(statement, scope)

    def statement(self, node: Any, scope: Scope) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise Exhausted
        method = getattr(self, f"_do_{type(node).__name__}", None)
        if method is not None:
            method(node, scope)

    def _do_SimpleStatementLine(self, node: cst.SimpleStatementLine, scope: Scope) -> None:
        for small in node.body:
            self.statement(small, scope)

    _do_SimpleStatementSuite = _do_SimpleStatementLine

    def _do_Expr(self, node: cst.Expr, scope: Scope) -> None:
        self.value(node.value, scope)

    def _do_Assign(self, node: cst.Assign, scope: Scope) -> None:
        value = self.value(node.value, scope)
        for target in node.targets:
            self.bind(target.target, value, scope)

    def _do_AnnAssign(self, node: cst.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.bind(node.target, self.value(node.value, scope), scope)

    def _do_AugAssign(self, node: cst.AugAssign, scope: Scope) -> None:
        left, right = self.value(node.target, scope), self.value(node.value, scope)
        kind = type(node.operator)
        if isinstance(left, list) and isinstance(right, (list, tuple)) and kind is cst.AddAssign:
            left.extend(right)
            return
        if kind in (cst.RightShiftAssign, cst.LeftShiftAssign):
            result = self.shift(left, right, kind is cst.RightShiftAssign, node.target)
        else:
            plain = BINARY.get(getattr(cst, kind.__name__.removesuffix("Assign"), object))
            result = self._apply(plain, left, right, node.target)
        self.bind(node.target, result, scope)

    def _do_Del(self, node: cst.Del, scope: Scope) -> None:
        if isinstance(node.target, cst.Name):
            scope.names.pop(node.target.value, None)

    def _do_Return(self, node: cst.Return, scope: Scope) -> None:
        raise Return(self.value(node.value, scope) if node.value else None)

    def _do_Break(self, node: cst.Break, scope: Scope) -> None:
        raise LoopControl(True)

    def _do_Continue(self, node: cst.Continue, scope: Scope) -> None:
        raise LoopControl(False)

    def _do_Raise(self, node: cst.Raise, scope: Scope) -> None:
        raise Raised

    def _do_Import(self, node: cst.Import, scope: Scope) -> None:
        for alias in node.names:
            name = _dotted(alias.name)
            if alias.asname is not None:
                self.bind(alias.asname.name, Ref(name), scope)
            else:
                scope.names[name.partition(".")[0]] = Ref(name.partition(".")[0])

    def _do_ImportFrom(self, node: cst.ImportFrom, scope: Scope) -> None:
        module = "." * len(node.relative) + (_dotted(node.module) if node.module else "")
        if isinstance(node.names, cst.ImportStar):
            if not module.startswith("airflow"):
                self.doubt(node, f"`from {module} import *` may define anything")
            return
        for alias in node.names:
            name = _dotted(alias.name)
            target = alias.asname.name if alias.asname else alias.name
            self.bind(target, Ref(f"{module}.{name}"), scope)

    def _do_FunctionDef(self, node: cst.FunctionDef, scope: Scope) -> None:
        function = Func(node.name.value, node, scope)
        marks: list[tuple[Any, cst.CSTNode]] = [
            (self.value(d.decorator, scope), d.decorator) for d in node.decorators
        ]
        scope.names[node.name.value] = self.decorate(marks, function) if marks else function

    def _do_ClassDef(self, node: cst.ClassDef, scope: Scope) -> None:
        bases = [self.value(argument.value, scope) for argument in node.bases]
        inner = Scope({}, scope)
        before = self.effects
        self.run(node.body, inner)
        if self.effects != before:
            self.doubt(node.name, f"the body of class `{node.name.value}` builds tasks")
        scope.names[node.name.value] = Class(node.name.value, bases, inner.names)

    def _do_If(self, node: cst.If, scope: Scope) -> None:
        test = self.value(node.test, scope)
        if is_known(test):
            if test:
                self.run(node.body, scope)
            elif node.orelse is not None:
                self._orelse(node.orelse, scope)
            return
        if not isinstance(test, Unsure):
            self.run(node.body, scope)  # an object: true
            return
        self._either(
            node,
            scope,
            lambda: self.run(node.body, scope),
            lambda: self._orelse(node.orelse, scope) if node.orelse is not None else None,
            "whether this branch is taken is not known",
        )

    def _orelse(self, node: cst.If | cst.Else, scope: Scope) -> None:
        if isinstance(node, cst.Else):
            self.run(node.body, scope)
        else:
            self.statement(node, scope)

    def _either(
        self, node: cst.CSTNode, scope: Scope, first: Callable[[], Any], second: Callable[[], Any], why: str
    ) -> None:
        """Both ways, one after the other; names that come out differently are unknown afterwards."""
        before, effects = dict(scope.names), self.effects
        ends: list[Env] = []
        for way in (first, second):
            scope.names.clear()
            scope.names.update(before)
            try:
                way()
            except (Return, LoopControl, Raised):
                if self.effects != effects:
                    self.doubt(node, why)
            ends.append(dict(scope.names))
        for name in ends[0].keys() | ends[1].keys():
            one, other = ends[0].get(name), ends[1].get(name)
            same = one is other or (
                is_known(one) and is_known(other) and one == other and type(one) is type(other)
            )
            if not same:
                scope.names[name] = (
                    Unsure(node, why) if name in ends[0] and name in ends[1] else (one or other)
                )
        if self.effects != effects:
            self.doubt(node, why)

    def _do_For(self, node: cst.For, scope: Scope) -> None:
        items = self._iterate(self.value(node.iter, scope))
        if items is None:
            effects = self.effects
            self.bind(node.target, Unsure(node.iter, "an item of an unknown collection"), scope)
            self._once(node.body, scope)
            if self.effects != effects:
                self.doubt(node.iter, "the loop goes over a value that is not known")
            return
        for item in items:
            self.bind(node.target, item, scope)
            try:
                self.run(node.body, scope)
            except LoopControl as control:
                if control.is_break:
                    return
        if node.orelse is not None:
            self.run(node.orelse.body, scope)

    def _once(self, body: Any, scope: Scope) -> None:
        try:
            self.run(body, scope)
        except LoopControl:
            return

    def _do_While(self, node: cst.While, scope: Scope) -> None:
        while True:
            test = self.value(node.test, scope)
            if isinstance(test, Unsure):
                effects = self.effects
                self._once(node.body, scope)
                if self.effects != effects:
                    self.doubt(node.test, "how often the loop runs is not known")
                return
            if not test:
                return
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise Exhausted
            try:
                self.run(node.body, scope)
            except LoopControl as control:
                if control.is_break:
                    return

    def _do_Try(self, node: cst.Try, scope: Scope) -> None:
        try:
            self.run(node.body, scope)
            if node.orelse is not None:
                self.run(node.orelse.body, scope)
        except Raised:
            if not node.handlers:
                raise
            self.run(node.handlers[0].body, scope)
        finally:
            if node.finalbody is not None:
                self.run(node.finalbody.body, scope)

    def _do_With(self, node: cst.With, scope: Scope) -> None:
        entered = []
        for item in node.items:
            value = self.value(item.item, scope)
            inner = self.enter(value, item.item)
            entered.append(value)
            if item.asname is not None:
                self.bind(item.asname.name, inner, scope)
        try:
            self.run(node.body, scope)
        finally:
            for value in reversed(entered):
                self.leave(value)

    def bind(self, target: Any, value: Any, scope: Scope) -> None:
        """Assign to a name, a tuple of targets, an item or an attribute."""
        match target:
            case cst.Name(value=name):
                scope.names[name] = value
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                for element, one in zip(elements, self._unpacked(value, elements, target), strict=True):
                    self.bind(element.value, one, scope)
            case cst.Subscript():
                owner, key = self.value(target.value, scope), self._key(target, scope)
                if isinstance(owner, (dict, list)) and is_known(key):
                    self._store(owner, key, value)
                elif isinstance(owner, dict):
                    owner["**"] = value
            case cst.Attribute(attr=cst.Name(value=name)):
                self.set_attribute(self.value(target.value, scope), name, value, target)

    def _unpacked(self, value: Any, elements: Sequence[Any], target: cst.CSTNode) -> list[Any]:
        """One value for each target; a starred one takes what is left, as a list."""
        items = self._iterate(value)
        stars = [i for i, element in enumerate(elements) if isinstance(element, cst.StarredElement)]
        fits = items is not None and (
            len(items) >= len(elements) - 1 if len(stars) == 1 else len(items) == len(elements)
        )
        if items is None or not fits or len(stars) > 1:
            return [Unsure(target, "unpacked") for _ in elements]
        if not stars:
            return items
        end = len(items) - (len(elements) - 1 - stars[0])
        return [*items[: stars[0]], items[stars[0] : end], *items[end:]]

    def set_attribute(self, owner: Any, name: str, value: Any, node: cst.CSTNode) -> None:
        raise AssertionError

    def _store(self, owner: Any, key: Any, value: Any) -> None:
        try:
            owner[key] = value
        except (TypeError, IndexError):
            raise Raised from None

    # Expressions

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
        if function is operator.mul and _size(left) * _size(right) > MAX_SIZE:
            return Unsure(node, "too large")
        if _size(left) > MAX_SIZE or _size(right) > MAX_SIZE:
            return Unsure(node, "too large")
        if (
            function is operator.mod
            and isinstance(left, str)
            and ("*" in left or any(c.isdigit() for c in left))
        ):
            return Unsure(node, "text with widths")
        if function is operator.mod and isinstance(left, str) and not _all_known(right):
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

    def subscript(self, owner: Any, key: Any, node: cst.CSTNode) -> Any:
        raise AssertionError

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


def _dotted(node: Any) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return str(node.value)


def _size(value: Any) -> int:
    if isinstance(value, (str, bytes, list, tuple, dict, set)):
        return len(value)
    return abs(value) if isinstance(value, int) else 1


def _all_known(value: Any) -> bool:
    return all(is_known(item) for item in value) if isinstance(value, tuple) else is_known(value)


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
