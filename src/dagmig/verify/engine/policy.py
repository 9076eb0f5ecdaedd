"""Retry and Catch: the retriers first, each with its own count for this visit; then the catchers.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from dagmig.verify.engine.data import Catcher, catcher
from dagmig.verify.engine.errors import ALL, InvalidMachine, StatesError


@dataclass(frozen=True, slots=True)
class Retrier:
    """Seconds before retry k: interval * rate^(k-1), at most ``max_delay``; FULL jitter: from 0 to that."""

    names: tuple[str, ...]
    interval: float = 1
    max_attempts: int = 3
    rate: float = 2.0
    max_delay: float = float("inf")
    has_jitter: bool = False

    def seconds(self, count: int, random: Random) -> float:
        """The delay before the retry with this number, counted from 1."""
        delay = min(self.interval * self.rate ** (count - 1), self.max_delay)
        return random.uniform(0, delay) if self.has_jitter else delay


@dataclass(frozen=True, slots=True)
class Policy:
    retriers: tuple[Retrier, ...] = ()
    catchers: tuple[Catcher, ...] = ()

    def retry(self, error: StatesError, counts: list[int], random: Random) -> float | None:
        """The delay before another try, None where there is none; ``counts`` are the retriers', by index."""
        for index, retrier in enumerate(self.retriers):
            if error.matches(retrier.names):
                if counts[index] >= retrier.max_attempts:
                    return None
                counts[index] += 1
                return retrier.seconds(counts[index], random)
        return None

    def catcher(self, error: StatesError) -> Catcher | None:
        return next((one for one in self.catchers if error.matches(one.names)), None)


def policy(state: Mapping[str, Any], language: str) -> Policy:
    """Raises ``InvalidMachine`` where ``States.ALL`` is not alone and last."""
    for entries in (state.get("Retry", ()), state.get("Catch", ())):
        for index, fields in enumerate(entries):
            names = fields["ErrorEquals"]
            if not names:
                raise InvalidMachine("an ErrorEquals names nothing")
            if ALL in names and (len(names) > 1 or index < len(entries) - 1):
                raise InvalidMachine(f"{ALL} must stand alone and last: {names}")
    return Policy(
        tuple(_retrier(fields) for fields in state.get("Retry", ())),
        tuple(catcher(fields, language) for fields in state.get("Catch", ())),
    )


def _retrier(fields: Mapping[str, Any]) -> Retrier:
    return Retrier(
        tuple(fields["ErrorEquals"]),
        fields.get("IntervalSeconds", 1),
        fields.get("MaxAttempts", 3),
        fields.get("BackoffRate", 2.0),
        fields.get("MaxDelaySeconds", float("inf")),
        fields.get("JitterStrategy") == "FULL",
    )
