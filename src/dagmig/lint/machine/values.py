"""Values of a definition, and what of them a template or a build step only fills in later."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.asl.fields import (
    ARRAY,
    FLAG,
    INTEGER,
    JSONPATH,
    NUMBER,
    OBJECT,
    PATH,
    STATE_TYPES,
    TEXT,
    Field,
    Part,
    fields,
    parts,
)
from dagmig.asl.model import JSON
from dagmig.lint.source import Subject, remembered

# ${name} is CloudFormation's; the others are what build tools and examples write
_PLACEHOLDER = re.compile(r"[$#]\{|\{\{|<[A-Za-z_]\w*>|%[A-Za-z]\w{2,}%|^__\w+__$")
_KINDS: dict[str, tuple[type, ...]] = {
    NUMBER: (int, float),
    INTEGER: (int,),
    TEXT: (str,),
    OBJECT: (dict,),
    ARRAY: (list,),
    FLAG: (bool,),
    PATH: (str, type(None)),
}


def is_open(value: JSON) -> bool:
    """Whether a template fills the value in: it holds ``${name}``, or is a ``Ref`` or an ``Fn::``."""
    if isinstance(value, str):
        return _PLACEHOLDER.search(value) is not None
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))


def is_expression(value: JSON) -> bool:
    """Whether a value is a JSONata expression, ``{% ... %}``."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}") and len(value) > 3


def is_of_kind(value: JSON, field: Field, language: str) -> bool:
    """Whether a value may stand in a field; True for an expression that gives it when it runs."""
    if field.kind == "" or (language != JSONPATH and field.is_evaluated and isinstance(value, str)):
        return True
    if isinstance(value, bool):
        return field.kind == FLAG
    if field.kind == INTEGER and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _KINDS[field.kind])


def number(value: JSON) -> float | None:
    """A literal number; None for anything else, ``true`` among it."""
    return None if isinstance(value, bool) or not isinstance(value, int | float) else value


@remembered
def all_parts(subject: Subject) -> Iterator[Part]:
    """The machine and every state of a known type, with the parts whose fields the language names."""
    document = subject.machine.document
    yield Part("machine", document, "", str(document.get("QueryLanguage", "")))
    for state in subject.states:
        if state.type in STATE_TYPES:
            yield from parts(state.type, state.fields, state.pointer, state.query_language)


def foreign_fields(subject: Subject, language: str, other: str) -> Iterator[tuple[Part, str]]:
    """The fields of the ``other`` query language in parts that use ``language``."""
    for part in all_parts(subject):
        if part.query_language == language:
            known = fields(part.of)
            yield from (
                (part, name) for name in part.values if name in known and known[name].language == other
            )
