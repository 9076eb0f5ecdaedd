"""Text literals and f-strings."""

from __future__ import annotations

import operator
from typing import Any

import libcst as cst

from dagmig.airflow.read.evaluation import (
    NotKnown,
    Raised,
)
from dagmig.airflow.read.expressions import FAILURES
from dagmig.airflow.read.objects import Scope, Unsure
from dagmig.airflow.read.operations import Operations
from dagmig.airflow.read.texts import formatted, literal


class Strings(Operations):
    """Text, where all that stands in it is known."""

    def _see_SimpleString(self, node: cst.SimpleString, scope: Scope) -> Any:
        text = literal(node)
        if isinstance(text, str) and not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
            return Unsure(node)  # half a surrogate pair: no text that could be written anywhere
        return text

    def _see_ConcatenatedString(self, node: cst.ConcatenatedString, scope: Scope) -> Any:
        return self._apply(operator.add, self.value(node.left, scope), self.value(node.right, scope), node)

    def _see_FormattedString(self, node: cst.FormattedString, scope: Scope) -> Any:
        text = self._formatted(node.parts, scope)
        return text if text is not None else self.unknown(node, "text with a value that is not known")

    def _formatted(self, content: Any, scope: Scope) -> str | None:
        """Text and its replacement fields; None where a value is not known. All fields are evaluated."""
        parts: list[str | None] = []
        for part in content:
            if isinstance(part, cst.FormattedStringText):
                parts.append(_unescaped(part.value))
            else:
                parts.append(self._field(part, scope))
        return None if None in parts else "".join(part for part in parts if part is not None)

    def _field(self, part: Any, scope: Scope) -> str | None:
        value = self.value(part.expression, scope)
        spec = self._formatted(part.format_spec, scope) if part.format_spec else ""
        if spec is None:
            return None
        if part.equal is not None:
            return self._shown(part, value, spec)
        conversion = part.conversion or ""
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

    def _shown(self, part: Any, value: Any, spec: str) -> str | None:
        """``f"{x=}"``: the expression as written, then the value."""
        equal, module = part.equal, cst.Module([])
        before: str = part.whitespace_before_expression.value + module.code_for_node(part.expression)
        before += module.code_for_node(equal)
        conversion = part.conversion or ("r" if not spec else "")
        if not self.is_deeply_known(value):
            return None
        try:
            return before + formatted(value, conversion, spec)
        except NotKnown:
            return None


def _unescaped(text: str) -> str:
    return text.replace("{{", "{").replace("}}", "}")
