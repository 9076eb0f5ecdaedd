"""The rule ``field-order``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from dagmig.asl.fields import Part
from dagmig.asl.model import Machine, escape
from dagmig.asl.order import ordered, ordered_parts
from dagmig.diagnostics import Edit, Fix, Severity
from dagmig.lint.edit import offset
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.INFO, ("machine",), is_default=False, fix=FixKind.SAFE)
def field_order(source: Source) -> Iterator[Finding]:
    """The fields of a state, a retrier, a catcher or a level are in no order.

    One order makes definitions easier to read and their differences smaller: what a state is, what it
    takes, what it does, what follows. The order has no meaning. The fix moves fields of JSON as they are
    written; in YAML they stay, as a comment might then stand at another field. `dagmig fmt` writes the
    whole file in one layout.
    See https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html

    ```json bad
    {"StartAt": "Rest", "States": {
      "Rest": {"End": true, "Seconds": 60, "Type": "Wait"}}}
    ```

    ```json good
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 60, "End": true}}}
    ```

    Instead: Write `Type` first, what follows (`Next`, `End`) last, and the level's `States` last.
    """
    for subject in source.subjects:
        machine = subject.machine
        for part in ordered_parts(machine):
            names = [str(name) for name in part.values]
            right = ordered(names, part.of)
            if names != right:
                late, early = next(pair for pair in zip(names, right, strict=True) if pair[0] != pair[1])
                span = machine.locate(f"{part.pointer}/{escape(late)}", True)
                yield Finding(f"`{early}` comes before `{late}`", span, _moved(source, machine, part, right))


def _moved(source: Source, machine: Machine, part: Part, right: Sequence[str]) -> Fix | None:
    """Each member in its new place, as it is written; None where that is not JSON in the file itself."""
    if source.language != "json" or machine.file != source.file or machine.duplicate_keys:
        return None
    places = {name: _place(source, machine, f"{part.pointer}/{escape(name)}") for name in part.values}
    texts = {name: source.text[start:end] for name, (start, end) in places.items()}
    if any(not _is_member(text, name, part) for name, text in texts.items()):
        return None
    return Fix(tuple(Edit(*places[old], texts[new]) for old, new in zip(part.values, right, strict=True)))


def _place(source: Source, machine: Machine, pointer: str) -> tuple[int, int]:
    """Where a member stands, from its key to the end of its value."""
    key, value = machine.locate(pointer, True), machine.locate(pointer)
    return offset(source, key.line, key.column), offset(source, value.end_line, value.end_column)


def _is_member(text: str, name: str, part: Part) -> bool:
    try:
        return bool(json.loads("{" + text + "}") == {name: part.values[name]})
    except ValueError:
        return False
