"""Retriers and catchers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dagmig.asl.model import JSON, State
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
