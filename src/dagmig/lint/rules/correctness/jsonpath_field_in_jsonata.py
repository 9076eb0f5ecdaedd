"""The rule ``jsonpath-field-in-jsonata``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagmig.asl.fields import JSONATA, JSONPATH, Part, fields
from dagmig.diagnostics import Fix, Severity
from dagmig.lint.machine.values import foreign_fields
from dagmig.lint.members import together
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject

STEPS = re.compile(r"\$(?:\.[A-Za-z_]\w*)+")


@machine_rule(Severity.ERROR, fix=FixKind.UNSAFE)
def jsonpath_field_in_jsonata(subject: Subject) -> Iterator[Finding]:
    """A state that uses JSONata has a field of JSONPath.

    `InputPath`, `Parameters`, `ResultSelector`, `ResultPath`, `OutputPath`, `Result` and whatever ends in
    `Path` belong to JSONPath, and Step Functions refuses them beside JSONata. There a task has
    `Arguments`, a state has `Output`, and a value is an expression where it stands.
    The fix writes an expression for a field like `SecondsPath` whose path is a plain one; it is unsafe, as
    the query language may be what is wrong.
    See https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html

    ```json bad
    {"QueryLanguage": "JSONata", "StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "SecondsPath": "$.pause", "End": true}}}
    ```

    ```json good
    {"QueryLanguage": "JSONata", "StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": "{% $states.input.pause %}", "End": true}}}
    ```

    Instead: Use `Arguments` and `Output`, or set the state's `QueryLanguage` to `JSONPath`.
    """
    for part, name in foreign_fields(subject, JSONATA, JSONPATH):
        span = subject.machine.locate(f"{part.pointer}/{name}", True)
        yield Finding(
            f"`{name}` is a field of JSONPath, and JSONata is used here", span, _mended(part, name, subject)
        )


def _mended(part: Part, name: str, subject: Subject) -> Fix | None:
    """`Seconds: {% $states.input.pause %}` for `SecondsPath: $.pause`; None for anything less plain."""
    plain, path = name.removesuffix("Path"), part.values[name]
    of_value = fields(part.of).get(plain)
    if plain == name or plain in part.values or of_value is None or not of_value.is_evaluated:
        return None
    if not isinstance(path, str) or not STEPS.fullmatch(path):
        return None
    pointer = f"{part.pointer}/{name}"
    expression = f"{{% $states.input{path.removeprefix('$')} %}}"
    return together(subject.members.renamed(pointer, plain), subject.members.replaced(pointer, expression))
