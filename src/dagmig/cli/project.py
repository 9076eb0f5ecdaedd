"""``--project-root``, which every command that reads DAG files takes."""

from __future__ import annotations

import click

project_root = click.option(
    "--project-root",
    type=click.Path(exists=True, file_okay=False),
    help="The folder whose modules DAG files may import; found from each file if not given.",
)
