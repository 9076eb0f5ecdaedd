"""The fix of ``shell-injection-dag-run-conf``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from dagmig.diagnostics import Edit, Fix, Span
from dagmig.graph.model import Task
from dagmig.lint.arguments import argument
from dagmig.lint.edit import argument_added
from dagmig.lint.source import Source

COMMAND = re.compile(r"(\"\"\"|'''|\"|')(.*)\1", re.DOTALL)
EXPRESSION = re.compile(r"\{\{[^{}]*\}\}")
KEY = re.compile(r"\bdag_run\.conf(?:(?:\[|\.get\()\s*['\"](\w+)['\"]|\.(?!get\b)(\w+))", re.ASCII)
UNSURE = ("{%", "{#", "$(", "`", "<<", "#", "\\", "CONF_")  # where quotes mean something else


class Pasted(NamedTuple):
    """An expression of a command: where it begins, what it is, its variable, and the quote it stands in."""

    start: int
    template: str
    variable: str
    quote: str


def mend(source: Source, task: Task, place: Span) -> Fix | None:
    """The values handed over by ``env``; unsafe, as one that holds several words is one word then.

    Only for a ``BashOperator`` without an ``env`` of its own, and values outside of single quotes.
    """
    syntax = source.syntax
    call, text = syntax.call_at(task.span), syntax.node_at(place, ast.Constant)
    if call is None or text is None or argument(call, "bash_command") is not text:
        return None
    written = COMMAND.fullmatch(source.text, syntax.offset(text), syntax.offset(text, end=True))
    if written is None or {one.arg for one in call.keywords} & {"env", "append_env", None}:
        return None
    pasted = _pasted(written[2])
    quotes = _quotes(written[1], written[2])
    if not pasted or quotes is None or any(word in written[2] for word in UNSURE):
        return None
    templates = {one.variable: one.template for one in pasted}
    if any(one.quote == "'" or templates[one.variable] != one.template for one in pasted):
        return None
    env = ", ".join(f'"{name}": {_quoted(template)}' for name, template in templates.items())
    added = [argument_added(syntax, call, new) for new in ("append_env=True", f"env={{{env}}}")]
    at = written.start(2)
    edits = [Edit(at + one.start, at + one.start + len(one.template), _shown(one)) for one in pasted]
    return Fix((*edits, *_requoted(written, quotes), *filter(None, added)), safe=False)


def _pasted(command: str) -> list[Pasted]:
    """The expressions that show a value of the conf; none where one is not understood."""
    found: list[Pasted] = []
    for one in EXPRESSION.finditer(command):
        key = KEY.search(one[0])
        if key is not None:
            name = f"CONF_{(key[1] or key[2]).upper()}"
            found.append(Pasted(one.start(), one[0], name, _open_quote(command[: one.start()])))
        elif "dag_run" in one[0]:
            return []
    return found


def _open_quote(before: str) -> str:
    quote = ""
    for sign in EXPRESSION.sub("", before):
        if sign in "'\"" and quote in ("", sign):
            quote = "" if quote else sign
    return quote


def _shown(one: Pasted) -> str:
    name = f"${{{one.variable}}}"
    return name if one.quote else f'"{name}"'


def _quoted(template: str) -> str:
    if '"' not in template:
        return f'"{template}"'
    return f"'{template}'" if "'" not in template else repr(template)


def _quotes(written: str, command: str) -> str | None:
    """The quotes for a command with double quotes in it; None where it would end early in either."""
    if len(written) == 3:
        return None if written in command or command.endswith("}}") else written
    rest = "".join(one for one in EXPRESSION.split(command))
    kept = "".join(one for one in EXPRESSION.findall(command) if not KEY.search(one))
    return "'" if "'" not in rest + kept else None


def _requoted(written: re.Match[str], quotes: str) -> Iterator[Edit]:
    if quotes != written[1]:
        yield Edit(written.start(1), written.end(1), quotes)
        yield Edit(written.end(2), written.end(), quotes)
