"""How a DAG becomes a machine: options of every command that makes one."""

from __future__ import annotations

import click

from dagmig.integrations.running import TARGETS

on_failure = click.option(
    "--on-failure",
    type=click.Choice(["abort", "drain"]),
    default="abort",
    show_default=True,
    help="To asl, when a task fails: stop at once, as a machine that a person writes does, or finish the "
    "tasks beside it first, as Airflow does.",
)
python_target = click.option(
    "--python-target",
    type=click.Choice(TARGETS),
    default="lambda",
    show_default=True,
    help="To asl: where callables and bash commands run.",
)
fallback = click.option(
    "--fallback",
    type=click.Choice(["container"]),
    help="To asl: run operators without an integration as they are, in a container of ECS that has Airflow.",
)
