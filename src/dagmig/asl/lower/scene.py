"""What a state may refer to where a value is written out for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dagmig.diagnostics import Disposition
from dagmig.graph.jinja import expression
from dagmig.graph.values import Function, Joined, Literal, MapItem, New, Output, Reference, Transformed, Value

INPUT = "$states.context.Execution.Input"
START_TIME = "$states.context.Execution.StartTime"
INDEX = "$states.context.Map.Item.Index"
NOT_MAPPED = "-1"  # `ti.map_index` of a task that is not mapped


class Untranslatable(ValueError):
    """A value that has no form in a state machine; the message names it."""


@dataclass(frozen=True, slots=True)
class Default:
    """A param's default; ``type`` is its JSON schema's, empty where it has none. ``is_given``: it has one."""

    value: Any = None
    type: str = ""
    is_given: bool = True


@dataclass(frozen=True, slots=True)
class Rendering:
    """How the DAG has its templates rendered: ``options`` of Jinja's parser, constants among
    ``user_defined_macros``, and the names of filters that are the user's own (None: not known which).
    ``problem`` is why nothing with Jinja in it can be rendered. ``is_native`` gives values, not texts;
    ``is_library``: code that has JSONata evaluated is written as a template.
    """

    options: tuple[tuple[str, Any], ...] = ()
    macros: Mapping[str, Any] = field(default_factory=dict)
    own_filters: frozenset[str] | None = frozenset()
    problem: str = ""
    is_native: bool = False
    is_library: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """``variable`` gives the JSONata of a task's output where it can be read, ``moment`` that of one of the
    run's dates (``2024-01-01T00:00:00+00:00``), ``lookup`` that of an Airflow Variable by its name and the
    JSONata of a default. ``params`` are the defaults, ``constants`` the names of the run that are known.

    ``has_run`` says whether a task has surely succeeded. What is put into a text and need not be one is given
    to ``in_text``; ``note`` takes other differences. ``item`` is the JSONata of what an instance of a mapped
    task is given, ``index`` that of its place among them, ``of_item`` as ``variable`` of the instance of
    another task that is for the same item.
    """

    variable: Callable[[Output], str]
    moment: Callable[[str], str]
    lookup: Callable[[str, str | None], str]
    params: Mapping[str, Default]
    constants: Mapping[str, str]
    in_text: Callable[[Value], None]
    note: Callable[[Disposition, str], None]
    has_run: Callable[[str], bool]
    doubtful: Callable[[Value], Disposition | None]
    rendering: Rendering = field(default_factory=Rendering)
    is_airflow_3: bool = True
    item: str = ""
    index: str = NOT_MAPPED
    of_item: Callable[[Output], str] | None = None


def named(value: Value) -> str:
    """The value as a reader of the DAG file knows it."""
    match value:
        case Function(name):
            return f"the function {name}"
        case New(kind):
            return f"{kind}(...)"
        case Literal(constant):
            return repr(constant)
        case MapItem():
            return "what it is mapped over"
        case Joined(kind):
            return f"what `.{kind}()` gives"
        case Transformed():
            return "what `.map()` gives"
        case Reference(name):
            return name
    try:
        return expression(value)
    except TypeError:
        return type(value).__name__
