"""The settings of Airflow in a file: ``AIRFLOW__SECTION__KEY`` anywhere, or a line of ``airflow.cfg``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from dagmig.diagnostics import Span
from dagmig.lint.source import Source

VARIABLE = re.compile(r"\bAIRFLOW__([A-Z0-9]+(?:_[A-Z0-9]+)*)__([A-Z0-9]+(?:_[A-Z0-9]+)*)\b")
INDIRECT = ("_cmd", "_secret")  # how the value of a setting is asked for elsewhere
SECTION = re.compile(r"\s*\[([^\]]+)\]")
KEY = re.compile(r"([A-Za-z0-9_.]+)\s*[=:]")
COMMENT = re.compile(r"^\s*[#;].*|\s#.*")


class Setting(NamedTuple):
    """``start`` and ``end`` are where it is named in the text: the variable, or the key."""

    section: str
    key: str
    span: Span
    start: int
    end: int
    is_variable: bool


def settings_of(source: Source) -> Iterator[Setting]:
    """In the order of the text, without those in comments."""
    lines = ((number, COMMENT.sub("", line)) for number, line in enumerate(source.lines))
    return _of_file(source, lines) if source.file.endswith("airflow.cfg") else _of_variables(source, lines)


def _of_variables(source: Source, lines: Iterable[tuple[int, str]]) -> Iterator[Setting]:
    for number, line in lines:
        for one in VARIABLE.finditer(line):
            yield _setting(source, number, one.span(), one[1], one[2], True)


def _of_file(source: Source, lines: Iterable[tuple[int, str]]) -> Iterator[Setting]:
    section = ""
    for number, line in lines:
        if head := SECTION.match(line):
            section = head[1]
        elif section and (one := KEY.match(line)):
            yield _setting(source, number, one.span(1), section, one[1], False)


def _setting(
    source: Source, number: int, place: tuple[int, int], section: str, key: str, is_variable: bool
) -> Setting:
    start, end = place
    span = Span(source.file, number + 1, start + 1, number + 1, end + 1)
    at = source.starts[number]
    return Setting(section.lower(), key.lower(), span, at + start, at + end, is_variable)


@cache
def _table() -> Mapping[str, str]:
    path = Path(__file__).with_name("moved_settings.json")
    found: Mapping[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def moved(setting: Setting) -> tuple[str, str] | None:
    """Section and key of the setting in Airflow 3, empty where it has none; None where it is as it was."""
    key, suffix = setting.key, ""
    for one in INDIRECT:
        if f"{setting.section}/{key}" not in _table() and key.endswith(one):
            key, suffix = key.removesuffix(one), one
    now = _table().get(f"{setting.section}/{key}")
    if now is None:
        return None
    section, _, name = now.partition("/")
    return section, f"{name}{suffix}" if name else ""
