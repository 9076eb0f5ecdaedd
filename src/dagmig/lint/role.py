"""What an IAM role allows, as far as a file says it."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dagmig.diagnostics import Report, Span
from dagmig.source import read_text

JSON = Any


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy; only literal actions and resources, ``pointer`` from the file's root."""

    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    pointer: str
    is_inverted: bool = False  # NotAction or NotResource: what it grants is not known by name


@dataclass(frozen=True, slots=True)
class Role:
    """The statements of a role; ``is_complete`` is False where it has policies that no file shows."""

    statements: tuple[Statement, ...] = ()
    is_complete: bool = True
    locate: Callable[..., Span] = field(default=lambda pointer, key=False: Span(""), compare=False)

    def allows(self, action: str) -> bool:
        """Whether some statement allows the action on anything; True where that cannot be known."""
        return not self.is_complete or any(
            statement.allows
            and (statement.is_inverted or any(_matches(pattern, action) for pattern in statement.actions))
            for statement in self.statements
        )


def read_role(path: Path, report: Report) -> Role | None:
    """The role that an IAM policy document (JSON or YAML) grants; None, said in ``report``, if unreadable."""
    from dagmig.asl.load import load

    text = read_text(path, report)
    document = None if text is None else load(text, str(path), report)
    if document is None:
        return None
    if "Statement" not in document.document:
        report.add("not-a-policy", "an IAM policy document has a Statement", Span(str(path)))
        return None
    return Role(tuple(statements(document.document, "")), True, document.locate)


def statements(policy: JSON, pointer: str) -> Iterator[Statement]:
    """The statements of one policy document that stands at ``pointer``."""
    found = policy.get("Statement") if isinstance(policy, Mapping) else None
    if isinstance(found, Mapping):
        yield _statement(found, f"{pointer}/Statement")
    for index, one in enumerate(found if isinstance(found, list) else []):
        if isinstance(one, Mapping):
            yield _statement(one, f"{pointer}/Statement/{index}")


def _statement(fields: Mapping[str, JSON], pointer: str) -> Statement:
    inverted = "NotAction" in fields or "NotResource" in fields
    actions, resources = _texts(fields.get("Action")), _texts(fields.get("Resource"))
    return Statement(fields.get("Effect") == "Allow", actions, resources, pointer, inverted)


def _texts(value: JSON) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(one for one in values if isinstance(one, str))


def _matches(pattern: str, action: str) -> bool:
    return fnmatch.fnmatchcase(action.lower(), pattern.lower())
