"""The rule ``unknown-value``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.fields import JSONATA, JSONPATH, fields
from dagmig.diagnostics import Severity
from dagmig.lint.edit import rewritten
from dagmig.lint.machine.values import all_parts, is_open
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source

VALUES = {
    "QueryLanguage": (JSONPATH, JSONATA),
    "Version": ("1.0",),
    "Mode": ("INLINE", "DISTRIBUTED"),
    "ExecutionType": ("STANDARD", "EXPRESS"),
    "JitterStrategy": ("FULL", "NONE"),
    "CSVHeaderLocation": ("FIRST_ROW", "GIVEN"),
}


@source_rule(Severity.ERROR, ("machine",), fix=FixKind.SAFE)
def unknown_value(source: Source) -> Iterator[Finding]:
    """A field that takes one of a few words holds another one.

    `QueryLanguage` is `JSONPath` or `JSONata`, `Version` is `1.0`, a Map's `Mode` is `INLINE` or
    `DISTRIBUTED` and its `ExecutionType` `STANDARD` or `EXPRESS`, a `JitterStrategy` is `FULL` or `NONE`:
    in this very spelling, or Step Functions refuses the definition. The fix corrects the case of letters.
    See https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html

    ```json bad
    {"QueryLanguage": "jsonata", "StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": "{% $states.input.pause %}", "End": true}}}
    ```

    ```json good
    {"QueryLanguage": "JSONata", "StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": "{% $states.input.pause %}", "End": true}}}
    ```

    Instead: Write one of the words that the field takes.
    """
    for subject in source.subjects:
        for part in all_parts(subject):
            for name, allowed in VALUES.items():
                value = part.values.get(name)
                if (
                    not isinstance(value, str)
                    or value in allowed
                    or is_open(value)
                    or name not in fields(part.of)
                ):
                    continue
                span = subject.machine.locate(f"{part.pointer}/{name}")
                meant = next((one for one in allowed if one.lower() == value.lower()), None)
                fix = rewritten(source, span, value, meant) if meant else None
                words = " or ".join(f"`{one}`" for one in allowed)
                yield Finding(f"`{name}` is {words}, not `{value}`", span, fix)
