"""A table: drawn where a person looks on, Markdown in a pipe or a file."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

BAR = r"\|"


def show(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print the table on standard output; cells may hold `code` in backticks."""
    if sys.stdout.isatty():
        _draw(head, rows)
        return
    click.echo("\n".join(lines(head, rows)))


def lines(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The table in Markdown, as its lines."""
    shown = [f"| {' | '.join(cell.replace('|', BAR) for cell in row)} |" for row in (head, *rows)]
    return [shown[0], "|" + "---|" * len(head), *shown[1:]]


def _draw(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*head, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell.replace("`", "")) for cell in row))
    Console().print(table)
