"""Statements of the Python that DAG files are written in, both ways where a condition is not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst

from dagmig.airflow.read.doubts import ONE_ROUND, reason
from dagmig.airflow.read.evaluation import (
    MAX_STEPS,
    Exhausted,
    LoopControl,
    NotKnown,
    Raised,
    Return,
    Stopped,
)
from dagmig.airflow.read.matching import Matching
from dagmig.airflow.read.names import KNOWN_PURE
from dagmig.airflow.read.objects import Dag, Decorator, Func, Instance, Managed, New, Ref, Scope, Task, Unsure
from dagmig.airflow.read.operators import BINARY
from dagmig.airflow.read.texts import has_hidden_order

MAYBE = "whether this is reached is not known"
HARMLESS = (cst.EmptyLine, cst.TypeAlias)
IMPORTS: frozenset[type] = frozenset({cst.Import, cst.ImportFrom})


class Statements(Matching):
    """Runs bodies over a scope."""

    def run(self, body: Any, scope: Scope) -> None:
        statements = body.body if hasattr(body, "body") else body
        pending = len(self.pending)
        for number, statement in enumerate(statements):
            try:
                self.statement(statement, scope)
            except Stopped as stopped:
                stopped.at = stopped.at or self.at(statement)
                raise
            if len(self.pending) > pending and number + 1 < len(statements):
                rest = statements[number + 1 :]
                self.either(statement, scope, lambda: self.run(rest, scope), lambda: None, MAYBE)  # noqa: B023
                return

    def statement(self, node: Any, scope: Scope) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise Exhausted
        method = self.doing.get(node.__class__)
        if method is not None:
            method(self, node, scope)
        elif not isinstance(node, HARMLESS):
            self.doubt(node, "what a statement of this kind does is not known")

    def _do_Pass(self, node: cst.Pass, scope: Scope) -> None:
        """Nothing."""

    def _do_Assert(self, node: cst.Assert, scope: Scope) -> None:
        truth = self.truth(self.value(node.test, scope))
        if truth is False:
            raise Raised(AssertionError())
        self.risks += truth is None

    def _do_Global(self, node: cst.Global, scope: Scope) -> None:
        for item in node.names:
            scope.declared[item.name.value] = scope.root

    def _do_Nonlocal(self, node: cst.Nonlocal, scope: Scope) -> None:
        for item in node.names:
            outer = scope.parent
            while outer is not None and item.name.value not in outer.names:
                outer = outer.parent
            if outer is not None:
                scope.declared[item.name.value] = outer

    def _do_SimpleStatementLine(self, node: cst.SimpleStatementLine, scope: Scope) -> None:
        if len(node.body) == 1:
            self._small(node.body[0], scope)
            return
        for small in node.body:
            self._small(small, scope)

    def _small(self, node: Any, scope: Scope) -> None:
        self.statement(node, scope)
        kind: type = node.__class__
        if kind in IMPORTS and self.may_fail(node, scope):
            self.import_risks += 1

    def may_fail(self, node: cst.Import | cst.ImportFrom, scope: Scope) -> bool:
        """Whether a package may be missing where the file is loaded."""
        names: Any = node.names
        if names.__class__ is cst.ImportStar:
            return False
        for alias in names:
            target: Any = alias.asname.name if alias.asname is not None else alias.name
            while target.__class__ is cst.Attribute:
                target = target.value
            found = scope.names.get(target.value)
            if found.__class__ is Unsure:
                return True
            if found.__class__ is Ref and found.name.partition(".")[0] not in KNOWN_PURE:
                return True
        return False

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
        if kind in IN_PLACE and isinstance(left, (list, set, dict)) and id(left) not in self.blurred:
            self._in_place(left, kind, right, node)
            self.bind(node.target, left, scope)
            return
        if kind in (cst.RightShiftAssign, cst.LeftShiftAssign):
            result = self.shift(left, right, kind is cst.RightShiftAssign, node.target)
        else:
            plain = BINARY.get(getattr(cst, kind.__name__.removesuffix("Assign"), object))
            result = self._apply(plain, left, right, node.target)
        self.bind(node.target, result, scope)

    def _in_place(self, left: Any, kind: type, right: Any, node: cst.AugAssign) -> None:
        items = self._iterate(right) if isinstance(left, list) or not isinstance(right, dict) else right
        method = IN_PLACE[kind].get(type(left))
        if items is None or method is None:
            self.risks += 1
            self.touch(left)
            self.blur(left, node, "changed by something unknown")
            return
        self.touch(left)
        getattr(left, method)(items)

    def _do_Del(self, node: cst.Del, scope: Scope) -> None:
        targets = (
            [element.value for element in node.target.elements]
            if isinstance(node.target, (cst.Tuple, cst.List))
            else [node.target]
        )
        for target in targets:
            self._delete(target, scope)

    def _delete(self, target: Any, scope: Scope) -> None:
        if isinstance(target, cst.Name):
            home = scope.holder(target.value)
            self.touch_names(home)
            home.names.pop(target.value, None)
            return
        if not isinstance(target, cst.Subscript):
            self.doubt(target, "what is deleted here is not known")
            return
        owner, key = self.value(target.value, scope), self._key(target, scope)
        if not isinstance(owner, (list, dict)):
            self.risks += 1
            return
        self.touch(owner)
        if not self.is_deeply_known(key) or id(owner) in self.blurred:
            self.risks += 1
            self.blur(owner, target, "an unknown item is deleted")
            return
        try:
            del owner[key]
        except (LookupError, TypeError, ValueError) as error:
            raise Raised(error) from None

    def _do_Return(self, node: cst.Return, scope: Scope) -> None:
        raise Return(self.value(node.value, scope) if node.value else None)

    def _do_Break(self, node: cst.Break, scope: Scope) -> None:
        raise LoopControl(True)

    def _do_Continue(self, node: cst.Continue, scope: Scope) -> None:
        raise LoopControl(False)

    def _do_FunctionDef(self, node: cst.FunctionDef, scope: Scope) -> None:
        marks: list[tuple[Any, cst.CSTNode]] = [
            (self.value(d.decorator, scope), d.decorator) for d in node.decorators
        ]
        kept = (d for d, (mark, _) in zip(node.decorators, marks, strict=True) if not _is_airflows(mark))
        function = Func(node.name.value, node, scope, decorators=tuple(kept))
        function.defaults = self.defaults(node.params, scope)
        result: Any = function
        for mark, at in reversed(marks):
            result = self._decorated(mark, result, at)
        if isinstance(result, Func) and result is not function:
            result.written = function
        self.bind(node.name, result, scope)

    def _decorated(self, mark: Any, target: Any, node: cst.CSTNode) -> Any:
        if isinstance(mark, Func):
            return self.call(mark, [target], {}, node)
        if isinstance(mark, Ref) and mark.name in MANAGERS and isinstance(target, Func):
            target.is_manager = True
            return target
        if isinstance(mark, New) and mark.type == "functools.wraps" and isinstance(target, Func):
            wrapped = mark.args[0] if mark.args else None
            target.name = wrapped.name if isinstance(wrapped, Func) else target.name
            return target
        return self.decorate([(mark, node)], target)

    def _do_If(self, node: cst.If, scope: Scope) -> None:
        value = self.value(node.test, scope)
        test = self.truth(value)
        if test:
            self.run(node.body, scope)
        elif test is False:
            self._orelse(node.orelse, scope)
        else:
            self.either(
                node,
                scope,
                lambda: self.run(node.body, scope),
                lambda: self._orelse(node.orelse, scope),
                f"whether this branch is taken is not known{reason(value)}",
            )

    def _orelse(self, node: cst.If | cst.Else | None, scope: Scope) -> None:
        if isinstance(node, cst.Else):
            self.run(node.body, scope)
        elif node is not None:
            self.statement(node, scope)

    def _do_For(self, node: cst.For, scope: Scope) -> None:
        over = self.value(node.iter, scope)
        items = self._iterate(over)
        if items is not None and has_hidden_order(over):
            self._in_any_order(node, items, scope)
            return
        if items is None:
            self.risks += 1
            why = f"what the loop goes over is not known{reason(over)}"
            self._some_times(node, node.iter, why, scope)
            return
        self._passes(node, items, scope)

    def _in_any_order(self, node: cst.For, items: Sequence[Any], scope: Scope) -> None:
        """A loop over a set: its last round and the order of what it appends are not known."""
        self.journals.append({})
        try:
            self._passes(node, items, scope)
        finally:
            journal = self.journals.pop()
            for container, before in journal.values():
                self.note(container, journal)
                self.forget_order(container, before, node.iter)

    def _passes(self, node: cst.For, items: Sequence[Any], scope: Scope) -> None:
        pending = len(self.pending)
        for number, item in enumerate(items):
            self.bind(node.target, item, scope)
            if self._is_broken(node.body, scope):
                return
            if self._may_be_over(pending):
                rest = items[number + 1 :]
                self.either(node.iter, scope, lambda: self._passes(node, rest, scope), lambda: None, MAYBE)  # noqa: B023
                self._drop_breaks(pending)
                return
        self._orelse(node.orelse, scope)

    def _is_broken(self, body: Any, scope: Scope) -> bool:
        """Run a loop's body once; whether it ends the loop."""
        try:
            self.run(body, scope)
        except LoopControl as control:
            return control.is_break
        return False

    def _may_be_over(self, pending: int) -> bool:
        """Whether a loop may have ended; a ``continue`` that may have been taken is done with."""
        self.pending[pending:] = [
            one for one in self.pending[pending:] if not isinstance(one, LoopControl) or one.is_break
        ]
        return len(self.pending) > pending

    def _drop_breaks(self, pending: int) -> None:
        self.pending[pending:] = [one for one in self.pending[pending:] if not isinstance(one, LoopControl)]

    def _some_times(self, node: Any, at: cst.CSTNode, why: str, scope: Scope) -> None:
        """A loop of which nobody knows how often it runs: what one round changes is unknown afterwards."""
        pending = len(self.pending)

        def times(number: int) -> None:
            for _ in range(number):
                if isinstance(node, cst.For):
                    self.bind(node.target, Unsure(at, "an item of an unknown collection"), scope)
                self._is_broken(node.body, scope)
            self._orelse(node.orelse, scope)

        self.ways(at, scope, [lambda: times(1), lambda: times(0)], why, ONE_ROUND)
        self._drop_breaks(pending)

    def _do_While(self, node: cst.While, scope: Scope) -> None:
        pending = len(self.pending)
        while True:
            test = self.truth(self.value(node.test, scope))
            if test is None:
                self._some_times(node, node.test, "how often the loop runs is not known", scope)
                return
            if not test:
                self._orelse(node.orelse, scope)
                return
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise Exhausted
            if self._is_broken(node.body, scope):
                return
            if self._may_be_over(pending):
                self.either(node.test, scope, lambda: self._do_While(node, scope), lambda: None, MAYBE)
                self._drop_breaks(pending)
                return

    def _do_With(self, node: cst.With, scope: Scope) -> None:
        self._enter_all(list(node.items), node.body, scope)

    def _enter_all(self, items: list[cst.WithItem], body: Any, scope: Scope) -> None:
        if not items:
            self.run(body, scope)
            return
        item, rest = items[0], items[1:]
        value = self.value(item.item, scope)
        target = item.asname.name if item.asname is not None else None
        if isinstance(value, Managed):
            self._manage(value, target, rest, body, scope, item)
            return
        if self.enters_itself(value):
            self._enter_object(value, target, rest, body, scope, item)
            return
        inner = self.enter(value, item.item)
        try:
            if target is not None:
                self.bind(target, inner, scope)
            self._enter_all(rest, body, scope)
        finally:
            self.leave(value)

    def _enter_object(
        self, owner: Any, target: Any, rest: list[cst.WithItem], body: Any, scope: Scope, node: Any
    ) -> None:
        """``__enter__`` and ``__exit__`` of a class of the file."""
        inner = self.call(self.attribute(owner, "__enter__", node), [], {}, node)
        if target is not None:
            self.bind(target, inner, scope)
        leave = self.attribute(owner, "__exit__", node)
        try:
            self._enter_all(rest, body, scope)
        except Raised as raised:
            swallows = self.truth(self.call(leave, [Unsure(node), raised.error, Unsure(node)], {}, node))
            if not swallows:
                self.risks += swallows is None
                raise
            return
        except (Return, LoopControl):
            self.call(leave, [None, None, None], {}, node)
            raise
        self.call(leave, [None, None, None], {}, node)

    def _manage(
        self, managed: Managed, target: Any, rest: list[cst.WithItem], body: Any, scope: Scope, node: Any
    ) -> None:
        """The generator up to its ``yield``, the block there, and what is left of the generator."""
        out: list[Exception] = []

        def block(value: Any) -> None:
            if target is not None:
                self.bind(target, value, scope)
            mine, self.yielders = self.yielders, self.yielders[:-1]
            try:
                self._enter_all(rest, body, scope)
            except (Return, LoopControl) as left:
                out.append(left)
            finally:
                self.yielders = mine

        self.yielders = [*self.yielders, block]
        try:
            self.invoke_body(managed.function, managed.args, managed.kwargs, node)
        except NotKnown:
            self.doubt(node, "what the `with` enters is not known")
        finally:
            self.yielders = self.yielders[:-1]
        if out:
            raise out[0]

    def bind(self, target: Any, value: Any, scope: Scope) -> None:
        """Assign to a name, a tuple of targets, an item or an attribute."""
        if target.__class__ is cst.Name:
            home = scope.holder(target.value)
            self.touch_names(home)
            home.names[target.value] = value
            return
        match target:
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                for element, one in zip(elements, self._unpacked(value, elements, target), strict=True):
                    self.bind(element.value, one, scope)
            case cst.Subscript():
                self._store(self.value(target.value, scope), self._key(target, scope), value, target)
            case cst.Attribute(attr=cst.Name(value=name)):
                owner = self.value(target.value, scope)
                if isinstance(owner, (Task, Dag)):
                    self.effects += 1
                if isinstance(owner, Instance):
                    self.touch_env(owner.attributes)
                self.set_attribute(owner, name, value, target)
            case _:
                self.doubt(target, "what is assigned to is not known")

    def _unpacked(self, value: Any, elements: Sequence[Any], target: cst.CSTNode) -> list[Any]:
        """One value for each target; a starred one takes what is left, as a list."""
        items = self._iterate(value)
        stars = [i for i, element in enumerate(elements) if isinstance(element, cst.StarredElement)]
        fits = items is not None and (
            len(items) >= len(elements) - 1 if len(stars) == 1 else len(items) == len(elements)
        )
        if items is None or len(stars) > 1:
            self.risks += 1
            return [Unsure(target, "part of something unknown") for _ in elements]
        if not fits:
            raise Raised(ValueError("not as many values to unpack as names"))
        if not stars:
            return items
        end = len(items) - (len(elements) - 1 - stars[0])
        return [*items[: stars[0]], items[stars[0] : end], *items[end:]]

    def _store(self, owner: Any, key: Any, value: Any, node: cst.CSTNode) -> None:
        if not isinstance(owner, (dict, list)):
            self.risks += 1
            return
        self.touch(owner)
        if isinstance(key, slice):
            items = self._iterate(value)
            value = items if items is not None else [Unsure(node)]
            if items is None or not isinstance(owner, list):
                self.blur(owner, node, "items that are not known")
                return
        elif not self.is_key(key):
            self.risks += 1
            if isinstance(owner, dict):
                owner["**"] = value
            else:
                self.blur(owner, node, "an item that is not known")
            return
        try:
            owner[key] = value
        except (TypeError, IndexError, ValueError) as error:
            raise Raised(error) from None


IN_PLACE: dict[type, dict[type, str]] = {
    cst.AddAssign: {list: "extend"},
    cst.BitOrAssign: {dict: "update", set: "update"},
    cst.BitAndAssign: {set: "intersection_update"},
    cst.SubtractAssign: {set: "difference_update"},
}
MANAGERS = ("contextlib.contextmanager",)


def _is_airflows(mark: Any) -> bool:
    """Whether a decorator is one that makes a task, a group or a DAG of the function."""
    name = mark.name if isinstance(mark, Ref) else mark.type if isinstance(mark, New) else ""
    return isinstance(mark, Decorator) or name.startswith("airflow.")


def dotted(node: Any) -> str:
    """``a.b.c`` of a name node."""
    if node.__class__ is cst.Attribute:
        return f"{dotted(node.value)}.{node.attr.value}"
    return str(node.value)
