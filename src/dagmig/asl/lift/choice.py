"""The rules of a Choice state as Python conditions, with Step Functions' own typing.

A comparison of the wrong type is false and a path that is not there an error in JSONPath
(https://states-language.net/spec.html#choice-state); in JSONata nothing compares as false with anything.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from dagmig.asl.lift import jsonata, jsonpath
from dagmig.asl.lift.document import Doc, Known, Made, Ref, Scene, known, losses, plain
from dagmig.asl.lift.expression import Inexpressible, base, literal, python, quote
from dagmig.asl.lift.jsonata import Binary, Call, Const, Elements, Node, Unsupported

_SIGNS = {
    "Equals": "==",
    "LessThan": "<",
    "LessThanEquals": "<=",
    "GreaterThan": ">",
    "GreaterThanEquals": ">=",
}
_COMPARISONS = {
    f"{kind}{name}": (kind, sign)
    for kind in ("String", "Numeric", "Timestamp")
    for name, sign in _SIGNS.items()
}
_TESTS: Mapping[str, tuple[str, str]] = {
    "IsNull": ("{v} is None", "{v} is not None"),
    "IsBoolean": ("isinstance({v}, bool)", "not isinstance({v}, bool)"),
    "IsNumeric": ("is_number({v})", "not is_number({v})"),
    "IsString": ("isinstance({v}, str)", "not isinstance({v}, str)"),
    "IsTimestamp": ("timestamp({v}) is not None", "timestamp({v}) is None"),
}
_LOGIC = {"And": "and", "Or": "or"}
MAX_NESTING = 40
FIND, FIND_FIELD = "find", "find_field"  # the companions that look for data: of JSONPath, of JSONata


def condition(rule: Mapping[str, Any], scene: Scene, language: str) -> str:
    """The Python condition of one rule. Raises ``Inexpressible``."""
    if language == "JSONata":
        return _jsonata(rule.get("Condition"), scene)
    return _jsonpath(rule, scene, 0)


def _jsonpath(rule: Any, scene: Scene, depth: int) -> str:
    if not isinstance(rule, dict) or depth > MAX_NESTING:
        raise Inexpressible("the rule is not understood")
    for name, word in _LOGIC.items():
        if isinstance(members := rule.get(name), list) and members:
            inner = [_grouped(_jsonpath(member, scene, depth + 1), word) for member in members]
            return f" {word} ".join(inner)
    if "Not" in rule:
        if (opposite := _opposite(rule["Not"])) is not None:
            return _comparison(opposite, scene)
        return _negated(_jsonpath(rule["Not"], scene, depth + 1))
    return _comparison(rule, scene)


def _opposite(rule: Any) -> dict[str, Any] | None:
    """The rule that holds where a test of a type, or for presence, does not; None for any other rule."""
    if not isinstance(rule, dict):
        return None
    tests = {key: value for key, value in rule.items() if key in _TESTS or key == "IsPresent"}
    return {**rule, **{key: value is not True for key, value in tests.items()}} if tests else None


def _negated(test: str) -> str:
    """The opposite of a test."""
    match ast.parse(test, mode="eval").body:
        case ast.Compare(ops=[ast.Eq()], comparators=[right]) as node:
            left = ast.get_source_segment(test, node.left)
            return f"{left} != {ast.get_source_segment(test, right)}"
    return f"not ({test})"


def _grouped(text: str, word: str) -> str:
    """An operand of ``and``/``or``, in brackets where the other of the two is in it."""
    other = " or " if word == "and" else " and "
    return f"({text})" if other in text else text


def _comparison(rule: Mapping[str, Any], scene: Scene) -> str:
    variable = rule.get("Variable")
    operators = [key for key in rule if key not in ("Variable", "Next", "Comment", "Assign", "Output")]
    if not isinstance(variable, str) or len(operators) != 1:
        raise Inexpressible("a rule compares one variable with one operator")
    (operator,) = operators
    doc, operand = jsonpath.resolve(variable, scene), rule[operator]
    if operator == "IsPresent":
        return _presence(doc, operand is True, FIND)
    if operator == "IsNull" and known(doc):
        return str((plain(doc) is None) is (operand is True))
    if operator in _TESTS:
        return _TESTS[operator][0 if operand is True else 1].format(v=python(doc))
    name = operator.removesuffix("Path")
    other: Doc = Known(operand)
    if name != operator:
        other = jsonpath.resolve(operand, scene) if isinstance(operand, str) else Known(operand)
    if name in _COMPARISONS:
        return _compared(*_COMPARISONS[name], doc, other)
    match name:
        case "BooleanEquals" if known(doc) and known(other):
            return str(isinstance(plain(doc), bool) and plain(doc) is plain(other))
        case "BooleanEquals" if isinstance(other, Known) and isinstance(other.value, bool):
            return f"{python(doc)} is {other.value}"
        case "BooleanEquals":
            return f"isinstance(v := {python(doc)}, bool) and v is {python(other)}"
        case "StringMatches" if isinstance(other, Known) and isinstance(other.value, str):
            return f"matches({python(doc)}, {quote(other.value)})"
    raise Inexpressible(f"the operator {operator} is not understood")


def _presence(doc: Doc, wanted: bool, finder: str) -> str:
    if isinstance(doc, Ref | Made):
        return f"{_found(doc, finder)} is {'not ' if wanted else ''}MISSING"
    missing = any("is not in the data" in reason or "is not set" in reason for reason in losses(doc))
    if not missing:
        python(doc)
    return str(missing != wanted)


def _found(doc: Ref | Made, finder: str = FIND_FIELD) -> str:
    return f"{finder}({', '.join([base(doc), *(literal(key) for key in doc.path)])})"


def _compared(kind: str, sign: str, doc: Doc, other: Doc) -> str:
    left, right = python(doc), python(other)
    is_constant = isinstance(other, Known)
    expected: dict[str, Callable[[Any], bool]] = {
        "String": lambda v: isinstance(v, str),
        "Timestamp": lambda v: isinstance(v, str),
        "Numeric": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    }
    if isinstance(other, Known) and not expected[kind](other.value):
        raise Inexpressible(f"{right} is of the wrong type for this operator")
    if kind == "Timestamp":
        return (
            f"(v := timestamp({left})) is not None and (w := timestamp({right})) is not None and v {sign} w"
        )
    if kind == "String" and is_constant:
        return f"{left} == {right}" if sign == "==" else f"isinstance(v := {left}, str) and v {sign} {right}"
    if kind == "String":
        return f"isinstance(v := {left}, str) and isinstance(w := {right}, str) and v {sign} w"
    if is_constant:
        return f"is_number(v := {left}) and v {sign} {right}"
    return f"is_number(v := {left}) and is_number(w := {right}) and v {sign} w"


def _jsonata(text: Any, scene: Scene) -> str:
    if isinstance(text, bool):
        return str(text)
    if not jsonata.is_expression(text):
        raise Inexpressible("the rule has no condition")
    expression = text[2:-2].strip()
    try:
        return _logical(jsonata.parse(expression), scene)
    except Unsupported:
        return f"holds({python(jsonata.by_library(expression, scene))})"


def _logical(node: Node, scene: Scene, nested: bool = False) -> str:
    match node:
        case Const(bool() as value):
            return str(value)
        case Binary("and" | "or" as word, left, right):
            both = [_grouped(_logical(one, scene, True), word) for one in (left, right)]
            neutral = str(word == "and")
            return f" {word} ".join([one for one in both if one != neutral] or [neutral])
        case Call("not", (argument,)):
            return _negated(_logical(argument, scene, True))
        case Call("boolean", (argument,)):
            return _logical(argument, scene, True)
        case Call("exists", (argument,)):
            return _presence(jsonata.evaluate(argument, scene), True, FIND_FIELD)
        case Binary("=" | "!=" as sign, left, right):
            return _equality(sign, jsonata.evaluate(left, scene), jsonata.evaluate(right, scene))
        case Binary("<" | "<=" | ">" | ">=" as sign, left, right):
            return _ordered(sign, jsonata.evaluate(left, scene), jsonata.evaluate(right, scene), nested)
        case Binary("in", left, Elements(items)):
            members = [jsonata.evaluate(item, scene) for item in items]
            if not all(isinstance(member, Known) and isinstance(member.value, str) for member in members):
                raise Unsupported("`in` is converted for a list of strings")
            values = ", ".join(python(member) for member in members)
            return f"{_sought(jsonata.evaluate(left, scene))} in [{values}]"
    raise Unsupported("a condition is made of comparisons, and, or, not")


def _sought(doc: Doc) -> str:
    return _found(doc) if isinstance(doc, Ref | Made) and doc.path else python(doc)


def _equality(sign: str, left: Doc, right: Doc) -> str:
    if known(left):
        left, right = right, left
    if not known(right):
        raise Unsupported("two values of the run are compared")
    value = plain(right)
    if known(left):
        same = type(plain(left)) is type(value) and plain(left) == value
        return str(same is (sign == "="))
    found = _sought(left)
    match value, sign:
        case None, "=":
            return f"{found} is None"
        case None, _:
            return f"{found} not in (MISSING, None)"
        case bool(), "=":
            return f"{found} is {value}"
        case bool(), _:
            return f"(v := {found}) is not MISSING and v is not {value}"
        case str(), "=":
            return f"{found} == {quote(value)}"
        case str(), _:
            return f"{found} not in (MISSING, {quote(value)})"
        case ((int() | float()), "="):
            return f"is_number(v := {found}) and v == {literal(value)}"
        case ((int() | float()), _):
            return f"(v := {found}) is not MISSING and not (is_number(v) and v == {literal(value)})"
    raise Unsupported("lists and objects are compared")


def _ordered(sign: str, left: Doc, right: Doc, nested: bool) -> str:
    references = [leaf for doc in (left, right) for leaf in jsonata.operands(doc) if leaf.path]
    compared = f"{python(left)} {sign} {python(right)}"
    if not nested:
        return compared
    return " and ".join([*(f"{_found(doc)} is not MISSING" for doc in references), compared])
