"""States that work, and so may be retried and caught: what Task, Parallel and Map have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dagmig.verify.engine.clock import Running
from dagmig.verify.engine.data import Data
from dagmig.verify.engine.errors import StatesError
from dagmig.verify.engine.policy import Policy
from dagmig.verify.engine.sight import Spot
from dagmig.verify.engine.trace import Pause


@dataclass(frozen=True, slots=True)
class Working:
    """``work`` is one try, from the arguments to the result.

    An error in the processing of the result is one of the state as well: retried and caught here.
    """

    work: Callable[[Spot], Running]
    data: Data
    policy: Policy
    next: str | None
    takes_time = True

    def enter(self, spot: Spot) -> Running:
        counts = [0] * len(self.policy.retriers)
        spot.retry_count = 0
        run = spot.branch.run
        while True:
            try:
                result = yield from self.work(spot)
                return *self.data.done(spot, result), self.next
            except StatesError as raised:
                error = raised
            delay = self.policy.retry(error, counts, run.random)
            if delay is None:
                break
            spot.raised(error, "retry")
            run.trace.pauses.append(Pause(spot.state, spot.branch.place, run.clock.now, delay, is_retry=True))
            yield delay
            spot.retry_count += 1
        if (catcher := self.policy.catcher(error)) is None:
            raise error
        spot.raised(error, "catch")
        return *self.data.caught(spot, catcher, error), catcher.next
