"""Findings as SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import click

from dagmig import __version__
from dagmig.cli.render.findings import Lines
from dagmig.cli.render.reports import fingerprinted, uri
from dagmig.diagnostics import Diagnostic, Severity

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def sarif(found: Sequence[Diagnostic], _: Lines) -> None:
    """One run; of the rules those that found something, with their pages."""
    codes = sorted({one.code for one in found})
    driver = {"name": "dagmig", "semanticVersion": __version__, "rules": _rules(codes)}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, codes.index(one.code), print_) for one, print_ in fingerprinted(found)],
    }
    click.echo(json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2))


def _rules(codes: list[str]) -> list[dict[str, Any]]:
    from dagmig.cli.explain import page
    from dagmig.lint.check import rules

    known = {rule.id: rule for rule in rules()}
    described: list[dict[str, Any]] = []
    for code in codes:
        if (rule := known.get(code)) is None:
            described.append({"id": code})
            continue
        about = {
            "id": code,
            "shortDescription": {"text": rule.summary},
            "fullDescription": {"text": rule.why},
            "help": {"text": rule.instead, "markdown": "\n".join(page(rule))},
            "helpUri": rule.url,
            "defaultConfiguration": {"level": LEVELS[rule.severity]},
            "properties": {"tags": [rule.category.value]},
        }
        described.append(about)
    return described


def _result(one: Diagnostic, index: int, fingerprint: str) -> dict[str, Any]:
    region = {"startLine": one.span.line, "startColumn": one.span.column}
    if one.span.end_line:
        region |= {"endLine": one.span.end_line, "endColumn": one.span.end_column}
    place = {"artifactLocation": {"uri": quote(uri(one.span.file))}, "region": region}
    return {
        "ruleId": one.code,
        "ruleIndex": index,
        "level": LEVELS[one.severity],
        "message": {"text": one.message},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"dagmig/v1": fingerprint},
    }
