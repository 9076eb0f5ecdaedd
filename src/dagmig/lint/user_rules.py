"""The user's own rules: ast-grep YAML in the folders of ``rule-dirs``, as ``ast-grep scan`` reads it.

Needed are ``id``, ``language`` (python, json, yaml), ``message`` and ``rule``; ``severity`` is warning
where it is not given. ``fix`` is unsafe unless ``metadata.fix`` is ``safe``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from dagmig.diagnostics import Severity
from dagmig.lint.config import ConfigError
from dagmig.lint.pattern import MATCHER_KEYS, compiled
from dagmig.lint.rule import Category, FixKind, Rule
from dagmig.lint.schema import suggestion

LANGUAGES = {"python": "dag", "json": "machine", "yaml": "machine"}
SEVERITIES = {**{one.value: one for one in Severity}, "hint": Severity.INFO}
NEEDED = ("id", "language", "message", "rule")
KNOWN = {*NEEDED, *MATCHER_KEYS, "severity", "note", "url", "metadata", "fix"}
SUFFIXES = (".yml", ".yaml")


def user_rules(folders: tuple[str, ...], taken: Collection[str]) -> Iterator[Rule]:
    """Every rule below the folders, by path; raises ``ConfigError`` for what is none."""
    seen = set(taken)
    for path in rule_files(folders):
        for spec in _documents(path):
            if not isinstance(spec, Mapping):
                raise ConfigError(str(path), "an ast-grep rule is a mapping")
            rule = _rule(spec, path)
            if rule.id in seen:
                raise ConfigError(str(path), f"there already is a rule {rule.id!r}")
            seen.add(rule.id)
            yield rule


def rule_files(folders: tuple[str, ...]) -> Iterator[Path]:
    """The files of the folders, by path; raises ``ConfigError`` where a folder is none."""
    for folder in map(Path, folders):
        if not folder.is_dir():
            raise ConfigError(str(folder), "rule-dirs: no such folder")
        yield from sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())


def _documents(path: Path) -> list[Any]:
    import yaml

    try:
        return [one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one is not None]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), f"cannot be read: {error}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise ConfigError(str(path), getattr(error, "problem", None) or "not YAML", *at) from error


def _complaint(spec: Mapping[str, Any], language: str) -> str:
    """What ast-grep says against a rule; empty where it takes it."""
    from ast_grep_py import SgRoot

    matcher: dict[str, Any] = {key: spec[key] for key in MATCHER_KEYS if key in spec}
    try:
        SgRoot("", language).root().find_all(matcher)  # type: ignore[call-overload]
    except Exception as error:  # it raises no narrower one for a field it does not know
        lines = str(error).partition("Stack backtrace")[0].split("\n")
        return " ".join(line.strip() for line in lines if line.strip())
    return ""


def _rule(spec: Mapping[str, Any], path: Path) -> Rule:
    def refuse(message: str) -> ConfigError:
        return ConfigError(str(path), message)

    for key in spec:
        if key not in KNOWN:
            raise refuse(f"unknown key {key!r}{suggestion(str(key), KNOWN)}")
    for key in NEEDED:
        if key not in spec:
            raise refuse(f"an ast-grep rule has {key!r}")
    language, severity = str(spec["language"]).lower(), str(spec.get("severity", "warning"))
    if language not in LANGUAGES:
        raise refuse(f"the language is {', '.join(LANGUAGES)}, not {language!r}")
    if severity not in SEVERITIES:
        raise refuse(f"the severity is {', '.join(SEVERITIES)}, not {severity!r}")
    if not isinstance(spec.get("fix", ""), str):
        raise refuse("a fix is a text here")
    about = spec.get("metadata") or {}
    is_safe = about.get("fix") == "safe"
    kind = FixKind.NONE if "fix" not in spec else FixKind.SAFE if is_safe else FixKind.UNSAFE
    if said := _complaint(spec, language):
        raise refuse(f"{spec['id']!r} is no rule of ast-grep: {said}")
    return Rule(
        id=str(spec["id"]),
        category=Category.CUSTOM,
        severity=SEVERITIES[severity],
        languages=frozenset({LANGUAGES[language]}),
        summary=str(spec["message"]),
        why=str(spec.get("note", "")).strip(),
        instead="",
        examples=(),
        check=compiled(spec, language, kind),
        fix=kind,
        url=str(spec.get("url", "")),
    )
