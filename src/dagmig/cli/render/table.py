"""A table: drawn where a person looks on, Markdown in a pipe or a file."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click


def show(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print the table on standard output; cells may hold `code` in backticks."""
    if sys.stdout.isatty():
        _draw(head, rows)
        return
    click.echo(f"| {' | '.join(head)} |")
    click.echo("|" + "---|" * len(head))
    for row in rows:
        click.echo(f"| {' | '.join(row)} |")


def _draw(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*head, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell.replace("`", "")) for cell in row))
    Console().print(table)
