"""The rule ``unknown-field``."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from dagmig.asl.fields import fields
from dagmig.asl.model import escape
from dagmig.diagnostics import Severity
from dagmig.lint.edit import renamed
from dagmig.lint.machine.values import all_parts, is_open
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source

CLOSE = frozenset(
    {"ItemReader", "ReaderConfig", "ItemBatcher", "ResultWriter", "WriterConfig", "ProcessorConfig"}
)


@source_rule(Severity.ERROR, ("machine",), fix=FixKind.UNSAFE)
def unknown_field(source: Source) -> Iterator[Finding]:
    """A state has a field that its type does not have.

    Step Functions refuses the definition. Often it is a slip of the pen, or a field of another type of state.
    The fix writes the field of a similar name; it is unsafe, as the definition becomes another one.
    See https://states-language.net/spec.html#state-type-table

    ```json bad
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 5, "Coment": "not too long", "Next": "Done"},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 5, "Comment": "not too long", "Next": "Done"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Write the field as the language has it, or remove it.
    """
    for subject in source.subjects:
        for part in all_parts(subject):
            for key in part.values:
                known = fields(part.of)
                if key in known or is_open(key) or (key == "Branches" and part.of == "Map"):
                    continue
                similar = [one for one in _similar(key, part.of) if one not in part.values]
                if part.of in CLOSE and not similar:
                    continue  # AWS adds fields there
                span = subject.machine.locate(f"{part.pointer}/{escape(key)}", True)
                hint = f": `{similar[0]}` is meant?" if similar else ""
                message = f"`{key}` is no field of {_article(part.of)}{hint}"
                yield Finding(message, span, renamed(source, span, key, similar[0]) if similar else None)


def _similar(key: str, of: str) -> list[str]:
    by_lower = {name.lower(): name for name in fields(of)}
    return [by_lower[one] for one in get_close_matches(key.lower(), by_lower, n=1, cutoff=0.8)]


def _article(of: str) -> str:
    return f"an {of}" if of.startswith("I") else f"a {of}"
