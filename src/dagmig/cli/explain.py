"""``dagmig explain RULE``: a rule's page, from its declaration."""

from __future__ import annotations

from collections.abc import Iterator

import click

from dagmig.lint.check import rules
from dagmig.lint.rule import Rule


@click.command(name="explain")
@click.argument("name", metavar="RULE")
def command(name: str) -> None:
    """Explain the lint rule RULE: what, why, an example, what to do instead."""
    found = next((rule for rule in rules() if rule.id == name), None)
    if found is None:
        raise click.BadParameter(f"there is no rule {name!r}; see `dagmig rules`", param_hint="RULE")
    click.echo("\n".join(page(found)))


def page(rule: Rule) -> Iterator[str]:
    """The page as Markdown, line by line."""
    yield f"# {rule.id}"
    yield f"\n{rule.summary}"
    looks_at = " and ".join(sorted(rule.languages))
    fix = {"safe": "`--fix` mends it.", "unsafe": "`--unsafe-fixes` mends it.", "none": "No automatic fix."}
    yield f"\n{rule.category} · {rule.severity} · looks at: {looks_at}. {fix[rule.fix.value]}"
    yield f"\n## Why\n\n{rule.why}"
    for example in rule.examples:
        yield f"\n## Example\n\n```{example.language}\n{example.bad.rstrip()}\n```"
        yield f"\nbecomes\n\n```{example.language}\n{example.good.rstrip()}\n```"
    yield f"\n## Instead\n\n{rule.instead}"
    where = '`"Comment": "dagmig: ignore[' + rule.id + '] reason"`' if "machine" in rule.languages else ""
    line = f"`# dagmig: ignore[{rule.id}] reason`" if "dag" in rule.languages else ""
    yield f"\nTo allow it in one place: {' or '.join(filter(None, [line, where]))}."
    if rule.url:
        yield f"\n{rule.url}"
