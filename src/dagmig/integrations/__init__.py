"""The dictionary of operators and states, read both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from dagmig.diagnostics import Report, Span
from dagmig.discovery import declared
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Value
from dagmig.integrations.fragment import Fragment
from dagmig.integrations.old_names import PRESENT

if TYPE_CHECKING:
    from dagmig.integrations.waits import Watch

SERVICE = ":states:::"


@dataclass(frozen=True, slots=True)
class Loop:
    """How an operator that becomes a loop is read back: its arguments for the seconds between two looks, for
    how often (a sensor: how long) it looks, and for whether it waits at all; each empty where there is none.

    A sensor asks ``resource``; ``asked`` gives its arguments by what it asks with, or None.
    """

    every: str
    times: str
    waits: str = ""
    resource: str = ""
    asked: Callable[[Mapping[str, Any]], dict[str, Any] | None] | None = None


@dataclass(frozen=True, slots=True)
class Integration:
    """What ``services`` declares: an operator (``aliases`` are its old import paths) and the ``Resource``
    values of its states; ``to_airflow`` is None where there is no way back. ``form`` says in words what the
    operator becomes where no resource tells it. ``tolerates`` are errors after which its work counts as done,
    ``transient`` those after which the operator tries again by itself. ``results``: where the answer of a
    state holds what the operator returns, by the state's suffix (``.sync``). ``loop`` where it is asked for.
    ``watches``: how machines ask for themselves for what the operator waits for, ``waiting`` is the suffix of
    the state that waits.
    """

    operator: str
    resources: tuple[str, ...]
    to_asl: Callable[[Task, Report], Fragment]
    to_airflow: Callable[[str, Mapping[str, Value], Span, Report], Call] | None = None
    aliases: tuple[str, ...] = ()
    form: str = ""
    tolerates: tuple[str, ...] = ()
    transient: frozenset[str] = frozenset()
    results: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    loop: Loop | None = None
    watches: tuple[Watch, ...] = ()
    waiting: str = ""


@dataclass(frozen=True)
class Registry:
    """Every integration, found by operator or by resource; the first of two counts."""

    integrations: tuple[Integration, ...]

    @cached_property
    def _by_operator(self) -> dict[str, Integration]:
        return {name: one for one in reversed(self.integrations) for name in (*one.aliases, one.operator)}

    @cached_property
    def _by_resource(self) -> dict[str, Integration]:
        return {name: one for one in reversed(self.integrations) for name in one.resources}

    def for_operator(self, name: str) -> Integration | None:
        """The integration of an operator under its present name or an old one."""
        return self._by_operator.get(name) or self._by_operator.get(PRESENT.get(name, ""))

    def for_resource(self, arn: str) -> Integration | None:
        """The integration whose states have this ``Resource``, in whatever partition (``aws-cn``)."""
        wanted = in_one_partition(arn)
        return self._by_resource.get(wanted) if wanted else None


def in_one_partition(arn: str) -> str | None:
    """A ``Resource`` as integrations declare it; None where it is no service's."""
    action = arn.partition(SERVICE)[2]
    return f"arn:aws{SERVICE}{action}" if action else None


_known: ContextVar[Registry | None] = ContextVar("known", default=None)


@contextmanager
def also(own: tuple[Integration, ...]) -> Iterator[None]:
    """Know the user's own integrations, before those declared under ``services``."""
    token = _known.set(Registry((*own, *_shipped().integrations)))
    try:
        yield
    finally:
        _known.reset(token)


def registry() -> Registry:
    """All integrations."""
    return _known.get() or _shipped()


@cache
def _shipped() -> Registry:
    return Registry(tuple(declared("dagmig.integrations.services", Integration)))
