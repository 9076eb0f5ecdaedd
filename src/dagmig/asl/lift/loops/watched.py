"""A loop of the user's own that asks how the work stands which the state before it has started, and waits.

It may become the operator that does both; ``waited`` says whether that ends as the loop does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dagmig.asl import resource as resources
from dagmig.asl.flow import following, reached
from dagmig.asl.lift.catch import error_names
from dagmig.asl.lift.document import Key
from dagmig.asl.lift.loops.region import Region, regions
from dagmig.asl.lift.policy import TRANSPORT
from dagmig.asl.model import Scope, State
from dagmig.integrations import Integration, registry
from dagmig.integrations.status import PREFIX, Status
from dagmig.integrations.waits import Watch

_SERVICES = {"sfn": "states", "emrserverless": "emr-serverless", "emrcontainers": "emr-containers"}
"""The SDK's names for services that have another where Step Functions waits by itself."""
_AT = re.compile(r"[A-Za-z]\w*(\[\d+\])?(\.[A-Za-z]\w*(\[\d+\])?)*")
_LIMITS = ("Catch", "Credentials", "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds")


@dataclass(frozen=True, slots=True)
class Watched:
    """``start`` starts the work, ``before`` are the states from there to the ``loop``, in which ``ask`` asks;
    ``region`` are all of these. ``watches`` are the ways in which the operator may be asked for.
    """

    start: State
    before: tuple[State, ...]
    loop: Region
    ask: State
    region: Region
    one: Integration
    resource: str
    watches: tuple[Watch, ...]

    def kept(self, watch: Watch) -> dict[tuple[Key, ...], tuple[Key, ...]]:
        """What the operator returns of the answer that the start is given: the path there, by that of it."""
        if watch.keeps:
            return {keys(path): at for path, at in watch.keeps.items()}
        path = self.one.results.get("")
        return {path: ()} if path else {}


def mark(start: State) -> str:
    """What is wanted of a state whose loop has to be there as it is."""
    return f"{start.pointer}/Next"


def watched(scope: Scope, wanted: frozenset[str]) -> dict[str, Watched]:
    """The loops of a scope that an operator may stand for, by the state that starts the work."""
    found: dict[str, Watched] = {}
    before: dict[str, list[str]] = {}
    for name in reached(scope, scope.start_at):
        for target in following(scope, name):
            before.setdefault(target, []).append(name)
    for loop in regions(scope).values():
        one = _watched(scope, loop, before)
        if one is not None and mark(one.start) not in wanted:
            found[one.start.name] = one
    return found


def _watched(scope: Scope, loop: Region, before: Mapping[str, list[str]]) -> Watched | None:
    asks = [state for state in loop.states.values() if state.type == "Task"]
    others = {state.type for state in loop.states.values()} - {"Task", "Wait", "Pass", "Choice", "Fail"}
    waits = [state for state in loop.states.values() if state.type == "Wait"]
    if (
        len(asks) != 1
        or len(waits) != 1
        or others
        or len(loop.exits) != 1
        or loop.exits[0] not in scope.states
    ):
        return None
    between: list[State] = []
    entry = loop.entry
    while True:
        sources = [name for name in before.get(entry, []) if name not in loop.states]
        if len(sources) != 1 or entry == scope.start_at:
            return None
        state = scope.states[sources[0]]
        if state.type not in ("Wait", "Pass"):
            break
        between.insert(0, state)
        entry = state.name
    resource = str(state.fields.get("Resource"))
    ask = asks[0]
    if (
        state.type != "Task"
        or len(following(scope, state.name)) != 1
        or not (_is_plain(state) and _is_plain(ask))
    ):
        return None
    one, resource = _operator(resource)
    if one is None:
        return None
    watches = tuple(watch for watch in one.watches if _asks(watch.status, ask))
    states = {state.name: state, **{each.name: each for each in between}, **loop.states}
    region = Region(state.name, states)
    if not watches or region.exits != loop.exits:
        return None
    return Watched(state, tuple(between), loop, ask, region, one, resource, watches)


def _is_plain(state: State) -> bool:
    """Whether a Task only calls, and tries again only after errors of the service's own."""
    retriers = state.fields.get("Retry", [])
    names = [name for one in retriers if isinstance(one, dict) for name in error_names(one)]
    return not any(name in state.fields for name in _LIMITS) and set(names) <= TRANSPORT


def _operator(text: str) -> tuple[Integration | None, str]:
    """The operator that waits for what a resource starts, and the resource of the state that waits."""
    found = resources.parse(text)
    if found.pattern or found.kind not in ("optimized", "sdk"):
        return None, ""
    forms = [found.short, f"{_SERVICES.get(found.service, found.service)}:{found.action}"]
    for form in forms:
        one = registry().for_resource(PREFIX + form)
        if one is not None and one.watches and one.to_airflow is not None:
            return one, PREFIX + form + one.waiting
    return None, ""


def _asks(status: Status, ask: State) -> bool:
    """Whether a state makes the call of a status, be it of the SDK or not."""
    found = resources.parse(str(ask.fields.get("Resource")))
    names = {f"{_SERVICES.get(found.service, found.service)}:{found.action}"}
    wanted = resources.parse(PREFIX + status.action)
    is_known = bool(_AT.fullmatch(status.at)) and not status.words and not status.missing
    return (
        is_known
        and not found.pattern
        and found.kind in ("optimized", "sdk")
        and f"{_SERVICES.get(wanted.service, wanted.service)}:{wanted.action}" in names
    )


def keys(path: str) -> tuple[Key, ...]:
    """``Jobs[0].Status`` -> ("Jobs", 0, "Status")."""
    return tuple(
        int(number) if number else name for name, number in re.findall(r"([A-Za-z]\w*)|\[(\d+)\]", path)
    )
