"""The rule ``variable-too-large``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from dagmig.asl.fields import JSONATA
from dagmig.asl.model import JSON, escape
from dagmig.asl.quotas import MAX_DATA
from dagmig.diagnostics import Severity
from dagmig.lint.machine.values import is_expression
from dagmig.lint.machine.variables import assigns
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def variable_too_large(subject: Subject) -> Iterator[Finding]:
    """The definition itself gives variables more than they can hold.

    A variable, and all that one `Assign` gives, may have 256 KiB. Literal values are counted; what an
    expression yields is not known. All variables together may have 10 MiB, which the literal values of a
    definition of 1 MiB cannot reach.
    See https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html

    Instead: Keep the value in S3 or in a parameter, and read what is needed of it.
    """
    for state in subject.states:
        is_evaluated = is_expression if state.query_language == JSONATA else _never
        for pointer, given in assigns(state):
            sizes = {
                name: 0 if name.endswith(".$") else _size(value, is_evaluated)
                for name, value in given.items()
            }
            large = [name for name, size in sizes.items() if size > MAX_DATA]
            for name in large:
                span = subject.machine.locate(f"{pointer}/{escape(name)}", True)
                yield Finding(f"`${name}` is given {sizes[name]:,} bytes, {MAX_DATA:,} are allowed", span)
            if not large and (total := sum(sizes.values())) > MAX_DATA:
                span = subject.machine.locate(pointer, True)
                yield Finding(f"`Assign` gives {total:,} bytes, {MAX_DATA:,} are allowed", span)


def _never(_: JSON) -> bool:
    return False


def _size(value: JSON, is_evaluated: Callable[[JSON], bool]) -> int:
    """The bytes that a value has at least; those of expressions and paths are not counted."""
    if isinstance(value, dict):
        known = [member for name, member in value.items() if not name.endswith(".$")]
        return 2 + sum(_size(member, is_evaluated) for member in known)
    if isinstance(value, list):
        return 2 + sum(_size(member, is_evaluated) for member in value)
    return 0 if is_evaluated(value) else len(json.dumps(value, ensure_ascii=False).encode())
