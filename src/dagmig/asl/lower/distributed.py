"""Map states whose items are executions of their own, as one execution cannot have so many events.

Such an item sees neither the variables around it nor the execution's input
(https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html), so that only what looks at
its item alone can be one. What the machine's role needs:
https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html.
"""

from __future__ import annotations

import json
import re

from dagmig.asl.lower.limits import ITEM, events
from dagmig.asl.lower.setting import States
from dagmig.asl.quotas import MAX_EVENTS

INLINE = {"Mode": "INLINE"}
DISTRIBUTED = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
NEEDS = (
    "its {:,} items are executions of their own, up to 10,000 at once, as one execution ends at "
    f"{MAX_EVENTS:,} events: the machine's role needs states:StartExecution on the machine, and "
    "states:DescribeExecution and states:StopExecution on its executions; what they give may have 256 KiB"
)
_EXECUTION = re.compile(r"\$states\.context\.Execution\b")
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)(?!\w|\()")
_BOUND = re.compile(r"\$(\w+)\s*:=|function\(([^)]*)\)")


def is_distributed(length: int | None, states: States) -> bool:
    """Whether so many items are too many for one execution, and each can be one of its own."""
    is_long = length is not None and length * (ITEM + events({"States": states})) > MAX_EVENTS
    return is_long and _is_apart(states)


def _is_apart(states: States) -> bool:
    text = json.dumps(states)
    bound = {name for one, names in _BOUND.findall(text) for name in (one, *re.findall(r"\$(\w+)", names))}
    assigned = set(re.findall(r'"(\w+)": ', text))  # among the keys are the variables of the item's states
    return not _EXECUTION.search(text) and set(_VARIABLE.findall(text)) <= {"states", *bound, *assigned}
