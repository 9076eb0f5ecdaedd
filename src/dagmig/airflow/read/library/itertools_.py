"""``itertools``, ``functools`` and ``operator``; endless ones end where they are refused."""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Callable, Iterable
from typing import Any

from dagmig.airflow.read.evaluation import MAX_SIZE, NotKnown
from dagmig.airflow.read.iterators import count, cycle, repeat
from dagmig.airflow.read.objects import Lazy


def _bounded(number: int) -> None:
    if number > MAX_SIZE:
        raise NotKnown


def _product(*lists: Iterable[Any], repeat: int = 1) -> Lazy:
    pools = [list(items) for items in lists]
    if repeat > 20:
        raise NotKnown
    _bounded(math.prod(len(pool) for pool in pools) ** repeat)
    return Lazy(list(itertools.product(*pools, repeat=repeat)))


def _combinations(items: Iterable[Any], r: int) -> Lazy:
    pool = list(items)
    _bounded(math.comb(len(pool), r) if r >= 0 else 0)
    return Lazy(list(itertools.combinations(pool, r)))


def _permutations(items: Iterable[Any], r: int | None = None) -> Lazy:
    pool = list(items)
    if len(pool) > 1000:
        raise NotKnown
    _bounded(math.perm(len(pool), len(pool) if r is None else r))
    return Lazy(list(itertools.permutations(pool, r)))


def _islice(items: Iterable[Any], *bounds: int | None) -> Lazy:
    return Lazy(list(itertools.islice(items, *bounds)))


def _groupby(items: Iterable[Any], key: Callable[[Any], Any] | None = None) -> Lazy:
    return Lazy([(name, Lazy(list(group))) for name, group in itertools.groupby(items, key)])


def _lazy(function: Callable[..., Iterable[Any]]) -> Callable[..., Lazy]:
    return lambda *args, **kwargs: Lazy(list(function(*args, **kwargs)))


_OPERATORS = "add sub mod truediv floordiv eq ne lt le gt ge neg not_ and_ or_ xor contains"
VALUES: dict[str, Callable[..., Any]] = {
    "itertools.count": count,
    "itertools.groupby": _groupby,
    "itertools.accumulate": _lazy(itertools.accumulate),
    "itertools.takewhile": _lazy(itertools.takewhile),
    "itertools.dropwhile": _lazy(itertools.dropwhile),
    **{f"operator.{name}": getattr(operator, name) for name in _OPERATORS.split()},
}
SHAPES: dict[str, Callable[..., Any]] = {
    "itertools.product": _product,
    "itertools.chain": _lazy(itertools.chain),
    "itertools.chain.from_iterable": _lazy(itertools.chain.from_iterable),
    "itertools.islice": _islice,
    "itertools.zip_longest": _lazy(itertools.zip_longest),
    "itertools.pairwise": _lazy(itertools.pairwise),
    "itertools.combinations": _combinations,
    "itertools.permutations": _permutations,
    "itertools.repeat": repeat,
    "itertools.cycle": cycle,
    "itertools.starmap": _lazy(itertools.starmap),
    "functools.reduce": functools.reduce,
}
