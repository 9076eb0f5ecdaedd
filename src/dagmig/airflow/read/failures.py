"""``try`` and ``raise``: which handler runs, and both ways where nobody knows whether one does."""

from __future__ import annotations

import ast
import builtins
from functools import partial
from typing import Any

from dagmig.airflow.read.evaluation import LoopControl, Raised, Return
from dagmig.airflow.read.objects import Class, Ref, Scope, Unsure
from dagmig.airflow.read.ways import Ways, copied, restore

WHY = "whether an exception is raised here is not known"


class Failures(Ways):
    """Runs what may fail."""

    def _do_Raise(self, node: ast.Raise, scope: Scope) -> None:
        if node.exc is None:
            raise Raised(self.handled[-1] if self.handled else None)
        error = self.value(node.exc, scope)
        if isinstance(error, (Ref, Class)):
            error = self.call(error, [], {}, node.exc)
        if node.cause is not None:
            self.value(node.cause, scope)
        raise Raised(error)

    def _do_Try(self, node: ast.Try, scope: Scope) -> None:
        if not node.finalbody:
            self._guarded(node, scope)
            return
        pending = len(self.pending)
        try:
            self._guarded(node, scope)
        except (Raised, Return, LoopControl):
            self.run(node.finalbody, scope)
            raise
        left, self.pending[pending:] = self.pending[pending:], []
        self.run(node.finalbody, scope)
        self.pending += left

    _do_TryStar = _do_Try

    def _guarded(self, node: ast.Try, scope: Scope) -> None:
        """The body, its handlers and ``else``."""
        if not node.handlers:
            self._body(node, scope)
            return
        risks = self._risks(node)
        failed: list[Raised] = []

        def through() -> None:
            self.guards += 1
            try:
                self.run(node.body, scope)
            except Raised as raised:
                failed.append(raised)
                return
            finally:
                self.guards -= 1
            self.run(node.orelse, scope)

        self.journals.append({})
        pending = len(self.pending)
        left: Exception | None = None
        try:
            self.touch_names(scope)
            through()
        except (Return, LoopControl, Raised) as out:
            left = out
        except Exception:
            self.journals.pop()
            raise
        journal = self.journals.pop()
        mine = self.pending[pending:]
        self.pending[pending:] = [one for one in mine if not isinstance(one, Raised)]
        is_risky = self._risks(node) != risks or any(isinstance(one, Raised) for one in mine)
        if not is_risky:
            for container, _ in journal.values():
                self.note(container, journal)
            if failed:
                self._handle(failed[0], node, scope)
            elif left is not None:
                raise left
            return
        self._may_handle(node, scope, journal, left, failed)

    def _may_handle(
        self, node: ast.Try, scope: Scope, journal: Any, left: Exception | None, failed: list[Raised]
    ) -> None:
        after = [(container, copied(container)) for container, _ in journal.values()]
        for container, before in journal.values():
            restore(container, before)

        def through() -> None:
            for container, state in after:
                self.touch(container)
                restore(container, state)
            if failed:
                self._handle(failed[0], node, scope)
            elif left is not None:
                raise left

        handlers = [partial(self._run_handler, handler, Unsure(handler), scope) for handler in node.handlers]
        self.ways(node, scope, [through, *handlers], WHY)

    def _risks(self, node: ast.Try) -> int:
        """What may have failed so far, of the kind that the handlers are for."""
        names = {_last(handler.type) for handler in node.handlers}
        only_imports = names <= {"ImportError", "ModuleNotFoundError"}
        return self.import_risks if only_imports else self.import_risks + self.risks

    def _body(self, node: ast.Try, scope: Scope) -> None:
        self.run(node.body, scope)
        self.run(node.orelse, scope)

    def _handle(self, raised: Raised, node: ast.Try, scope: Scope) -> None:
        error = raised.error
        maybe: list[Any] = []
        for handler in node.handlers:
            kind = (
                self.value(handler.type, scope) if handler.type is not None else Ref("builtins.BaseException")
            )
            fits = self.fits(error, kind)
            if fits is None:
                maybe.append(handler)
                continue
            if fits:
                maybe.append(handler)
                break
        else:
            if not maybe:
                raise raised
        ways: list[Any] = [partial(self._run_handler, handler, error, scope) for handler in maybe]
        if len(ways) == 1 and fits:
            ways[0]()
            return
        if not fits:
            ways.append(partial(_again, raised))
        self.ways(node, scope, ways, "which exception is raised is not known")

    def _run_handler(self, handler: ast.ExceptHandler, error: Any, scope: Scope) -> None:
        if handler.name is not None:
            self.bind_name(handler.name, error, scope)
        self.handled.append(error)
        try:
            self.run(handler.body, scope)
        finally:
            self.handled.pop()
            if handler.name is not None:
                scope.holder(handler.name).names.pop(handler.name, None)

    def fits(self, error: Any, kind: Any) -> bool | None:
        """Whether an exception is of a class (or of one of a tuple); None where nobody knows."""
        if isinstance(kind, tuple):
            found = [self.fits(error, one) for one in kind]
            return True if True in found else None if None in found else False
        own = self.class_of(error)
        if own is not None:
            return self._derives(own, kind)
        real = _builtin(kind)
        if not isinstance(error, BaseException):
            return True if real in (Exception, BaseException) and not isinstance(error, Unsure) else None
        if real is not None:
            return isinstance(error, real)
        return False if isinstance(kind, (Class, Ref)) else None

    def _derives(self, own: Any, kind: Any) -> bool | None:
        if own is kind:
            return True
        if isinstance(own, Class):
            found = [self._derives(base, kind) for base in own.bases]
            return True if True in found else None if None in found else False
        one, other = _builtin(own), _builtin(kind)
        if one is not None:
            return other is not None and issubclass(one, other)
        return None


def _again(raised: Raised) -> None:
    raise raised


def _builtin(kind: Any) -> type[BaseException] | None:
    name = kind.name if isinstance(kind, Ref) else ""
    found = getattr(builtins, name.removeprefix("builtins."), None) if name.startswith("builtins.") else None
    return found if isinstance(found, type) and issubclass(found, BaseException) else None


def _last(node: Any) -> str:
    return node.id if isinstance(node, ast.Name) else ""
