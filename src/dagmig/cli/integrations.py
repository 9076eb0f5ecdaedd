"""``dagmig integrations``: the operators and states dagmig translates, from their declarations."""

from __future__ import annotations

import json

import click

from dagmig.integrations import Integration, registry

PREFIX = "arn:aws:states:::"


@click.command(name="integrations")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(form: str) -> None:
    """List the operators, the states they become, and whether those states become the operator again."""
    rows = [_row(one) for one in sorted(registry().integrations, key=lambda one: one.operator)]
    if form == "json":
        click.echo(json.dumps({"integrations": rows}, indent=2))
        return
    click.echo("| operator | becomes | and back |")
    click.echo("|---|---|---|")
    for one, row in zip(sorted(registry().integrations, key=lambda one: one.operator), rows, strict=True):
        is_back = "yes" if row["both_ways"] else "no"
        click.echo(f"| `{one.operator.rpartition('.')[2]}` | {row['becomes']} | {is_back} |")


def _row(one: Integration) -> dict[str, object]:
    resources = [resource.removeprefix(PREFIX) for resource in one.resources]
    return {
        "operator": one.operator,
        "aliases": list(one.aliases),
        "resources": list(one.resources),
        "becomes": one.form or ", ".join(f"`{name}`" for name in resources) or "`Pass`",
        "both_ways": one.to_airflow is not None,
    }
