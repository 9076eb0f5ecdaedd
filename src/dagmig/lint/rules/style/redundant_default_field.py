"""The rule ``redundant-default-field``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Fix, Severity
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject

DEFAULTS = {"InputPath": "$", "OutputPath": "$", "ResultPath": "$", "ItemsPath": "$", "MaxConcurrency": 0}


@machine_rule(Severity.INFO, fix=FixKind.SAFE, is_default=False)
def redundant_default_field(subject: Subject) -> Iterator[Finding]:
    """A field says what would be so without it.

    An `InputPath`, `OutputPath` or `ResultPath` of `$` and a `MaxConcurrency` of 0 are the defaults.
    The fix removes the field, where no comment would go with it.
    See https://states-language.net/spec.html#filters

    ```json bad
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 60, "InputPath": "$", "End": true}}}
    ```

    ```json good
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 60, "End": true}}}
    ```

    Instead: Remove the field.
    """
    for state in subject.states:
        for name, default in DEFAULTS.items():
            if name in state.fields and state.fields[name] == default and state.fields[name] is not False:
                pointer = f"{state.pointer}/{name}"
                removed = subject.members.removed(pointer)
                fix = Fix(removed.edits) if removed else None
                message = f"`{name}` is `{default}` without saying so"
                yield Finding(message, subject.machine.locate(pointer, True), fix)
