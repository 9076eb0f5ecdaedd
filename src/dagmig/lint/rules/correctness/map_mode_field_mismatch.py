"""The rule ``map-mode-field-mismatch``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.model import State
from dagmig.diagnostics import Fix, Severity
from dagmig.lint.machine.maps import config, is_distributed, is_inline
from dagmig.lint.members import together
from dagmig.lint.rule import Finding, FixKind, machine_rule
from dagmig.lint.source import Subject

ONLY_DISTRIBUTED = ("ItemReader", "ItemBatcher", "ResultWriter", "Label")


@machine_rule(Severity.ERROR, fix=FixKind.UNSAFE)
def map_mode_field_mismatch(subject: Subject) -> Iterator[Finding]:
    """A Map has fields of the other mode, or a distributed one lacks its execution type.

    Readers, batches, result writers and labels belong to distributed Maps, which say in `ExecutionType`
    whether their executions are `STANDARD` or `EXPRESS`. Step Functions refuses the definition.
    The fix makes a Map that says `INLINE` distributed, with executions that are `STANDARD`; it is unsafe, as
    the field may be what is wrong.
    See https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html

    ```json bad
    {"StartAt": "Each", "States": {
      "Each": {"Type": "Map", "End": true, "ItemBatcher": {"MaxItemsPerBatch": 10},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"},
          "StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}}}}
    ```

    ```json good
    {"StartAt": "Each", "States": {
      "Each": {"Type": "Map", "End": true, "ItemBatcher": {"MaxItemsPerBatch": 10},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
          "StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 5, "End": true}}}}}}
    ```

    Instead: Set the mode that is meant, with its fields.
    """
    for state in subject.states:
        if is_inline(state):
            for name in ONLY_DISTRIBUTED:
                if name in state.fields:
                    span = subject.machine.locate(f"{state.pointer}/{name}", True)
                    yield Finding(
                        f"`{name}` belongs to a distributed Map, and this one is inline",
                        span,
                        _distributed(state, subject),
                    )
        if is_distributed(state) and "ExecutionType" not in config(state):
            span = subject.machine.locate(f"{state.pointer}/ItemProcessor/ProcessorConfig")
            yield Finding("a distributed Map says its `ExecutionType`", span, _executed(state, subject))


def _distributed(state: State, subject: Subject) -> Fix | None:
    """The Map made distributed, where its processor says its mode."""
    mode = f"{state.pointer}/ItemProcessor/ProcessorConfig/Mode"
    if "Mode" not in config(state):
        return None
    replaced = subject.members.replaced(mode, "DISTRIBUTED")
    return replaced if "ExecutionType" in config(state) else together(replaced, _executed(state, subject))


def _executed(state: State, subject: Subject) -> Fix | None:
    """The execution type of a Map that says none: executions that last and that are seen."""
    pointer = f"{state.pointer}/ItemProcessor/ProcessorConfig"
    return subject.members.added(pointer, "ExecutionType", "STANDARD", after=("Mode",))
