"""Findings as text, as JSON (the contract of ``dagmig lint --format json``), as GitHub annotations."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence

import click

from dagmig.diagnostics import Diagnostic, Severity

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def fix_of(diagnostic: Diagnostic) -> str:
    """``safe``, ``unsafe`` or ``none``."""
    if diagnostic.fix is None:
        return "none"
    return "safe" if diagnostic.fix.safe else "unsafe"


def text(found: Sequence[Diagnostic]) -> None:
    """One line a finding, then a line of counts; colour where a person looks on (click sees to it)."""
    for diagnostic in found:
        severity = click.style(diagnostic.severity.value, fg=COLOURS[diagnostic.severity])
        rule = click.style(diagnostic.code, bold=True)
        click.echo(f"{diagnostic.span}: {severity} {rule} {_printable(diagnostic.message)}")
    if not found:
        click.echo("All checks passed.")
        return
    counts = Counter(diagnostic.severity for diagnostic in found)
    parts = [_count(counts[severity], severity.value) for severity in Severity if counts[severity]]
    fixable = sum(fix_of(diagnostic) == "safe" for diagnostic in found)
    hint = f"; {fixable} can be mended with --fix" if fixable else ""
    click.echo(f"Found {', '.join(parts)} in {_count(len({d.span.file for d in found}), 'file')}{hint}.")


def as_json(found: Sequence[Diagnostic]) -> None:
    """The whole document at once; an empty list where nothing was found."""
    findings = [
        {
            "rule": one.code,
            "severity": one.severity.value,
            "message": one.message,
            "file": one.span.file,
            "line": one.span.line,
            "column": one.span.column,
            "end_line": one.span.end_line or one.span.line,
            "end_column": one.span.end_column or one.span.column,
            "fix": fix_of(one),
        }
        for one in found
    ]
    click.echo(json.dumps({"findings": findings}, indent=2))


def github(found: Sequence[Diagnostic]) -> None:
    """Workflow commands that GitHub Actions shows beside the lines.

    https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    for one in found:
        place = {
            "file": one.span.file,
            "line": one.span.line,
            "col": one.span.column,
            "endLine": one.span.end_line or one.span.line,
            "endColumn": one.span.end_column or one.span.column,
            "title": one.code,
        }
        properties = ",".join(f"{name}={_property(str(value))}" for name, value in place.items())
        click.echo(f"::{GITHUB[one.severity]} {properties}::{_data(one.message)}")


RENDERERS: dict[str, Callable[[Sequence[Diagnostic]], None]] = {
    "text": text,
    "json": as_json,
    "github": github,
}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 or noun == "info" else f"{number} {noun}s"


def _printable(message: str) -> str:
    """One line, and nothing in it that a terminal would obey."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in message)


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
