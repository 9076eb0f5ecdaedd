"""Assignments to names, items and attributes, and what takes them away again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst

from dagmig.airflow.read.evaluation import (
    Raised,
)
from dagmig.airflow.read.matching import Matching
from dagmig.airflow.read.objects import Dag, Instance, Scope, Task, Unsure
from dagmig.airflow.read.operators import BINARY

IN_PLACE: dict[type, dict[type, str]] = {
    cst.AddAssign: {list: "extend"},
    cst.BitOrAssign: {dict: "update", set: "update"},
    cst.BitAndAssign: {set: "intersection_update"},
    cst.SubtractAssign: {set: "difference_update"},
}


class Assigning(Matching):
    """Binds targets."""

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
