"""The rule ``legacy-iterator``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.model import State
from dagmig.diagnostics import Edit, Fix, Severity
from dagmig.lint.edit import renamed
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source, Subject


@source_rule(Severity.WARNING, ("machine",), fix=FixKind.SAFE)
def legacy_iterator(source: Source) -> Iterator[Finding]:
    """A Map uses `Iterator`, the old name of `ItemProcessor`.

    AWS keeps it for old definitions; what came later (modes, batches, readers) only works with the new
    name. The fix writes the new name, and `ItemSelector` for the Map's old `Parameters`.
    See https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html

    ```json bad
    {"StartAt": "Each", "States": {
      "Each": {"Type": "Map", "End": true,
        "Iterator": {"StartAt": "Rest",
          "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}}}}
    ```

    ```json good
    {"StartAt": "Each", "States": {
      "Each": {"Type": "Map", "End": true,
        "ItemProcessor": {"StartAt": "Rest",
          "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}}}}
    ```

    Instead: Write `ItemProcessor`, and `ItemSelector` for `Parameters`.
    """
    for subject in source.subjects:
        for state in subject.states:
            if state.type == "Map" and "Iterator" in state.fields and "ItemProcessor" not in state.fields:
                span = subject.machine.locate(f"{state.pointer}/Iterator", True)
                yield Finding(
                    f"the Map `{state.name}` uses `Iterator`", span, _renewed(state, subject, source)
                )


def _renewed(state: State, subject: Subject, source: Source) -> Fix | None:
    edits: list[Edit] = []
    for old, new in (("Iterator", "ItemProcessor"), ("Parameters", "ItemSelector")):
        if old not in state.fields:
            continue
        fix = renamed(source, subject.machine.locate(f"{state.pointer}/{old}", True), old, new)
        if fix is None:
            return None
        edits += fix.edits
    return Fix(tuple(edits))
