"""``dagmig baseline``: the findings there are, written down as known."""

from __future__ import annotations

from pathlib import Path

import click

from dagmig.cli.lint_options import with_lint_options
from dagmig.cli.render.progress import tracked
from dagmig.lint import Options, lint_paths
from dagmig.lint.baseline import NAME


@click.command(name="baseline")
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
@with_lint_options
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"The file to write (default: that of the configuration, or {NAME}).",
)
def command(paths: tuple[Path, ...], options: Options, output: Path | None) -> None:
    """Write down the findings in PATHS, so that `dagmig lint --baseline FILE` prints only new ones.

    How many of each rule a file has is counted, so that lines may move.
    """
    from dataclasses import replace

    from dagmig.lint.baseline import write
    from dagmig.lint.config import nearest

    config = nearest(Path.cwd()) if options.use_config else None
    path = output or options.baseline or (config.baseline if config else None) or Path(NAME)
    counts = write(lint_paths(paths, replace(options, use_baseline=False), tracked=tracked), path)
    count, files = sum(counts.values()), len({file for file, _ in counts})
    click.echo(f"{path}: {count} finding{'s' * (count != 1)} in {files} file{'s' * (files != 1)}.")
    if config is None or config.baseline is None:
        click.echo(f"Print only new ones with `dagmig lint --baseline {path}`.")
