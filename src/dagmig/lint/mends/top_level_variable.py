"""The fix of ``top-level-variable``."""

from __future__ import annotations

import ast
import re

from dagmig.airflow.read.operator_facts import facts
from dagmig.diagnostics import Edit, Fix
from dagmig.lint.arguments import argument, takes_more
from dagmig.lint.edit import replaced
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

PLAIN_KEY = re.compile(r"[A-Za-z_]\w*", re.ASCII)
SAYABLE = re.compile(r"[\w ./:-]*", re.ASCII)
ONE_FSTRING = re.compile(r"[fF](\"\"\"|'''|\"|')([^{}]*)\{[^{}]*\}([^{}]*)\1")


def mend(source: Source, call: ast.Call) -> Fix | None:
    """``{{ var.value.name }}`` in an argument that the operator renders; unsafe, as the value is then that of
    the run, and not that of the moment of parsing.
    """
    syntax = source.syntax
    text = _fstring_around(call, syntax)
    if text is None:
        said = _said(call, "'")
        is_mended = said and _is_rendered(call, syntax)
        return replaced(source, syntax.span(call), f'"{{{{ {said} }}}}"') if is_mended else None
    if not _is_rendered(text, syntax):
        return None
    first, last = syntax.offset(text), syntax.offset(text, end=True)
    literal = source.text[first:last]
    place = _place_in(literal, call)
    others = re.sub(r"\{[^{}]*\}", "", literal)
    quote = next((one for one in "'\"" if one not in others), "")
    said = _said(call, quote)
    if not said or place is None:
        return None
    start, end = first + place[0], first + place[1]
    if _is_the_only_one(literal):
        dropped = Edit(first, first + 1, "")
        return Fix((dropped, Edit(start, end, f"{{{{ {said} }}}}")), safe=False)
    return Fix((Edit(start, end, f"{{{{{{{{ {said} }}}}}}}}"),), safe=False)


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


def _fstring_around(call: ast.Call, syntax: Syntax) -> ast.JoinedStr | None:
    """The f-string of which the call is one expression."""
    held = syntax.parents.get(call)
    outer = syntax.parents.get(held) if isinstance(held, ast.FormattedValue) else None
    return outer if isinstance(outer, ast.JoinedStr) else None


def _place_in(literal: str, call: ast.Call) -> tuple[int, int] | None:
    """Where an f-string has the expression, with its braces; None where that is not plain.

    (Before Python 3.12 CPython does not say.)
    """
    found = []
    for one in re.finditer(r"(?<!\{)\{([^{}]*)\}(?!\})", literal):
        try:
            inner = ast.parse(one[1].strip(), mode="eval").body
        except (SyntaxError, ValueError):
            continue
        if ast.dump(inner) == ast.dump(call):
            found.append(one.span())
    return found[0] if len(found) == 1 else None


def _is_the_only_one(literal: str) -> bool:
    """Whether an f-string holds one expression, and no brace else."""
    found = ONE_FSTRING.fullmatch(literal)
    return found is not None and not any(found[1][0] in part for part in (found[2], found[3]))
