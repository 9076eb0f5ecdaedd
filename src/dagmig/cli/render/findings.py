"""Findings for people: with the line of the source, or a line each; and how many there are of each rule."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from dagmig.cli.render.table import show
from dagmig.diagnostics import Diagnostic, Report, Severity
from dagmig.source import read_text

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
WIDTH = 100  # columns of a source line that are shown
BEFORE = 40  # of them before the finding, where the line is longer

Lines = Callable[[str], list[str]]


def fix_of(diagnostic: Diagnostic) -> str:
    """``safe``, ``unsafe`` or ``none``."""
    if diagnostic.fix is None:
        return "none"
    return "safe" if diagnostic.fix.safe else "unsafe"


def lines_of(texts: dict[str, str]) -> Lines:
    """The lines of a file, those given or those on disk; the file before the last is forgotten."""
    held: dict[str, list[str]] = {}

    def lines(file: str) -> list[str]:
        if file not in held:
            text = texts.get(file)
            text = read_text(Path(file), Report()) if text is None else text
            held.clear()
            held[file] = (text or "").split("\n")
        return held[file]

    return lines


def concise(found: Sequence[Diagnostic], _: Lines) -> None:
    """One line a finding, then a line of counts; colour where a person looks on (click sees to it)."""
    if found:
        click.echo("\n".join(map(_head, found)))
    _counts(found)


def text(found: Sequence[Diagnostic], lines: Lines) -> None:
    """As ``concise``, below each finding the line it is in, and a mark below its place."""
    for diagnostic in found:
        click.echo(_head(diagnostic))
        for line in excerpt(diagnostic, lines(diagnostic.span.file)) if diagnostic.span.file else ():
            click.echo(line)
    _counts(found)


def excerpt(diagnostic: Diagnostic, lines: list[str]) -> list[str]:
    """The first line of a finding and the mark below it; nothing where the file has no such line."""
    span = diagnostic.span
    if not 0 < span.line <= len(lines) or not lines[span.line - 1].strip():
        return []
    line = lines[span.line - 1]
    start = min(span.column - 1, len(line))
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    first = max(0, start - BEFORE) if len(line) > WIDTH else 0
    last = min(len(line), first + WIDTH)
    lead = "" if first == 0 else "..."
    shown = lead + _printable(line[first:last]) + ("" if last == len(line) else "...")
    gap = lead + line[first:start]
    marked = max(1, _width(line[start : min(max(end, start), last)]))
    number = str(span.line)
    colour = COLOURS[diagnostic.severity]
    below = " " * _width(gap) + click.style("^" * marked, fg=colour)
    return [f"  {number} | {shown}", f"  {' ' * len(number)} | {below}"]


def statistics(found: Sequence[Diagnostic]) -> None:
    """How many findings each rule has, most first."""
    counts = Counter((one.code, one.severity.value, fix_of(one)) for one in found)
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    show(
        ("count", "rule", "severity", "fix"),
        [[str(count), f"`{code}`", *rest] for (code, *rest), count in rows],
    )


def _head(diagnostic: Diagnostic) -> str:
    severity = click.style(diagnostic.severity.value, fg=COLOURS[diagnostic.severity])
    rule = click.style(diagnostic.code, bold=True)
    return f"{diagnostic.span}: {severity} {rule} {_printable(diagnostic.message)}"


def _counts(found: Sequence[Diagnostic]) -> None:
    if not found:
        click.echo("All checks passed.")
        return
    counts = Counter(diagnostic.severity for diagnostic in found)
    parts = [_count(counts[severity], severity.value) for severity in Severity if counts[severity]]
    fixable = sum(fix_of(diagnostic) == "safe" for diagnostic in found)
    hint = f"; {fixable} can be mended with --fix" if fixable else ""
    click.echo(f"Found {', '.join(parts)} in {_count(len({d.span.file for d in found}), 'file')}{hint}.")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 or noun == "info" else f"{number} {noun}s"


def _printable(message: str) -> str:
    """One line, and nothing in it that a terminal would obey."""
    if message.isprintable():
        return message
    return "".join(c if c.isprintable() else " " if c == "\t" else repr(c)[1:-1] for c in message)


def _width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(_columns(character) for character in _printable(text))


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
