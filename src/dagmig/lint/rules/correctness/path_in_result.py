"""The rule ``path-in-result``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.asl.fields import JSONPATH
from dagmig.asl.model import JSON
from dagmig.diagnostics import Severity
from dagmig.lint.edit import renamed
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source

PATH = re.compile(r"\$\$?(?:\.[A-Za-z_]\w*|\[\d+\])+")


@source_rule(Severity.WARNING, ("machine",), fix=FixKind.UNSAFE)
def path_in_result(source: Source) -> Iterator[Finding]:
    """The `Result` of a Pass holds a path, which is not looked up.

    `Result` is handed on as it is written, `.$` and `$.name` included. The fix writes `Parameters`; it is
    unsafe, as the output changes.
    See https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html

    ```json bad
    {"StartAt": "Greet", "States": {
      "Greet": {"Type": "Pass", "Result": {"name.$": "$.name"}, "End": true}}}
    ```

    ```json good
    {"StartAt": "Greet", "States": {
      "Greet": {"Type": "Pass", "Parameters": {"name.$": "$.name"}, "End": true}}}
    ```

    Instead: Use `Parameters`.
    """
    for subject in source.subjects:
        for state in subject.states:
            result = state.fields.get("Result")
            if state.type != "Pass" or state.query_language != JSONPATH or not _holds_path(result):
                continue
            span = subject.machine.locate(f"{state.pointer}/Result", True)
            is_free = isinstance(result, dict) and "Parameters" not in state.fields
            fix = renamed(source, span, "Result", "Parameters") if is_free else None
            yield Finding(f"the path in the `Result` of `{state.name}` is not looked up", span, fix)


def _holds_path(value: JSON) -> bool:
    if isinstance(value, dict):
        return any(
            (key.endswith(".$") and isinstance(member, str)) or _holds_path(member)
            for key, member in value.items()
        )
    return isinstance(value, str) and PATH.fullmatch(value) is not None
