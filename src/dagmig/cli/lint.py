"""``dagmig lint``: what goes wrong in production, found before."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from dagmig.cli.exits import Exit
from dagmig.cli.lint_options import REPORTS, names_of, with_lint_options
from dagmig.cli.render.progress import tracked
from dagmig.diagnostics import Diagnostic, Report, Severity
from dagmig.lint import Options, lint_paths

STANDARD_INPUT = Path("-")


@click.command(name="lint")
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1)
@with_lint_options
@click.option("--format", "form", type=click.Choice(list(REPORTS)), default="text", show_default=True)
@click.option("--statistics", is_flag=True, help="Print how many findings each rule has instead.")
@click.option("--fix", is_flag=True, help="Mend what has a safe fix; print what remains.")
@click.option("--unsafe-fixes", is_flag=True, help="Mend also where the behaviour may change.")
@click.option("--diff", is_flag=True, help="Print what --fix would change, and change nothing.")
@click.option("--add-ignores", is_flag=True, help="Silence each finding with a comment in its place.")
@click.option(
    "--stdin-filename", metavar="FILE", help="Read one file's text from standard input; FILE is its name."
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 even if there are findings.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes; Ctrl-C ends it.")
def command(  # noqa: PLR0913, PLR0917
    paths: tuple[Path, ...],
    options: Options,
    form: str,
    statistics: bool,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    add_ignores: bool,
    stdin_filename: str | None,
    exit_zero: bool,
    watch: bool,
) -> None:
    """Check DAG files and state machines in PATHS, which are files and folders.

    Exit 0: clean. Exit 1: findings. Exit 2: usage.
    """
    options = replace(options, fix=(fix or unsafe_fixes) and not diff, unsafe_fixes=unsafe_fixes)
    if stdin_filename is not None:
        if paths not in ((), (STANDARD_INPUT,)) or watch or add_ignores or options.fix:
            raise click.UsageError("--stdin-filename takes no paths but `-`, and nothing is written")
        paths = (Path(stdin_filename),)
        options = replace(options, texts={str(paths[0]): _standard_input()})
    elif STANDARD_INPUT in paths:
        raise click.UsageError("`-` is for --stdin-filename FILE, which says what the text is")
    if not paths:
        raise click.MissingParameter(param_hint="PATHS", param_type="argument")
    if watch:
        from dagmig.cli.watch import watched

        watched(paths, lambda: _once(paths, options, form, statistics))
        return
    if diff:
        is_clean = not _diff(paths, options)
    elif add_ignores:
        is_clean = not _silence(paths, options)
    else:
        is_clean = not _once(paths, options, form, statistics)
    raise SystemExit(Exit.OK if is_clean or exit_zero else Exit.FINDINGS)


def _once(paths: tuple[Path, ...], options: Options, form: str, statistics: bool) -> list[Diagnostic]:
    from dagmig.cli.render.findings import lines_of
    from dagmig.cli.render.findings import statistics as show_statistics

    notes = Report()
    found = lint_paths(paths, options, notes, tracked)
    _say(notes)
    if statistics:
        show_statistics(found)
    else:
        names_of(REPORTS[form])(found, lines_of(dict(options.texts)))
    return found


def _diff(paths: tuple[Path, ...], options: Options) -> bool:
    """The changes as a unified diff; whether there are any."""
    import difflib

    from dagmig.lint import changes_of

    notes = Report()
    changes = changes_of(paths, options, notes)
    _say(notes)
    for change in changes:
        old, new = (text.splitlines(keepends=True) for text in (change.old, change.new))
        for line in difflib.unified_diff(old, new, change.file, change.file):
            click.echo(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n", nl=False)
    return bool(changes)


def _silence(paths: tuple[Path, ...], options: Options) -> bool:
    """Write the comments; whether findings are left."""
    from dagmig.lint.ignores import add_ignores

    notes = Report()
    done = add_ignores(lint_paths(paths, options, notes, tracked), notes)
    left = lint_paths(paths, options)
    _say(notes)
    click.echo(f"Silenced {done - len(left)} of {done} findings.")
    return bool(left)


def _say(notes: Report) -> None:
    for note in notes:
        lead = "warning: " if note.severity is Severity.WARNING else ""
        click.echo(f"{lead}{note.message}", err=True)


def _standard_input() -> str:
    from dagmig.source import decode

    report = Report()
    text = decode(sys.stdin.buffer.read(), "standard input", report)
    if text is None:
        raise click.UsageError(f"standard input {next(iter(report)).message}")
    return text
