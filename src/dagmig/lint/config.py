"""The user's configuration: ``dagmig.toml`` or ``[tool.dagmig]`` in ``pyproject.toml``, the nearest."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from dagmig.lint.plan import Plan, unknown
from dagmig.lint.schema import Fault, faults, schema
from dagmig.lint.source import CAPITALISED
from dagmig.lint.toml_places import place

FILES = {"dagmig.toml": (), "pyproject.toml": ("tool", "dagmig")}  # the first found in a folder counts


class ConfigError(Exception):
    """What the user wrote is not to be followed; ``str`` is ``file:line:column: message``."""

    def __init__(self, file: str, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(f"{file}:{line}:{column}: {message}")
        self.file, self.message, self.line, self.column = file, message, line, column


@dataclass(frozen=True, slots=True)
class Config:
    """What a file says, paths made absolute; ``folder`` is where its patterns start."""

    folder: Path
    plan: Plan = field(default_factory=Plan)
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclude: tuple[str, ...] = ()
    baseline: Path | None = None
    project_root: str | None = None
    with_ruff: bool = False
    state_names: str = CAPITALISED
    integrations: tuple[Path, ...] = ()


@cache
def nearest(folder: Path) -> Config | None:
    """The configuration for the files of a folder (absolute); raises ``ConfigError``."""
    return here(folder) or (nearest(folder.parent) if folder.parent != folder else None)


@cache
def here(folder: Path) -> Config | None:
    """The configuration that stands in the folder itself; raises ``ConfigError``."""
    for name, table in FILES.items():
        path = folder / name
        try:
            data = path.read_bytes()
        except OSError:
            continue
        if not table or b"dagmig" in data:
            found = _config(path, data, table)
            if found is not None:
                return found
    return None


def forget() -> None:
    """Read the files anew when they are asked for next."""
    here.cache_clear()
    nearest.cache_clear()


def _config(path: Path, data: bytes, table: tuple[str, ...]) -> Config | None:
    text, document = _toml(path, data)
    for depth, key in enumerate(table, 1):
        if key not in document:
            return None
        document = document[key]
        if not isinstance(document, Mapping):
            raise ConfigError(str(path), f"{key!r} is a table", *place(text, table[:depth]))

    def refuse(fault: Fault) -> ConfigError:
        return ConfigError(str(path), fault.message, *place(text, (*table, *fault.path), fault.value))

    for fault in faults(document, schema()):
        raise refuse(fault)
    config = _made(path.parent, document)
    try:
        re.compile(config.state_names)
    except re.error as error:
        said = f"'state-name-pattern' is no regular expression: {error}"
        raise refuse(Fault(("state-name-pattern",), said, config.state_names)) from error
    for keys, names in _named(document):
        if wrong := unknown(names, config.plan.rule_dirs):
            raise refuse(Fault(keys, wrong[1], wrong[0]))
    return config


def _toml(path: Path, data: bytes) -> tuple[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        text = data.decode("utf-8-sig")
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), "not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        message, _, at = str(error).partition(" (at ")
        numbers = [int(part) for part in at.replace(",", " ").replace(")", "").split() if part.isdigit()]
        lines = data.decode("utf-8-sig").split("\n")
        line, column = numbers if len(numbers) == 2 else (len(lines), len(lines[-1]) + 1)
        raise ConfigError(str(path), f"not TOML: {message}", line, column) from error


def _made(folder: Path, document: Mapping[str, Any]) -> Config:
    def names(key: str) -> tuple[str, ...]:
        return tuple(document.get(key, ()))

    preset = document.get("preset", "recommended")
    plan = Plan(
        presets=(preset,) if isinstance(preset, str) else tuple(preset),
        select=names("select"),
        extend_select=names("extend-select"),
        ignore=names("ignore"),
        target_airflow=document.get("target-airflow", ""),
        rule_dirs=tuple(str(folder / name) for name in names("rule-dirs")),
    )
    root, baseline = document.get("project-root"), document.get("baseline")
    return Config(
        folder,
        plan,
        tuple((glob, tuple(ignored)) for glob, ignored in document.get("per-file-ignores", {}).items()),
        names("exclude"),
        None if baseline is None else folder / baseline,
        None if root is None else str(folder / root),
        document.get("with-ruff", False),
        document.get("state-name-pattern", CAPITALISED),
        tuple(folder / name for name in names("integrations")),
    )


def _named(document: Mapping[str, Any]) -> Iterable[tuple[tuple[str, ...], Iterable[str]]]:
    """The lists that name rules, each with its keys."""
    for key in ("select", "extend-select", "ignore"):
        yield (key,), document.get(key, ())
    for glob, names in document.get("per-file-ignores", {}).items():
        yield ("per-file-ignores", glob), names
