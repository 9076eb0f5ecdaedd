"""Operators of the user's own: ``--integrations`` and the configuration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from dagmig.cli.exits import Exit
from dagmig.diagnostics import Report
from dagmig.integrations import Integration, also
from dagmig.source import read_text

own_integrations = click.option(
    "--integrations",
    "own",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A YAML file that says what operators of your own become; those of the configuration count as well.",
)


@contextmanager
def known(own: Sequence[Path], file: Path) -> Iterator[None]:
    """Know the integrations of the files, and of the configuration for ``file``; exits where one is wrong."""
    report, found = Report(), list[Integration]()
    for path in (*own, *_configured(file)):
        from dagmig.asl.services.declared import faults
        from dagmig.integrations.own import own_integrations as read

        text = read_text(path, report)
        found += (read(text, str(path), report, faults) or ()) if text is not None else ()
    if report.diagnostics:
        for diagnostic in report:
            click.echo(str(diagnostic), err=True)
        raise SystemExit(Exit.USAGE)
    with also(tuple(found)):
        yield


def _configured(file: Path) -> tuple[Path, ...]:
    from dagmig.lint.config import ConfigError, nearest

    try:
        config = nearest(file.absolute().parent)
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    return () if config is None else config.integrations
