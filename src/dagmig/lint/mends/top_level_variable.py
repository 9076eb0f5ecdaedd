"""The fix of ``top-level-variable``."""

from __future__ import annotations

import ast
import re

from dagmig.airflow.read.operator_facts import facts
from dagmig.diagnostics import Edit, Fix, Span
from dagmig.lint.arguments import argument, takes_more
from dagmig.lint.edit import offset, replaced
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

PLAIN_KEY = re.compile(r"[A-Za-z_]\w*", re.ASCII)
SAYABLE = re.compile(r"[\w ./:-]*", re.ASCII)
ONE_FSTRING = re.compile(r"[fF](\"\"\"|'''|\"|')([^{}]*)\{[^{}]*\}([^{}]*)\1")


def mend(source: Source, span: Span) -> Fix | None:
    """``{{ var.value.name }}`` in an argument that the operator renders; unsafe, as the value is then that of
    the run, and not that of the moment of parsing.
    """
    syntax = source.syntax
    call = syntax.node_at(span, ast.Call)
    if call is not None:
        said = _said(call, "'")
        return replaced(source, span, f'"{{{{ {said} }}}}"') if said and _is_rendered(call, syntax) else None
    text = _fstring_around(source, span)
    if text is None or not _is_rendered(text, syntax):
        return None
    start, end = offset(source, span.line, span.column), offset(source, span.end_line, span.end_column)
    inner = ast.parse(source.text[start:end], mode="eval").body
    literal = source.text[syntax.offset(text) : syntax.offset(text, end=True)]
    others = re.sub(r"\{[^{}]*\}", "", literal)
    quote = next((one for one in "'\"" if one not in others), "")
    said = _said(inner, quote) if isinstance(inner, ast.Call) else ""
    if not said or (source.text[start - 1], source.text[end : end + 1]) != ("{", "}"):
        return None
    if _is_the_only_one(literal):
        first = syntax.offset(text)
        dropped = Edit(first, first + 1, "")
        return Fix((dropped, Edit(start - 1, end + 1, f"{{{{ {said} }}}}")), safe=False)
    return Fix((Edit(start - 1, end + 1, f"{{{{{{{{ {said} }}}}}}}}"),), safe=False)


def _said(call: ast.Call, quote: str) -> str:
    """The variable as a template says it; empty where it may be no text, or has no such name."""
    key, given = argument(call, "key", 0), [one.arg for one in call.keywords]
    default = argument(call, "default_var", 1) or argument(call, "default")
    words = [_word(one) for one in (key, default) if one is not None]
    if not words or None in words or takes_more(call):
        return ""
    if len(call.args) + len(given) != len(words) or "deserialize_json" in given:
        return ""
    if len(words) == 1 and PLAIN_KEY.fullmatch(str(words[0])) and words[0] != "get":
        return f"var.value.{words[0]}"
    return quote and f"var.value.get({', '.join(f'{quote}{word}{quote}' for word in words)})"


def _word(node: ast.expr) -> str | None:
    match node:
        case ast.Constant(value=str() as text) if SAYABLE.fullmatch(text):
            return text
    return None


def _is_rendered(node: ast.expr, syntax: Syntax) -> bool:
    """Whether a value goes, alone or in texts, lists and dicts, to an argument that an operator renders."""
    child: ast.AST = node
    for outer in syntax.outer(node):
        match outer:
            case ast.List() | ast.Tuple() | ast.BinOp(op=ast.Add()):
                child = outer
            case ast.Dict(values=values) if child in values:
                child = outer
            case ast.keyword(arg=name):
                call = syntax.parents[outer]
                operator = (
                    syntax.name(call.func).removesuffix(".partial") if isinstance(call, ast.Call) else ""
                )
                known = facts(operator)
                return known is not None and name in known.fields
            case _:
                return False
    return False


def _fstring_around(source: Source, span: Span) -> ast.JoinedStr | None:
    """The outermost f-string that a place is in."""
    first, last = (span.line, span.column), (span.end_line, span.end_column)
    for node in source.syntax.all(ast.JoinedStr):
        here = source.syntax.span(node)
        if (here.line, here.column) < first and last < (here.end_line, here.end_column):
            return node if isinstance(node, ast.JoinedStr) else None
    return None


def _is_the_only_one(literal: str) -> bool:
    """Whether an f-string holds one expression, and no brace else."""
    found = ONE_FSTRING.fullmatch(literal)
    return found is not None and not any(found[1][0] in part for part in (found[2], found[3]))
