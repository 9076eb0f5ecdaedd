"""``dagmig integrations``: the operators and states dagmig translates, from their declarations."""

from __future__ import annotations

import json

import click

from dagmig.integrations import registry


@click.command(name="integrations")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(form: str) -> None:
    """List the operators and the states they become; `<->` both ways, `->` to states only."""
    rows = [
        {"operator": i.operator, "resources": list(i.resources), "both_ways": i.to_airflow is not None}
        for i in sorted(registry().integrations, key=lambda i: i.operator)
    ]
    if form == "json":
        click.echo(json.dumps({"integrations": rows}, indent=2))
        return
    for i in sorted(registry().integrations, key=lambda i: i.operator):
        arrow = "<->" if i.to_airflow is not None else "->"
        resources = ", ".join(r.removeprefix("arn:aws:states:::") for r in i.resources) or "Pass"
        click.echo(f"{i.operator.rpartition('.')[2]} {arrow} {resources}")
