"""Statements of the Python that DAG files are written in, both ways where a condition is not known."""

from __future__ import annotations

from typing import Any

import libcst as cst

from dagmig.airflow.read.airflow_objects import Decorator
from dagmig.airflow.read.assigning import Assigning
from dagmig.airflow.read.doubts import reason
from dagmig.airflow.read.evaluation import (
    MAX_STEPS,
    Exhausted,
    LoopControl,
    Raised,
    Return,
    Stopped,
)
from dagmig.airflow.read.names import KNOWN_PURE
from dagmig.airflow.read.objects import Func, New, Ref, Scope, Unsure

MAYBE = "whether this is reached is not known"
HARMLESS = (cst.EmptyLine, cst.TypeAlias)
IMPORTS: frozenset[type] = frozenset({cst.Import, cst.ImportFrom})


class Statements(Assigning):
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
