"""What stands for objects of the project where functions of Python handle them."""

from __future__ import annotations

import ast
from typing import Any

from dagmig.airflow.read.evaluation import Evaluation, NotKnown
from dagmig.airflow.read.objects import Instance
from dagmig.airflow.read.texts import formatted


class Shown:
    """In ``str.format``: text, and attributes where a field asks for them."""

    def __init__(self, evaluation: Evaluation, value: Any, node: ast.AST) -> None:
        self._evaluation, self._value, self._node = evaluation, value, node

    def __str__(self) -> str:
        return self._text("")

    def __repr__(self) -> str:
        return self._text("r")

    def __format__(self, spec: str) -> str:
        if spec or self._evaluation.own_method(self._value, "__format__") is not None:
            raise NotKnown
        return self._text("")

    def __getattr__(self, name: str) -> Any:
        found = self._evaluation.attribute(self._value, name, self._node)
        if not isinstance(found, Instance) and not self._evaluation.is_deeply_known(found):
            raise NotKnown
        return self._evaluation.as_shown(found, self._node)

    def __getitem__(self, key: Any) -> Any:
        return self._evaluation.as_shown(self._evaluation.item(self._value, key, self._node), self._node)

    def _text(self, conversion: str) -> str:
        found = self._evaluation.as_text(self._value, conversion)
        if isinstance(found, tuple):
            return formatted(found, conversion, "")
        if not isinstance(found, str):
            raise NotKnown
        return found


class Ordered:
    """The key of an object where ``sorted``, ``min`` and ``max`` compare it."""

    def __init__(self, evaluation: Evaluation, value: Any, node: ast.AST) -> None:
        self.evaluation, self.value, self.node = evaluation, value, node

    def __lt__(self, other: Ordered) -> bool:
        return self._is(ast.Lt, other)

    def __gt__(self, other: Ordered) -> bool:
        return self._is(ast.Gt, other)

    def _is(self, kind: type, other: Ordered) -> bool:
        found = self.evaluation.truth(self.evaluation.compare(kind, self.value, other.value, self.node))
        if found is None:
            raise NotKnown
        return found
