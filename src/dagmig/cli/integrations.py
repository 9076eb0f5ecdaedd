"""``dagmig integrations``: the operators and states dagmig translates, from their declarations."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dagmig.cli.own import known, own_integrations
from dagmig.cli.render.table import show
from dagmig.integrations import Integration, registry

PREFIX = "arn:aws:states:::"


@click.command(name="integrations")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@own_integrations
def command(form: str, own: tuple[Path, ...]) -> None:
    """List the operators, the states they become, and whether those states become the operator again."""
    with known(own, Path.cwd() / "dag.py"):
        rows = [_row(one) for one in sorted(registry().integrations, key=lambda one: one.operator)]
    if form == "json":
        click.echo(json.dumps({"integrations": rows}, indent=2))
        return
    cells = [
        (
            f"`{str(row['operator']).rpartition('.')[2]}`",
            str(row["becomes"]),
            "yes" if row["both_ways"] else "no",
        )
        for row in rows
    ]
    show(("operator", "becomes", "and back"), cells)


def _row(one: Integration) -> dict[str, object]:
    resources = [resource.removeprefix(PREFIX) for resource in one.resources]
    return {
        "operator": one.operator,
        "aliases": list(one.aliases),
        "resources": list(one.resources),
        "becomes": one.form or ", ".join(f"`{name}`" for name in resources) or "`Pass`",
        "both_ways": one.to_airflow is not None,
    }
