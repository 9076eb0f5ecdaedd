"""A definition, compiled once into functions; what Step Functions would refuse is refused here.

Names are unique in the whole definition; a variable that an inner scope assigns must not be one that an
outer scope assigns anywhere: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dagmig.asl.quotas import MAX_NAME
from dagmig.verify.engine import map_state as maps
from dagmig.verify.engine import parallel, states, task
from dagmig.verify.engine.data import data
from dagmig.verify.engine.errors import InvalidMachine
from dagmig.verify.engine.flow import Flow, State
from dagmig.verify.engine.policy import policy
from dagmig.verify.engine.templates import JSONATA, JSONPATH
from dagmig.verify.engine.work import Working

JSON = Mapping[str, Any]
MAX_KNOWN = 100
RESERVED = "states"
_JSONPATH_ONLY = frozenset({"Parameters", "ResultSelector", "Result"})  # and whatever ends in Path
_WORKING = frozenset({"Task", "Parallel", "Map"})
_FIELDS: Mapping[str, frozenset[str]] = {  # the kinds of states that may have them
    "Arguments": frozenset({"Task", "Parallel"}),
    "Parameters": _WORKING | {"Pass"},
    "Result": frozenset({"Pass"}),
    "ResultSelector": _WORKING,
    "ResultPath": _WORKING | {"Pass"},
    "Items": frozenset({"Map"}),
    "ItemsPath": frozenset({"Map"}),
    "Retry": _WORKING,
    "Catch": _WORKING,
    "Assign": _WORKING | {"Pass", "Choice", "Wait"},
    "InputPath": _WORKING | {"Pass", "Choice", "Wait", "Succeed"},
    "OutputPath": _WORKING | {"Pass", "Choice", "Wait", "Succeed"},
    "Output": _WORKING | {"Pass", "Choice", "Wait", "Succeed"},
}
_JSONATA_ONLY = frozenset({"Arguments", "Output", "Items"})
_SIMPLE: Mapping[str, Callable[[JSON, str], State]] = {
    "Pass": states.pass_state,
    "Succeed": states.succeed,
    "Fail": states.fail,
    "Choice": states.choice,
    "Wait": states.wait,
}


@dataclass(frozen=True, slots=True)
class Machine:
    """Compiled: ``timeout`` is the whole execution's, in seconds.

    ``known`` are the values of expressions that depend on the execution alone, by what identifies it: runs
    of the same input and setting share them.
    """

    flow: Flow
    timeout: float
    known: dict[Any, dict[str, Any]] = field(default_factory=dict)

    def known_of(self, execution: Any) -> dict[str, Any]:
        """The values for an execution; those of the last ones are kept."""
        if execution not in self.known and len(self.known) >= MAX_KNOWN:
            self.known.clear()
        return self.known.setdefault(execution, {})


def machine(document: JSON) -> Machine:
    """Compile. Raises ``InvalidMachine``."""
    try:
        _Compiler(document.get("QueryLanguage", JSONPATH)).check(document)
        flow = _Compiler(document.get("QueryLanguage", JSONPATH)).flow(document, frozenset())
    except KeyError as error:
        raise InvalidMachine(f"a field is missing: {error}") from error
    except (TypeError, AttributeError) as error:
        raise InvalidMachine(f"a field is of the wrong type: {error}") from error
    return Machine(flow, document.get("TimeoutSeconds", float("inf")))


class _Compiler:
    def __init__(self, language: str) -> None:
        self._language = language
        self._names: set[str] = set()

    def check(self, scope: JSON) -> None:
        """Raises ``InvalidMachine`` where transitions or names do not hold."""
        for name, state in scope["States"].items():
            if name in self._names:
                raise InvalidMachine(f"the state name {name!r} is used twice")
            if len(name) > MAX_NAME:
                raise InvalidMachine(f"the state name {name!r} is longer than {MAX_NAME} characters")
            self._names.add(name)
            for inner, _ in _inner(state):
                self.check(inner)
        targets = {scope["StartAt"], *(t for state in scope["States"].values() for t in _targets(state))}
        if missing := targets - scope["States"].keys():
            raise InvalidMachine(f"there is no state {sorted(missing)[0]!r} here")

    def flow(self, scope: JSON, outer: frozenset[str]) -> Flow:
        own = frozenset(name for state in scope["States"].values() for name in _assigned(state))
        if wrong := [
            name for name in own if not name.isidentifier() or len(name) > MAX_NAME or name == RESERVED
        ]:
            raise InvalidMachine(f"{min(wrong)!r} is no name for a variable")
        if hidden := own & outer:
            raise InvalidMachine(f"the variable {sorted(hidden)[0]!r} is assigned in an outer scope too")
        found = {name: self._state(name, state, own | outer) for name, state in scope["States"].items()}
        return Flow(scope["StartAt"], found)

    def _state(self, name: str, state: JSON, outer: frozenset[str]) -> State:
        language = state.get("QueryLanguage", self._language)
        if self._language == JSONATA and language != JSONATA:
            raise InvalidMachine(f"{name!r} is a {language} state in a JSONata machine")
        other = _JSONATA_ONLY
        if language == JSONATA:
            other = _JSONPATH_ONLY | {key for key in state if key.endswith("Path")}
        if wrong := state.keys() & other:
            raise InvalidMachine(f"{name!r} is a {language} state and has the field {sorted(wrong)[0]}")
        if wrong := {key for key in state if state["Type"] not in _FIELDS.get(key, {state["Type"]})}:
            raise InvalidMachine(f"{name!r} is a {state['Type']} state and has the field {sorted(wrong)[0]}")
        if state["Type"] in _SIMPLE:
            return _SIMPLE[state["Type"]](state, language)
        flows = [self.flow(inner, outer if sees else frozenset()) for inner, sees in _inner(state)]
        fields = data(state if state["Type"] != "Map" else _without_parameters(state), language)
        match state["Type"]:
            case "Task":
                work = task.work(state, language, fields)
            case "Parallel":
                work = parallel.work(flows, fields)
            case "Map":
                work = maps.work(state, language, fields, flows[0])
            case unknown:
                raise InvalidMachine(f"{name!r} is of the unknown type {unknown!r}")
        return Working(work, fields, policy(state, language), state.get("Next"))


def _without_parameters(state: JSON) -> JSON:
    """A Map's Parameters are the old name of its ItemSelector."""
    return {key: value for key, value in state.items() if key != "Parameters"}


def _inner(state: JSON) -> Iterator[tuple[JSON, bool]]:
    """The machines inside a state, and whether they see its variables."""
    if state["Type"] == "Parallel":
        yield from ((branch, True) for branch in parallel.branches(state))
    if state["Type"] == "Map":
        yield maps.processor(state), not maps.is_distributed(state)


def _targets(state: JSON) -> Iterator[str]:
    yield from (state[key] for key in ("Next", "Default") if key in state)
    yield from (rule["Next"] for key in ("Choices", "Catch") for rule in state.get(key, ()))
    if "Next" not in state and state.get("End") is not True and state["Type"] not in _ENDS:
        raise InvalidMachine("a state has neither Next nor End")


_ENDS = frozenset({"Choice", "Succeed", "Fail"})


def _assigned(state: JSON) -> Iterator[str]:
    """The variables that a state assigns in its own scope."""
    for fields in (state, *state.get("Choices", ()), *state.get("Catch", ())):
        yield from (key.removesuffix(".$") for key in fields.get("Assign", {}))
