"""Task states: what they call is not run but asked for, with the evaluated arguments of each attempt."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from dagmig.asl import resource as resources
from dagmig.verify.engine.clock import Running
from dagmig.verify.engine.data import Data
from dagmig.verify.engine.errors import HEARTBEAT, TIMEOUT, StatesError
from dagmig.verify.engine.limits import checked
from dagmig.verify.engine.sight import Spot
from dagmig.verify.engine.templates import Value, number, template
from dagmig.verify.engine.trace import Attempt

NEVER = float("inf")
DEFAULT_TIMEOUT = 99_999_999


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt comes to after so many virtual ``seconds``.

    A ``result``, or an error: then ``has_failed`` is True, and ``error`` its name (None: it gave none).
    ``heartbeat`` are the seconds between two heartbeats of what runs; 0: always in time.
    """

    result: Any = None
    seconds: float = 0
    has_failed: bool = False
    error: str | None = None
    cause: str | None = None
    heartbeat: float = 0


def failure(error: str | None, cause: str | None = None, seconds: float = 0) -> Outcome:
    return Outcome(seconds=seconds, has_failed=True, error=error, cause=cause)


Call = Callable[[Attempt], Outcome]


def work(state: Mapping[str, Any], language: str, data: Data) -> Callable[[Spot], Running]:
    """One attempt of a Task state."""
    resource = resources.parse(state["Resource"])
    pattern = next((one for one in resources.PATTERNS if state["Resource"].endswith(one)), "")
    credentials = template(state.get("Credentials"), language, "Credentials")
    timeout = number(state, "TimeoutSeconds", language, DEFAULT_TIMEOUT)
    heartbeat = number(state, "HeartbeatSeconds", language, NEVER)
    return _Task(resource, pattern, data, credentials, timeout, heartbeat).attempt


@dataclass(frozen=True, slots=True)
class _Task:
    resource: resources.Resource
    pattern: str  # that of a resource which is a placeholder otherwise, too
    data: Data
    credentials: Value
    timeout: Value
    heartbeat: Value

    def attempt(self, spot: Spot) -> Running:
        run, history = spot.branch.run, spot.branch.execution.history
        order = run.order()
        if self.pattern or self.resource.kind == "activity":
            spot.token = f"token-{order}"
        sight = self.data.sight(spot)
        arguments = checked(self.data.arguments(sight), spot.state)
        self.credentials(sight)
        timeout = self.timeout(sight)
        beat = self.heartbeat(sight)
        history.add(2)  # scheduled, started
        tried = Attempt(
            spot.state,
            spot.branch.place,
            spot.retry_count or 0,
            self.resource.text,
            arguments,
            run.clock.now,
            order,
        )
        run.trace.attempts.append(tried)
        outcome = run.call(tried)
        if outcome.heartbeat > beat:
            outcome = Outcome(seconds=NEVER)
            timeout = min(timeout, beat)
        is_late = outcome.seconds > timeout
        yield timeout if is_late else outcome.seconds
        tried.ended, tried.ended_order = run.clock.now, run.order()
        history.add(2 if self.pattern else 1)  # submitted, and how it ended
        if is_late or outcome.has_failed:
            error = StatesError(TIMEOUT, "", also=(HEARTBEAT,) if beat <= timeout else ())
            if not is_late:
                error = StatesError(outcome.error, outcome.cause)
            tried.error, tried.cause = error.name, error.cause
            raise error
        tried.result = self._result(outcome.result)
        return checked(tried.result, self.resource.service or self.resource.text, is_result=True)

    def _result(self, result: Any) -> Any:
        """``startExecution.sync`` gives the child's output as text, ``.sync:2`` as JSON."""
        if (self.resource.service, self.resource.action) != ("states", "startExecution"):
            return result
        if not isinstance(result, dict) or "Output" not in result:
            return result
        output = result["Output"]
        if self.pattern == ".sync" and not isinstance(output, str):
            return {**result, "Output": json.dumps(output, separators=(",", ":"))}
        if self.pattern == ".sync:2" and isinstance(output, str):
            with suppress(ValueError):  # text that is no JSON is the output itself
                return {**result, "Output": json.loads(output)}
        return result
