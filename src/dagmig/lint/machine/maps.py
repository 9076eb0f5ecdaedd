"""Maps: how they run their states, and the machines that run as Express workflows.

https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

from __future__ import annotations

from dagmig.asl.model import JSON, State
from dagmig.lint.source import Subject

INLINE, DISTRIBUTED, EXPRESS = "INLINE", "DISTRIBUTED", "EXPRESS"


def config(state: State) -> dict[str, JSON]:
    """The ``ProcessorConfig`` of a Map, empty where it has none."""
    processor = state.fields.get("ItemProcessor")
    found = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    return found if isinstance(found, dict) else {}


def is_distributed(state: State) -> bool:
    """Whether a Map runs an execution for each of its items."""
    return state.type == "Map" and config(state).get("Mode") == DISTRIBUTED


def is_inline(state: State) -> bool:
    """Whether a Map runs its items in the execution it is in; neither where the mode is filled in later."""
    return state.type == "Map" and config(state).get("Mode", INLINE) == INLINE


def express_roots(subject: Subject) -> list[str]:
    """The pointers of the levels that run as Express workflows: the machine, or processors in it."""
    given = subject.properties or {}
    if EXPRESS in (given.get("Type"), given.get("StateMachineType")):
        return [""]
    return [
        f"{state.pointer}/ItemProcessor"
        for state in subject.states
        if is_distributed(state) and config(state).get("ExecutionType") == EXPRESS
    ]


def express_states(subject: Subject) -> list[State]:
    """The states that run in an Express workflow."""
    roots = [f"{root}/" for root in express_roots(subject)]
    return [state for state in subject.states if roots and state.pointer.startswith(tuple(roots))]
