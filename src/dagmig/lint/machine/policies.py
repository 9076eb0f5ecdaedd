"""Retriers and catchers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dagmig.asl.model import JSON, State
from dagmig.lint.machine.values import number
from dagmig.lint.source import Subject

STATES_ERRORS = frozenset(
    {
        "States.ALL",
        "States.BranchFailed",
        "States.DataLimitExceeded",
        "States.ExceedToleratedFailureThreshold",
        "States.HeartbeatTimeout",
        "States.IntrinsicFailure",
        "States.ItemReaderFailed",
        "States.NoChoiceMatched",
        "States.ParameterPathFailure",
        "States.Permissions",
        "States.QueryEvaluationError",
        "States.ResultPathMatchFailure",
        "States.ResultWriterFailed",
        "States.Runtime",
        "States.TaskFailed",
        "States.Timeout",
    }
)  # https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html


@dataclass(frozen=True, slots=True)
class Policy:
    """One retrier or catcher of a state; ``key`` is ``Retry`` or ``Catch``, ``index`` counts from 0."""

    state: State
    key: str
    index: int
    values: Mapping[str, JSON]
    is_last: bool

    @property
    def pointer(self) -> str:
        return f"{self.state.pointer}/{self.key}/{self.index}"

    @property
    def places(self) -> list[tuple[int, str]]:
        """The errors it names, each with its index in ``ErrorEquals``."""
        named = self.values.get("ErrorEquals")
        members = named if isinstance(named, list) else []
        return [(index, one) for index, one in enumerate(members) if isinstance(one, str)]

    @property
    def errors(self) -> list[str]:
        return [error for _, error in self.places]


def of_state(state: State, *keys: str) -> Iterator[Policy]:
    """The retriers and catchers of a state in their order; only ``Retry`` or ``Catch`` where one is named."""
    for key in keys or ("Retry", "Catch"):
        members = state.fields.get(key)
        if not isinstance(members, list):
            continue
        for index, values in enumerate(members):
            if isinstance(values, dict):
                yield Policy(state, key, index, values, index == len(members) - 1)


def policies(subject: Subject) -> Iterator[Policy]:
    """Every retrier and catcher of a machine."""
    for state in subject.states:
        yield from of_state(state)


def total_delay(policy: Policy) -> float | None:
    """The seconds that all attempts of a retrier wait together; None where a number is filled in later."""
    values = policy.values
    interval, attempts, rate = (
        number(values.get(key, default))
        for key, default in (("IntervalSeconds", 1), ("MaxAttempts", 3), ("BackoffRate", 2.0))
    )
    if interval is None or attempts is None or rate is None:
        return None
    longest = number(values.get("MaxDelaySeconds")) or float("inf")
    total, delay = 0.0, min(interval, longest)
    for _ in range(min(int(attempts), 10_000)):
        total += delay
        delay = min(delay * rate, longest, 1e12)
    return total
