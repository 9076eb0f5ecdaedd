"""Calls that start something anew each time, and the parameter by which a service knows a repeated one.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html,
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
"""

from __future__ import annotations

from dagmig.lint.machine.calls import Call

_KEYS = {
    "states:startExecution": "Name",
    "aws-sdk:sfn:startExecution": "Name",
    "ecs:runTask": "ClientToken",
    "aws-sdk:ecs:runTask": "ClientToken",
}


def missing_key(call: Call) -> str:
    """The parameter that would keep a call from doing its work twice, and that it is not given."""
    key = _KEYS.get(call.resource.short, "")
    return key if call.given is not None and key not in call.given else ""
