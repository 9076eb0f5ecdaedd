"""The rule ``unused-variable``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from dagmig.asl.model import escape
from dagmig.diagnostics import Fix, Severity
from dagmig.lint.machine.variables import all_assigned, assigned_inside
from dagmig.lint.members import together
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING, fix=FixKind.UNSAFE, is_default=False)
def unused_variable(subject: Subject) -> Iterator[Finding]:
    """A variable is assigned and nothing uses it.

    It counts towards the 10 MiB of an execution's variables, and mostly the name is misspelt where it is
    used.
    The fix removes it from every `Assign`; it is unsafe, as its name may be misspelt where it is used.
    See https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html

    ```json bad
    {"QueryLanguage": "JSONata", "StartAt": "Begin", "States": {
      "Begin": {"Type": "Pass", "Assign": {"pause": 60, "name": "begun"}, "Next": "Rest"},
      "Rest": {"Type": "Wait", "Seconds": "{% $pause %}", "End": true}}}
    ```

    ```json good
    {"QueryLanguage": "JSONata", "StartAt": "Begin", "States": {
      "Begin": {"Type": "Pass", "Assign": {"pause": 60}, "Next": "Rest"},
      "Rest": {"Type": "Wait", "Seconds": "{% $pause %}", "End": true}}}
    ```

    Instead: Remove it, or use it.
    """
    names = {name for state in subject.states for name in all_assigned(state)}
    text = json.dumps(subject.machine.document, ensure_ascii=False) if names else ""
    for state in subject.states:
        for name in sorted(all_assigned(state)):
            if name in names and not re.search(rf"\${re.escape(name)}\b", text):
                names.discard(name)
                span = subject.machine.locate(state.pointer, True)
                yield Finding(f"nothing uses `${name}`", span, _mended(name, subject))


def _mended(name: str, subject: Subject) -> Fix | None:
    """All states without the variable, or without `Assign` where it has no other; None where a rule of a
    Choice or a catcher assigns it.
    """
    fixes = []
    for state in subject.states:
        if name not in all_assigned(state):
            continue
        held, pointer = state.fields.get("Assign"), f"{state.pointer}/Assign"
        if not isinstance(held, dict) or name in assigned_inside(state):
            return None
        if len(held) > 1:
            pointer += "/" + escape(name if name in held else f"{name}.$")
        fixes.append(subject.members.removed(pointer))
    return together(*fixes)
