"""The fix of ``requests-no-timeout``."""

from __future__ import annotations

import ast

from dagmig.diagnostics import Fix, Span
from dagmig.lint.edit import argument_added
from dagmig.lint.source import Source


def mend(source: Source, span: Span) -> Fix | None:
    """Thirty seconds; unsafe, as a slow answer then fails the task."""
    call = source.syntax.node_at(span, ast.Call)
    edit = None if call is None else argument_added(source.syntax, call, "timeout=30")
    return None if edit is None else Fix((edit,), safe=False)
