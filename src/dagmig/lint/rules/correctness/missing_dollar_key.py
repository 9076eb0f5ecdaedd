"""The rule ``missing-dollar-key``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.asl.model import escape
from dagmig.diagnostics import Severity
from dagmig.lint.edit import renamed
from dagmig.lint.machine.places import templates
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source

PATH = re.compile(r"\$\$?(?:\.[A-Za-z_]\w*|\[\d+\])(?:\.[A-Za-z_]\w*|\[\d+\])*")

INTRINSIC = re.compile(r"States\.[A-Z]\w+\(.*\)", re.DOTALL)


@source_rule(Severity.WARNING, ("machine",), fix=FixKind.UNSAFE)
def missing_dollar_key(source: Source) -> Iterator[Finding]:
    """A path or an intrinsic function stands under a key that does not end in `.$`.

    It is then a text like any other, and `$.name` or `States.Format(...)` itself is handed on; in a list it
    is one whatever the key. The fix renames the key; it is unsafe, as the text may have been meant.
    See https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html

    ```json bad
    {"StartAt": "Greet", "States": {
      "Greet": {"Type": "Pass", "Parameters": {"name": "$.name"}, "End": true}}}
    ```

    ```json good
    {"StartAt": "Greet", "States": {
      "Greet": {"Type": "Pass", "Parameters": {"name.$": "$.name"}, "End": true}}}
    ```

    Instead: Let the key end in `.$`.
    """
    for subject in source.subjects:
        for place in templates(subject):
            is_path = PATH.fullmatch(place.text) is not None
            is_call = not is_path and INTRINSIC.fullmatch(place.text) is not None
            if place.is_template or "Path" in place.pointer or not (is_path or is_call):
                continue
            what = "what is there" if is_path else "what the function gives"
            if place.pointer.endswith("/" + escape(place.key)):
                span = subject.machine.locate(place.pointer, True)
                fix = renamed(source, span, place.key, f"{place.key}.$")
                yield Finding(f"`{place.key}` is the text `{place.text}`, not {what}", span, fix)
            else:
                message = f"in the list `{place.text}` is a text, not {what}: `States.Array` makes lists"
                yield Finding(message, subject.machine.locate(place.pointer))
