"""The rule ``no-comment``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.INFO, is_default=False)
def no_comment(subject: Subject) -> Iterator[Finding]:
    """The machine has no comment.

    The console shows it, and it is the one place of a definition that can say what it is for.
    See https://states-language.net/spec.html#toplevelfields

    ```json bad
    {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 60, "End": true}}}
    ```

    ```json good
    {"Comment": "A pause", "StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 60, "End": true}}}
    ```

    Instead: Say in `Comment` what the machine does.
    """
    if not subject.machine.document.get("Comment"):
        yield Finding("the machine has no `Comment`", subject.machine.locate("/StartAt", True))
