"""The output of a branch, given by the state that ends it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dagmig.asl.lower.setting import States

CAN_GIVE = ("Task", "Map", "Parallel")
BEFORE = ("Type", "Resource", "Arguments", "Items", "MaxConcurrency", "ItemProcessor", "Branches")


def give(states: States, end: str, given: Mapping[str, str], *, is_bare: bool = False) -> bool:
    """End a branch with the values of variables, by field, as the output of the state that alone goes on to
    ``end``, in one way; then it need not assign them. False where there are more, or it cannot give them.
    ``is_bare``: the one value is the output.
    """
    ending = [name for name, state in states.items() for way in ways(state) if way == end]
    state = states[ending[0]] if len(ending) == 1 else {}
    if state.get("Type") not in CAN_GIVE or state.get("Next") != end or "Output" in state:
        return False
    assigned = dict(state.get("Assign", {}))
    output = {field: assigned.pop(name, f"{{% ${name} %}}") for field, name in given.items()}
    before = {key: state[key] for key in BEFORE if key in state}
    after = {key: value for key, value in state.items() if key not in (*before, "Assign", "Next")}
    kept = {"Assign": assigned} if assigned else {}
    states[ending[0]] = {
        **before,
        **kept,
        "Output": bare(output) if is_bare else output,
        **after,
        "End": True,
    }
    return True


def bare(output: Mapping[str, Any]) -> Any:
    """The value of an output that has one."""
    (value,) = output.values()
    return value


def ways(state: Mapping[str, Any]) -> Iterator[str]:
    """Where a state goes on: a Choice, a Catch, or what follows."""
    for way in (state, *state.get("Choices", ()), *state.get("Catch", ())):
        yield from (way[key] for key in ("Next", "Default") if key in way)
