"""Text literals and f-strings."""

from __future__ import annotations

import ast
from typing import Any

from dagmig.airflow.read.evaluation import (
    NotKnown,
    Raised,
)
from dagmig.airflow.read.expressions import FAILURES
from dagmig.airflow.read.objects import Ref, Scope, Unsure
from dagmig.airflow.read.operations import Operations
from dagmig.airflow.read.texts import formatted

TOO_LONG = 10**199


class Strings(Operations):
    """Text, where all that stands in it is known."""

    def _see_Constant(self, node: ast.Constant, scope: Scope) -> Any:
        value: Any = node.value
        kind = value.__class__
        if kind is str and not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            return Unsure(node)  # half a surrogate pair: no text that could be written anywhere
        if value is ...:
            return Ref("builtins.Ellipsis")
        if kind is complex:
            return self.unread(node)
        if kind is int and abs(value) >= TOO_LONG:
            return Unsure(node)
        return value

    def _see_JoinedStr(self, node: ast.JoinedStr, scope: Scope) -> Any:
        text = self._formatted(node.values, scope)
        return text if text is not None else self.unknown(node, "text with a value that is not known")

    def _formatted(self, content: Any, scope: Scope) -> str | None:
        """Text and its replacement fields; None where a value is not known. All fields are evaluated."""
        parts: list[str | None] = []
        for part in content:
            if isinstance(part, ast.Constant):
                parts.append(str(part.value))
            else:
                parts.append(self._field(part, scope))
        return None if None in parts else "".join(part for part in parts if part is not None)

    def _field(self, part: Any, scope: Scope) -> str | None:
        value = self.value(part.value, scope)
        spec = self._formatted(part.format_spec.values, scope) if part.format_spec else ""
        if spec is None:
            return None
        conversion = chr(part.conversion) if part.conversion >= 0 else ""
        shown = self.as_text(value, conversion)
        if shown is not value:
            if spec or conversion == "a" or self.own_method(value, "__format__") is not None:
                return None
            value, conversion = shown, ""
        if not self.is_deeply_known(value):
            return None
        try:
            return formatted(value, conversion, spec)
        except NotKnown:
            return None
        except FAILURES as error:
            raise Raised(error) from None
