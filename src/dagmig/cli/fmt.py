"""``dagmig fmt``: definitions of state machines in one layout."""

from __future__ import annotations

from pathlib import Path

import click

from dagmig.cli.exits import Exit
from dagmig.diagnostics import Report


@click.command(name="fmt")
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file would be written otherwise.")
def command(paths: tuple[Path, ...], check: bool) -> None:
    """Write the state machines in PATHS in one layout: fields in order, two blanks a level.

    In folders the files *.asl.json. The meaning stays exactly the same, and so do the order of states and
    what they are given; numbers and texts stay as they are spelled. YAML is left as it is.

    Exit 0: laid out. Exit 1: with --check, a file is not. Exit 3: a file was left as it is, which is said.
    """
    from dagmig.lint.config import ConfigError
    from dagmig.lint.fix import written
    from dagmig.lint.formatting import changes

    report = Report()
    try:
        found = list(changes(paths, report))
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    for change in found:
        if check or written(change, report):
            click.echo(f"{change.file}: {'would be written otherwise' if check else 'written'}")
    for one in report:
        click.echo(f"{one.span}: {one.message}", err=True)
    if report.diagnostics:
        raise SystemExit(Exit.UNREADABLE)
    raise SystemExit(Exit.FINDINGS if check and found else Exit.OK)
