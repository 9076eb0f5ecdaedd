"""The dictionary of operators and states, read both ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from dagmig.diagnostics import Report, Span
from dagmig.discovery import declared
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Value
from dagmig.integrations.fragment import Fragment

SERVICE = ":states:::"


@dataclass(frozen=True, slots=True)
class Integration:
    """What ``services`` declares: an operator (``aliases`` are its old import paths) and the ``Resource``
    values of its states; ``to_airflow`` is None where there is no way back. ``form`` says in words what the
    operator becomes where no resource tells it. ``tolerates`` are errors after which its work counts as done,
    ``transient`` those after which the operator tries again by itself. ``results``: where the answer of a
    state holds what the operator returns, by the state's suffix (``.sync``).
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


@dataclass(frozen=True, slots=True)
class Registry:
    """Every integration, found by operator or by resource."""

    integrations: tuple[Integration, ...]

    def for_operator(self, name: str) -> Integration | None:
        """The integration of an operator under its present name or an old one."""
        return next((i for i in self.integrations if name in (i.operator, *i.aliases)), None)

    def for_resource(self, arn: str) -> Integration | None:
        """The integration whose states have this ``Resource``, in whatever partition (``aws-cn``)."""
        wanted = in_one_partition(arn)
        return next((i for i in self.integrations if wanted in i.resources), None) if wanted else None


def in_one_partition(arn: str) -> str | None:
    """A ``Resource`` as integrations declare it; None where it is no service's."""
    action = arn.partition(SERVICE)[2]
    return f"arn:aws{SERVICE}{action}" if action else None


@cache
def registry() -> Registry:
    """All integrations declared under ``services``."""
    return Registry(tuple(declared("dagmig.integrations.services", Integration)))
