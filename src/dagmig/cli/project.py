"""What every command that reads DAG files has: ``--project-root``, and what it says of one without DAGs."""

from __future__ import annotations

from pathlib import Path

import click

project_root = click.option(
    "--project-root",
    type=click.Path(exists=True, file_okay=False),
    help="The folder whose modules DAG files may import; found from each file if not given.",
)


def say_no_dag(file: Path, dag_id: str | None = None) -> None:
    """That a file has no DAG, or not the one that is asked for."""
    click.echo(f"{file}: defines no DAG" + (f" `{dag_id}`" if dag_id else ""), err=True)
