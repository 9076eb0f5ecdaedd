"""The rules by name, each imported when it runs: what is known of them beforehand is kept from run to run."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dagmig.lint.chosen import Chosen
from dagmig.lint.plan import Plan
from dagmig.lint.rule import Category, Rule
from dagmig.source import write_text

NAME = "rules.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule that is not imported; ``place`` is its module, or the file of a pattern with its ``spec``."""

    id: str
    category: Category
    is_default: bool
    airflow: str
    languages: frozenset[str]
    is_over_run: bool
    place: str
    spec: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Registry:
    """The shipped rules, and those of a plan's ``rule_dirs``; ``folder`` keeps what is known of them."""

    folder: str = ""

    def chosen(self, plan: Plan, language: str) -> Chosen:
        """The rules of a plan that look at files of a language, by id."""
        return _chosen(self, plan, language)

    def over_run(self, plan: Plan) -> tuple[Rule, ...]:
        """The rules of a plan that look at all files together, by id."""
        return _over_run(self, plan)


@cache
def _chosen(registry: Registry, plan: Plan, language: str) -> Chosen:
    entries = (one for one in _entries(registry.folder) if language in one.languages and plan.has(one))
    own = (rule for rule in _own(plan) if language in rule.languages)
    return Chosen((*map(_rule, entries), *own))


@cache
def _over_run(registry: Registry, plan: Plan) -> tuple[Rule, ...]:
    return tuple(_rule(one) for one in _entries(registry.folder) if one.is_over_run and plan.has(one))


def _own(plan: Plan) -> Iterator[Rule]:
    if plan.rule_dirs:
        from dagmig.lint.check import rules

        shipped = {rule.id for rule in rules()}
        yield from (rule for rule in plan.rules if rule.id not in shipped)


def _rule(entry: Entry) -> Rule:
    if entry.spec is not None:
        from dagmig.lint.pattern import pattern_rule

        return pattern_rule(entry.spec, Path(entry.place))
    for value in vars(importlib.import_module(entry.place)).values():
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, Rule) and one.id == entry.id:
                return one
    raise LookupError(f"{entry.place} does not declare the rule {entry.id}")


@cache
def _entries(folder: str) -> tuple[Entry, ...]:
    """What is kept; made, and kept, where it is not there or not ours."""
    path = Path(folder, NAME)
    if folder:
        with suppress(OSError, ValueError, TypeError):
            if kept := tuple(map(_read, json.loads(path.read_bytes()))):
                return kept
    found = tuple(_made())
    if folder:
        with suppress(OSError, TypeError):  # a folder that is read-only; a pattern that is no JSON
            write_text(path, json.dumps([_written(one) for one in found], separators=(",", ":")))
    return found


def _made() -> Iterator[Entry]:
    from dagmig.lint.check import placed

    for rule, place, spec in placed():
        yield Entry(
            rule.id,
            rule.category,
            rule.is_default,
            rule.airflow,
            rule.languages,
            rule.check_run is not None,
            place,
            spec,
        )


def _written(entry: Entry) -> list[Any]:
    known = [entry.id, entry.category.value, entry.is_default, entry.airflow, sorted(entry.languages)]
    return [*known, entry.is_over_run, entry.place, entry.spec]


def _read(fields: list[Any]) -> Entry:
    id_, category, is_default, airflow, languages, is_over_run, place, spec = fields
    return Entry(id_, Category(category), is_default, airflow, frozenset(languages), is_over_run, place, spec)
