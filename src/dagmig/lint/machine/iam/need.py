"""One thing that IAM has to allow."""

from __future__ import annotations

from dataclasses import dataclass

HERE = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:"
TAKES_NONE = "IAM takes no narrower resource for these"
NOT_KNOWN = "the reference of IAM's actions does not have these"
AT_RUN_TIME = "which resource it is, is only known when the machine runs"

Condition = tuple[str, str, tuple[str, ...]]  # operator, key, values


@dataclass(frozen=True, slots=True)
class Allowed:
    """An IAM action on some resources; ``why`` says why they are not named.

    ``is_required`` is False for what is only needed at times: where the execution is stopped, where a table
    lies in a bucket that no policy of its own opens.
    """

    action: str
    resources: tuple[str, ...] = ("*",)
    why: str = ""
    conditions: tuple[Condition, ...] = ()
    is_required: bool = False


def of_kind(action: str, *resources: str, is_required: bool = False) -> Allowed:
    """An action on resources of which some part is not known before."""
    why = AT_RUN_TIME if any("*" in one for one in resources) else ""
    return Allowed(action, resources, why, is_required=is_required)
