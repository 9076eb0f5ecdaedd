"""Jinja's filters and tests, and those that Airflow adds, as JSONata.

https://jinja.palletsprojects.com/en/stable/templates/#list-of-builtin-filters
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from dagmig.asl.lower.scene import Scene, Untranslatable
from dagmig.asl.lower.templates import json_texts, texts
from dagmig.asl.lower.templates.code import (
    DATE,
    NUMBERS,
    Code,
    Kind,
    either,
    known,
    label,
    loose,
    required,
    truth,
)
from dagmig.asl.lower.templates.moments import bound, formatted, isoformat

Arguments = Mapping[str, Code]
Filter = Callable[[Scene, Code, Arguments], Code]


def _default(scene: Scene, code: Code, arguments: Arguments) -> Code:
    default = arguments.get("default_value", known(""))
    is_truth = arguments.get("boolean", known(False)).constant is True
    held = replace(code, may_miss=False)
    if is_truth:
        test = f"$exists({code.source}) and {truth(held)}" if code.may_miss else truth(held)
    elif not code.may_miss:
        return code
    else:
        test = f"$exists({code.source})"
    kind = either(code, default)
    types = {*code.types, *default.types}
    types |= {"boolean"} if default.kind is Kind.FLAG else set()
    types |= {"null"} if default.kind is Kind.NOTHING else set()
    source = f"{test} ? {code.atom} : {required(default).atom}"
    return loose(source, kind, seen=code.seen or default.seen, types=tuple(sorted(types)))


def _length(scene: Scene, code: Code, arguments: Arguments) -> Code:
    held = required(code).source
    match code.kind:
        case Kind.TEXT:
            return Code(f"$length({held})", Kind.WHOLE)
        case Kind.ITEMS:
            return Code(f"$count({held})", Kind.WHOLE)
        case Kind.ENTRIES:
            return Code(f"$count($keys({held}))", Kind.WHOLE)
        case Kind.ANY:
            inner = (
                "$type($v) = 'string' ? $length($v) : $type($v) = 'object' ? $count($keys($v)) : $count($v)"
            )
            return Code(f"($v := {held}; {inner})", Kind.WHOLE)
    raise Untranslatable(f"the length of {label(code)}")


def _end(index: int) -> Filter:
    def end(scene: Scene, code: Code, arguments: Arguments) -> Code:
        held = required(code)
        if code.kind is Kind.TEXT:
            return Code(f"$substring({held.source}, {index}, 1)", Kind.TEXT)
        if code.kind is not Kind.ITEMS and code.kind is not Kind.ANY:
            raise Untranslatable(f"the first or last of {label(code)}")
        return Code(f"({held.source})[{index}]", code.of, may_miss=True, seen=code.seen)

    return end


def _int(scene: Scene, code: Code, arguments: Arguments) -> Code:
    if "base" in arguments:
        raise Untranslatable("int of another base")
    return texts.whole(code, arguments.get("default", known(0)))


def _float(scene: Scene, code: Code, arguments: Arguments) -> Code:
    return texts.fraction(code, arguments.get("default", known(0.0)))


def _string(scene: Scene, code: Code, arguments: Arguments) -> Code:
    return texts.as_text(scene, code)


def _join(scene: Scene, code: Code, arguments: Arguments) -> Code:
    if "attribute" in arguments:
        raise Untranslatable("join of an attribute")
    return texts.joined_items(scene, code, arguments.get("d", known("")))


def _round(scene: Scene, code: Code, arguments: Arguments) -> Code:
    if arguments or code.kind not in NUMBERS:
        raise Untranslatable(f"round of {label(code)}")
    if code.kind is Kind.WHOLE:
        return code
    return Code(f"$round({required(code).source})", Kind.FRACTION)


def _abs(scene: Scene, code: Code, arguments: Arguments) -> Code:
    if code.kind not in NUMBERS:
        raise Untranslatable(f"abs of {label(code)}")
    return Code(f"$abs({required(code).source})", code.kind)


def _of_items(function: str) -> Filter:
    def made(scene: Scene, code: Code, arguments: Arguments) -> Code:
        if arguments or code.kind is not Kind.ITEMS or code.of not in (Kind.WHOLE, Kind.TEXT):
            raise Untranslatable(f"{function} of {label(code)}")
        if function in ("max", "min", "sum") and code.of is not Kind.WHOLE:
            raise Untranslatable(f"{function} of {label(code)}")
        source = f"${function}({required(code).source})"
        return Code(source, Kind.WHOLE if function in ("max", "min", "sum") else Kind.ITEMS, of=code.of)

    return made


def _list(scene: Scene, code: Code, arguments: Arguments) -> Code:
    if code.kind is Kind.TEXT:
        return Code(f"$split({required(code).source}, '')", Kind.ITEMS, of=Kind.TEXT)
    of = Kind.TEXT if code.kind is Kind.ENTRIES else code.of
    return Code(texts.items(code), Kind.ITEMS, of=of)


def _map(scene: Scene, code: Code, arguments: Arguments) -> Code:
    """A filter of each member, or a key of each."""
    member = Code("$e", code.of if code.kind is Kind.ITEMS else Kind.ANY, seen=code.seen)
    if (attribute := arguments.get("attribute")) is not None:
        if not isinstance(attribute.constant, str) or "." in attribute.constant:
            raise Untranslatable("map of an attribute")
        made = required(Code(f"$e.`{attribute.constant}`", Kind.ANY, may_miss=True, seen=code.seen))
    else:
        name = arguments["filter"].constant if "filter" in arguments else None
        if name not in FILTERS and name not in texts.FILTERS:
            raise Untranslatable(f"map of {name}")
        made = apply(scene, str(name), member, (), {})
    if made.kind in (Kind.ITEMS, Kind.ANY) and "filter" in arguments:
        raise Untranslatable("map to what may be lists")
    return Code(f"[$map({texts.items(code)}, function($e) {{ {made.source} }})]", Kind.ITEMS, of=made.kind)


def _dated(shown: str) -> Filter:
    def made(scene: Scene, code: Code, arguments: Arguments) -> Code:
        if code.kind not in (Kind.MOMENT, Kind.NAIVE, Kind.DAY):
            raise Untranslatable(f"the date of {label(code)}")
        return formatted(code, shown)

    return made


def _ts(scene: Scene, code: Code, arguments: Arguments) -> Code:
    if code.kind not in (Kind.MOMENT, Kind.NAIVE, Kind.DAY):
        raise Untranslatable(f"the time of {label(code)}")
    return isoformat(code)


def _ts_with_tz(scene: Scene, code: Code, arguments: Arguments) -> Code:
    shown = _ts(scene, code, arguments).source
    return Code(f"$replace($replace({shown}, '-', ''), ':', '')", Kind.TEXT)


def _same(scene: Scene, code: Code, arguments: Arguments) -> Code:
    return code


FILTERS: Mapping[str, tuple[tuple[str, ...], Filter]] = {
    "default": (("default_value", "boolean"), _default),
    "d": (("default_value", "boolean"), _default),
    "length": ((), _length),
    "count": ((), _length),
    "first": ((), _end(0)),
    "last": ((), _end(-1)),
    "int": (("default", "base"), _int),
    "float": (("default",), _float),
    "string": ((), _string),
    "safe": ((), _same),
    "join": (("d", "attribute"), _join),
    "tojson": (("indent",), json_texts.tojson),
    "round": (("precision", "method"), _round),
    "abs": ((), _abs),
    "max": (("case_sensitive", "attribute"), _of_items("max")),
    "min": (("case_sensitive", "attribute"), _of_items("min")),
    "sum": (("attribute", "start"), _of_items("sum")),
    "reverse": ((), _of_items("reverse")),
    "list": ((), _list),
    "map": (("filter", "attribute"), _map),
    "ds": ((), _dated(DATE)),
    "ds_nodash": ((), _dated("[Y0001][M01][D01]")),
    "ts": ((), _ts),
    "ts_nodash": ((), _dated("[Y0001][M01][D01]T[H01][m01][s01]")),
    "ts_nodash_with_tz": ((), _ts_with_tz),
}


def apply(scene: Scene, name: str, code: Code, positional: Sequence[Code], named: Mapping[str, Code]) -> Code:
    """A filter's result. Raises ``Untranslatable``."""
    if name == "format" and isinstance(code.constant, str) and not named:
        return texts.percent(scene, code.constant, positional)
    if name in texts.FILTERS:
        names, of_text = texts.FILTERS[name]
        held = texts.as_text(scene, code)
        return of_text(scene, held, bound(name, names, positional, named))
    if name not in FILTERS:
        raise Untranslatable(f"the filter {name}")
    names, made = FILTERS[name]
    return made(scene, code, bound(name, names, positional, named))


TYPES = {"string": ("string", Kind.TEXT), "number": ("number", Kind.WHOLE),
         "mapping": ("object", Kind.ENTRIES), "boolean": ("boolean", Kind.FLAG),
         "none": ("null", Kind.NOTHING)}  # fmt: skip
COMPARED = {"==": "=", "eq": "=", "equalto": "=", "!=": "!=", "ne": "!=", ">": ">", "gt": ">",
            "greaterthan": ">", "<": "<", "lt": "<", "lessthan": "<", ">=": ">=", "ge": ">=", "<=": "<=",
            "le": "<="}  # fmt: skip


def test(code: Code, name: str, arguments: Sequence[Code]) -> Code:
    """``value is name``. Raises ``Untranslatable``."""
    if name in ("defined", "undefined"):
        found = f"$exists({code.source})" if code.may_miss else "true"
        return Code(found if name == "defined" else f"$not({found})", Kind.FLAG)
    code = required(code)
    if name in TYPES:
        wanted, kind = TYPES[name]
        if code.kind is not Kind.ANY:
            is_it = code.kind is kind or (name == "number" and code.kind in (*NUMBERS, Kind.FLAG))
            return known(is_it)
        if name == "number":
            return loose(f"$type({code.source}) in ['number', 'boolean']", Kind.FLAG)
        return loose(f"$type({code.source}) = '{wanted}'", Kind.FLAG)
    if name in ("true", "false") and code.kind in (Kind.ANY, Kind.FLAG):
        return loose(f"{code.atom} = {name}", Kind.FLAG)
    if name in ("odd", "even") and code.kind is Kind.WHOLE:
        return loose(f"$abs({code.source}) % 2 = {int(name == 'odd')}", Kind.FLAG)
    if name == "divisibleby" and code.kind is arguments[0].kind is Kind.WHOLE:
        return loose(f"{code.atom} % {arguments[0].atom} = 0", Kind.FLAG)
    if name in COMPARED and len(arguments) == 1 and {code.kind, arguments[0].kind} <= {
        Kind.TEXT, Kind.WHOLE, Kind.FRACTION, Kind.ANY
    }:  # fmt: skip
        return loose(f"{code.atom} {COMPARED[name]} {required(arguments[0]).atom}", Kind.FLAG)
    if name == "in" and len(arguments) == 1:
        return loose(contains(required(arguments[0]), code), Kind.FLAG)
    raise Untranslatable(f"the test {name}")


def contains(held: Code, member: Code) -> str:
    """JSONata for ``member in held``."""
    match held.kind:
        case Kind.TEXT:
            return f"$contains({held.source}, {member.source})"
        case Kind.ITEMS:
            return f"({member.atom} in {held.atom})"
        case Kind.ENTRIES:
            return f"({member.atom} in $keys({held.source}))"
        case Kind.ANY:
            inner = "$type($v) = 'string' ? $contains($v, $m) : $m in ($type($v) = 'object' ? $keys($v) : $v)"
            return f"($v := {held.source}; $m := {member.source}; {inner})"
    raise Untranslatable(f"membership in {label(held)}")
