"""Secrets of a DAG are copied into nothing that is written: a parameter stands for each.

In a machine ``${secret_password}`` is filled in when it is deployed, as CloudFormation's
``DefinitionSubstitutions`` say; a function reads an environment variable.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dagmig.asl.dump import dump
from dagmig.deploy.secret_code import without
from dagmig.deploy.secret_texts import in_text, is_given_secret, may_hold_any, of_options
from dagmig.diagnostics import Disposition, Report, Span
from dagmig.lint.syntax import Syntax
from dagmig.lint.written_secrets import in_code, in_document, named_texts
from dagmig.pipeline import Converted

LEFT_OUT = "***"
CONSTRUCT = "secret"
STRUCTURE = frozenset(
    {
        "Type",
        "Next",
        "Default",
        "StartAt",
        "Resource",
        "QueryLanguage",
        "ErrorEquals",
        "FunctionName",
        "Version",
    }
)
LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")  # of JSONata
EXPRESSION = re.compile(r"\{%.*%\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Found:
    """A secret: what it is called, its text, where it stands in the DAG file."""

    name: str
    text: str
    span: Span | None = None


def hidden(one: Converted, source: str, file: str) -> Converted:
    """A converted DAG without its secrets; ``source`` is the file's text. ``secrets`` of what is returned
    are their texts with the names of the parameters that stand for them.
    """
    found = [*of_code(source, file), *of_machine(one.machine)]
    for name, text in one.functions.items():
        found += of_code(text, name)
    secrets = named(found, {})
    if not secrets:
        return one
    machine = filled_in(one.machine, secrets)
    functions = {name: without(text, secrets) for name, text in one.functions.items()}
    shown = json.dumps(machine)
    used = {name for name in secrets.values() if f"${{{name}}}" in shown}
    read = {name for code in functions.values() for name in code.read}
    unread = {text for code in functions.values() for text in code.left_out}
    for text, name in secrets.items():
        about = next(one for one in found if one.text == text)
        said = [*_said(name, in_machine=name in used, in_function=name in read)]
        said += [f"`{LEFT_OUT}` stands for it in a function's code"] if text in unread else []
        if said and one.workflow is not None:
            say(about, said, about.span or one.workflow.span, one.report)
    one.report.rows = [replace(row, difference=left_out(row.difference, secrets)) for row in one.report.rows]
    sources = {name: code.text for name, code in functions.items()}
    text = left_out(dump(machine), secrets)
    return replace(one, text=text, machine=json.loads(text), functions=sources, secrets=secrets)


def say(about: Found, said: Iterable[str], span: Span, report: Report) -> None:
    """The row about a secret; ``said`` is what stands for it where."""
    what = f"`{about.name}` holds a secret" if about.name else "a text is a token"
    difference = f"{what}, which is copied nowhere: {'; '.join(said)}"
    report.row(CONSTRUCT, span, "", Disposition.DECISION, difference)


def _said(name: str, *, in_machine: bool, in_function: bool) -> Iterator[str]:
    if in_machine:
        yield f"`${{{name}}}` stands for it in the machine, whose definition shows it to who may read it"
    if in_function:
        yield f"the function reads it from its environment variable {name.upper()}"


def named(found: Iterable[Found], known: Mapping[str, str]) -> dict[str, str]:
    """The secrets by their texts, longest first, each with the name of its parameter."""
    names = dict(known)
    for one in found:
        if one.text in names:
            continue
        plain = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", one.name), flags=re.ASCII)
        stem = plain.lower().strip("_") or "token"
        wanted = stem if stem.startswith("secret") else f"secret_{stem}"
        taken, name, number = set(names.values()), wanted, 2
        while name in taken:
            name, number = f"{wanted}_{number}", number + 1
        names[one.text] = name
    return dict(sorted(names.items(), key=lambda pair: -len(pair[0])))


def left_out(text: str, secrets: Iterable[str]) -> str:
    """A text with ``***`` for each secret, however it is spelled."""
    for secret in secrets:
        for spelled in _spellings(secret):
            text = text.replace(spelled, LEFT_OUT)
    return text


def _spellings(secret: str) -> Iterator[str]:
    """As it is, in JSON and Python, in JSONata's and YAML's single quotes."""
    doubled = secret.replace("\\", "\\\\")
    found = (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    yield from dict.fromkeys(
        (*found, repr(secret)[1:-1], doubled.replace("'", "\\'"), secret.replace("'", "''"))
    )


def of_code(text: str, file: str) -> Iterator[Found]:
    """The secrets in Python code: constants, arguments, and what commands and URIs among them hold."""
    if not may_hold_any(text):
        return
    syntax = Syntax(text, file)
    given = (one for one in named_texts(syntax) if is_given_secret(one.name, one.text))
    for written in (*in_code(syntax), *given):
        yield Found(written.name, written.text, syntax.span(written.node))
    for name, node in _defaults(syntax):
        if isinstance(node.value, str) and is_given_secret(name, node.value):
            yield Found(name, node.value, syntax.span(node))
    for node in syntax.all(ast.Constant):
        if isinstance(node.value, str):
            for name in ("fernet_key", "authorization"):
                if is_given_secret(name, node.value):
                    yield Found(name, node.value, syntax.span(node))
            for name, found in in_text(node.value):
                yield Found(name, found, syntax.span(node))
    for items in syntax.all(ast.List, ast.Tuple):
        for name, found in of_options([_constant(item) for item in items.elts]):
            yield Found(name, found, syntax.span(items))


def _defaults(syntax: Syntax) -> Iterator[tuple[str, ast.Constant]]:
    """The texts that parameters of functions default to."""
    for node in syntax.all(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda):
        given = node.args
        positional = [*given.posonlyargs, *given.args]
        last = positional[len(positional) - len(given.defaults) :]
        pairs = [
            *zip(last, given.defaults, strict=True),
            *zip(given.kwonlyargs, given.kw_defaults, strict=True),
        ]
        for parameter, default in pairs:
            if isinstance(default, ast.Constant) and isinstance(default.value, str):
                yield parameter.arg, default


def _constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def of_machine(machine: Mapping[str, Any]) -> Iterator[Found]:
    """The secrets in a machine's texts."""
    for _, name, text in in_document(machine):
        yield Found(name, text)
    for name, text in _texts(machine):
        if is_given_secret(name, text):
            yield Found(name, text)
        if EXPRESSION.fullmatch(text):
            literals = [found[0][1:-1] for found in LITERAL.finditer(text)]
            yield from (Found(name, one) for one in literals if is_given_secret(name, one))
        for called, found in in_text(text):
            yield Found(called, found)
    for items in _lists(machine):
        texts = [item if isinstance(item, str) else None for item in items]
        yield from (Found(called, found) for called, found in of_options(texts))


def _texts(node: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The texts of JSON with their keys; that of ``{"Name": "KEY", "Value": "text"}`` is what it is named."""
    if isinstance(node, dict):
        lower = {str(key).lower(): value for key, value in node.items()}
        called = lower.get("name", lower.get("key"))
        for key, value in node.items():
            is_pair = str(key).lower() == "value" and isinstance(called, str)
            yield from _texts(value, str(called) if is_pair else str(key))
    elif isinstance(node, list):
        for item in node:
            yield from _texts(item, name)
    elif isinstance(node, str):
        yield name, node


def _lists(node: Any) -> Iterator[list[Any]]:
    if isinstance(node, list):
        yield node
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for item in inner:
        yield from _lists(item)


def filled_in(machine: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    """A machine with parameters in place of secrets."""
    return {key: _replaced(key, value, secrets) for key, value in machine.items()}


def _replaced(key: str, value: Any, secrets: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _replaced(name, item, secrets) for name, item in value.items()}
    if isinstance(value, list):
        return [_replaced(key, item, secrets) for item in value]
    if not isinstance(value, str) or key in STRUCTURE:
        return value
    if key == "Comment":
        return left_out(value, secrets)
    if EXPRESSION.fullmatch(value):
        return LITERAL.sub(lambda found: _put(found[0], secrets), value)
    return _put(value, secrets)


def _put(text: str, secrets: Mapping[str, str]) -> str:
    for secret, name in secrets.items():
        for spelled in _spellings(secret):
            text = text.replace(spelled, f"${{{name}}}")
    return text
