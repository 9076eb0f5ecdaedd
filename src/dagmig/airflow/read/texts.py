"""Text made of known values: format specifications, ``str.format`` and ``%``, of bounded widths."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dagmig.airflow.read.evaluation import NotKnown, members

MAX_WIDTH = 10_000
NUMBER = re.compile(r"\d+")
CONVERSIONS: dict[str, Callable[[Any], Any]] = {"": lambda value: value, "r": repr, "s": str, "a": ascii}


def check_widths(text: str) -> None:
    """Refuse a specification that would make very long text."""
    if any(len(number) > 6 or int(number) > MAX_WIDTH for number in NUMBER.findall(text)):
        raise NotKnown


def has_hidden_order(value: Any) -> bool:
    """Whether a value is a set whose order differs from process to process."""
    is_set = isinstance(value, (set, frozenset)) and len(value) > 1
    return is_set and not all(isinstance(item, int) for item in value)


def check_order(value: Any) -> None:
    """Refuse text of a set, whose order is not known, of what shows its place in memory, and of a tuple
    whose class says what its text is.
    """
    for item in members(value):
        if has_hidden_order(item):
            raise NotKnown
        if isinstance(item, (re.Match, BaseException)) and item is not value:
            raise NotKnown
        if hasattr(type(item), "has_own_text") and item.has_own_text:
            raise NotKnown


def formatted(value: Any, conversion: str, spec: str) -> str:
    """As a replacement field of an f-string."""
    check_widths(spec)
    check_order(value)
    return format(CONVERSIONS[conversion](value), spec)


class _Formatter(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        return formatted(value, "", format_spec)

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if "._" in field_name:
            raise NotKnown
        return super().get_field(field_name, args, kwargs)

    def convert_field(self, value: Any, conversion: Any) -> Any:
        check_order(value)
        return super().convert_field(value, conversion)


def str_format(text: str, *args: Any, **kwargs: Any) -> str:
    """As ``str.format``."""
    return _Formatter().vformat(text, args, kwargs)


def percent(text: str, values: Any) -> str:
    """As ``text % values``."""
    check_widths(text)
    check_order(values)
    if "*" in text and isinstance(values, tuple):
        check_widths(" ".join(str(value) for value in values if isinstance(value, int)))
    return str(text % values)
