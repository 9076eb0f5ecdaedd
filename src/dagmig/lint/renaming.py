"""Other names in the Jinja of a file's texts: the edits of the text as it is written there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.diagnostics import Edit, Span
from dagmig.lint.source import Source

WRITTEN = re.compile(r"[rRuU]?(\"\"\"|'''|\"|')(.*)\1", re.DOTALL)
BINDS = ("set", "for", "macro", "call", "with", "import", "as")
Token = tuple[int, str, str]
"""Where it begins in the text, its kind and what it is, as Jinja's lexer says."""


def name_edits(source: Source, place: Span, text: str, old: str, new: str) -> tuple[Edit, ...]:
    """The edits that write ``new`` for the name ``old`` in the template ``text`` at ``place``, or where the
    constant is assigned that is named there; empty where one of the texts is not written plainly.
    """
    edits: list[Edit] = []
    for node in _texts(source, place, text):
        start, end = source.syntax.offset(node), source.syntax.offset(node, end=True)
        found = WRITTEN.fullmatch(source.text, start, end)
        quote = "" if found is None else found[1]
        if found is None or re.search(rf"(?<!\\){quote}", found[2]):
            return ()  # several texts in a row
        tokens = _tokens(found[2])
        if any(kind == "name" and word in BINDS for _, kind, word in tokens):
            return ()
        edits += [
            Edit(found.start(2) + at, found.start(2) + at + len(old), new if is_alone else _bracketed(new))
            for at, is_alone in _uses(tokens, old)
        ]
    return tuple(edits)


def _bracketed(expression: str) -> str:
    return expression if re.fullmatch(r"[\w.]+(\(.*\))?", expression) else f"({expression})"


def _texts(source: Source, place: Span, text: str) -> Iterator[ast.Constant]:
    syntax = source.syntax
    name = syntax.node_at(place, ast.Name)
    if name is not None and name.id in syntax.constants:
        place = syntax.span(syntax.constants[name.id])
    first, last = (place.line, place.column), (place.end_line, place.end_column)
    for node in syntax.all(ast.Constant):
        if node.value == text:
            here = syntax.span(node)
            if first <= (here.line, here.column) and (here.end_line, here.end_column) <= last:
                yield node


def _tokens(text: str) -> list[Token]:
    """The tokens of a template but for its blanks; none where Jinja cannot read it, or drops some of it."""
    from jinja2 import Environment, TemplateSyntaxError

    found: list[Token] = []
    at = 0
    try:
        for _, kind, word in Environment(keep_trailing_newline=True).lex(text):
            start = text.find(word, at)
            if start < 0 or text[at:start].strip():  # `{%-` drops the blanks before it
                return []
            found += [(start, kind, word)] if kind != "whitespace" else []
            at = start + len(word)
    except TemplateSyntaxError:
        return []
    return found if not text[at:].strip() else []


def _uses(tokens: list[Token], name: str) -> Iterator[tuple[int, bool]]:
    """Where a name is read that is no attribute or filter, and whether it is all of its expression."""
    edge: Token = (0, "", "")
    for before, (at, kind, word), after in zip([edge, *tokens], tokens, [*tokens[1:], edge], strict=False):
        if kind == "name" and word == name and before[2] not in (".", "|", "is") and after[2] != "=":
            yield at, (before[1], after[1]) == ("variable_begin", "variable_end")
