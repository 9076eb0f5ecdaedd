"""Secrets that stand in code and in documents, with what they are called there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from dagmig.lint.secrets import (
    is_secret,
    looks_like_a_token,
    may_hold_a_token,
    may_name_a_secret,
    speaks_of_secrets,
)
from dagmig.lint.syntax import Syntax

URI = re.compile(r"\b[a-z][a-z0-9+.-]*://(?P<user>[^\s:/@{}$<>%]*):(?P<password>[^\s/@{}$<>]+)@[\w.-]+")


class Written(NamedTuple):
    """A secret in code; ``name`` is empty where its form alone says that it is one."""

    name: str
    text: str
    node: ast.expr


def in_code(syntax: Syntax) -> Iterator[Written]:
    """Tokens of known forms, and what is given for an argument, a dict's key or a variable that names one,
    itself or by the name of a constant.
    """
    tokens = dict(_tokens(syntax)) if may_hold_a_token(syntax.texts) else {}
    for node, text in tokens.items():
        yield Written("", text, node)
    done = set(tokens)
    for one in named_texts(syntax) if speaks_of_secrets("\n".join(syntax.names)) else ():
        if one.node not in done and may_name_a_secret(one.name) and is_secret(one.name, one.text, aws=False):
            done.add(one.node)
            yield one


def named_texts(syntax: Syntax) -> Iterator[Written]:
    """The texts that are given for an argument, a dict's key or a variable, also by a constant's name."""
    for name, given in _named(syntax):
        node = syntax.constants.get(given.id, given) if isinstance(given, ast.Name) else given
        if (text := _text(node)) is not None:
            yield Written(name, text, node)


def in_document(document: Any) -> Iterator[tuple[str, str, str]]:
    """The secrets of JSON: the pointer to each, the key it stands under, the text."""
    from dagmig.asl.model import escape

    waiting: list[tuple[str, str, Any]] = [("", "", document)]
    while waiting:
        pointer, name, value = waiting.pop()
        if isinstance(value, str):
            if is_secret(name, value):
                yield pointer, name, value
        elif isinstance(value, dict):
            waiting += [(f"{pointer}/{escape(str(key))}", str(key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{pointer}/{index}", name, inner) for index, inner in enumerate(value)]


def in_uris(text: str) -> Iterator[str]:
    """The passwords in the URIs of a text."""
    for found in URI.finditer(text) if "://" in text else ():
        if found["password"] != found["user"] and is_secret("password", found["password"]):
            yield found["password"]


def _tokens(syntax: Syntax) -> Iterator[tuple[ast.expr, str]]:
    for node in syntax.all(ast.Constant, ast.JoinedStr):
        text = None if isinstance(syntax.parents[node], ast.JoinedStr) else _text(node)
        if text is not None and looks_like_a_token(text):
            yield node, text


def _named(syntax: Syntax) -> Iterator[tuple[str, ast.expr]]:
    """What is given for an argument, a dict's key or a variable, with the name of that."""
    for given in syntax.all(ast.keyword):
        yield given.arg or "", given.value
    for entries in syntax.all(ast.Dict):
        for key, value in zip(entries.keys, entries.values, strict=True):
            yield _called(key), value
    for assignment in syntax.all(ast.Assign):
        yield _called(assignment.targets[0]), assignment.value
    for assignment in syntax.all(ast.AnnAssign):
        if assignment.value is not None:
            yield _called(assignment.target), assignment.value


def _text(node: ast.AST) -> str | None:
    """A text as written; None for one that an f-string puts together, which nobody knows."""
    match node:
        case ast.JoinedStr(values=[ast.Constant(value=str() as text)]) | ast.Constant(value=str() as text):
            return text
        case ast.Constant(value=bytes() as data):
            return data.decode("latin-1")
    return None


def _called(node: ast.AST | None) -> str:
    """The last name of what is assigned to, or of a key: ``b`` of ``a.b`` and of ``a["b"]``."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=str() as name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str() as name)):
            return name
    return ""
