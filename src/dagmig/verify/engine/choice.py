"""Choice rules. JSONPath: comparators, strictly typed: a value of another kind than asked for is no match.

https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html. A Variable that leads nowhere is an
error, except for IsPresent.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from dagmig.verify.engine import paths
from dagmig.verify.engine.errors import QUERY, InvalidMachine, StatesError, runtime
from dagmig.verify.engine.filters import kind
from dagmig.verify.engine.sight import Sight
from dagmig.verify.engine.templates import JSONATA, Value, constant, path, template
from dagmig.verify.engine.times import nanoseconds

Test = Callable[[Sight], bool]
Convert = Callable[[Any], Any]
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}


def _only(name: str) -> Convert:
    return lambda value: value if kind(value) == name else None


_KINDS: Mapping[str, Convert] = {
    "String": _only("string"),
    "Numeric": _only("number"),
    "Boolean": _only("boolean"),
    "Timestamp": nanoseconds,
}
_IS: Mapping[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None,
    "IsNumeric": lambda value: kind(value) == "number",
    "IsString": lambda value: kind(value) == "string",
    "IsBoolean": lambda value: kind(value) == "boolean",
    "IsTimestamp": lambda value: nanoseconds(value) is not None,
}
_NOT_COMPARATORS = frozenset({"Variable", "Next", "Comment", "Assign", "Output"})


def test(rule: Mapping[str, Any], language: str) -> Test:
    """Whether a rule matches. Raises ``InvalidMachine`` where it is none."""
    return _condition(rule) if language == JSONATA else _rule(rule)


def _condition(rule: Mapping[str, Any]) -> Test:
    if not isinstance(rule.get("Condition"), str | bool):
        raise InvalidMachine("a choice rule without a Condition in a JSONata state")
    evaluate = template(rule["Condition"], JSONATA, "Condition")

    def holds(sight: Sight) -> bool:
        found = evaluate(sight)
        if not isinstance(found, bool):
            cause = (
                f"The JSONata expression '{rule['Condition']}' specified for the field 'Condition' returned "
            )
            raise StatesError(QUERY, f"{cause}a {kind(found)}, not a boolean.", is_evaluation=True)
        return found

    return holds


def _rule(rule: Mapping[str, Any]) -> Test:
    for name, combine in (("And", all), ("Or", any)):
        if name in rule:
            parts = [_rule(part) for part in rule[name]]
            return _combined(parts, combine)
    if "Not" in rule:
        inner = _rule(rule["Not"])
        return lambda sight: not inner(sight)
    names = rule.keys() - _NOT_COMPARATORS
    if len(names) != 1 or "Variable" not in rule:
        raise InvalidMachine(f"a choice rule with the comparators {sorted(names)}")
    name = names.pop()
    return _comparison(name, rule["Variable"], rule[name])


def _combined(parts: list[Test], combine: Callable[..., bool]) -> Test:
    return lambda sight: combine(part(sight) for part in parts)


def _comparison(name: str, variable: Any, operand: Any) -> Test:
    find = path(variable)
    if name == "IsPresent":
        is_there = paths.exists(find)
        return lambda sight: is_there(sight) is operand
    value = _variable(find, variable)
    if name in _IS:
        check = _IS[name]
        return lambda sight: check(value(sight)) is operand
    wanted: Value = path(operand) if name.endswith("Path") else constant(operand)
    plain = name.removesuffix("Path")
    if plain == "StringMatches":
        return lambda sight: _matches(value(sight), wanted(sight))
    for prefix, convert in _KINDS.items():
        order = _ORDERS.get(plain.removeprefix(prefix))
        if plain.startswith(prefix) and order:
            return _ordered(order, convert, value, wanted)
    raise InvalidMachine(f"there is no comparator {name!r}")


def _variable(find: Value, text: str) -> Value:
    def value(sight: Sight) -> Any:
        try:
            return find(sight)
        except StatesError as error:
            cause = f"Invalid path '{text}': The choice state's condition path references an invalid value."
            raise runtime(cause) from error

    return value


def _ordered(order: Callable[[Any, Any], bool], convert: Convert, value: Value, wanted: Value) -> Test:
    def holds(sight: Sight) -> bool:
        left, right = convert(value(sight)), convert(wanted(sight))
        return left is not None and right is not None and order(left, right)

    return holds


def _matches(value: Any, pattern: Any) -> bool:
    r"""``*`` stands for any text, ``\*`` for itself."""
    if not isinstance(value, str) or not isinstance(pattern, str):
        return False
    parts = re.findall(r"\\(.)|(\*)|([^*\\]+|\\)", pattern, re.DOTALL)
    wanted = "".join(".*" if star else re.escape(escaped or plain) for escaped, star, plain in parts)
    return re.fullmatch(wanted, value, re.DOTALL) is not None
