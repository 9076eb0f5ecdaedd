"""A loop that no function can run (a worker reports back to it) stays in Step Functions, as one machine."""

from __future__ import annotations

import json
from typing import Any

from dagmig.asl.lift.document import Scene
from dagmig.asl.lift.expression import Inexpressible
from dagmig.asl.lift.kept import check_input
from dagmig.asl.lift.loops.region import END, Region


def definition(region: Region, scene: Scene) -> str:
    """The machine of a loop, as JSON; its input is that of the loop's entry, its output the loop's.

    Where the loop has several exits, the output is ``{"next": exit, "data": output}``.
    Raises ``Inexpressible`` where the loop looks at more than its input, or assigns variables.
    """
    written = {name: dict(state.fields) for name, state in region.states.items()}
    text = json.dumps(written)
    check_input(text, scene)
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
    machine: dict[str, Any] = {"StartAt": region.entry, "States": {**written, **ends}}
    return json.dumps({"QueryLanguage": "JSONata", **machine} if is_jsonata else machine)


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
