"""Builtin functions, types and exceptions."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable
from typing import Any

from dagmig.airflow.read.evaluation import MAX_SIZE, NotKnown, is_deeply_known
from dagmig.airflow.read.iterators import Endless
from dagmig.airflow.read.objects import Lazy
from dagmig.airflow.read.texts import check_order, formatted


def _text(value: Any = "", *rest: Any) -> str:
    check_order(value)
    return str(value, *rest)


def _repr(value: Any) -> str:
    check_order(value)
    return repr(value)


def _range(*bounds: int) -> range:
    found = range(*bounds)
    if len(found) > MAX_SIZE:
        raise NotKnown
    return found


def _pow(left: Any, right: Any, *modulus: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * right > 512 and not modulus:
        raise NotKnown
    return pow(left, right, *modulus)


def _map(function: Callable[..., Any], *lists: Iterable[Any]) -> Lazy:
    if all(isinstance(items, Endless) for items in lists):
        raise NotKnown
    return Lazy([function(*row) for row in zip(*lists)])  # noqa: B905


def _filter(function: Callable[..., Any] | None, items: Iterable[Any]) -> Lazy:
    return Lazy([item for item in items if _known(item if function is None else function(item))])


def _known(value: Any) -> Any:
    if not is_deeply_known(value):
        raise NotKnown
    return value


def _enumerate(items: Iterable[Any], start: int = 0) -> Lazy:
    return Lazy(list(enumerate(items, start)))


def _zip(*lists: Iterable[Any], strict: bool = False) -> Lazy:
    return Lazy(list(zip(*lists, strict=strict)))


def _dict(*given: Any, **items: Any) -> dict[Any, Any]:
    found = dict(*given)
    if not all(is_deeply_known(key) for key in found):
        raise NotKnown
    return {**found, **items}


def _set(items: Iterable[Any] = ()) -> set[Any]:
    return {_known(item) for item in items}


_PLAIN = (
    "int float bool min max sum abs round divmod ord chr sorted any all hex oct bin ascii frozenset slice"
)
_EXCEPTIONS = {
    f"builtins.{name}": kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception)
}

VALUES: dict[str, Callable[..., Any]] = {
    **_EXCEPTIONS,
    **{f"builtins.{name}": getattr(builtins, name) for name in _PLAIN.split()},
    "builtins.str": _text,
    "builtins.repr": _repr,
    "builtins.format": lambda value, spec="": formatted(value, "", spec),
    "builtins.range": _range,
    "builtins.pow": _pow,
    "builtins.dict.fromkeys": dict.fromkeys,
    "builtins.str.maketrans": str.maketrans,
    "builtins.bytes.fromhex": bytes.fromhex,
    "builtins.int.from_bytes": int.from_bytes,
}
SHAPES: dict[str, Callable[..., Any]] = {
    "builtins.list": list,
    "builtins.tuple": tuple,
    "builtins.set": _set,
    "builtins.dict": _dict,
    "builtins.len": len,
    "builtins.reversed": lambda items: Lazy(list(items)[::-1]),
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.map": _map,
    "builtins.filter": _filter,
    "builtins.iter": lambda items: Lazy(list(items)),
}
