"""Methods of ``str`` and the filters that work on texts, as JSONata functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from dagmig.asl.lower.scene import Scene, Untranslatable
from dagmig.asl.lower.templates.code import (
    OPEN,
    Code,
    Kind,
    known,
    label,
    listed,
    loose,
    required,
    surely,
    text,
)
from dagmig.asl.lower.templates.moments import bound
from dagmig.integrations.jsonata import quoted

Arguments = Mapping[str, Code]
Made = Callable[[Scene, Code, Arguments], Code]
_NUMBER = r"/^[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$/"
_HOLE = re.compile(r"%(%|s|d)|(%.?)", re.DOTALL)
_FIELD = re.compile(r"(\{\{|\}\})|\{([0-9]*)\}|([{}])")


def _function(name: str) -> Made:
    return lambda scene, code, _: Code(f"${name}({code.source})", Kind.TEXT, may_miss=code.may_miss)


def _stripped(pattern: str) -> Made:
    def strip(scene: Scene, code: Code, arguments: Arguments) -> Code:
        if arguments:
            raise Untranslatable("strip of given characters")
        return Code(f"$replace({code.source}, {pattern}, '')", Kind.TEXT, may_miss=code.may_miss)

    return strip


def _replace(scene: Scene, code: Code, arguments: Arguments) -> Code:
    old, new = _given(arguments, "old"), _given(arguments, "new")
    if not isinstance(old.constant, str) or not old.constant:
        raise Untranslatable("replace of what is known only when it runs")
    if "count" in arguments:
        raise Untranslatable("replace with a count")
    if isinstance(new.constant, str) and "$" not in new.constant:
        source = f"$replace({code.source}, {old.source}, {new.source})"
    else:  # where a `$` in the replacement might be taken for what was found
        source = f"$join($split({code.source}, {old.source}), {required(new).source})"
    return Code(source, Kind.TEXT, may_miss=code.may_miss)


def _split(scene: Scene, code: Code, arguments: Arguments) -> Code:
    if "maxsplit" in arguments:
        raise Untranslatable("split with a limit")
    if "sep" not in arguments:
        return Code(f"[$split($trim({required(code).source}), ' ')[$ != '']]", Kind.ITEMS, of=Kind.TEXT)
    by = arguments["sep"]
    if by.constant in ("", None):
        raise Untranslatable("split by nothing")
    return Code(f"$split({required(code).source}, {by.source})", Kind.ITEMS, of=Kind.TEXT)


def _edge(is_start: bool) -> Made:
    def test(scene: Scene, code: Code, arguments: Arguments) -> Code:
        part = _given(arguments, "prefix" if is_start else "suffix")
        held = required(code)
        if not isinstance(part.constant, str):
            raise Untranslatable("a beginning or end that is known only when it runs")
        size = len(part.constant)
        if not size:
            return known(True)
        cut = f"$substring({held.source}, {f'0, {size}' if is_start else -size})"
        return loose(f"{cut} = {part.source}", Kind.FLAG)

    return test


def _zfill(scene: Scene, code: Code, arguments: Arguments) -> Code:
    width = _given(arguments, "width")
    if type(width.constant) is not int:
        raise Untranslatable("zfill to a width that is known only when it runs")
    held = required(code).source
    source = f"($contains({held}, /^[-+]/) ? $substring({held}, 0, 1) & "
    source += (
        f"$pad($substring({held}, 1), {1 - width.constant}, '0') : $pad({held}, {-width.constant}, '0'))"
    )
    return Code(source, Kind.TEXT)


def _capitalize(scene: Scene, code: Code, arguments: Arguments) -> Code:
    held = required(code).source
    source = f"$uppercase($substring({held}, 0, 1)) & $lowercase($substring({held}, 1))"
    return loose(source, Kind.TEXT)


def _given(arguments: Arguments, name: str) -> Code:
    if name not in arguments:
        raise Untranslatable(f"a call without {name}")
    return arguments[name]


BOTH: Mapping[str, tuple[tuple[str, ...], Made]] = {
    "upper": ((), _function("uppercase")),
    "lower": ((), _function("lowercase")),
    "capitalize": ((), _capitalize),
    "replace": (("old", "new", "count"), _replace),
}
METHODS: Mapping[str, tuple[tuple[str, ...], Made]] = {
    **BOTH,
    "strip": (("chars",), _stripped(r"/^\s+|\s+$/")),
    "lstrip": (("chars",), _stripped(r"/^\s+/")),
    "rstrip": (("chars",), _stripped(r"/\s+$/")),
    "split": (("sep", "maxsplit"), _split),
    "startswith": (("prefix",), _edge(True)),
    "endswith": (("suffix",), _edge(False)),
    "zfill": (("width",), _zfill),
}
FILTERS: Mapping[str, tuple[tuple[str, ...], Made]] = {
    **BOTH,
    "trim": (("chars",), _stripped(r"/^\s+|\s+$/")),
}


def method(
    scene: Scene, code: Code, name: str, positional: Sequence[Code], named: Mapping[str, Code]
) -> Code | None:
    """A call of a text's method; None where there is none that is translated."""
    if name == "format" and isinstance(code.constant, str) and not named:
        return _format(scene, code.constant, positional)
    if name not in METHODS:
        return None
    names, made = METHODS[name]
    return made(scene, code, bound(name, names, positional, named))


def as_text(scene: Scene, code: Code) -> Code:
    """The text that a filter on texts makes of a value first (``soft_str``)."""
    return surely(text(code, scene.in_text))


def whole(code: Code, default: Code) -> Code:
    """Jinja's ``int``: 0, or the default, where the value is no number."""
    match code.kind:
        case Kind.WHOLE:
            return code
        case Kind.FRACTION:
            held = required(code).atom
            return loose(f"{held} < 0 ? $ceil({held}) : $floor({held})", Kind.WHOLE)
        case Kind.FLAG:
            return loose(f"{required(code).atom} ? 1 : 0", Kind.WHOLE)
        case Kind.TEXT | Kind.ANY:
            return _parsed(code, default, is_whole=True)
    raise Untranslatable(f"int of a {code.kind.value}")


def fraction(code: Code, default: Code) -> Code:
    """Jinja's ``float``."""
    match code.kind:
        case Kind.FRACTION:
            return code
        case Kind.WHOLE:
            return Code(code.source, Kind.FRACTION, is_loose=code.is_loose)
        case Kind.TEXT | Kind.ANY:
            return _parsed(code, default, is_whole=False)
    raise Untranslatable(f"float of a {code.kind.value}")


def _parsed(code: Code, default: Code, *, is_whole: bool) -> Code:
    held = required(code).source
    read = "$number($replace($v, /^[+]/, ''))"
    if is_whole:
        read = f"($v := {read}; $v < 0 ? $ceil($v) : $floor($v))"
    flag = "$type($v) = 'boolean' ? ($v ? 1 : 0) : " if code.kind is Kind.ANY else ""
    trimmed = "$trim($string($v))" if code.kind is Kind.ANY else "$trim($v)"
    parsed = f"($v := {trimmed}; $contains($v, {_NUMBER}) ? {read} : {default.source})"
    return Code(f"($v := {held}; {flag}{parsed})", Kind.WHOLE if is_whole else Kind.FRACTION)


def percent(scene: Scene, layout: str, values: Sequence[Code]) -> Code:
    """``'%s of %d' % (a, b)``."""
    waiting = list(values)
    parts: list[Code] = []
    position = 0
    for hole in _HOLE.finditer(layout):
        parts += [known(layout[position : hole.start()])] if hole.start() > position else []
        position = hole.end()
        if hole[1] == "%":
            parts.append(known("%"))
            continue
        if hole[2] or not waiting or (hole[1] == "d" and waiting[0].kind is not Kind.WHOLE):
            raise Untranslatable(f"the format {layout!r}")
        parts.append(text(waiting.pop(0), scene.in_text))
    if waiting:
        raise Untranslatable(f"the format {layout!r}")
    return surely(joined([*parts, known(layout[position:])]))


def _format(scene: Scene, layout: str, values: Sequence[Code]) -> Code:
    """``'{} of {}'.format(a, b)``."""
    parts: list[Code] = []
    position = number = 0
    for found in _FIELD.finditer(layout):
        parts.append(known(layout[position : found.start()]))
        position = found.end()
        if found[1]:
            parts.append(known(found[1][0]))
            continue
        place = int(found[2] or number) if found[2] is not None else len(values)
        if place >= len(values):
            raise Untranslatable(f"the format {layout!r}")
        number += 1
        parts.append(text(values[place], scene.in_text))
    return surely(joined([*parts, known(layout[position:])]))


def joined(parts: Sequence[Code]) -> Code:
    """Texts one after another; what is undefined fails, instead of being nothing."""
    merged: list[Code] = []
    for part in parts:
        if part.constant == "":
            continue
        if merged and isinstance(part.constant, str) and isinstance(merged[-1].constant, str):
            merged[-1] = known(merged[-1].constant + part.constant)
        else:
            merged.append(part)
    if not merged:
        return known("")
    if len(merged) == 1:
        return merged[0]
    pieces = [_piece(part) for part in merged]
    return loose(" & ".join(pieces), Kind.TEXT)


def _piece(part: Code) -> str:
    if part.may_miss:
        return required(part).atom
    if part.constant is OPEN and part.is_loose and _is_chain(part):
        return part.source
    return part.atom


def _is_chain(part: Code) -> bool:
    return part.source.count(" & ") > 0 and not any(mark in part.source for mark in ("?", ":=", " = ", ";"))


def joined_items(scene: Scene, code: Code, by: Code) -> Code:
    """The members of a list as one text."""
    if code.kind is Kind.ITEMS and code.of is Kind.TEXT:
        return Code(f"$join({listed(required(code).source)}, {by.source})", Kind.TEXT)
    if code.kind is Kind.ITEMS and code.of is Kind.WHOLE:
        return Code(f"$join([$map({code.source}, function($v) {{ $string($v) }})], {by.source})", Kind.TEXT)
    if code.kind not in (Kind.ITEMS, Kind.ANY):
        raise Untranslatable(f"join of {label(code)}")
    member = surely(text(Code("$v", Kind.ANY, seen=code.seen), scene.in_text))
    held = items(code)
    return Code(f"$join([$map({held}, function($v) {{ {member.source} }})], {by.source})", Kind.TEXT)


def items(code: Code) -> str:
    """JSONata for what a loop goes over; what is no list or object fails."""
    code = required(code)
    if code.kind is Kind.ITEMS:
        return code.source
    if code.kind is Kind.ENTRIES:
        return f"$keys({code.source})"
    if code.kind is not Kind.ANY:
        raise Untranslatable(f"a loop over {label(code)}")
    refused = quoted(f"{label(code)} is no list")
    found = f"$type($v) = 'array' ? $v : $type($v) = 'object' ? $keys($v) : $error({refused})"
    return f"($v := {code.source}; {found})"
