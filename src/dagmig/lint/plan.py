"""Which rules run: presets, rules and categories by name, and the version of Airflow that is meant."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from dagmig.lint.rule import Category, Rule
from dagmig.lint.schema import known_names, suggestion

Version = tuple[int, ...]


class Described(Protocol):
    """What decides whether a rule runs."""

    @property
    def id(self) -> str: ...
    @property
    def category(self) -> Category: ...
    @property
    def is_default(self) -> bool: ...
    @property
    def airflow(self) -> str: ...


COMPARED: dict[str, Callable[[Version, Version], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "<": operator.lt,
    ">": operator.gt,
}
BEFORE_3: Version = (2, 99)
PRESETS: dict[str, Callable[[Described], bool]] = {
    "recommended": lambda rule: rule.is_default,
    "strict": lambda rule: rule.category is not Category.MIGRATION,
    "security": lambda rule: rule.category is Category.SECURITY,
    "airflow3": lambda rule: rule.category is Category.UPGRADE or not is_about(rule, BEFORE_3),
    "migration": lambda rule: rule.category is Category.MIGRATION,
}
UNKNOWN_VERSION: Version = ()
OF_RUFF = re.compile(r"AIR\d{0,3}")  # a code of ruff's rules for Airflow, or how several begin


@dataclass(frozen=True, slots=True)
class Plan:
    """What the user asks for; names are of rules or categories, or codes of ruff. What is named more closely
    stands: a rule before its category, a category before a preset; of the same closeness, ``ignore``.

    An empty ``select`` is the presets. ``rule_dirs`` are folders of the user's own rules.
    """

    presets: tuple[str, ...] = ("recommended",)
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    target_airflow: str = ""
    rule_dirs: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that run, by id."""
        return _rules(self)

    def has(self, rule: Described) -> bool:
        """Whether a rule runs."""
        if not is_about(rule, version(self.target_airflow)):
            return False
        asked = _closeness(rule, (*self.select, *self.extend_select))
        if not asked and not self.select:
            asked = int(any(PRESETS[name](rule) for name in self.presets))
        return asked > _closeness(rule, self.ignore)


@cache
def _rules(plan: Plan) -> tuple[Rule, ...]:
    from dagmig.lint.check import rules

    return tuple(rule for rule in rules(plan.rule_dirs) if plan.has(rule))


def _closeness(rule: Described, names: Iterable[str]) -> int:
    """10 where the rule is named, 2 its category, 0 neither; a preset is 1, the beginning of a code of ruff
    (``AIR30``) as many as it has letters.
    """
    found = set(names)
    if rule.id in found:
        return 10
    begins = (len(name) for name in found if OF_RUFF.fullmatch(name) and rule.id.startswith(name))
    return max(begins, default=2 if rule.category.value in found else 0)


def is_named(rule: Described, names: Iterable[str]) -> bool:
    """Whether a rule, its category, or the beginning of its code is among the names."""
    return _closeness(rule, names) > 0


def version(text: str) -> Version:
    """``3.0.1`` -> (3, 0, 1)."""
    return tuple(int(part) for part in text.split(".")) if text else UNKNOWN_VERSION


def is_about(rule: Described, target: Version) -> bool:
    """Whether a rule concerns a version of Airflow; one that is not known is any."""
    if target == UNKNOWN_VERSION:
        return True
    for term in filter(None, rule.airflow.split(",")):
        found = re.fullmatch(r"\s*([<>]=?)\s*(\d+(?:\.\d+)*)\s*", term)
        if found is None:
            raise ValueError(f"{rule.id}: {term!r} is no range of versions")
        if not COMPARED[found[1]](target, version(found[2])):
            return False
    return True


def unknown(names: Iterable[str], rule_dirs: tuple[str, ...] = ()) -> tuple[str, str] | None:
    """The first name that no rule or category has, and what to say of it."""
    names = tuple(name for name in names if name not in known_names() and not OF_RUFF.fullmatch(name))
    if not names:
        return None
    from dagmig.lint.check import rules

    known = {name for rule in rules(rule_dirs) for name in (rule.id, rule.category.value)}
    known |= {category.value for category in Category}
    for name in names:
        if name not in known:
            return name, f"there is no rule or category {name!r}{suggestion(name, known)}"
    return None
