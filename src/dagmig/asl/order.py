"""The order in which fields are written: what a state is, what it takes and does, what follows.

https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html. The language gives the order
no meaning. What the user names (states, parameters, variables) keeps its own order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dagmig.asl.fields import STATE_TYPES, Part, parts
from dagmig.asl.model import JSON, Machine, escape
from dagmig.diagnostics import Span

_LEVEL = ("Comment", "QueryLanguage", "Version", "ProcessorConfig", "TimeoutSeconds", "StartAt", "States")
_STATE = (
    *("Type", "Comment", "QueryLanguage", "Resource", "Credentials"),
    *(
        "InputPath",
        "Parameters",
        "Arguments",
        "ItemReader",
        "ItemsPath",
        "Items",
        "ItemSelector",
        "ItemBatcher",
    ),
    *("Label", "MaxConcurrency", "MaxConcurrencyPath", "ToleratedFailureCount", "ToleratedFailureCountPath"),
    *("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
    *("ItemProcessor", "Iterator", "Branches", "Choices", "Default"),
    *("Seconds", "SecondsPath", "Timestamp", "TimestampPath", "Error", "ErrorPath", "Cause", "CausePath"),
    *("Result", "ResultSelector", "ResultWriter", "ResultPath", "OutputPath", "Assign", "Output"),
    *("TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath"),
    *("Retry", "Catch", "Next", "End"),
)
_RETRIER = (
    *("Comment", "ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate"),
    *("MaxDelaySeconds", "JitterStrategy"),
)
_CATCHER = ("Comment", "ErrorEquals", "ResultPath", "Assign", "Output", "Next")
_ORDERS: Mapping[str, tuple[str, ...]] = {
    "machine": _LEVEL,
    "retrier": _RETRIER,
    "catcher": _CATCHER,
    **dict.fromkeys(STATE_TYPES, _STATE),
}


def ordered(names: Iterable[str], of: str) -> list[str]:
    """The fields of a part in their order; those that the language does not name keep theirs, at the end."""
    order = _ORDERS.get(of, ())
    return sorted(names, key=lambda name: order.index(name) if name in order else len(order))


def ordered_parts(machine: Machine) -> Iterator[Part]:
    """The objects of a machine whose fields have an order: its levels, states, retriers and catchers."""
    for scope in machine.root.walk():
        yield Part("machine", _at(machine, scope.pointer), scope.pointer, "")
        for state in scope.states.values():
            found = parts(state.type, state.fields, state.pointer, state.query_language)
            yield from (part for part in found if part.of in _ORDERS)


def in_order(document: Mapping[str, JSON]) -> JSON:
    """A definition with the fields of each part in their order."""
    machine = Machine(document, "", lambda pointer, is_key=False: Span(""))
    kinds = {part.pointer: part.of for part in ordered_parts(machine)}
    return _sorted(document, "", kinds)


def _sorted(value: JSON, pointer: str, kinds: Mapping[str, str]) -> JSON:
    if isinstance(value, list):
        return [_sorted(one, f"{pointer}/{index}", kinds) for index, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    names = ordered(value, kinds[pointer]) if pointer in kinds else list(value)
    return {name: _sorted(value[name], f"{pointer}/{escape(name)}", kinds) for name in names}


def _at(machine: Machine, pointer: str) -> Mapping[str, JSON]:
    """The object at a pointer that the machine has."""
    found: Any = machine.document
    for token in pointer.split("/")[1:]:
        found = found[int(token) if isinstance(found, list) else token.replace("~1", "/").replace("~0", "~")]
    here: Mapping[str, JSON] = found
    return here
