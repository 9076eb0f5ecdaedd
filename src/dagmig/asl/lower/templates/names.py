"""The names of a template's context: what each is in an execution.

https://airflow.apache.org/docs/apache-airflow/stable/templates-ref.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagmig.asl.lower.jsonata import constant, field_of, steps
from dagmig.asl.lower.scene import INPUT, START_TIME, Default, Scene, Untranslatable, named
from dagmig.asl.lower.templates.code import TIMES, Code, Kind, known, label
from dagmig.asl.lower.templates.moments import isoformat
from dagmig.graph.jinja import expression
from dagmig.graph.values import Connection, Output, Param, RunContext, Value, Variable
from dagmig.integrations.clock import INTERVAL_END
from dagmig.integrations.jsonata import quoted

MOMENTS = {
    "logical_date": "logical_date",
    "execution_date": "logical_date",
    "data_interval_start": "data_interval_start",
    "data_interval_end": "data_interval_end",
    "prev_execution_date": "prev_execution_date",
    "next_execution_date": "next_execution_date",
    INTERVAL_END: INTERVAL_END,
}
REMOVED = ("execution_date", "prev_", "next_", "yesterday_", "tomorrow_")  # in Airflow 3.0
DAYS = {"ds": "logical_date", "next_ds": "next_execution_date", "prev_ds": "prev_execution_date"}
BESIDE = {"yesterday_ds": "-", "tomorrow_ds": "+"}
RUN_ID = "$states.context.Execution.Name"
CONF = f"{INPUT}.conf"
INDEXES = ("ti.map_index", "task_instance.map_index")
STAMPS = {
    "ts": "{}",
    "ts_nodash": "$replace($replace($substring({}, 0, 19), '-', ''), ':', '')",
    "ts_nodash_with_tz": "$replace($replace({}, '-', ''), ':', '')",
}
_TOLD = f"$exists({INPUT}.scheduled_time) ? 'scheduled' : 'manual'"
RUN: Mapping[str, Code] = {
    **dict.fromkeys(
        ("run_id", "dag_run.run_id", "ti.run_id", "task_instance.run_id"), Code(RUN_ID, Kind.TEXT)
    ),
    **dict.fromkeys(
        ("ti.try_number", "task_instance.try_number"),
        Code("$states.context.State.RetryCount + 1", Kind.WHOLE, is_loose=True),
    ),
    "dag_run.conf": Code(
        f"$exists({CONF}) ? {CONF} : {{}}", Kind.ENTRIES, is_loose=True, seen=RunContext("dag_run.conf")
    ),
    "dag_run.run_type": Code(
        f"$exists({INPUT}.run_type) ? {INPUT}.run_type : {_TOLD}", Kind.TEXT, is_loose=True
    ),
    "dag_run.start_date": Code(f"1000 * $floor($toMillis({START_TIME}) / 1000)", Kind.MOMENT, is_loose=True),
    "test_mode": Code("false", Kind.FLAG, constant=False),
}
KINDS: Mapping[type, Kind] = {str: Kind.TEXT, int: Kind.WHOLE, list: Kind.ITEMS, dict: Kind.ENTRIES}
SCHEMA = {"string": Kind.TEXT, "integer": Kind.WHOLE, "object": Kind.ENTRIES, "array": Kind.ITEMS}


def context(name: str, scene: Scene) -> Code | None:
    """The code of a name of the run's context, dotted or not; None where it is not one that is known."""
    plain = name.removeprefix("dag_run.") if name.startswith("dag_run.") else name
    if scene.is_airflow_3 and plain.startswith(REMOVED) and not plain.endswith("_success"):
        raise Untranslatable(f"{name}, which Airflow 3 has not,")
    if plain in MOMENTS and name in (plain, f"dag_run.{plain}"):
        return moment(scene.moment(MOMENTS[plain]))
    if name in scene.constants:
        return known(scene.constants[name])
    base, _, suffix = name.partition("_nodash")
    if base in (*DAYS, *BESIDE) and suffix == "":
        return _day(base, is_dashed=base == name, scene=scene)
    if name in STAMPS:
        return Code(STAMPS[name].format(scene.moment("logical_date")), Kind.TEXT)
    if name in INDEXES and scene.index:
        return Code(scene.index, Kind.WHOLE, is_loose=scene.index.startswith("-"))
    if name == "task_instance_key_str":
        day = _day("ds", is_dashed=False, scene=scene).source
        key = f"{scene.constants['dag.dag_id']}__{scene.constants['task.task_id']}__"
        return Code(f"{quoted(key)} & {day}", Kind.TEXT, is_loose=True)
    return RUN.get(name)


def moment(iso: str) -> Code:
    """A moment by JSONata for its text."""
    return Code(f"$toMillis({iso})", Kind.MOMENT, iso=iso)


def _day(base: str, *, is_dashed: bool, scene: Scene) -> Code:
    if base in DAYS:
        day = f"$substring({scene.moment(DAYS[base])}, 0, 10)"
        return Code(day if is_dashed else f"$replace({day}, '-', '')", Kind.TEXT)
    shown = "[Y0001]-[M01]-[D01]" if is_dashed else "[Y0001][M01][D01]"
    at = f"$toMillis({scene.moment('logical_date')}) {BESIDE[base]} 86400000"
    return Code(f"$fromMillis({at}, '{shown}')", Kind.TEXT)


def referred(value: Value, scene: Scene) -> Code:
    """The code of a reference into the run. Raises ``Untranslatable``."""
    match value:
        case Output(_, _, path):
            return _output(value, path, scene)
        case Param(name, path):
            return _param(value, name, path, scene)
        case RunContext("dag_run.conf", path) if path:
            return Code(steps(CONF, path), Kind.ANY, may_miss=True, seen=value)
        case RunContext(name, path) if not path and (found := context(name, scene)) is not None:
            return found
        case Variable(name, path, is_json):
            held = scene.lookup(name, None)
            if not is_json:
                if path:
                    raise Untranslatable(named(value))
                return Code(held, Kind.TEXT)
            return Code(steps(f"$parse({held})", path), Kind.ANY, may_miss=bool(path), seen=value)
        case Connection():
            raise Untranslatable(f"{expression(value)}, a connection's,")
    raise Untranslatable(named(value))


def value_of(value: Value, scene: Scene) -> Code:
    """A reference as JSON: a date is its text. Raises ``Untranslatable``."""
    return as_json(referred(value, scene))


def as_json(code: Code) -> Code:
    """What stands for a value in JSON. Raises ``Untranslatable``."""
    if code.kind in TIMES:
        return isoformat(code)
    if code.kind is Kind.SPAN:
        raise Untranslatable(f"a length of time, {label(code)},")
    return code


def _output(value: Output, path: tuple[str | int, ...], scene: Scene) -> Code:
    held = scene.variable(value)
    is_text = not path and scene.doubtful(value) is None
    kind = Kind.TEXT if is_text else Kind.ANY
    types = () if path or scene.has_run(value.task) else ("null",)
    return Code(steps(held, path), kind, is_sure=False, may_miss=bool(path), seen=value, types=types)


def _param(value: Param, name: str, path: tuple[str | int, ...], scene: Scene) -> Code:
    given = f"{CONF}.{field_of(name)}"
    default = scene.params.get(name)
    if default is None or not default.is_given:
        return Code(steps(given, path), Kind.ANY, may_miss=True, seen=value)
    held = f"$exists({given}) ? {given} : {constant(default.value)}"
    if path:
        return Code(steps(f"({held})", path), Kind.ANY, may_miss=True, seen=value)
    kind = _kind(default)
    of = known(default.value).of if isinstance(default.value, list) else Kind.ANY
    return Code(held, kind, of=of, is_loose=True, is_sure=False, seen=value, types=_types(default))


def _kind(default: Default) -> Kind:
    if default.type in SCHEMA:
        return SCHEMA[default.type]
    return KINDS.get(type(default.value), Kind.ANY)


def _types(default: Default) -> tuple[str, ...]:
    found: list[str] = []
    if isinstance(default.value, bool) or default.type == "boolean":
        found.append("boolean")
    if default.value is None:
        found.append("null")
    return tuple(found)


def of_macros(name: str, macros: Mapping[str, Any]) -> Code | None:
    """A constant of the DAG's ``user_defined_macros``."""
    return known(macros[name]) if name in macros else None
