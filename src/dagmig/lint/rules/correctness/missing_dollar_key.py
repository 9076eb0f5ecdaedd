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


@source_rule(Severity.WARNING, ("machine",), fix=FixKind.UNSAFE)
def missing_dollar_key(source: Source) -> Iterator[Finding]:
    """A path stands under a key that does not end in `.$`.

    It is then a text like any other, and `$.name` itself is handed on. The fix renames the key; it is
    unsafe, as the text may have been meant.
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
            is_direct = place.pointer.endswith("/" + escape(place.key))
            if (
                place.is_template
                or not is_direct
                or "Path" in place.pointer
                or not PATH.fullmatch(place.text)
            ):
                continue
            span = subject.machine.locate(place.pointer, True)
            fix = renamed(source, span, place.key, f"{place.key}.$")
            yield Finding(f"`{place.key}` is the text `{place.text}`, not what is there", span, fix)
