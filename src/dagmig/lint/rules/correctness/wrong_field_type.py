"""The rule ``wrong-field-type``."""

from __future__ import annotations

import json
from collections.abc import Iterator

from dagmig.asl.fields import fields
from dagmig.asl.model import JSON
from dagmig.diagnostics import Severity
from dagmig.lint.machine.values import all_parts, is_of_kind, is_open
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def wrong_field_type(subject: Subject) -> Iterator[Finding]:
    """A field holds a value of a type that it does not take.

    A number in quotes is the most frequent one. Step Functions refuses the definition. What a template
    fills in (`${Name}`, `!Ref Name`) is not judged.
    See https://states-language.net/spec.html#state-type-table

    ```json bad
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": "60", "Next": "Done"},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 60, "Next": "Done"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Write a value of the type that is asked for.
    """
    for part in all_parts(subject):
        for name, value in part.values.items():
            field = fields(part.of).get(name)
            if field is None or is_open(value) or is_of_kind(value, field, part.query_language):
                continue
            if subject.pointer and isinstance(value, str | list):
                continue  # a tag of the template may have stood before it (`!GetAtt [Load, Arn]`)
            span = subject.machine.locate(f"{part.pointer}/{name}")
            yield Finding(f"`{name}` takes {field.kind}, not {_shown(value)}", span)


def _shown(value: JSON) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return f"`{text}`" if len(text) <= 40 else f"`{text[:37]}...`"
