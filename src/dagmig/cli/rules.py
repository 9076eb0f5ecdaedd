"""``dagmig rules``: the table of rules, from their declarations."""

from __future__ import annotations

import json

import click

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
    click.echo("| rule | category | severity | looks at | fix | flags |")
    click.echo("|---|---|---|---|---|---|")
    for row in rows:
        cells = [", ".join(cell) if isinstance(cell, list) else cell for cell in row.values()]
        click.echo(f"| `{cells[0]}` | {' | '.join(cells[1:])} |")


def _row(rule: Rule) -> dict[str, str | list[str]]:
    return {
        "rule": rule.id,
        "category": rule.category.value,
        "severity": rule.severity.value,
        "languages": sorted(rule.languages),
        "fix": rule.fix.value,
        "summary": rule.summary.rstrip("."),
    }
