"""Findings that are known: how many of a rule a file has, so that lines may move."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from dagmig.diagnostics import Diagnostic, Report, Severity, Span
from dagmig.lint.check import PASSED_ON
from dagmig.lint.config import ConfigError
from dagmig.source import write_text

NAME = "dagmig-baseline.json"
Counts = Mapping[tuple[str, str], int]  # by file (relative to the baseline, with slashes) and rule


def counted(found: Iterable[Diagnostic], path: Path) -> Counts:
    """How many there are of each; a file that could not be read is never known."""
    return Counter((_relative(one.span.file, path), one.code) for one in found if one.code not in PASSED_ON)


def write(found: Iterable[Diagnostic], path: Path) -> Counts:
    """Write the baseline, sorted; raises ``OSError``."""
    counts = counted(found, path)
    files: dict[str, dict[str, int]] = {}
    for (file, rule), count in sorted(counts.items()):
        files.setdefault(file, {})[rule] = count
    write_text(path, json.dumps({"version": 1, "files": files}, indent=2, ensure_ascii=False) + "\n")
    return counts


def read(path: Path) -> Counts:
    """The counts of a baseline; raises ``ConfigError`` where it cannot be had."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["version"] != 1:
            raise ConfigError(str(path), f"a baseline of another version ({document['version']})")
        return {
            (str(file), str(rule)): int(count)
            for file, rules in document["files"].items()
            for rule, count in rules.items()
        }
    except OSError as error:
        raise ConfigError(
            str(path), f"cannot be read: {error.strerror}; `dagmig baseline` writes it"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(str(path), "not a baseline that dagmig wrote") from error


def beyond(found: list[Diagnostic], path: Path, notes: Report) -> Iterator[Diagnostic]:
    """The findings of those files and rules that have more than the baseline says: all of them, as nobody
    knows which are new.
    """
    known, now = read(path), counted(found, path)
    for key, count in now.items():
        if 0 < known.get(key, 0) < count:
            said = f"{key[0]}: {count} findings of {key[1]}, {known[key]} of them in the baseline"
            notes.add("beyond-baseline", said, Span(""), Severity.INFO)
    for one in found:
        key = _relative(one.span.file, path), one.code
        if now.get(key, 1) > known.get(key, 0):
            yield one


def _relative(file: str, path: Path) -> str:
    return Path(os.path.relpath(Path(file).absolute(), path.absolute().parent)).as_posix()
