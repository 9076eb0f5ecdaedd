"""Assignments to names, items and attributes, and what takes them away again."""

from __future__ import annotations

import ast
import operator
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from dagmig.airflow.read.airflow_objects import Dag, Task
from dagmig.airflow.read.evaluation import Raised, is_known
from dagmig.airflow.read.expressions import FAILURES
from dagmig.airflow.read.matching import Matching
from dagmig.airflow.read.objects import Instance, Scope, Unsure
from dagmig.airflow.read.operators import BINARY, too_large

IN_PLACE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.iadd,
    ast.Mult: operator.imul,
    ast.BitOr: operator.ior,
    ast.BitAnd: operator.iand,
    ast.BitXor: operator.ixor,
    ast.Sub: operator.isub,
}
CHANGED = (list, set, dict, deque)
GROWING = (list, deque)
HOLDING = (list, dict, deque)


class Assigning(Matching):
    """Binds targets."""

    def _do_Assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.value(node.value, scope)
        for target in node.targets:
            self.bind(target, value, scope)

    def _do_AnnAssign(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.bind(node.target, self.value(node.value, scope), scope)

    def _do_AugAssign(self, node: ast.AugAssign, scope: Scope) -> None:
        left, put = self._held(node.target, scope)
        right = self.value(node.value, scope)
        kind = type(node.op)
        own = self.own_operator(kind, left, right, node.target, in_place=True)
        if own is not NotImplemented:
            put(own)
        elif kind in IN_PLACE and isinstance(left, CHANGED) and id(left) not in self.blurred:
            self._in_place(left, IN_PLACE[kind], right, node)
            put(left)
        elif kind in (ast.RShift, ast.LShift):
            put(self.shift(left, right, kind is ast.RShift, node.target))
        else:
            put(self._apply(BINARY.get(kind), left, right, node.target))

    def _held(self, target: Any, scope: Scope) -> tuple[Any, Callable[[Any], None]]:
        """What a target holds, and how to put something else there; what it is made of is evaluated once."""
        match target:
            case ast.Subscript():
                owner, key = self.value(target.value, scope), self.value(target.slice, scope)
                return self.item(owner, key, target), lambda value: self._store(owner, key, value, target)
            case ast.Attribute(attr=name):
                owner = self.value(target.value, scope)
                return self.member(owner, name, target), lambda value: self._set(owner, name, value, target)
        return self.value(target, scope), lambda value: self.bind(target, value, scope)

    def _in_place(
        self, left: Any, change: Callable[[Any, Any], Any], right: Any, node: ast.AugAssign
    ) -> None:
        """Change a list, set, dict or deque, whoever else holds it."""
        self.touch(left)
        given = self._iterate(right) if change is operator.iadd and isinstance(left, GROWING) else right
        is_large = given is not None and too_large(change is operator.imul, left, given)
        if not is_known(given) or given is None or id(given) in self.blurred or is_large:
            self.risks += 1
            self.blur(left, node, "changed by something unknown")
            return
        try:
            change(left, given)
        except FAILURES as error:
            raise Raised(error) from None

    def _do_Delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            for one in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
                self._delete(one, scope)

    def _delete(self, target: Any, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            home = scope.holder(target.id)
            self.touch_names(home)
            home.names.pop(target.id, None)
            return
        if not isinstance(target, ast.Subscript):
            self.doubt(target, "what is deleted here is not known")
            return
        owner, key = self.value(target.value, scope), self.value(target.slice, scope)
        if self.own_item("__delitem__", owner, [key], target) is not NotImplemented:
            return
        if not isinstance(owner, HOLDING):
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

    def bind(self, target: Any, value: Any, scope: Scope) -> None:
        """Assign to a name, a tuple of targets, an item or an attribute."""
        if target.__class__ is ast.Name:
            self.bind_name(target.id, value, scope)
            return
        match target:
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                for element, one in zip(elements, self._unpacked(value, elements, target), strict=True):
                    self.bind(element.value if isinstance(element, ast.Starred) else element, one, scope)
            case ast.Subscript():
                self._store(self.value(target.value, scope), self.value(target.slice, scope), value, target)
            case ast.Attribute(attr=name):
                self._set(self.value(target.value, scope), name, value, target)
            case _:
                self.doubt(target, "what is assigned to is not known")

    def bind_name(self, name: str, value: Any, scope: Scope) -> None:
        """Assign to a name, wherever the scope says that it is held."""
        home = scope.holder(name)
        self.touch_names(home)
        home.names[name] = value

    def _set(self, owner: Any, name: str, value: Any, target: ast.AST) -> None:
        if isinstance(owner, (Task, Dag)):
            self.effects += 1
        if isinstance(owner, Instance):
            self.touch_env(owner.attributes)
        self.set_attribute(owner, name, value, target)

    def _unpacked(self, value: Any, elements: Sequence[Any], target: ast.AST) -> list[Any]:
        """One value for each target; a starred one takes what is left, as a list."""
        items = self._iterate(value)
        stars = [i for i, element in enumerate(elements) if isinstance(element, ast.Starred)]
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

    def _store(self, owner: Any, key: Any, value: Any, node: ast.AST) -> None:
        if self.own_item("__setitem__", owner, [key, value], node) is not NotImplemented:
            return
        if not isinstance(owner, HOLDING):
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
