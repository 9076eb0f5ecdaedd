"""Iterators without an end, of ``itertools``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from dagmig.airflow.read.evaluation import MAX_SIZE, NotKnown
from dagmig.airflow.read.objects import Lazy


@dataclass(eq=False)
class Endless(Lazy):
    """``items`` begins with the next one, ``after`` gives those that follow it; ``taken`` are gone."""

    after: Callable[[list[Any]], list[Any]]
    taken: int = 0

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        self.taken += 1
        if self.taken > MAX_SIZE:
            raise NotKnown
        first, self.items = self.items[0], self.after(self.items)
        return first


def count(start: Any = 0, step: Any = 1) -> Endless:
    return Endless([start], lambda items: [items[0] + step])


def cycle(items: Iterable[Any]) -> Lazy:
    known = list(items)
    return Endless(known, lambda items: [*items[1:], items[0]]) if known else Lazy([])


def repeat(item: Any, times: int | None = None) -> Lazy:
    if times is None:
        return Endless([item], lambda items: items)
    if times > MAX_SIZE:
        raise NotKnown
    return Lazy([item] * times)
