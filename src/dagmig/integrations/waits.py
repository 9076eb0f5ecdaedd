"""Whether an operator waits, and how: by a resource's suffix (``.sync``), or by asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dagmig.graph.values import Literal, Value
from dagmig.integrations.poller import Pace
from dagmig.integrations.status import Status

PACE = Pace()
YEAR = 31_536_000  # seconds: an execution ends after a year


@dataclass(frozen=True, slots=True)
class Watch:
    """How a machine asks for itself how the work stands that the operator waits for.

    ``every`` and ``times`` are the operator's arguments for the seconds between two looks and for how often
    it looks, empty where there is none; ``sets`` is what else it is given in order to wait so. At a word that
    it ``overlooks`` it goes on waiting, though the work has ended. What it asks with under the names that it
    ``repeats`` is in the answer as well. ``keeps``: where the operator's result holds a part of what the
    start is answered, by the path of that; empty where it is as ``Integration.results`` says.
    """

    status: Status
    every: str = "waiter_delay"
    times: str = "waiter_max_attempts"
    sets: Mapping[str, Any] = field(default_factory=dict)
    overlooks: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()
    keeps: Mapping[str, tuple[str | int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waits:
    """The argument that says whether to wait, its default, and the resource's suffix when it does.

    ``deferrable=True`` waits whatever that argument says (most operators'
    ``execute``), unless ``needs_both``.
    A service without such a suffix is asked in a loop for its ``status``, at a ``pace``; an operator that
    always waits has no argument for it. ``cleans``: what the operator does where the work fails; ``hides``:
    that is no failure of the operator's. ``patience``: its argument for how often it looks, and the seconds
    between; empty where it looks without end.
    """

    argument: str = "wait_for_completion"
    default: bool = True
    suffix: str = ".sync"
    others: tuple[str, ...] = ()  # suffixes that wait as well, read only
    needs_both: bool = False
    status: Status | None = None
    pace: Pace = PACE
    cleans: str = ""
    hides: bool = False
    patience: tuple[str, int] = ("", 1)
    by_hand: tuple[Watch, ...] = ()

    @property
    def endless(self) -> dict[str, Value]:
        """The arguments with which the operator waits as long as an execution may take, as a state does."""
        argument, seconds = self.patience
        return {argument: Literal(YEAR // seconds)} if argument else {}

    @property
    def watches(self) -> tuple[Watch, ...]:
        """How a machine asks for itself for what the operator waits for."""
        if self.status is None or self.status.is_list:
            return self.by_hand
        waits = {self.argument: True} if self.argument and not self.default else {}
        return (*self.by_hand, Watch(self.status, *self.pace.names, waits))

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments that say whether to wait."""
        return tuple(dict.fromkeys(name for name in (self.argument, "deferrable") if name))

    @property
    def known(self) -> tuple[str, ...]:
        """The arguments that need no row."""
        return (*self.arguments, *(self.pace.arguments if self.status else ()))

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Those of resources that wait."""
        return tuple(suffix for suffix in (self.suffix, *self.others) if suffix)


def polls(
    status: Status,
    argument: str = "wait_for_completion",
    *,
    default: bool = True,
    every: tuple[str, int] = ("waiter_delay", 30),
    times: tuple[str, int | None] = ("waiter_max_attempts", 60),
    needs_both: bool = False,
    kills: bool = False,
    cleans: str = "",
) -> Waits:
    """Waits by asking; see ``Pace``."""
    patience = (times[0], every[1]) if times[1] is not None else ("", 1)
    pace = Pace(every, times, kills)
    return Waits(argument, default, "", (), needs_both, status, pace, cleans, patience=patience)
