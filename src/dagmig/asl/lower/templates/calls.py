"""Calls in templates: methods of values, ``range``, and lookups with a default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dagmig.asl.lower.jsonata import field_of
from dagmig.asl.lower.scene import Scene, Untranslatable
from dagmig.asl.lower.templates import filters, moments, texts
from dagmig.asl.lower.templates.code import OPEN, TIMES, Code, Kind, either, known, label, loose, required
from dagmig.asl.lower.templates.names import referred
from dagmig.asl.lower.templates.operators import types_of
from dagmig.graph.values import Opaque, Param
from dagmig.integrations.jsonata import quoted


def method(
    scene: Scene, base: Code, name: str, positional: Sequence[Code], named: Mapping[str, Code]
) -> Code:
    """A call of a value's method. Raises ``Untranslatable``."""
    found: Code | None = None
    if base.kind in (*TIMES, Kind.SPAN):
        found = moments.method(base, name, positional, named)
    elif base.kind in (Kind.ENTRIES, Kind.ANY) and name == "get" and not named:
        return _got(base, positional)
    elif base.kind is Kind.ENTRIES and name == "keys" and not positional:
        return Code(f"$keys({base.source})", Kind.ITEMS, of=Kind.TEXT)
    elif base.kind is Kind.TEXT and name == "join" and len(positional) == 1:
        return texts.joined_items(scene, positional[0], base)
    elif base.kind in (Kind.TEXT, Kind.ANY):
        found = texts.method(scene, base, name, positional, named)
    if found is None:
        raise Untranslatable(f"{name}() of {label(base)}")
    return found


def member(base: Code, key: str | int) -> Code:
    """A dict's value, or a list's member, which need not be there."""
    seen = Opaque(f"{label(base)}[{key!r}]")
    if isinstance(key, str):
        return Code(f"{base.atom}.{field_of(key)}", Kind.ANY, may_miss=True, seen=seen)
    return Code(f"({base.source})[{key}]", base.of, may_miss=True, seen=seen)


def at(base: Code, place: Code) -> Code:
    """A list's member, or a text's letter, at a place that is known only when it runs."""
    seen = Opaque(f"{label(base)}[...]")
    held = required(base)
    if base.kind is Kind.ITEMS:
        return Code(f"{held.atom}[{place.source}]", base.of, may_miss=True, seen=seen)
    letter = f"$substring({held.source}, {place.source}, 1)"
    source = f"$type({held.source}) = 'array' ? {held.atom}[{place.source}] : {letter}"
    return loose(source, Kind.ANY, may_miss=True, seen=seen)


def merged(parts: Sequence[Code]) -> Code:
    """A dict of what dicts hold, of which the later ones count. Raises ``Untranslatable``."""
    found: list[str] = []
    for part in map(required, parts):
        if part.kind not in (Kind.ENTRIES, Kind.ANY):
            raise Untranslatable(f"a dict made of {label(part)}")
        is_open = (
            f"$type({part.source}) = 'object' ? {part.atom} : $error({quoted(label(part) + ' is no dict')})"
        )
        found.append(part.source if part.kind is Kind.ENTRIES else is_open)
    return Code(f"$merge([{', '.join(found)}])" if len(found) != 1 else found[0], Kind.ENTRIES)


def _got(base: Code, positional: Sequence[Code]) -> Code:
    """``dict.get``."""
    if not 1 <= len(positional) <= 2 or not isinstance(positional[0].constant, str):
        raise Untranslatable(f"get() of {label(base)}")
    found = member(required(base), positional[0].constant)
    default = positional[1] if len(positional) == 2 else known(None)
    source = f"$exists({found.source}) ? {found.source} : {required(default).atom}"
    return loose(source, Kind.ANY, seen=found.seen, types=types_of(default))


def ranged(positional: Sequence[Code]) -> Code:
    """``range(stop)``, ``range(start, stop)``."""
    if any(each.kind is not Kind.WHOLE for each in positional):
        raise Untranslatable("a range of what is no whole number")
    first = required(positional[0]).atom if len(positional) == 2 else "0"
    return Code(f"[{first}..{required(positional[-1]).atom} - 1]", Kind.ITEMS, of=Kind.WHOLE)


def param(scene: Scene, positional: Sequence[Code]) -> Code:
    """``params.get``."""
    found = referred(Param(positional[0].constant), scene)
    default = positional[1] if len(positional) > 1 else known(None)
    return filters.apply(scene, "default", found, [default], {})


def variable(scene: Scene, is_json: bool, positional: Sequence[Code], named: Mapping[str, Code]) -> Code:
    """``var.value.get``, ``var.json.get``; without a default it fails where the Variable is not there."""
    given = moments.bound("get", ("key", "default"), positional, named)
    name = given["key"].constant if "key" in given else OPEN
    default = given.get("default")
    if not isinstance(name, str):
        raise Untranslatable("a Variable whose name is known only when it runs")
    if default is not None and default.constant is OPEN:
        raise Untranslatable(f"a default of the Variable {name} that is known only when it runs")
    held = scene.lookup(name, None if default is None else default.source)
    if is_json:
        seen = Opaque(f"var.json.get({name!r})")
        return loose(f"$type({held}) = 'string' ? $parse({held}) : {held}", Kind.ANY, seen=seen)
    found = Code(held, Kind.TEXT, seen=Opaque(f"var.value.get({name!r})"))
    if default is None:
        return found
    return Code(held, either(found, default), types=types_of(default), seen=found.seen)
