"""What a DAG says about its params and about how its templates are rendered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from dagmig.asl.lower.scene import Default, Rendering
from dagmig.graph.jinja import PARSING
from dagmig.graph.model import Task, Workflow
from dagmig.graph.query import literal
from dagmig.graph.values import Entries, Literal, New, Value


def defaults(workflow: Workflow, task: Task) -> dict[str, Default]:
    """The params of a task: the DAG's, and its own before them, but for those whose default is not known."""
    found: dict[str, Default] = {}
    for given in (workflow.arguments.get("params"), task.argument("params")):
        for name, value in _members(given):
            default = _default(value)
            if default is None:
                found.pop(name, None)
            else:
                found[name] = default
    return found


def _members(given: Value | None) -> list[tuple[str, Value]]:
    match given:
        case Literal(dict() as known):
            return [(str(name), Literal(value)) for name, value in known.items()]
        case Entries(entries):
            return [(str(key.value), value) for key, value in entries if isinstance(key, Literal)]
    return []


def _default(value: Value) -> Default | None:
    match value:
        case Literal(constant):
            return Default(_plain(constant))
        case New(kind, arguments, keywords) if kind.rpartition(".")[2] == "Param":
            given = keywords.get("default", arguments[0] if arguments else None)
            type_of = literal(keywords, "type")
            said = type_of if isinstance(type_of, str) else ""
            if given is None:
                return Default(None, said, is_given=False)
            return Default(_plain(given.value), said) if isinstance(given, Literal) else None
    return None


def _plain(value: Any) -> Any:
    """As JSON, which the params of a run are (``Param.dump``)."""
    match value:
        case datetime() | date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case list() | tuple() | set() | frozenset():
            return [_plain(item) for item in value]
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
    return value


def rendering(workflow: Workflow) -> Rendering:
    """How Airflow makes the DAG's Jinja environment (``DAG.get_template_env``)."""
    arguments = workflow.arguments
    options = arguments.get("jinja_environment_kwargs")
    known = options.value if isinstance(options, Literal) and isinstance(options.value, dict) else {}
    problem = ""
    if options not in (None, Literal(None)) and (not known or not set(known) <= PARSING):
        problem = "Jinja with `jinja_environment_kwargs` of the DAG's own"
    native = arguments.get("render_template_as_native_obj")
    if native is not None and not isinstance(native, Literal):
        problem = "Jinja where it is not known whether native objects are rendered"
    return Rendering(
        options=tuple(sorted(known.items())) if not problem else (),
        macros=_constants(arguments),
        own_filters=_filters(arguments.get("user_defined_filters")),
        problem=problem,
        is_native=isinstance(native, Literal) and bool(native.value),
    )


def _constants(arguments: Mapping[str, Value]) -> dict[str, Any]:
    members = _members(arguments.get("user_defined_macros"))
    return {name: value.value for name, value in members if isinstance(value, Literal)}


def _filters(given: Value | None) -> frozenset[str] | None:
    if given is None or given == Literal(None):
        return frozenset()
    found = _members(given)
    is_known = isinstance(given, (Literal, Entries))
    return frozenset(name for name, _ in found) if is_known else None
