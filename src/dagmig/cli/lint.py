"""``dagmig lint``: what goes wrong in production, found before."""

from __future__ import annotations

from pathlib import Path

import click

from dagmig.cli.exits import Exit
from dagmig.cli.project import project_root
from dagmig.cli.render.findings import RENDERERS
from dagmig.cli.render.progress import tracked
from dagmig.diagnostics import Report
from dagmig.lint import Options, lint_paths


@click.command(name="lint")
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True
)
@click.option("--select", metavar="NAMES", default="", help="Only these rules or categories (a,b,c).")
@click.option("--ignore", metavar="NAMES", default="", help="Not these rules or categories.")
@click.option("--fix", is_flag=True, help="Mend what has a safe fix; print what remains.")
@click.option("--unsafe-fixes", is_flag=True, help="Mend also where the behaviour may change.")
@click.option(
    "--role",
    type=click.Path(path_type=Path),
    help="An IAM policy document: what the machines' role allows.",
)
@project_root
@click.option("--no-cache", is_flag=True, help="Neither read nor keep results of earlier runs.")
def command(  # noqa: PLR0913, PLR0917
    paths: tuple[Path, ...],
    form: str,
    select: str,
    ignore: str,
    fix: bool,
    unsafe_fixes: bool,
    role: Path | None,
    project_root: str | None,
    no_cache: bool,
) -> None:
    """Check DAG files and state machines in PATHS, which are files and folders.

    Exit 0: clean. Exit 1: findings. Exit 2: usage.
    """
    options = Options(
        select=_names(select, "--select"),
        ignore=_names(ignore, "--ignore"),
        role=role,
        fix=fix or unsafe_fixes,
        unsafe_fixes=unsafe_fixes,
        use_cache=not no_cache,
        project_root=project_root,
    )
    notes = Report()
    found = lint_paths(paths, options, notes, tracked)
    for note in notes:
        click.echo(note.message, err=True)
    RENDERERS[form](found)
    raise SystemExit(Exit.FINDINGS if found else Exit.OK)


def _names(text: str, option: str) -> tuple[str, ...]:
    """The rules and categories in a list; an unknown one is a usage error."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if names:
        from dagmig.lint.check import rules

        known = {name for rule in rules() for name in (rule.id, rule.category.value)}
        for name in names:
            if name not in known:
                raise click.BadParameter(f"there is no rule or category {name!r}", param_hint=option)
    return names
