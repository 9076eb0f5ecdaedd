"""The order of tasks as nested series and parallel parts: what a state machine can express."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One task."""

    task: str


@dataclass(frozen=True, slots=True)
class Series:
    """Parts that run one after the other; no part is a series. Empty for a workflow without tasks."""

    parts: tuple[Region, ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    """Parts that do not wait for each other, in the order of their first task; no part is parallel."""

    parts: tuple[Region, ...]


@dataclass(frozen=True, slots=True)
class Each:
    """The tasks of a mapped group, which run once for each item."""

    group: str
    body: Region


Region = Step | Series | Parallel | Each


def tasks(region: Region) -> Iterator[str]:
    """The ids of all tasks in reading order."""
    stack = [region]
    while stack:
        part = stack.pop()
        if isinstance(part, Step):
            yield part.task
            continue
        if isinstance(part, Each):
            stack.append(part.body)
            continue
        stack.extend(reversed(part.parts))


def series(parts: list[Region]) -> Region:
    """Parts in a row; a single part stands for itself."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Series) else (part,))]
    return flat[0] if len(flat) == 1 else Series(tuple(flat))


def parallel(parts: list[Region]) -> Region:
    """Parts beside each other; a single part stands for itself."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Parallel) else (part,))]
    return flat[0] if len(flat) == 1 else Parallel(tuple(flat))


def flat(region: Region, groups: frozenset[str]) -> Region:
    """The region in which the tasks of some mapped groups are like any others."""
    match region:
        case Each(group, body):
            return body if group in groups else region
        case Series(parts):
            return series([flat(part, groups) for part in parts])
        case Parallel(parts):
            return parallel([flat(part, groups) for part in parts])
    return region


def without(region: Region, dropped: frozenset[str]) -> Region | None:
    """The region without some tasks, in the order it had; None where nothing is left."""
    if isinstance(region, Step):
        return None if region.task in dropped else region
    if isinstance(region, Each):
        body = without(region.body, dropped)
        return None if body is None else Each(region.group, body)
    kept = [part for inner in region.parts if (part := without(inner, dropped)) is not None]
    if not kept:
        return None
    return series(kept) if isinstance(region, Series) else parallel(kept)
