"""A loop that no function can run (a worker reports back to it) stays in Step Functions, as one machine."""

from __future__ import annotations

import json
from typing import Any

from dagmig.asl.lift.document import Scene
from dagmig.asl.lift.expression import Inexpressible
from dagmig.asl.lift.kept import Kept, machine
from dagmig.asl.lift.loops.region import END, Region


def definition(region: Region, scene: Scene) -> Kept:
    """The machine of a loop; its output is the loop's.

    Where the loop has several exits, the output is ``{"next": exit, "data": output}``.
    Raises ``Inexpressible`` where the DAG has not what the loop looks at, or the loop assigns variables.
    """
    written = {name: dict(state.fields) for name, state in region.states.items()}
    text = json.dumps(written)
    if '"Assign"' in text and region.exits != [END]:
        raise Inexpressible("it assigns variables")
    languages = {state.query_language for state in region.states.values()}
    if len(languages) > 1 or '"QueryLanguage"' in text:
        raise Inexpressible("it has states in both query languages")
    is_jsonata = languages == {"JSONata"}
    exits = {target: _name_of_end(region) if target == END else target for target in region.exits}
    ends: dict[str, dict[str, Any]] = {}
    for target, name in exits.items():
        if target == END and len(exits) == 1:
            continue
        output = {
            "next": target,
            "data" if is_jsonata else "data.$": "{% $states.input %}" if is_jsonata else "$",
        }
        said = {"Output" if is_jsonata else "Parameters": output} if len(exits) > 1 else {}
        ends[name] = {"Type": "Pass", **said, "End": True}
    if END in exits and exits[END] in ends:
        written = {name: _going_to(exits[END], fields) for name, fields in written.items()}
    return machine(region.entry, {**written, **ends}, scene, is_jsonata=is_jsonata)


def _name_of_end(region: Region) -> str:
    name = "End"
    while name in region.states or name in region.exits:
        name += "_"
    return name


def _going_to(end: str, fields: dict[str, Any]) -> dict[str, Any]:
    """A state that goes on to ``end`` in place of ending."""
    kept = {name: value for name, value in fields.items() if name != "End"}
    if fields.get("Type") == "Succeed":
        return {**kept, "Type": "Pass", "Next": end}
    return {**kept, "Next": end} if fields.get("End") is True else fields
