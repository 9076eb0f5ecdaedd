"""Statements of the Python that DAG files are written in, both ways where a condition is not known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from dagmig.airflow.read.evaluation import MAX_STEPS, Exhausted, LoopControl, Raised, Return, is_known
from dagmig.airflow.read.expressions import Expressions
from dagmig.airflow.read.objects import Class, Decorator, Env, Func, New, Ref, Scope, Unsure
from dagmig.airflow.read.operators import BINARY


class Statements(Expressions):
    """Runs bodies over a scope."""

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

    def _do_FunctionDef(self, node: cst.FunctionDef, scope: Scope) -> None:
        marks: list[tuple[Any, cst.CSTNode]] = [
            (self.value(d.decorator, scope), d.decorator) for d in node.decorators
        ]
        kept = (d for d, (mark, _) in zip(node.decorators, marks, strict=True) if not _is_airflows(mark))
        function = Func(node.name.value, node, scope, decorators=tuple(kept))
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
            same = (
                one is other
                or _alike(one, other)
                or (is_known(one) and is_known(other) and one == other and type(one) is type(other))
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

    def _store(self, owner: Any, key: Any, value: Any) -> None:
        try:
            owner[key] = value
        except (TypeError, IndexError):
            raise Raised from None


def _is_airflows(mark: Any) -> bool:
    """Whether a decorator is one that makes a task, a group or a DAG of the function."""
    name = mark.name if isinstance(mark, Ref) else mark.type if isinstance(mark, New) else ""
    return isinstance(mark, Decorator) or name.startswith("airflow.")


def _alike(one: Any, other: Any) -> bool:
    """Whether both are the same name of Airflow, which versions of it import from different places."""
    return (
        isinstance(one, Ref)
        and isinstance(other, Ref)
        and one.name.startswith("airflow.")
        and other.name.startswith("airflow.")
        and one.name.rpartition(".")[2] == other.name.rpartition(".")[2]
    )
