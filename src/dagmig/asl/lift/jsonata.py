"""The part of JSONata that a DAG can hold: paths, literals, objects, arrays, ``&`` and comparisons.

https://docs.jsonata.org/, https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dagmig.asl.lift import jsonpath, library
from dagmig.asl.lift.document import (
    Arr,
    Doc,
    Key,
    Known,
    Lost,
    Obj,
    Ref,
    Scene,
    Text,
    is_list,
    select,
)
from dagmig.asl.lift.lists import Lists
from dagmig.asl.lower.dates import Dates

_TOKEN = re.compile(
    r"""\s*(?:/\*.*?\*/\s*)*(?:
    (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<variable>\$[A-Za-z_]\w*|\$\$?)
  | (?P<name>[A-Za-z_]\w*|`[^`]*`)
  | (?P<operator>!=|<=|>=|:=|~>|\.\.|\*\*|[-+*/%&=<>.\[\]{}(),:;?@\#|^])
  | (?P<end>$)
    )""",
    re.VERBOSE | re.DOTALL,
)
_BINDING = {
    "or": 25, "and": 30, "=": 40, "!=": 40, "<": 40, "<=": 40, ">": 40, ">=": 40, "in": 40,
    "&": 50, "+": 50, "-": 50, "*": 60, "/": 60, "%": 60, ".": 75, "[": 80, "(": 80,
}  # jsonata's own table of binding powers, src/parser.js  # fmt: skip
_WORDS = {"true": True, "false": False, "null": None}
MAX_NESTING = 60
LOGICAL_DATE = "logical_date"  # the variable that ``lower`` keeps a run's logical date in
_TS = Ref(context="ts")


class Unsupported(Exception):
    """An expression is no JSONata, or uses more of it than is converted; the argument says which."""


@dataclass(frozen=True, slots=True)
class Const:
    value: Any


@dataclass(frozen=True, slots=True)
class Var:
    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """``key`` of what ``of`` is; an index where it is a number."""

    of: Node
    key: Key


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Members:
    """An object constructor."""

    pairs: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Elements:
    """An array constructor."""

    items: tuple[Node, ...]


Node = Const | Var | Step | Binary | Call | Members | Elements


_RUN_DATE = (LOGICAL_DATE, f"{{% {Dates().of(LOGICAL_DATE)} %}}")
_DAY = Call("substring", (Var(LOGICAL_DATE), Const(0), Const(10)))
_SECOND = Call("substring", (Var(LOGICAL_DATE), Const(0), Const(19)))


def _without(node: Node, mark: str) -> Node:
    return Call("replace", (node, Const(mark), Const("")))


_RUN: Mapping[Node, str] = {
    _DAY: "ds",
    _without(_DAY, "-"): "ds_nodash",
    _without(_without(_SECOND, "-"), ":"): "ts_nodash",
    _without(_without(Var(LOGICAL_DATE), "-"), ":"): "ts_nodash_with_tz",
}  # what ``lower`` writes for these names of a template's context


def is_expression(value: Any) -> bool:
    """Whether a field holds JSONata: a string between ``{%`` and ``%}`` with nothing around them."""
    return isinstance(value, str) and len(value) > 3 and value.startswith("{%") and value.endswith("%}")


def parse(text: str) -> Node:
    """An expression without its delimiters as a tree. Raises ``Unsupported``."""
    parser = _Parser(text)
    node = parser.expression(0)
    parser.expect("end")
    return node


class _Parser:
    """A Pratt parser over the tokens of one expression."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        position, kind = 0, ""
        while kind != "end":
            token = _TOKEN.match(text, position)
            if token is None or token.lastgroup is None:
                raise Unsupported(f"`{text[position : position + 20].strip()}` is not understood")
            kind, position = token.lastgroup, token.end()
            self.tokens.append((kind, token[kind]))
        self.at = self.depth = 0

    def next(self) -> tuple[str, str]:
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def expect(self, wanted: str) -> None:
        kind, text = self.next()
        if wanted not in (text, kind if kind == "end" else text):
            raise Unsupported(f"`{text or 'the end'}` where `{wanted}` is expected")

    def peek(self) -> str:
        kind, text = self.tokens[self.at]
        return text if kind == "operator" or text in ("and", "or", "in") else ""

    def expression(self, power: int) -> Node:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise Unsupported("it is nested too deeply")
        left = self.prefix()
        while _BINDING.get(self.peek(), 0) > power:
            left = self.infix(left, self.next()[1])
        self.depth -= 1
        return left

    def prefix(self) -> Node:
        match self.next():
            case "number", text:
                return Const(json.loads(text))
            case "string", text:
                return Const(_unquote(text))
            case "variable", text:
                return Var(text[1:])
            case "name", text if text in _WORDS:
                return Const(_WORDS[text])
            case "operator", "(":
                inner = self.expression(0)
                self.expect(")")
                return inner
            case "operator", "-":
                inner = self.expression(70)
                if isinstance(inner, Const) and isinstance(inner.value, (int, float)):
                    return Const(-inner.value)
                raise Unsupported("negation is not converted")
            case "operator", "{":
                return self.members()
            case "operator", "[":
                return Elements(self.list_until("]"))
            case _, text:
                raise Unsupported(f"`{text or 'the end'}` is not converted here")

    def infix(self, left: Node, operator: str) -> Node:
        if operator == ".":
            kind, text = self.next()
            if kind not in ("name", "string"):
                raise Unsupported(f"`.{text}` is not converted")
            return Step(left, text.strip("`") if kind == "name" else _unquote(text))
        if operator == "[":
            index = self.expression(0)
            self.expect("]")
            if isinstance(index, Const) and type(index.value) is int:
                return Step(left, index.value)
            raise Unsupported("predicates are not converted")
        if operator == "(":
            if not isinstance(left, Var):
                raise Unsupported("only a named function can be called")
            return Call(left.name, self.list_until(")"))
        return Binary(operator, left, self.expression(_BINDING[operator]))

    def list_until(self, end: str) -> tuple[Node, ...]:
        found: list[Node] = []
        while self.peek() != end:
            found.append(self.expression(0))
            if self.peek() != end:
                self.expect(",")
        self.next()
        return tuple(found)

    def members(self) -> Node:
        pairs: list[tuple[str, Node]] = []
        while self.peek() != "}":
            kind, text = self.next()
            if kind != "string":
                raise Unsupported("an object's computed key is not converted")
            self.expect(":")
            pairs.append((_unquote(text), self.expression(0)))
            if self.peek() != "}":
                self.expect(",")
        self.next()
        return Members(tuple(pairs))


def _unquote(text: str) -> str:
    inner = text[1:-1]
    if text[0] == "'":
        inner = inner.replace("\\'", "'").replace('"', '\\"')
    try:
        found = json.loads(f'"{inner}"', strict=False)
    except ValueError:
        raise Unsupported(f"the string {text} is not understood") from None
    return str(found)


def evaluate(node: Node, scene: Scene, result: Doc | None = None) -> Doc:
    """The document an expression yields; ``result`` is ``$states.result`` where there is one."""
    if (name := _RUN.get(node)) is not None and scene.variables.get(LOGICAL_DATE) == _TS:
        return Ref(context=name)
    match node:
        case Const(value):
            return Known(value)
        case Var(name):
            return _variable(name, scene, result)
        case Step(of, key):
            found = evaluate(of, scene, result)
            if not isinstance(found, Lost) and _is_of_members(key, is_list(found), _name(of), scene.lists):
                raise Unsupported("a name of each member, or a number of a single value")
            return select(found, (key,))
        case Members(pairs):
            return Obj({key: evaluate(value, scene, result) for key, value in pairs})
        case Elements(items) if all(isinstance(item, Const | Elements | Members) for item in items):
            return Arr(tuple(evaluate(item, scene, result) for item in items))
        case Binary("&", left, right):
            return jsonpath.text_of([evaluate(left, scene, result), evaluate(right, scene, result)])
        case Call("parse", (argument,)):
            return _parsed(evaluate(argument, scene, result))
        case Call("string", (argument,)):
            return _spelled(evaluate(argument, scene, result))
        case Call() | Binary() | Elements():  # a list takes the members of lists in it
            raise Unsupported("the JSONata is not converted here")


def _is_of_members(key: Key, is_list: bool, name: Key, lists: Lists) -> bool:
    """Whether a step is not, or may not be, what it is in Python: a name is asked of each member of a list,
    and ``[0]`` of a single value is that.
    """
    if isinstance(key, str):
        return is_list or name in lists.treated | lists.made
    return not is_list and name in lists.made


def _name(node: Node) -> Key:
    """The last name of a path; empty where there is none."""
    match node:
        case Step(_, key):
            return key
        case Var(name):
            return name
    return ""


def _variable(name: str, scene: Scene, result: Doc | None) -> Doc:
    if name == "states":
        return _states(scene, result)
    return scene.variables.get(name, Lost(f"the variable `${name}` is not set"))


def _states(scene: Scene, result: Doc | None) -> Obj:
    """``$states``."""
    fields: dict[str, Doc] = {"input": scene.document, "context": jsonpath.context(scene)}
    if scene.error is not None:
        fields["errorOutput"] = scene.error
    return Obj(fields if result is None else {**fields, "result": result})


def _parsed(doc: Doc) -> Doc:
    match doc:
        case Ref(task=str() as task, path=(), is_text=False) if task:
            return replace(doc, is_text=True)
        case Lost():
            return doc
    raise Unsupported("the JSONata function $parse is not converted here")


def _spelled(doc: Doc) -> Doc:
    match doc:
        case Ref(path=(), is_text=True):
            return replace(doc, is_text=False)
        case Ref():
            return Text((doc,))
        case Known(str()) | Text() | Lost():
            return doc
    raise Unsupported("the JSONata function $string is not converted here")


def by_library(text: str, scene: Scene, result: Doc | None = None) -> Doc:
    """What an expression that is not translated yields."""
    return library.evaluated(text, scene.variables, _states(scene, result))


def template(value: Any, scene: Scene, result: Doc | None = None) -> Doc:
    """A field that may hold expressions in its strings (``Arguments``, ``Output``, ``Assign``)."""
    if is_expression(value):
        text = value[2:-2].strip()
        try:
            return evaluate(parse(text), scene, result)
        except Unsupported:
            return by_library(text, scene, result)
    match value:
        case dict():
            return Obj({key: template(member, scene, result) for key, member in value.items()})
        case list():
            return Arr(tuple(template(member, scene, result) for member in value))
    return Known(value)


def assigned(fields: Mapping[str, Any], scene: Scene, result: Doc | None) -> dict[str, Doc]:
    """The variables after a state that has an ``Assign``."""
    assign = fields.get("Assign")
    new = (
        {
            name: _TS if (name, value) == _RUN_DATE else template(value, scene, result)
            for name, value in assign.items()
        }
        if isinstance(assign, dict)
        else {}
    )
    return {**scene.variables, **new}
