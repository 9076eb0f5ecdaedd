"""Where code of the user's runs: generated functions in Lambda, or in containers of ECS or Batch."""

from __future__ import annotations

from dataclasses import dataclass

TARGETS = ("lambda", "ecs", "batch")


@dataclass(frozen=True, slots=True)
class Running:
    """``python`` is where callables and commands run; ``has_fallback``: an operator without an integration
    runs as it is, in a container of ECS; so do the tasks of ``apart``, whatever their operators.
    """

    python: str = "lambda"
    has_fallback: bool = False
    apart: frozenset[str] = frozenset()


IN_LAMBDA = Running()
