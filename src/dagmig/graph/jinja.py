"""Jinja text <-> values: ``{{ ... }}`` taken apart into references into the run, and written back.

An expression without filters, tests and calls of its own is Python's syntax too, so that Python's parser
reads it. Whatever is more than a reference is kept as ``Opaque``: an expression without its braces, or a
statement or comment with them. Names: https://airflow.apache.org/docs/apache-airflow/stable/templates-ref.html
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

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

_OPEN = re.compile(r"\{[{%#]")
_TOKEN = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[({\[]|[)\]]|\}\}|\}""", re.DOTALL)
_PULLERS = frozenset({"ti", "task_instance"})
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
Keys = tuple[str | int, ...]


def parse(text: str) -> Literal | Template:
    """Take a string apart; without Jinja in it, it stays a ``Literal``. Never raises."""
    parts: list[str | Value] = []
    position = search = 0
    while (opened := _OPEN.search(text, search)) is not None:
        end = _end(text, opened)
        if end is None:
            search = opened.end()
            continue
        if opened.start() > position:
            parts.append(text[position : opened.start()])
        whole = text[opened.start() : end]
        parts.append(reference(whole[2:-2].strip("-").strip()) if opened[0] == "{{" else Opaque(whole))
        position = search = end
    if position < len(text):
        parts.append(text[position:])
    return Template(tuple(parts)) if any(not isinstance(part, str) for part in parts) else Literal(text)


def _end(text: str, opened: re.Match[str]) -> int | None:
    """Where the part that begins here ends, after its braces; None where it does not."""
    if opened[0] != "{{":
        closing = text.find("%}" if opened[0] == "{%" else "#}", opened.end())
        return None if closing < 0 else closing + 2
    depth, position = 0, opened.end()
    while (token := _TOKEN.search(text, position)) is not None:
        position = token.end()
        if token[0] in ("(", "[", "{"):
            depth += 1
        elif token[0] == "}}" and depth == 0:
            return position
        elif token[0] == "}}":
            depth -= 1
            position -= 1
        elif token[0] in (")", "]", "}"):
            depth -= 1
    return None


def unparse(template: Template) -> str:
    """The text of a template."""
    return "".join(part if isinstance(part, str) else _braced(part) for part in template.parts)


def _braced(value: Value) -> str:
    match value:
        case Opaque(source) if source.startswith(("{%", "{#", "{{")):
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
    try:
        node = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Opaque(source)
    base, keys = _chain(node)
    if isinstance(base, ast.Call):
        return _pull(base, keys) or Opaque(source)
    if not isinstance(base, ast.Name):
        return Opaque(source)
    return _named(base.id, keys, node) or Opaque(source)


def _chain(node: ast.expr) -> tuple[ast.expr, Keys]:
    """``a.b['c'][0]`` as its base and its keys; the base is the whole node where a key is not constant."""
    keys: list[str | int] = []
    base = node
    while isinstance(base, (ast.Attribute, ast.Subscript)):
        if isinstance(base, ast.Attribute):
            keys.append(base.attr)
        elif isinstance(base.slice, ast.Constant) and isinstance(key := base.slice.value, (str, int)):
            keys.append(key)
        else:
            return node, ()
        base = base.value
    return base, tuple(reversed(keys))


def _named(name: str, keys: Keys, node: ast.expr) -> Value | None:
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
    attributes = list(_attributes(node))
    if keys and (name not in _DOTTED or len(attributes) != len(keys)):
        return RunContext(name, keys) if name in ("inlets", "outlets") else None
    return RunContext(".".join([name, *attributes]))


def _attributes(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Attribute):
        yield from _attributes(node.value)
        yield node.attr


def _pull(call: ast.Call, path: Keys) -> Output | None:
    """``ti.xcom_pull(task_ids='x', key='k')`` of one task; None for any other call."""
    match call.func:
        case ast.Attribute(value=ast.Name(id=name), attr="xcom_pull") if name in _PULLERS:
            pass
        case _:
            return None
    given: dict[str, ast.expr] = dict(zip(("task_ids", "dag_id", "key"), call.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    if set(given) - {"task_ids", "key"} or len(call.args) > 1 or any(k.arg is None for k in call.keywords):
        return None
    task, key = given.get("task_ids"), given.get("key", ast.Constant("return_value"))
    if isinstance(task, (ast.List, ast.Tuple)):
        return None
    match task, key:
        case ast.Constant(value=str() as task_id), ast.Constant(value=str() as name):
            return Output(task_id, name, path)
    return None
