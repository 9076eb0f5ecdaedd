"""``string``, ``textwrap`` and ``re``: patterns that could backtrack without end are refused."""

from __future__ import annotations

import inspect
import re
import shlex
import string
import textwrap
from collections.abc import Callable
from typing import Any

from dagmig.airflow.read.evaluation import NotKnown

NESTED = re.compile(r"[*+}]\)*[^)]*\)[*+{]|\([^()]*[|*+{][^()]*\)[*+{]")


def _pattern(function: Callable[..., Any]) -> Callable[..., Any]:
    def safe(pattern: Any, *args: Any, **kwargs: Any) -> Any:
        text = pattern.pattern if isinstance(pattern, re.Pattern) else pattern
        if len(text) > 200 or NESTED.search(str(text)) or re.search(r"\\\d.*[*+]", str(text)):
            raise NotKnown
        if any(isinstance(arg, str) and len(arg) > 2_000 for arg in args):
            raise NotKnown
        return function(pattern, *args, **kwargs)

    return safe


VALUES: dict[str, Callable[..., Any]] = {
    **{
        f"re.{name}": _pattern(getattr(re, name))
        for name in ("sub", "match", "search", "findall", "split", "fullmatch")
    },
    "re.escape": re.escape,
    "textwrap.dedent": textwrap.dedent,
    "textwrap.indent": textwrap.indent,
    "inspect.cleandoc": inspect.cleandoc,
    "shlex.quote": shlex.quote,
    "shlex.join": shlex.join,
}
CONSTANTS: dict[str, Any] = {
    f"string.{name}": getattr(string, name)
    for name in ("ascii_lowercase", "ascii_uppercase", "ascii_letters", "digits", "punctuation")
}
