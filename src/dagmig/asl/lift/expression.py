"""A document as code: a Python expression, a Jinja template, or JSON text with Jinja in it.

In Python the run is read from ``dag_run``, ``ti`` and ``run_id``, which Airflow passes to a function that
names them; in Jinja the same names are in scope, and ``macros.json`` is the ``json`` module
(https://airflow.apache.org/docs/apache-airflow/stable/templates-ref.html).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dagmig.asl.lift.document import (
    OTHERS,
    Arr,
    Doc,
    Key,
    Known,
    Lost,
    Made,
    Maybe,
    Obj,
    Ref,
    Text,
    known,
    losses,
    plain,
)
from dagmig.graph.values import Entries, Items, Literal, Opaque, Output, RunContext, Template, Value

CONTEXT_NAMES = ("dag_run", "ti", "run_id", "ds", "ds_nodash", "ts", "ts_nodash", "ts_nodash_with_tz")
ARITHMETIC = frozenset("+-")  # what a ``Made`` may name in place of a function
_JINJA = re.compile(r"\{(?=[{%#])")


class Inexpressible(Exception):
    """A document has a part no DAG can hold; the argument is the reason, for the ledger."""


def check(doc: Doc) -> None:
    """Raise ``Inexpressible`` for the first lost part."""
    for reason in losses(doc):
        raise Inexpressible(reason)


def python(doc: Doc) -> str:
    """A Python expression whose value is the document. Raises ``Inexpressible``."""
    check(doc)
    match doc:
        case Known(value):
            return literal(value)
        case Obj(fields):
            members = [
                f"**{python(child)}" if key == OTHERS else f"{quote(key)}: {python(child)}"
                for key, child in fields.items()
            ]
            return "{" + ", ".join(members) + "}"
        case Arr(items):
            return "[" + ", ".join(python(child) for child in items) + "]"
        case Text(parts):
            return " + ".join(_text_part(part, doc.writer) for part in parts)
        case Ref():
            return reference(doc, quote, "json")
        case Made():
            return _made(doc) + _subscripts(doc.path, quote)
    raise TypeError(f"not a document: {doc}")


def _text_part(part: Doc, writer: str) -> str:
    if isinstance(part, Known):
        return literal(part.value)
    is_text = isinstance(part, Made) and part.function == writer
    return python(part) if is_text else f"{writer}({python(part)})"


def base(doc: Ref | Made) -> str:
    """The Python expression of what a reference or a made document goes into."""
    return _made(doc) if isinstance(doc, Made) else reference(replace(doc, path=()), quote, "json")


def _operand_of(doc: Doc) -> str:
    """One side of an arithmetic operator."""
    is_nested = isinstance(doc, Made) and doc.function in ARITHMETIC
    return f"({python(doc)})" if is_nested else python(doc)


def _made(doc: Made) -> str:
    if doc.function in ARITHMETIC:
        return f" {doc.function} ".join(_operand_of(one) for one in doc.arguments)
    return f"{doc.function}({', '.join([*(python(one) for one in doc.arguments), *doc.rest])})"


def reference(doc: Ref, quote_with: Callable[[str], str], json_module: str) -> str:
    """The expression for a reference, in Python or in Jinja."""
    found = doc.context or (_pull(doc, quote_with) if doc.task else "dag_run.conf")
    if doc.is_text:
        found = f"{json_module}.loads({found})"
    return found + _subscripts(doc.path, quote_with)


def _subscripts(path: tuple[Key, ...], quote_with: Callable[[str], str]) -> str:
    return "".join(_subscript(key, quote_with) for key in path)


def _subscript(key: Key, quote_with: Callable[[str], str]) -> str:
    if isinstance(key, Maybe):
        return f".get({quote_with(key)}, {{}})"
    return f"[{quote_with(key) if isinstance(key, str) else key}]"


def _pull(doc: Ref, quote_with: Callable[[str], str]) -> str:
    """``ti.xcom_pull`` of a task, or of its instance for an item."""
    named = [f"task_ids={quote_with(doc.task)}"]
    if doc.key:
        named.append(f"key={quote_with(doc.key)}")
    if doc.index and not doc.is_item:
        named.append(f"map_indexes={doc.index}")
    item = f"[{doc.index}]" if doc.is_item else ""
    return f"ti.xcom_pull({', '.join(named)}){item}"


def quote(text: str) -> str:
    """A string as Python source in the formatter's quotes: double ones, unless that means more escapes."""
    found = repr(text)
    if found[0] == '"' or text.count('"') > text.count("'"):
        return found
    return '"' + found[1:-1].replace("\\'", "'").replace('"', '\\"') + '"'


def literal(value: Any) -> str:
    """A JSON value as Python source."""
    match value:
        case str():
            return quote(value)
        case dict():
            return "{" + ", ".join(f"{quote(k)}: {literal(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ", ".join(literal(member) for member in value) + "]"
        case float() if math.isinf(value):
            return "1e999" if value > 0 else "-1e999"
    return repr(value)


def _jinja_quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def escape(text: str) -> str:
    """Text that Jinja renders back to itself."""
    return _JINJA.sub("{{ '{' }}", text)


def json_text(doc: Doc) -> str:
    """A template that renders to the document as JSON text. Raises ``Inexpressible``."""
    check(doc)
    match doc:
        case Ref(is_text=True, path=()):
            return f"{{{{ {reference(replace(doc, is_text=False), _jinja_quote, '')} }}}}"
        case Obj(fields) if OTHERS not in fields:
            members = (f"{_json(key)}: {json_text(child)}" for key, child in fields.items())
            return "{" + ", ".join(members) + "}"
        case Arr(items):
            return "[" + ", ".join(json_text(child) for child in items) + "]"
        case Known(value):
            return _json(value)
    return f"{{{{ {jinja(doc)} | tojson }}}}"


def jinja(doc: Doc) -> str:
    """A Jinja expression for a document, without its braces. Raises ``Inexpressible``."""
    match doc:
        case Known(value):
            return _jinja_literal(value)
        case Ref():
            return reference(doc, _jinja_quote, "macros.json")
        case Text(parts):
            return "(" + " ~ ".join(_operand(part, doc.writer) for part in parts) + ")"
        case Arr(items):
            return "[" + ", ".join(jinja(child) for child in items) + "]"
        case Obj(fields):
            own = {key: child for key, child in fields.items() if key != OTHERS}
            members = ", ".join(f"{_jinja_quote(key)}: {jinja(child)}" for key, child in own.items())
            others = fields.get(OTHERS)
            return f"{{{members}}}" if others is None else f"dict({jinja(others)}, **{{{members}}})"
        case Lost(reason):
            raise Inexpressible(reason)
        case Made(function):
            raise Inexpressible(f"a template cannot call {function}")
    raise TypeError(f"not a document: {doc}")


def _jinja_literal(value: Any) -> str:
    match value:
        case None | bool():
            return str(value).lower()
        case str():
            return _jinja_quote(value)
        case dict():
            return "{" + ", ".join(f"{_jinja_quote(k)}: {_jinja_literal(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ", ".join(_jinja_literal(member) for member in value) + "]"
    return literal(value)


def _operand(part: Doc, writer: str) -> str:
    match part:
        case Known(value):
            return _jinja_quote(value if isinstance(value, str) else json.dumps(value))
    held = jinja(part)
    spelled = f"{held} | tojson"  # which writes spaces into objects, as JSONata does not
    if writer == "as_text":
        spelled = f"macros.json.dumps({held}, separators=(',', ':'), ensure_ascii=false)"
    return f"({held} if {held} is string else {spelled})"


def _json(value: Any) -> str:
    """JSON text in which Jinja sees nothing of its own: a brace that would open a template is escaped."""
    return (
        json.dumps(value, ensure_ascii=False)
        .replace("{{", "{\\u007b")
        .replace("{%", "{\\u0025")
        .replace("{#", "{\\u0023")
    )


def value(doc: Doc) -> Value:
    """A document as an operator's argument; strings are templates. Raises ``Inexpressible``."""
    check(doc)
    if known(doc):
        return Literal(_escaped(plain(doc)))
    match doc:
        case Obj(fields) if OTHERS in fields:
            raise Inexpressible("fields are added to data that is only known when the DAG runs")
        case Obj(fields):
            return Entries(tuple((Literal(key), value(child)) for key, child in fields.items()))
        case Arr(items):
            return Items(tuple(value(child) for child in items))
        case Text(parts):
            return Template(tuple(_template_part(part) for part in parts))
        case Ref():
            return _value(doc)
        case Made(function):
            raise Inexpressible(f"an argument cannot be what {function} makes")
    raise TypeError(f"not a document: {doc}")


def _value(doc: Ref) -> Value:
    if any(isinstance(key, Maybe) for key in doc.path):
        return Template((Opaque(jinja(doc)),))
    if doc.context in CONTEXT_NAMES:
        return RunContext(doc.context)
    if not doc.task and not doc.context:
        return RunContext("dag_run.conf", doc.path)
    if doc.is_text or doc.index or doc.context:
        return Template((Opaque(jinja(doc)),))
    return Output(doc.task, doc.key or "return_value", doc.path)


def _template_part(part: Doc) -> str | Value:
    match part:
        case Known(str() as text):
            return escape(text)
        case Known(constant):
            return json.dumps(constant)
        case Ref():
            return _value(part)
    raise Inexpressible("text is made of more than names")


def _escaped(constant: Any) -> Any:
    match constant:
        case str():
            return escape(constant)
        case dict():
            return {key: _escaped(member) for key, member in constant.items()}
        case list():
            return [_escaped(member) for member in constant]
    return constant
