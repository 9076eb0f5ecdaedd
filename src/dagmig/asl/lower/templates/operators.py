"""Python's operators on values in templates, as JSONata."""

from __future__ import annotations

from collections.abc import Sequence

from dagmig.asl.lower.scene import Untranslatable
from dagmig.asl.lower.templates import filters, moments, texts
from dagmig.asl.lower.templates.code import NUMBERS, TIMES, Code, Kind, array, either, loose, required

COMPARED = {"eq": "=", "ne": "!=", "lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
UNORDERED = frozenset({Kind.FLAG, Kind.NOTHING, Kind.ENTRIES, Kind.ITEMS})


def number(operator: str, left: Code, right: Code) -> Code:
    """Arithmetic; ``+`` of two values of no known type may join texts or lists. Raises ``Untranslatable``."""
    kinds = {left.kind, right.kind}
    seen = left.seen or right.seen
    if kinds == {Kind.ANY} and operator == "+":
        joined = "$k = 'string' ? $v & $w : $k = 'array' ? $append($v, $w) : $v + $w"
        return Code(
            f"($v := {left.source}; $w := {right.source}; $k := $type($v); {joined})", Kind.ANY, seen=seen
        )
    if not kinds <= {*NUMBERS, Kind.ANY}:
        raise Untranslatable(f"{operator} of a {left.kind.value} and a {right.kind.value}")
    kind = Kind.FRACTION if Kind.FRACTION in kinds else Kind.ANY if Kind.ANY in kinds else Kind.WHOLE
    return loose(f"{left.atom} {operator} {right.atom}", kind, seen=seen)


def added(left: Code, right: Code) -> Code:
    """``+`` of texts, lists, moments or numbers."""
    if (found := moments.arithmetic("+", left, right)) is not None:
        return found
    kinds = {left.kind, right.kind}
    if kinds == {Kind.TEXT}:
        return texts.joined([left, right])
    if kinds == {Kind.TEXT, Kind.ANY}:
        return loose(f"{left.atom} & {right.atom}", Kind.TEXT)
    if kinds == {Kind.ITEMS}:
        of = left.of if left.of is right.of else Kind.ANY
        return Code(f"$append({left.source}, {right.source})", Kind.ITEMS, of=of)
    return number("+", left, right)


def modulo(left: Code, right: Code) -> Code:
    """``%``, whose sign is that of the right one."""
    found = number("-", left, right)
    return loose(f"{left.atom} - {right.atom} * $floor({left.atom} / {right.atom})", found.kind)


def power(left: Code, right: Code) -> Code:
    """``**`` of a whole number with one that is known."""
    if left.kind is not Kind.WHOLE or type(right.constant) is not int or right.constant < 0:
        raise Untranslatable("a power of what is no whole number")
    return Code(f"$power({required(left).source}, {right.constant})", Kind.WHOLE)


def compared(operator: str, left: Code, right: Code) -> str:
    """A JSONata boolean for one comparison. Raises ``Untranslatable``."""
    if operator in ("in", "notin"):
        found = filters.contains(right, left)
        return found if operator == "in" else f"$not({found})"
    kinds = {left.kind, right.kind}
    if len(kinds) > 1 and kinds & {*TIMES, Kind.SPAN}:
        raise Untranslatable(f"a comparison of a {left.kind.value} with a {right.kind.value}")
    if operator not in ("eq", "ne") and kinds & UNORDERED:
        raise Untranslatable(f"an order of {left.kind.value} and {right.kind.value}")
    return f"{left.atom} {COMPARED[operator]} {right.atom}"


def chosen(test: str, yes: Code, no: Code) -> Code:
    """One of two values; the other is not looked at."""
    yes, no = required(yes), required(no)
    kind = either(yes, no)
    return loose(
        f"{test} ? {yes.atom} : {no.atom}",
        kind,
        is_sure=yes.is_sure and no.is_sure,
        seen=yes.seen or no.seen,
        of=yes.of if yes.of is no.of else Kind.ANY,
        types=types_of(yes, no) if kind is Kind.ANY else (),
    )


def items_of(found: Sequence[Code]) -> Code:
    """A list of values."""
    kinds = {each.kind for each in found}
    seen = next((each.seen for each in found if each.seen is not None), None)
    return Code(array(found), Kind.ITEMS, of=kinds.pop() if len(kinds) == 1 else Kind.ANY, seen=seen)


def sliced(base: Code, start: int | None, stop: int | None) -> Code:
    """The members of a list from one place to another; places before 0 are counted from the end."""
    tests = []
    for place, compared in ((start, ">="), (stop, "<")):
        if place is not None:
            tests.append(f"$i {compared} {place if place >= 0 else f'$count($a) - {-place}'}")
    test = " and ".join(tests) or "true"
    found = f"[$filter({base.source}, function($v, $i, $a) {{ {test} }})]"
    return Code(found, Kind.ITEMS, of=base.of, seen=base.seen)


def types_of(*codes: Code) -> tuple[str, ...]:
    """The JSON types that a value may have which is one of several."""
    found = {name for code in codes for name in code.types}
    found |= {"boolean" for code in codes if code.kind is Kind.FLAG}
    found |= {"null" for code in codes if code.kind is Kind.NOTHING}
    return tuple(sorted(found))
