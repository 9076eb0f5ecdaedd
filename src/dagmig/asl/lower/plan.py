"""Regions with choices: what runs in a row, side by side, or only where a guard holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dagmig.asl.lower.guards import ALWAYS, Chooser, Guard, Guards
from dagmig.regions.tree import Each as Items
from dagmig.regions.tree import Parallel, Region, Series, Step, series, tasks


@dataclass(frozen=True, slots=True)
class Do:
    """One task."""

    task: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Parts one after the other; none where the workflow has no tasks."""

    parts: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Fork:
    """Parts side by side: a Parallel state."""

    branches: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """A part that runs only where the guard holds: a Choice with one rule."""

    guard: Guard
    body: Plan


@dataclass(frozen=True, slots=True)
class Pick:
    """Parts of which at most one runs, as the branch before them chose; ``is_total`` when one does."""

    chooser: str
    arms: tuple[Gate, ...]
    is_total: bool


@dataclass(frozen=True, slots=True)
class Each:
    """The tasks of a mapped group, which run once for each item: a Map state."""

    group: str
    body: Plan


@dataclass(frozen=True, slots=True)
class Idle:
    """One task of a mapped group that has nothing to run for, as what it is mapped over has this state; it
    takes the place of an ``Each``.
    """

    task: str
    state: str


Plan = Do | Chain | Fork | Gate | Pick | Each | Idle


def plan(region: Region, guards: Guards, known: Guard = ALWAYS) -> Plan:
    """The plan of a region within which the guard ``known`` holds."""
    parts = region.parts if isinstance(region, Series) else (region,)
    found: list[Plan] = []
    place = 0
    while place < len(parts):
        part = parts[place]
        guard = _common(part, guards)
        if guard is not None and not guards.implies(known, guard):
            end = place + 1
            while end < len(parts) and _all_imply(parts[end], guard, guards):
                end += 1
            found.append(Gate(guard, plan(series(list(parts[place:end])), guards, guard)))
            place = end
            continue
        match part:
            case Step(task):
                found.append(Do(task))
            case Parallel(branches):
                arms = [plan(branch, guards, known) for branch in branches]
                before = parts[place - 1] if place else None
                found.append(_pick(before, arms, guards.choosers) or Fork(tuple(arms)))
            case Items(group, body):
                found.append(Each(group, plan(body, guards, known)))
            case Series():
                raise AssertionError("no part of a series is a series")
        place += 1
    return found[0] if len(found) == 1 else Chain(tuple(found))


def steps(plan: Plan) -> Iterator[str]:
    """The ids of all tasks of a plan in reading order."""
    match plan:
        case Do(task) | Idle(task, _):
            yield task
        case Gate(_, body) | Each(_, body):
            yield from steps(body)
        case Chain(parts) | Fork(parts) | Pick(_, parts, _):
            for part in parts:
                yield from steps(part)


def entering(plan: Plan) -> Iterator[str]:
    """The tasks whose states are handed the input of the plan's first."""
    match plan:
        case Do(task):
            yield task
        case Gate(_, body):
            yield from entering(body)
        case Chain(parts):
            for part in parts[:1]:
                yield from entering(part)
        case Fork(parts) | Pick(_, parts, _):
            for part in parts:
                yield from entering(part)
        case Each() | Idle():
            return


def _common(part: Region, guards: Guards) -> Guard | None:
    """The guard that all tasks of a part have; None where they differ."""
    found = {guards.of[task] for task in tasks(part)}
    return found.pop() if len(found) == 1 else None


def _all_imply(part: Region, guard: Guard, guards: Guards) -> bool:
    return all(guards.implies(guards.of[task], guard) for task in tasks(part))


def _pick(before: Region | None, arms: list[Plan], choosers: Mapping[str, Chooser]) -> Pick | None:
    """The arms as alternatives, where the branch just before chooses at most one task, each of one arm."""
    if not isinstance(before, Step) or before.task not in choosers:
        return None
    chooser = choosers[before.task]
    if chooser.ids is None or not chooser.is_single:
        return None
    gates = [arm for arm in arms if isinstance(arm, Gate)]
    chosen: list[frozenset[str]] = []
    for gate in gates:
        atoms = [atom for term in gate.guard for atom in term]
        if len(gate.guard) != 1 or len(atoms) != 1 or atoms[0][0] != before.task:
            return None
        chosen.append(atoms[0][1] & chooser.ids)
    covered = frozenset().union(*chosen)
    is_disjoint = sum(map(len, chosen)) == len(covered)
    if len(gates) != len(arms) or not is_disjoint or not all(chosen):
        return None
    return Pick(before.task, tuple(gates), chooser.is_sure and chooser.ids <= covered)
