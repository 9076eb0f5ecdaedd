"""The rule ``unused-variable``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.variables import all_assigned
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.WARNING, is_default=False)
def unused_variable(subject: Subject) -> Iterator[Finding]:
    """A variable is assigned and nothing uses it.

    It counts towards the 10 MiB of an execution's variables, and mostly the name is misspelt where it is
    used.
    See https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html

    ```json bad
    {"QueryLanguage": "JSONata", "StartAt": "Begin", "States": {
      "Begin": {"Type": "Pass", "Assign": {"pause": 60}, "Next": "Rest"},
      "Rest": {"Type": "Wait", "Seconds": 60, "End": true}}}
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
                yield Finding(f"nothing uses `${name}`", subject.machine.locate(state.pointer, True))
