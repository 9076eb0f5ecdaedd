"""``dagmig explain CODE``: the page of a rule or of a diagnostic of the reader, from its declaration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from dagmig.airflow.read.codes import KINDS, Kind
from dagmig.cli.render.table import show
from dagmig.lint.check import rules
from dagmig.lint.config import ConfigError, nearest
from dagmig.lint.rule import Rule
from dagmig.lint.schema import suggestion

HEAD = ("code", "severity", "what is not known", "what follows")


@click.command(name="explain")
@click.argument("code", required=False)
@click.option("--reader", is_flag=True, help="Print the table of the reader's diagnostics instead.")
def command(code: str | None, reader: bool) -> None:
    """Explain the lint rule CODE: what, why, an example, what to do instead.

    Or a diagnostic of the reader: what was not known, and what follows.
    """
    if reader:
        show(HEAD, [[f"`{kind.code}`", str(kind.severity), kind.when, kind.follows] for kind in KINDS])
        return
    if code is None:
        raise click.MissingParameter(param_hint="CODE", param_type="argument")
    rule = next((rule for rule in rules(_rule_dirs()) if rule.id == code), None)
    kind = next((kind for kind in KINDS if kind.code == code), None)
    if rule is not None:
        click.echo("\n".join(page(rule)))
    elif kind is not None:
        click.echo("\n".join(_reader_page(kind)))
    else:
        known = [*(rule.id for rule in rules(_rule_dirs())), *(kind.code for kind in KINDS)]
        see = suggestion(code, known) or "; see `dagmig rules`, `dagmig explain --reader`"
        raise click.BadParameter(f"there is no rule {code!r} and no such diagnostic{see}", param_hint="CODE")


def _rule_dirs() -> tuple[str, ...]:
    """The folders of own rules that the configuration names where dagmig runs."""
    try:
        config = nearest(Path.cwd())
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    return config.plan.rule_dirs if config else ()


def _reader_page(kind: Kind) -> Iterator[str]:
    """As ``page``, of a diagnostic that is no rule's finding."""
    yield f"# {kind.code}\n\n{kind.when}\n\nreader · {kind.severity}\n\n## What follows\n\n{kind.follows}"


def page(rule: Rule) -> Iterator[str]:
    """The page as Markdown, line by line."""
    yield f"# {rule.id}"
    yield f"\n{rule.summary}"
    looks_at = " and ".join(sorted(rule.languages))
    fix = {"safe": "`--fix` mends it.", "unsafe": "`--unsafe-fixes` mends it.", "none": "No automatic fix."}
    yield f"\n{rule.category} · {rule.severity} · looks at: {looks_at}. {fix[rule.fix.value]}"
    if not rule.is_default:
        yield f"\nOff by default: `--extend-select {rule.id}` asks for it."
    if rule.airflow:
        yield f"\nAbout Airflow {rule.airflow}; `--target-airflow` leaves it out for another version."
    if rule.needs:
        yield f"\nSays nothing where the reader does not know {' or '.join(sorted(map(str, rule.needs)))}."
    if rule.why:
        yield f"\n## Why\n\n{rule.why}"
    for example in rule.examples:
        yield f"\n## Example\n\n```{example.language}\n{example.bad.rstrip()}\n```"
        yield f"\nbecomes\n\n```{example.language}\n{example.good.rstrip()}\n```"
    if rule.instead:
        yield f"\n## Instead\n\n{rule.instead}"
    where = '`"Comment": "dagmig: ignore[' + rule.id + '] reason"`' if "machine" in rule.languages else ""
    line = f"`# dagmig: ignore[{rule.id}] reason`" if rule.languages & {"dag", "installation"} else ""
    if "installation" in rule.languages:
        line += " (in Dockerfiles, `.env` and `airflow.cfg` on the line above)"
    yield f"\nTo allow it in one place: {' or '.join(filter(None, [line, where]))}."
    if rule.url:
        yield f"\n{rule.url}"
