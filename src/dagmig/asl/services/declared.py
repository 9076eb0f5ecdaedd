"""What a declaration of an integration says of AWS, held against what AWS has.

https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html,
https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html; services and parameters
that the catalogue does not have are not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from dagmig.asl.resource import Resource, parse
from dagmig.asl.services import Action, service, services
from dagmig.asl.services.optimized import OPTIMIZED, called
from dagmig.integrations.sdk_names import sdk_name
from dagmig.integrations.status import PREFIX

Fault = tuple[tuple[str | int, ...], str]
CLOSE = 0.8


def faults(given: Mapping[str, Any]) -> Iterator[Fault]:
    """Of an integration of ``schemas/integrations.schema.json``: the keys to what is wrong, and what is."""
    resource = parse(PREFIX + given["action"])
    if (said := _of_action(resource)) is not None:
        yield ("action",), said
        return
    suffix = given.get("waits", {}).get("suffix", ".sync")
    if "waits" in given and suffix not in (known := _patterns(resource)):
        named = " or ".join(f"`{one}`" for one in known if one) or "none"
        yield ("waits",), f"`{resource.short}` has no `{suffix}`: it has {named}"
    if (found := called(resource)) is None:
        return
    for path, name in _parameters(given):
        if (said := _of_parameter(name.partition(".")[0], found[1], resource)) is not None:
            yield path, said


def _parameters(given: Mapping[str, Any]) -> Iterator[Fault]:
    for number, one in enumerate(given.get("fields", ())):
        yield ("fields", number, "parameter"), one["parameter"]
    for name in given.get("sends", {}):
        yield ("sends", name), name


def _patterns(resource: Resource) -> tuple[str, ...]:
    if resource.kind == "sdk":
        return ("", ".waitForTaskToken")
    return OPTIMIZED[resource.service][resource.action]


def _of_action(resource: Resource) -> str | None:
    if resource.kind == "optimized":
        if resource.action in OPTIMIZED.get(resource.service, ()):
            return None
        names = [f"{name}:{action}" for name, actions in OPTIMIZED.items() for action in actions]
        return f"there is no integration `{resource.short}`" + _meant(
            f"{resource.service}:{resource.action}", names
        )
    found = service(resource.service)
    if found is None:
        lower = resource.service.lower()
        near = [one.name for one in services().values() if lower in (one.client, one.name)]
        return f"there is no service `{resource.service}`: `{near[0]}` is meant?" if near else None
    if resource.action in found.actions:
        return None
    return f"`{resource.service}` has no action `{resource.action}`" + _meant(resource.action, found.actions)


def _of_parameter(name: str, action: Action, resource: Resource) -> str | None:
    known = {one: one for one in action.parameters}
    if resource.kind == "sdk":
        known |= {sdk_name(one): one for one in action.parameters}
    if not known or name in known:
        return None
    return f"{action.name} has no parameter `{name}`" + _meant(name, known)


def _meant(written: str, names: Iterable[str]) -> str:
    by_lower = {one.lower(): one for one in names}
    near = get_close_matches(written.lower(), by_lower, n=1, cutoff=CLOSE)
    return f": `{by_lower[near[0]]}` is meant?" if near else ""
