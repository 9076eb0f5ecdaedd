"""The same work on many items, in this process and in others beside it.

This process works too, and hands the others few items at a time, so that all of them end together: what one
of them does not give back, because it was killed or its work failed, is done here. No semaphores are used:
there are none in some places, as in AWS Lambda.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from multiprocessing import Process
    from multiprocessing.connection import Connection

Item = TypeVar("Item")
Done = TypeVar("Done")
Portion = list[tuple[int, Any]]  # items and their numbers

FIRST = 8  # items that wait when another process is begun: fewer are done before it is there
MOST = 8  # items that are handed over at once
AHEAD = 2  # portions that another process has, so that it need not wait for this one
AT_FIRST = 5  # as many before this one works itself, which it begins with by importing what that needs
BETWEEN = 4  # items that this process does before it looks whether others have done theirs


@dataclass(eq=False)
class Other:
    """A process beside this one, and what it was given to do; ``line`` is closed where it does no more."""

    process: Process
    line: Connection
    has: deque[Portion] = field(default_factory=deque)


@dataclass(eq=False)
class Crew(Generic[Item, Done]):
    """``processes`` that do ``work``, this one among them; the others first call ``begin``.

    ``work``, ``begin``, the items and what is made of them can be pickled. The others begin once there is
    something for them to do, and have it while more is put in; they are gone after ``results``.
    """

    work: Callable[[Item], Done]
    processes: int
    begin: Callable[[], object]
    left: deque[tuple[int, Item]] = field(default_factory=deque)
    others: list[Other] = field(default_factory=list)
    count: int = 0  # of the items that were put in

    def put(self, item: Item) -> None:
        """One more item; its number is ``count`` before."""
        self.left.append((self.count, item))
        self.count += 1
        if self.processes > 1 and len(self.left) == FIRST:
            if not self.others:
                self._begin_others()
            for other in self.others:
                if len(other.has) < AT_FIRST:
                    self._hand(other, MOST)

    def results(self) -> Iterator[tuple[int, Done]]:
        """The number of each item and what became of it, in no order. What ``work`` raises is raised here."""
        try:
            while self.left or any(other.has for other in self.others):
                for _ in range(min(BETWEEN, len(self.left))):
                    number, item = self.left.popleft()
                    yield number, self.work(item)
                yield from self._given_back()
        finally:
            for other in self.others:
                other.line.close()
                other.process.terminate()
                other.process.join()
            self.others.clear()

    def _begin_others(self) -> None:
        """As many as can be had; there is only this one where there are none."""
        from multiprocessing import Pipe, Process

        gc.freeze()  # a collection in a copy would copy all the memory it goes through
        for _ in range(self.processes - 1):
            try:
                here, there = Pipe()
            except OSError:
                break
            foreign = [here, *(other.line for other in self.others)]
            process = Process(target=_serve, args=(there, foreign, self.work, self.begin), daemon=True)
            try:
                process.start()
            except (OSError, AssertionError):  # a process of a pool of the caller's must not begin others
                here.close()
                break
            finally:
                there.close()
            self.others.append(Other(process, here))
        gc.unfreeze()
        self.processes = len(self.others) + 1

    def _hand(self, other: Other, most: int) -> None:
        """Give a process its next portion."""
        portion = [self.left.popleft() for _ in range(min(most, len(self.left)))]
        if not portion or other.line.closed:
            self.left.extend(portion)
            return
        try:
            other.line.send([item for _, item in portion])
            other.has.append(portion)
        except OSError:
            self.left.extend(portion)
            self._give_up(other)

    def _given_back(self) -> Iterator[tuple[int, Done]]:
        """What others have done by now; where nothing is left to do here, wait for it."""
        from multiprocessing.connection import wait

        for other in self.others:
            while len(other.has) < AHEAD and self.left and not other.line.closed:
                self._hand(other, self._fair())
        by_line: dict[Any, Other] = {other.line: other for other in self.others if other.has}
        for line in wait(list(by_line), timeout=0 if self.left else None) if by_line else ():
            other = by_line[line]
            try:
                found = other.line.recv()
            except (OSError, EOFError):
                self._give_up(other)
                continue
            portion = other.has.popleft()
            self._hand(other, self._fair())
            yield from zip((number for number, _ in portion), found, strict=True)

    def _fair(self) -> int:
        """How many items go over at once: the fewer are left, the fewer."""
        return min(MOST, -(-len(self.left) // (2 * self.processes)))

    def _give_up(self, other: Other) -> None:
        for portion in other.has:
            self.left.extend(portion)
        other.has.clear()
        other.line.close()


def _serve(
    line: Connection,
    foreign: list[Connection],
    work: Callable[[Any], object],
    begin: Callable[[], object],
) -> None:
    """What another process does: it ends when the line does, and when its work fails."""
    for one in foreign:
        one.close()  # else the line would not end with the process that began this one
    try:
        begin()
        while True:
            line.send([work(item) for item in line.recv()])
    except (Exception, KeyboardInterrupt):  # done again, and raised, where this began
        line.close()
