"""One file -> what the rules find in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from dagmig.diagnostics import Diagnostic, Report
from dagmig.frozen import frozen
from dagmig.lint.chosen import Chosen
from dagmig.lint.files import Target
from dagmig.lint.installation import LOCAL_SETTINGS, is_of_installation
from dagmig.lint.rule import Rule
from dagmig.lint.source import UNREADABLE, Declared, Source
from dagmig.lint.suppress import Marks

PASSED_ON = frozenset({UNREADABLE, "file-too-large", "not-a-machine"})  # the reader's, findings themselves


@frozen(frozen=True, slots=True)
class Result:
    """What one file yields; ``declared`` is for the rules over the whole run, ``leans`` as in ``Report``.

    ``is_alone`` is False where the file names others that hold its machines.
    """

    found: tuple[Diagnostic, ...] = ()
    declared: tuple[Declared, ...] = ()
    leans: tuple[tuple[str, str], ...] = ()
    is_alone: bool = True


Placed = tuple[Rule, str, Mapping[str, Any] | None]

OF_A_ROLE = "iam-"  # how the rules are called that say nothing where the role is not known
ENGINE = frozenset({*PASSED_ON, "rule-crashed"})  # what is found and is no rule's


def rules(rule_dirs: tuple[str, ...] = ()) -> tuple[Rule, ...]:
    """Every rule, by id, then those of the user's folders; raises ``ConfigError`` where one is none."""
    return (*_shipped(), *_of_users(rule_dirs)) if rule_dirs else _shipped()


@cache
def _of_users(rule_dirs: tuple[str, ...]) -> tuple[Rule, ...]:
    from dagmig.lint.user_rules import user_rules

    return tuple(user_rules(rule_dirs, {rule.id for rule in _shipped()}))


@cache
def _shipped() -> tuple[Rule, ...]:
    return tuple(rule for rule, _, _ in placed())


@cache
def placed() -> tuple[Placed, ...]:
    """Every shipped rule, by id, with its module, or with the file and the content of a pattern."""
    from dagmig.discovery import placed as declared
    from dagmig.lint.pattern import pattern_rule, pattern_specs

    patterns: list[Placed] = [(pattern_rule(spec, path), str(path), spec) for path, spec in pattern_specs()]
    others: list[Placed] = [(rule, module, None) for module, rule in declared("dagmig.lint.rules", Rule)]
    found = sorted([*patterns, *others], key=lambda one: one[0].id)
    ids = [rule.id for rule, _, _ in found]
    if len(set(ids)) != len(ids):
        raise ValueError(f"a rule is declared twice: {sorted({i for i in ids if ids.count(i) > 1})}")
    return tuple(found)


def default_rules() -> tuple[Rule, ...]:
    """Those that are on by default, by id."""
    return tuple(rule for rule in rules() if rule.is_default)


def kind_of(target: Target, text: str) -> str | None:
    """What rules look at in a file (see ``Source``), by a cheap test; where it is None they find nothing."""
    is_settings = is_of_installation(target.path, text)
    if target.is_python:
        from dagmig.airflow.read.candidates import may_define_dag

        if not target.path.endswith(LOCAL_SETTINGS) and may_define_dag(text):
            return "dag"
        return "installation" if is_settings else None
    from dagmig.lint.template import STATED_SUFFIXES, may_hold_machine

    if target.path.endswith(STATED_SUFFIXES) or (may_hold_machine(text) and target.has_documents):
        return "machine"
    if is_settings:
        return "installation"
    return "machine" if target.is_explicit and target.has_documents else None


def check(source: Source, selected: tuple[Rule, ...] | None = None) -> Result:
    """Run the rules over a file that may concern them: those ``selected``, which are all of its kind, else
    those of its kind that are on by default.
    """
    passed_on = _reading(source).of(*PASSED_ON)
    if any(d.code == UNREADABLE for d in passed_on):
        return Result(tuple(passed_on))
    found, marks = list(passed_on), Marks(source)
    if selected is None:
        selected = tuple(rule for rule in default_rules() if source.kind in rule.languages)
    chosen = selected if isinstance(selected, Chosen) else Chosen(selected)
    for rule in chosen.over(source):
        found += rule.findings(source)
    left = [*marks.unsuppressed(found), *_about(marks, source, chosen)]
    is_alone = not (source.beside or source.unread)
    return Result(tuple(left), _declared(source, marks), tuple(source.report.leans.items()), is_alone)


def _about(marks: Marks, source: Source, ran: Sequence[Rule]) -> Iterator[Diagnostic]:
    """What is found in the comments that silence rules; not of a rule that looks at a whole run, or at a role
    that is not known here.
    """
    about = [rule for rule in ran if rule.check_marks is not None]
    if not about or not marks.members:
        return
    ids = {rule.id for rule in ran}
    others = {name for mark in marks.members for name in mark.names if name.islower()} - ids - ENGINE
    unknown = others - {rule.id for rule in rules()} if others else others
    has_role = source.kind == "machine" and any(subject.role is not None for subject in source.subjects)
    judged = {r.id for r in ran if r.check_run is None and (has_role or not r.id.startswith(OF_A_ROLE))}
    unused = tuple(marks.unused(judged | unknown))
    for rule in about:
        yield from rule.over_marks(source, unused)


def _reading(source: Source) -> Report:
    parsed = (source.workflows, source.subjects)  # of a file of the other kind, none
    del parsed
    return source.report


SILENCED_BY = {
    "dag": frozenset({"duplicate-dag-id"}),
    "triggers": frozenset({"external-target-missing"}),
    "waits": frozenset({"external-target-missing", "external-sensor-schedule-mismatch"}),
    "consumes": frozenset({"asset-schedule-no-producer"}),
}


def _declared(source: Source, marks: Marks) -> tuple[Declared, ...]:
    """What the file declares, without what a comment silences; a DAG stays known to the others."""
    found = []
    for one in source.declared:
        if one.kind not in SILENCED_BY or SILENCED_BY[one.kind].isdisjoint(marks.silenced(one.span.line)):
            found.append(one)
        elif one.kind == "dag":
            found.append(one._replace(kind="twin"))
    return tuple(found)
