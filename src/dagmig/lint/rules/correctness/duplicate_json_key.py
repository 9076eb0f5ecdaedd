"""The rule ``duplicate-json-key``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def duplicate_json_key(subject: Subject) -> Iterator[Finding]:
    """A key is written twice in one object.

    Only the last one counts, and what the first says is lost without a word: often a whole state.
    See https://www.rfc-editor.org/rfc/rfc8259#section-4

    ```json bad
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 5, "Next": "Done", "Seconds": 9},
      "Done": {"Type": "Succeed"}}}
    ```

    ```json good
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 9, "Next": "Done"},
      "Done": {"Type": "Succeed"}}}
    ```

    Instead: Keep one of them, or rename one.
    """
    for pointer in subject.machine.duplicate_keys:
        key = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        yield Finding(f"`{key}` is written twice here", subject.machine.locate(pointer, True))
