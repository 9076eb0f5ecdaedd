"""Work that is cleaned up after, however it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dagmig.integrations.fragment import Ref

States = dict[str, Mapping[str, Any]]


def whatever_comes(state: Mapping[str, Any], following: Ref) -> dict[str, Any]:
    """The state, followed by the same whether it succeeds or fails."""
    caught = {"ErrorEquals": ["States.ALL"], "Output": {}, "Next": following}
    return {**state, "Output": {}, "Catch": [caught], "Next": following}


def cleaned(
    states: Mapping[str, Mapping[str, Any]], ends: Sequence[str], *cleaning: Mapping[str, Any]
) -> States:
    """The states, with those that clean up before each of the ``ends``, which fail."""
    found: States = dict(states)
    for name in ends:
        names = [f"{name}, clean up {number}".removesuffix(" 1") for number in range(1, len(cleaning) + 1)]
        if names:
            found = {one: _redirected(state, Ref(name), Ref(names[0])) for one, state in found.items()}
        for one, state, following in zip(names, cleaning, [*names[1:], name], strict=True):
            found[one] = whatever_comes(state, Ref(following))
    return found


def _redirected(value: Any, old: Ref, new: Ref) -> Any:
    match value:
        case Ref():
            return new if value == old else value
        case dict():
            return {key: _redirected(item, old, new) for key, item in value.items()}
        case list():
            return [_redirected(item, old, new) for item in value]
    return value
