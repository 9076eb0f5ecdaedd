"""The rule ``jsonata-field-in-jsonpath``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from dagmig.asl.fields import JSONATA, JSONPATH, STATE_TYPES, Part
from dagmig.diagnostics import Fix, Severity
from dagmig.lint.machine.values import foreign_fields
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject

JSONPATH_ONLY = re.compile(
    r'"(?:Parameters|Result|ResultSelector|Variable|\w+Path|[^"]*\.\$)":|"(?:States|Branches)":'
)


@machine_rule(Severity.ERROR, fix=FixKind.UNSAFE)
def jsonata_field_in_jsonpath(subject: Subject) -> Iterator[Finding]:
    """A state that uses JSONPath has a field of JSONata.

    `Arguments`, `Output` and `Items` belong to JSONata, and Step Functions refuses them beside JSONPath,
    which is used wherever no `QueryLanguage` is set.
    The fix sets the `QueryLanguage` of the state, where it has no field of JSONPath; it is unsafe, as the
    field may be what is wrong.
    See https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html

    ```json bad
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "Seconds": 5, "Output": {"rested": true},
        "End": true}}}
    ```

    ```json good
    {"StartAt": "Rest", "States": {
      "Rest": {"Type": "Wait", "QueryLanguage": "JSONata", "Seconds": 5, "Output": {"rested": true},
        "End": true}}}
    ```

    Instead: Set `QueryLanguage` to `JSONata`, or use `Parameters` and `ResultSelector`.
    """
    for part, name in foreign_fields(subject, JSONPATH, JSONATA):
        span = subject.machine.locate(f"{part.pointer}/{name}", True)
        yield Finding(
            f"`{name}` is a field of JSONata, and JSONPath is used here", span, _mended(part, subject)
        )


def _mended(part: Part, subject: Subject) -> Fix | None:
    """The state in JSONata, where nothing in it and below it is JSONPath's own."""
    if (
        part.of not in STATE_TYPES
        or "QueryLanguage" in part.values
        or JSONPATH_ONLY.search(json.dumps(part.values))
    ):
        return None
    return subject.members.added(part.pointer, "QueryLanguage", JSONATA, after=("Type",))
