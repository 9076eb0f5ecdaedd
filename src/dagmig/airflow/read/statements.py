"""Statements of the Python that DAG files are written in, both ways where a condition is not known."""

from __future__ import annotations

import ast
from typing import Any

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
from dagmig.airflow.read.objects import Func, New, Ref, Scope

MAYBE = "whether this is reached is not known"
HARMLESS = frozenset({"TypeAlias"})  # Python 3.12


class Statements(Assigning):
    """Runs bodies over a scope."""

    def run(self, body: list[ast.stmt], scope: Scope) -> None:
        pending = len(self.pending)
        for number, statement in enumerate(body):
            try:
                self.statement(statement, scope)
            except Stopped as stopped:
                stopped.at = stopped.at or self.at(statement)
                raise
            if len(self.pending) > pending and number + 1 < len(body):
                rest = body[number + 1 :]
                self.either(statement, scope, lambda: self.run(rest, scope), lambda: None, MAYBE)  # noqa: B023
                return

    def statement(self, node: Any, scope: Scope) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise Exhausted
        method = self.doing.get(node.__class__)
        if method is not None:
            method(self, node, scope)
        elif node.__class__.__name__ not in HARMLESS:
            self.doubt(node, "what a statement of this kind does is not known")

    def _do_Pass(self, node: ast.Pass, scope: Scope) -> None:
        """Nothing."""

    def _do_Assert(self, node: ast.Assert, scope: Scope) -> None:
        truth = self.truth(self.value(node.test, scope))
        if truth is False:
            raise Raised(AssertionError())
        self.risks += truth is None

    def _do_Global(self, node: ast.Global, scope: Scope) -> None:
        for name in node.names:
            scope.declared[name] = scope.root

    def _do_Nonlocal(self, node: ast.Nonlocal, scope: Scope) -> None:
        for name in node.names:
            outer = scope.parent
            while outer is not None and name not in outer.names:
                outer = outer.parent
            if outer is not None:
                scope.declared[name] = outer

    def _do_Expr(self, node: ast.Expr, scope: Scope) -> None:
        self.value(node.value, scope)

    def _do_Return(self, node: ast.Return, scope: Scope) -> None:
        raise Return(self.value(node.value, scope) if node.value else None)

    def _do_Break(self, node: ast.Break, scope: Scope) -> None:
        raise LoopControl(True)

    def _do_Continue(self, node: ast.Continue, scope: Scope) -> None:
        raise LoopControl(False)

    def _do_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        marks: list[tuple[Any, ast.AST]] = [(self.value(one, scope), one) for one in node.decorator_list]
        pairs = zip(node.decorator_list, marks, strict=True)
        kept = (one for one, (mark, _) in pairs if not _is_airflows(mark))
        function = Func(node.name, node, scope, decorators=tuple(kept))
        function.defaults = self.defaults(node.args, scope)
        result: Any = function
        for mark, at in reversed(marks):
            result = self._decorated(mark, result, at)
        if isinstance(result, Func) and result is not function:
            result.written = function
        self.bind_name(node.name, result, scope)

    _do_AsyncFunctionDef = _do_FunctionDef

    def _decorated(self, mark: Any, target: Any, node: ast.AST) -> Any:
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

    def _do_If(self, node: ast.If, scope: Scope) -> None:
        value = self.value(node.test, scope)
        test = self.truth(value)
        if test:
            self.run(node.body, scope)
        elif test is False:
            self.run(node.orelse, scope)
        else:
            self.either(
                node,
                scope,
                lambda: self.run(node.body, scope),
                lambda: self.run(node.orelse, scope),
                f"whether this branch is taken is not known{reason(value)}",
            )


MANAGERS = ("contextlib.contextmanager",)


def _is_airflows(mark: Any) -> bool:
    """Whether a decorator is one that makes a task, a group or a DAG of the function."""
    name = mark.name if isinstance(mark, Ref) else mark.type if isinstance(mark, New) else ""
    return isinstance(mark, Decorator) or name.startswith("airflow.")
