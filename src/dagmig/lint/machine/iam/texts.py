"""The texts that a call gives for a parameter, as far as they are known before it runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.asl.model import JSON
from dagmig.lint.machine.calls import Call

OPEN = "*"  # as IAM writes a part that may be anything
_BEGIN = re.compile(r"""\{%\s*(?P<quote>['"])(?P<text>[^'"\\*?]*)(?P=quote)\s*(?P<more>&.*)?%\}""", re.DOTALL)


def given(call: Call, path: str) -> tuple[str, ...]:
    """The texts of a parameter, or of a part of it after a dot; empty where it is not given.

    An expression is the text that it begins with, and ``*``.
    """
    first, *inner = path.split(".")
    if call.given is None or first not in call.given:
        return ()
    if call.given[first].endswith(".$"):
        return (OPEN,)
    return tuple(_of(call.value(first), inner))


def _of(value: JSON, path: list[str]) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _of(one, path)
    elif isinstance(value, dict) and path:
        name = path[0]
        if name in value:
            yield from _of(value[name], path[1:])
        elif f"{name}.$" in value:
            yield OPEN
    else:
        yield known(value) if not path else OPEN


def known(value: JSON) -> str:
    """A text as it is, an expression as what it begins with and ``*``, anything else as ``*``."""
    if not isinstance(value, str):
        return OPEN
    if not value.startswith("{%"):
        return value
    begin = _BEGIN.fullmatch(value.strip())
    if begin is None:
        return OPEN
    return begin["text"] + (OPEN if begin["more"] else "")


def members(call: Call) -> Iterator[tuple[str, str]]:
    """Every member of the parameters, at any depth, that has a text or an expression: its name, the text."""
    for name, key in (call.given or {}).items():
        yield from _members(name, OPEN if key.endswith(".$") else call.value(name))


def _members(name: str, value: JSON) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _members(key.removesuffix(".$"), OPEN if key.endswith(".$") else inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _members(name, inner)
    elif isinstance(value, str):
        yield name, known(value)


def bucket_and_key(uri: str) -> tuple[str, str]:
    """Of ``s3://bucket/key`` both, of what is not known ``*``; a folder is all that is in it."""
    if not uri.startswith("s3://"):
        return OPEN, OPEN
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket or OPEN, key


def is_arn(value: str) -> bool:
    """Whether a text is an ARN, or what a template fills one in for."""
    return value.startswith("arn:") or (
        value.startswith("${") and value.endswith("}") and "arn" in value.lower()
    )
