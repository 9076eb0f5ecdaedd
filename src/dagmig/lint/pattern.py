"""Rules written as ast-grep YAML: the same files `ast-grep scan` reads."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dagmig.diagnostics import Edit, Fix, Severity, Span
from dagmig.lint.rule import Category, Example, Finding, FixKind, Rule
from dagmig.lint.source import Source

Mend = Callable[[Source, Span], Fix | None]
MATCHER_KEYS = ("rule", "constraints", "utils", "transform")
BEGINNING = re.compile(r"(?:\\[.\]]|\w)+(?![*?{|\w])")  # no letter of it may be missing
MENDS = "dagmig.lint.mends"
SHIPPED = Path(__file__).parent / "patterns"
FOLDER = SHIPPED if SHIPPED.is_dir() else Path(__file__).parents[3] / "rules"


def pattern_specs(folder: Path = FOLDER) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every rule below the folder, by path, as it is written."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for path in sorted(folder.glob("*/*.yml")):
        yield path, yaml.load(path.read_text(encoding="utf-8"), loader)


def pattern_rule(spec: Mapping[str, Any], path: Path) -> Rule:
    """One rule; its id is the file's name, its category the folder's.

    ``metadata.words`` are regular expressions of which a file with a match matches one: no other is parsed;
    ``metadata.default`` and ``metadata.airflow`` are ``is_default`` and ``airflow`` of ``Rule``. Where there
    is a ``metadata.fix`` and no ``fix``, the module of the rule's name in ``mends`` makes it.
    """
    if spec["id"] != path.stem:
        raise ValueError(f"{path} holds the rule {spec['id']}")
    about = spec["metadata"]
    kind = FixKind(about.get("fix", "safe" if "fix" in spec else "none"))
    is_made = kind is not FixKind.NONE and "fix" not in spec
    mend = importlib.import_module(f"{MENDS}.{path.stem.replace('-', '_')}").mend if is_made else None
    words = tuple(about.get("words", ()))
    return Rule(
        id=spec["id"],
        category=Category(path.parent.name),
        severity=Severity(spec["severity"]),
        languages=frozenset({"dag"}),
        summary=spec["message"],
        why=spec["note"].strip(),
        instead=" ".join(about["instead"].split()),
        examples=(Example("python", about["bad"], about["good"]),),
        check=compiled(spec, "python", kind, words, mend),
        fix=kind,
        url=spec.get("url", ""),
        is_default=about.get("default", True),
        airflow=about.get("airflow", ""),
    )


def compiled(
    spec: Mapping[str, Any],
    language: str,
    kind: FixKind,
    words: tuple[str, ...] = (),
    mend: Mend | None = None,
) -> Callable[[Source], Iterator[Finding]]:
    """What a rule of ast-grep looks for, in files of a language (that match one of ``words``)."""
    matcher = {key: spec[key] for key in MATCHER_KEYS if key in spec}
    searches = [(_beginning(word), re.compile(word).search) for word in words]

    def may_match(text: str) -> bool:
        for beginning, search in searches:  # to look for the beginning first is ten times as fast
            if beginning in text and search(text) is not None:
                return True
        return not searches

    def check(source: Source) -> Iterator[Finding]:
        if source.language != language or not may_match(source.text):
            return iter(())
        found = _matches(source, matcher, spec["message"], spec.get("fix"), kind)
        return found if mend is None else (replace(one, fix=mend(source, one.span)) for one in found)

    return check


def _beginning(word: str) -> str:
    """The text that each match of a regular expression begins with, as far as it is plain."""
    outside = re.sub(r"\\.|\[(?:\\.|[^\]\\])+\]", "", word, flags=re.DOTALL)
    while (inner := re.sub(r"\([^()]*\)", "", outside)) != outside:
        outside = inner
    found = BEGINNING.match(word)
    return found[0].replace("\\", "") if found and "|" not in outside else ""


def _matches(
    source: Source, matcher: Mapping[str, Any], message: str, fix: str | None, kind: FixKind
) -> Iterator[Finding]:
    for node in source.tree.find_all(dict(matcher)):  # type: ignore[call-overload]
        at = node.range()
        edit = None if fix is None else Edit(at.start.index, at.end.index, _filled(fix, node))
        mended = None if edit is None else Fix((edit,), kind is FixKind.SAFE)
        yield Finding(_filled(message, node), source.span(node), mended)


def _filled(template: str, node: Any) -> str:
    """The template with what its ``$NAME`` and ``$$$NAMES`` stand for."""

    def value(name: re.Match[str]) -> str:
        if not name[1]:
            found = node.get_match(name[2])
            return name[0] if found is None else str(found.text())
        members = node.get_multiple_matches(name[2])
        if not members:
            return ""
        start = members[0].range().start.index
        return str(node.text())[
            start - node.range().start.index : members[-1].range().end.index - node.range().start.index
        ]

    return re.sub(r"(\$\$)?\$([A-Z_][A-Z0-9_]*)", value, template)
