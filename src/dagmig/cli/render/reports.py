"""Findings for programs: JSON (the contract of ``--format json``), GitHub, GitLab, JUnit."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from dagmig.cli.render.findings import Lines, fix_of
from dagmig.diagnostics import Diagnostic, Severity

GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
GITLAB = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def as_json(found: Sequence[Diagnostic], _: Lines) -> None:
    """The whole document at once; an empty list where nothing was found."""
    click.echo(json.dumps({"findings": [_fields(one) for one in found]}, indent=2))


def jsonl(found: Sequence[Diagnostic], _: Lines) -> None:
    """A line a finding, each as ``json`` has them."""
    for one in found:
        click.echo(json.dumps(_fields(one)))


def github(found: Sequence[Diagnostic], _: Lines) -> None:
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


def gitlab(found: Sequence[Diagnostic], _: Lines) -> None:
    """A Code Quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""
    issues = [
        {
            "description": one.message,
            "check_name": one.code,
            "fingerprint": fingerprint,
            "severity": GITLAB[one.severity],
            "location": {
                "path": uri(one.span.file),
                "lines": {"begin": one.span.line, "end": one.span.end_line or one.span.line},
            },
        }
        for one, fingerprint in fingerprinted(found)
    ]
    click.echo(json.dumps(issues, indent=2))


def junit(found: Sequence[Diagnostic], _: Lines) -> None:
    """A test suite in which every finding is a failed test, and one passes where there is none."""
    from xml.etree import ElementTree as Xml

    suites = Xml.Element("testsuites", name="dagmig")
    count, failures = str(max(1, len(found))), str(len(found))
    suite = Xml.SubElement(
        suites, "testsuite", name="dagmig lint", tests=count, failures=failures, errors="0"
    )
    for one in found:
        name = f"{one.code} ({one.span.line}:{one.span.column})"
        case = Xml.SubElement(
            suite, "testcase", name=name, classname=_xml(one.span.file), file=_xml(one.span.file)
        )
        case.set("line", str(one.span.line))
        failure = Xml.SubElement(case, "failure", message=_xml(one.message), type=one.severity.value)
        failure.text = _xml(f"{one.span}: {one.severity} {one.code} {one.message}")
    if not found:
        Xml.SubElement(suite, "testcase", name="lint", classname="dagmig")
    Xml.indent(suites)
    click.echo('<?xml version="1.0" encoding="utf-8"?>')
    click.echo(Xml.tostring(suites, encoding="unicode"))


def fingerprinted(found: Iterable[Diagnostic]) -> Iterator[tuple[Diagnostic, str]]:
    """Each finding with a name that stays when lines move, the same for no two."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for one in found:
        key = (uri(one.span.file), one.code, one.message)
        seen[key] += 1
        yield one, hashlib.sha256("\0".join((*key, str(seen[key]))).encode()).hexdigest()[:32]


def uri(file: str) -> str:
    """A path relative to where dagmig runs, where it is below; with slashes."""
    path = Path(file)
    here = Path.cwd()
    absolute = path if path.is_absolute() else here / path
    return absolute.relative_to(here).as_posix() if absolute.is_relative_to(here) else path.as_posix()


def _fields(one: Diagnostic) -> dict[str, Any]:
    return {
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


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def _xml(value: str) -> str:
    """The text with only characters that XML 1.0 has."""
    return "".join(
        c
        if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff")
        else "\ufffd"
        for c in value
    )
