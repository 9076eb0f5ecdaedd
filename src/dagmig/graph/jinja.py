"""Jinja text <-> values: ``{{ ... }}`` taken apart into references into the run, and written back.

Jinja's own lexer and parser read it (imported where there is more than names in braces). Whatever is
more than a reference is kept as ``Opaque``: an expression without its braces, or a statement or comment with
them. Names: https://airflow.apache.org/docs/apache-airflow/stable/templates-ref.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dagmig.graph.values import (
    Connection,
    Literal,
    Opaque,
    Output,
    Param,
    RunContext,
    Template,
    Value,
    Variable,
)

if TYPE_CHECKING:
    from jinja2 import Environment, nodes

_OPENING = ("{{", "{%", "{#")
_CLOSING = {"variable_begin": "variable_end", "block_begin": "block_end", "comment_begin": "comment_end",
            "raw_begin": "raw_end"}  # fmt: skip
PULLERS = frozenset({"ti", "task_instance"})
_DOTTED = frozenset(
    {"dag_run", "dag", "task", "ti", "task_instance", "data_interval_start", "data_interval_end"}
)
_CONTEXT = _DOTTED | frozenset(
    {
        "logical_date", "execution_date", "ds", "ds_nodash", "ts", "ts_nodash", "ts_nodash_with_tz", "run_id",
        "prev_ds", "next_ds", "yesterday_ds", "yesterday_ds_nodash", "tomorrow_ds", "tomorrow_ds_nodash",
        "prev_data_interval_start_success", "prev_data_interval_end_success", "prev_start_date_success",
        "prev_end_date_success", "task_instance_key_str", "test_mode", "map_index_template", "exception",
        "triggering_asset_events", "inlets", "outlets",
    }
)  # fmt: skip
PARSING = frozenset(
    {"block_start_string", "block_end_string", "variable_start_string", "variable_end_string",
     "comment_start_string", "comment_end_string", "line_statement_prefix", "line_comment_prefix",
     "trim_blocks", "lstrip_blocks", "newline_sequence", "keep_trailing_newline"}
)  # fmt: skip
# the options of jinja2.Environment that change how a text is read, not what is done with it
METHODS = frozenset(
    {"items", "keys", "values", "get", "pop", "popitem", "copy", "update", "setdefault", "clear"}
)
Keys = tuple[str | int, ...]
_DOTTED_NAME = re.compile(r"\{\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\}\}", re.ASCII)
RESERVED = frozenset(
    {"true", "false", "none", "True", "False", "None", "not", "and", "or", "in", "is", "if", "else"}
)


class Dotted(list[str]):
    """A name and its attributes."""


class BadTemplate(ValueError):
    """Text that Jinja cannot parse, so that Airflow fails the task; the argument is Jinja's reason."""


def has_jinja(text: str) -> bool:
    """Whether Jinja may find something in the text."""
    return "{" in text and any(opening in text for opening in _OPENING)


@lru_cache(maxsize=16)
def _environment(options: tuple[tuple[str, Any], ...] = ()) -> Environment:
    from jinja2 import Environment

    return Environment(extensions=["jinja2.ext.do"], **dict(options))


@lru_cache(maxsize=256)
def tree(text: str, options: tuple[tuple[str, Any], ...] = ()) -> nodes.Template:
    """What Jinja parses; ``options`` are some of ``PARSING``, sorted. Raises ``BadTemplate``."""
    from jinja2 import TemplateError

    try:
        return _environment(options).parse(text)
    except (TemplateError, RecursionError, ValueError, TypeError) as error:
        raise BadTemplate(str(error)) from error


def parse(text: str) -> Literal | Template:
    """Take a string apart; without Jinja in it, it stays a ``Literal``. Never raises."""
    if not has_jinja(text):
        return Literal(text)
    plain = dotted(text)
    if plain is not None:
        return Template(tuple(_joined(_of_dotted(one) if isinstance(one, Dotted) else one for one in plain)))
    from jinja2 import TemplateSyntaxError

    try:
        parts = tuple(_joined(_parts(text)))
    except TemplateSyntaxError:
        start = min(place for opening in _OPENING if (place := text.find(opening)) >= 0)
        parts = (text[:start], Opaque(text[start:])) if start else (Opaque(text),)
    return Template(parts) if any(not isinstance(part, str) for part in parts) else Literal(text)


def dotted(text: str) -> list[str | Dotted] | None:
    """The parts of a text in which all of Jinja is names with attributes, in braces, as most have it.

    None where there is more, or where Jinja would see more: then its own lexer has to look.
    """
    parts = _DOTTED_NAME.split(text)
    if "\r" in text or any(has_jinja(part) for part in parts[::2]):
        return None
    found: list[str | Dotted] = []
    for number, part in enumerate(parts):
        if number % 2:
            names = Dotted(part.split("."))
            if names[0] in RESERVED or parts[number - 1].endswith("{"):
                return None
            found.append(names)
        elif part:
            found.append(part)
    return found


def _of_dotted(names: Dotted) -> Value:
    name, *attributes = names
    found = None if METHODS.intersection(attributes) else _of_context(name, tuple(attributes), attributes)
    return found or Opaque(".".join(names))


def _parts(text: str) -> Iterator[str | Value]:
    opened, kind = "", ""
    for _, token, value in _environment((("keep_trailing_newline", True),)).lexer.tokeniter(text, None):
        if kind:
            opened += value
            if token == _CLOSING[kind]:
                yield _part(kind, opened)
                kind = ""
        elif token in _CLOSING:
            opened, kind = value, token
        else:
            yield value
    if kind:
        yield opened


def _part(kind: str, whole: str) -> Value:
    if kind == "variable_begin":
        return reference(whole.strip()[2:-2].strip("-+").strip())
    return Opaque(whole.strip())


def _joined(parts: Iterator[str | Value]) -> Iterator[str | Value]:
    """Neighbouring texts as one."""
    held = ""
    for part in parts:
        if isinstance(part, str):
            held += part
            continue
        if held:
            yield held
        held = ""
        yield part
    if held:
        yield held


def unparse(template: Template) -> str:
    """The text of a template."""
    return "".join(part if isinstance(part, str) else _braced(part) for part in template.parts)


def _braced(value: Value) -> str:
    match value:
        case Opaque(source) if source.startswith(_OPENING):
            return source
        case Literal(constant):
            return str(constant)
        case Template():
            return unparse(value)
    return f"{{{{ {expression(value)} }}}}"


def expression(value: Value) -> str:
    """A reference as a Jinja expression, without braces. Raises ``TypeError`` for a value that is none."""
    match value:
        case Output(task, key, path):
            wanted = "" if key == "return_value" else f", key={key!r}"
            return f"ti.xcom_pull(task_ids={task!r}{wanted}){_keys(path)}"
        case Param(name, path):
            return f"params{_key(name)}{_keys(path)}"
        case RunContext(name, path):
            return f"{name}{_keys(path)}"
        case Variable(name, path, is_json):
            return f"var.{'json' if is_json else 'value'}{_key(name)}{_keys(path)}"
        case Connection(name, attribute):
            return f"conn{_key(name)}.{attribute}"
        case Opaque(source):
            return source
    raise TypeError(f"not a reference: {value}")


def _key(name: str) -> str:
    return f".{name}" if name.isidentifier() else f"[{name!r}]"


def _keys(path: Keys) -> str:
    return "".join(f"[{key!r}]" for key in path)


def reference(source: str) -> Value:
    """The value an expression names; ``Opaque`` where it is more than a reference."""
    from jinja2 import nodes

    try:
        body = tree(f"{{{{ {source} }}}}").body
    except BadTemplate:
        return Opaque(source)
    match body:
        case [nodes.Output(nodes=[found])]:
            return named(found) or Opaque(source)
    return Opaque(source)


def named(node: nodes.Node) -> Value | None:
    """The value that a node of Jinja's tree names; None where it is more than a reference. A value that is
    written as JSON unless it is a text, ``x if x is string else x | tojson``, is what a state is given.
    """
    from jinja2 import nodes

    match node:
        case nodes.CondExpr(
            test=nodes.Test(name="string", node=asked),
            expr1=given,
            expr2=nodes.Filter(name="tojson", node=written),
        ) if asked == given == written:
            return named(given)
    base, keys = _chain(node)
    if isinstance(base, nodes.Call):
        pull = pulled(base)
        if pull is None or pull.is_list or pull.is_of_item or pull.default is not None:
            return None
        return replace(pull.outputs[0], path=keys)
    return _of_context(base.name, keys, list(_attributes(node))) if isinstance(base, nodes.Name) else None


def _chain(node: nodes.Node) -> tuple[nodes.Node, Keys]:
    """``a.b['c'][0]`` as its base and its keys; the base is the whole node where a key is not constant."""
    from jinja2 import nodes

    keys: list[str | int] = []
    base = node
    while isinstance(base, (nodes.Getattr, nodes.Getitem)):
        match base:
            case nodes.Getattr(attr=key) if key in METHODS:
                return node, ()
            case nodes.Getattr(attr=key) | nodes.Getitem(arg=nodes.Const(value=str() | int() as key)):
                keys.append(key)
            case nodes.Getitem(arg=nodes.Neg(node=nodes.Const(value=int() as key))):
                keys.append(-key)
            case _:
                return node, ()
        base = base.node
    return base, tuple(reversed(keys))


def _of_context(name: str, keys: Keys, attributes: list[str]) -> Value | None:
    """What a name of the context with its keys is, of which those in ``attributes`` stand behind dots."""
    match name, keys:
        case "params", (str() as param, *path):
            return Param(param, tuple(path))
        case "var", ("value" | "json" as kind, str() as variable, *path):
            return Variable(variable, tuple(path), kind == "json")
        case "conn", (str() as connection, str() as attribute):
            return Connection(connection, attribute)
        case "dag_run", ("conf", *path):
            return RunContext("dag_run.conf", tuple(path))
    if name not in _CONTEXT:
        return None
    if keys and (name not in _DOTTED or len(attributes) != len(keys)):
        return RunContext(name, keys) if name in ("inlets", "outlets") else None
    return RunContext(".".join([name, *attributes]))


def _attributes(node: nodes.Node) -> Iterator[str]:
    from jinja2 import nodes

    if isinstance(node, nodes.Getattr):
        yield from _attributes(node.node)
        yield node.attr


@dataclass(frozen=True, slots=True)
class Pull:
    """A call of ``xcom_pull``: ``outputs`` in order, whether it gives a list, and its ``default``.
    ``is_of_item``: of the instances that are for the same item (``map_indexes=ti.map_index``).
    """

    outputs: list[Output]
    is_list: bool = False
    default: nodes.Node | None = None
    is_of_item: bool = False


def pulled(call: nodes.Call) -> Pull | None:
    """``ti.xcom_pull(...)`` of tasks that are named, in this run of this DAG; None for any other call."""
    from jinja2 import nodes

    match call.node:
        case nodes.Getattr(node=nodes.Name(name=name), attr="xcom_pull") if name in PULLERS:
            pass
        case _:
            return None
    given: dict[str, nodes.Node] = dict(zip(("task_ids", "dag_id", "key"), call.args, strict=False))
    given |= {keyword.key: keyword.value for keyword in call.kwargs}
    known = {"task_ids", "key", "default", "map_indexes"}
    if set(given) - known or len(call.args) > 1 or call.dyn_args or call.dyn_kwargs:
        return None
    is_of_item = "map_indexes" in given
    if is_of_item and not _is_index(given["map_indexes"]):
        return None
    match given.get("task_ids"):
        case nodes.Const(value=str() as task):
            tasks, is_list = [task], False
        case nodes.List(items=items) | nodes.Tuple(items=items):
            tasks, is_list = [item.value for item in items if isinstance(item, nodes.Const)], True
            if len(tasks) != len(items) or not all(isinstance(task, str) for task in tasks):
                return None
        case _:
            return None
    match given.get("key", nodes.Const("return_value")):
        case nodes.Const(value=str() as key):
            return Pull([Output(task, key) for task in tasks], is_list, given.get("default"), is_of_item)
    return None


def _is_index(node: nodes.Node) -> bool:
    """Whether it is the index of the item that an instance is for."""
    return named(node) in [RunContext(f"{ti}.map_index") for ti in sorted(PULLERS)]


def outputs(text: str) -> Iterator[Output]:
    """The outputs of tasks that a text pulls, wherever in an expression."""
    for pull in pulls(text):
        yield from pull.outputs


def pulls(text: str) -> Iterator[Pull]:
    """The calls of ``xcom_pull`` in a text, wherever in an expression."""
    if "xcom_pull" not in text or not has_jinja(text):
        return
    from jinja2 import nodes

    try:
        found = tree(text)
    except BadTemplate:
        return
    for call in found.find_all(nodes.Call):
        if (pull := pulled(call)) is not None:
            yield pull
