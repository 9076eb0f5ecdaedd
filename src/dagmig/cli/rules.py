"""``dagmig rules``: the table of rules, from their declarations."""

from __future__ import annotations

import json

import click

from dagmig.cli.render.table import show
from dagmig.lint.check import rules
from dagmig.lint.rule import Rule


@click.command(name="rules")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(form: str) -> None:
    """List the lint rules: what each looks at, how bad its findings are, whether they can be mended."""
    rows = [_row(rule) for rule in rules()]
    if form == "json":
        click.echo(json.dumps({"rules": rows}, indent=2))
        return
    cells = [[_cell(value) for value in row.values()] for row in rows]
    head = ("rule", "category", "severity", "looks at", "default", "fix", "flags")
    show(head, [[f"`{rule}`", *others] for rule, *others in cells])


def _cell(value: str | bool | list[str]) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ", ".join(value) if isinstance(value, list) else value


def _row(rule: Rule) -> dict[str, str | bool | list[str]]:
    return {
        "rule": rule.id,
        "category": rule.category.value,
        "severity": rule.severity.value,
        "languages": sorted(rule.languages),
        "default": rule.is_default,
        "fix": rule.fix.value,
        "summary": rule.summary.rstrip("."),
    }
