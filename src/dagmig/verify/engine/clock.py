"""Virtual time: fibers that sleep, and groups of fibers that are waited for.

A fiber is a generator. It yields seconds to sleep, or a ``Group`` to wait for. Nothing is concurrent:
between two yields a fiber runs alone. What is due at the same moment runs in the order it was asked for,
or, with a random generator, in any order.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator, Sequence
from random import Random
from typing import Any

from dagmig.verify.engine.errors import StatesError

Wish = Any  # float seconds, or a Group
Running = Generator[Wish, None, Any]


class Fiber:
    """A running generator; ``ended`` is called with its result or its error."""

    __slots__ = ("ended", "generator", "is_over")

    def __init__(self, generator: Running, ended: Callable[[Any, StatesError | None], Fiber | None]) -> None:
        self.generator = generator
        self.ended = ended
        self.is_over = False

    def cancel(self) -> None:
        if not self.is_over:
            self.is_over = True
            self.generator.close()


class Clock:
    """``now`` is in seconds since the start."""

    def __init__(self, ties: Random | None = None) -> None:
        self.now = 0.0
        self._ties = ties
        self._due: list[tuple[float, float, int, Fiber]] = []
        self._number = 0

    def wake(self, fiber: Fiber, seconds: float) -> None:
        """Let the fiber go on in so many seconds."""
        self._number += 1
        tie = self._ties.random() if self._ties else 0.0
        heapq.heappush(self._due, (self.now + seconds, tie, self._number, fiber))

    def run(self, fiber: Fiber, deadline: float) -> bool:
        """Run the fiber and all it starts; False where the deadline comes first."""
        self.wake(fiber, 0)
        while self._due and not fiber.is_over:
            moment, _, _, due = heapq.heappop(self._due)
            if due.is_over:
                continue
            if moment > deadline:
                self.now = deadline
                fiber.cancel()
                return False
            self.now = moment
            self._step(due)
        return True

    def _step(self, first: Fiber) -> None:
        """One stretch of a fiber, and of whoever waited for its end."""
        fiber: Fiber | None = first
        while fiber is not None:
            try:
                wish = fiber.generator.send(None)
            except StopIteration as end:
                fiber.is_over = True
                fiber = fiber.ended(end.value, None)
            except StatesError as error:
                fiber.is_over = True
                fiber = fiber.ended(None, error)
            else:
                if isinstance(wish, Group):
                    fiber = wish.waited_for_by(fiber)
                    continue
                self.wake(fiber, wish)
                return


class Group:
    """Fibers of which at most ``limit`` (0: all) run at once, started in order.

    It is over when all have ended, or as soon as ``tolerates`` refuses the number of failures so far.
    ``results`` are in the order of the starts; an error stands in the place of a tolerated failure.
    """

    def __init__(
        self,
        clock: Clock,
        starts: Sequence[Callable[[], Running]],
        limit: int = 0,
        tolerates: Callable[[int], bool] = lambda failures: False,
    ) -> None:
        self.results: list[Any] = [None] * len(starts)
        self.failure: StatesError | None = None
        self._clock = clock
        self._starts = starts
        self._limit = limit or len(starts)
        self._tolerates = tolerates
        self._fibers: list[Fiber] = []
        self._ended = 0
        self._failures = 0
        self._waiting: Fiber | None = None

    def run(self) -> Running:
        """Start the fibers and wait; aborts those that still run when it is left in any way."""
        try:
            while len(self._fibers) < min(self._limit, len(self._starts)):
                self._start()
            yield self
        finally:
            for fiber in self._fibers:
                fiber.cancel()
        if self.failure is not None:
            raise self.failure
        return self.results

    def waited_for_by(self, fiber: Fiber) -> Fiber | None:
        """The fiber again where there is nothing to wait for."""
        self._waiting = fiber
        return fiber if self._is_over else None

    @property
    def _is_over(self) -> bool:
        return self.failure is not None or self._ended == len(self._starts)

    def _start(self) -> None:
        index = len(self._fibers)

        def ended(result: Any, error: StatesError | None) -> Fiber | None:
            return self._has_ended(index, result, error)

        fiber = Fiber(self._starts[index](), ended)
        self._fibers.append(fiber)
        self._clock.wake(fiber, 0)

    def _has_ended(self, index: int, result: Any, error: StatesError | None) -> Fiber | None:
        self._ended += 1
        self.results[index] = result if error is None else error
        if error is not None:
            self._failures += 1
            if not self._tolerates(self._failures):
                self.failure = error
        if self._is_over:
            return self._waiting
        if len(self._fibers) < len(self._starts):
            self._start()
        return None
