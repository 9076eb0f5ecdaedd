"""``with``: what is entered and left, by Airflow, by a class of the file or by a generator of it."""

from __future__ import annotations

import ast
from typing import Any

from dagmig.airflow.read.evaluation import (
    LoopControl,
    NotKnown,
    Raised,
    Return,
)
from dagmig.airflow.read.loops import Loops
from dagmig.airflow.read.objects import Managed, Ref, Scope, Unsure


class Withs(Loops):
    """Enters, runs the block, and leaves whatever becomes of it."""

    def _do_With(self, node: ast.With, scope: Scope) -> None:
        self._enter_all(node.items, node.body, scope)

    def _enter_all(self, items: list[ast.withitem], body: Any, scope: Scope) -> None:
        if not items:
            self.run(body, scope)
            return
        item, rest = items[0], items[1:]
        if (kinds := self._suppressed(item.context_expr, scope)) is not None:
            self._do_Try(_tried(kinds, rest, body, item.context_expr), scope)
            return
        value = self.value(item.context_expr, scope)
        target = item.optional_vars
        if isinstance(value, Managed):
            self._manage(value, target, rest, body, scope, item.context_expr)
            return
        if self.enters_itself(value):
            self._enter_object(value, target, rest, body, scope, item.context_expr)
            return
        inner = self.enter(value, item.context_expr)
        try:
            if target is not None:
                self.bind(target, inner, scope)
            self._enter_all(rest, body, scope)
        except Raised:
            if not isinstance(value, Unsure):
                raise
            self.doubt(
                item.context_expr, "whether the file goes on after an exception in a `with` is not known"
            )
        finally:
            self.leave(value)

    def _suppressed(self, manager: ast.expr, scope: Scope) -> list[ast.expr] | None:
        """The exceptions that ``contextlib.suppress`` is given; None for any other context manager."""
        if not isinstance(manager, ast.Call) or not isinstance(manager.func, ast.Name | ast.Attribute):
            return None
        called = self.value(manager.func, scope) if "suppress" in ast.unparse(manager.func) else None
        is_suppress = isinstance(called, Ref) and called.name == "contextlib.suppress"
        return manager.args if is_suppress and not manager.keywords else None

    def _enter_object(
        self, owner: Any, target: Any, rest: list[ast.withitem], body: Any, scope: Scope, node: Any
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
        self, managed: Managed, target: Any, rest: list[ast.withitem], body: Any, scope: Scope, node: Any
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


def _tried(kinds: list[ast.expr], rest: list[ast.withitem], body: Any, place: ast.expr) -> ast.Try:
    """``with suppress(A, B), rest: body`` as ``try: with rest: body``, ``except (A, B): pass``."""
    inner = [ast.copy_location(ast.With(items=rest, body=body), place)] if rest else body
    kind = ast.copy_location(ast.Tuple(elts=kinds, ctx=ast.Load()), place)
    nothing = ast.copy_location(ast.Pass(), place)
    handler = ast.copy_location(ast.ExceptHandler(type=kind, name=None, body=[nothing]), place)
    return ast.copy_location(ast.Try(body=inner, handlers=[handler], orelse=[], finalbody=[]), place)
