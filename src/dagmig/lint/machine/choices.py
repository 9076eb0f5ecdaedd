"""The rules of a Choice.

https://states-language.net/spec.html#choice-state,
https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dagmig.asl.fields import JSONATA
from dagmig.asl.model import JSON, State
from dagmig.lint.machine.values import is_open

_ORDERS = ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
_TYPES: Mapping[str, tuple[type, ...]] = {
    "String": (str,),
    "Numeric": (int, float),
    "Timestamp": (str,),
    "Boolean": (bool,),
    "Is": (bool,),
}
COMPARISONS: Mapping[str, tuple[type, ...]] = {
    **{f"{kind}{order}": _TYPES[kind] for kind in ("String", "Numeric", "Timestamp") for order in _ORDERS},
    **{f"{kind}{order}Path": (str,) for kind in ("String", "Numeric", "Timestamp") for order in _ORDERS},
    "BooleanEquals": (bool,),
    "BooleanEqualsPath": (str,),
    "StringMatches": (str,),
    **{f"Is{what}": (bool,) for what in ("Null", "Present", "Numeric", "String", "Boolean", "Timestamp")},
}
COMBINED = frozenset({"And", "Or", "Not"})
_ABOUT = frozenset({"Next", "Comment", "Assign", "Output", "Variable"})
Fault = tuple[str, str]  # the place (a JSON pointer), and what is wrong there


def tests(state: State) -> Iterator[tuple[str, Mapping[str, JSON]]]:
    """Every comparison of a JSONPath Choice with its pointer, those inside of others too."""
    choices = state.fields.get("Choices")
    for index, rule in enumerate(choices if isinstance(choices, list) else ()):
        yield from _tests(rule, f"{state.pointer}/Choices/{index}")


def _tests(rule: JSON, at: str) -> Iterator[tuple[str, Mapping[str, JSON]]]:
    if not isinstance(rule, dict):
        return
    if "Variable" in rule:
        yield at, rule
    for key in COMBINED & rule.keys():
        members = rule[key] if isinstance(rule[key], list) else [rule[key]]
        for index, member in enumerate(members):
            yield from _tests(member, f"{at}/{key}" if member is rule[key] else f"{at}/{key}/{index}")


def faults(state: State) -> Iterator[Fault]:
    """What is wrong with the rules of a Choice."""
    choices = state.fields.get("Choices")
    if not isinstance(choices, list):
        return  # wrong-field-type and missing-required-field say so
    if not choices:
        yield f"{state.pointer}/Choices", "`Choices` is empty"
    for index, rule in enumerate(choices):
        at = f"{state.pointer}/Choices/{index}"
        if not isinstance(rule, dict):
            yield at, "a rule is an object"
        elif not any(is_open(key) for key in rule) and not is_open(rule):
            yield from _rule(rule, at, state.query_language)


def _rule(rule: Mapping[str, JSON], at: str, language: str) -> Iterator[Fault]:
    if not isinstance(rule.get("Next"), str):
        yield at, "the rule has no `Next`"
    if language != JSONATA:
        yield from _test(rule, at)
        return
    condition = rule.get("Condition")
    if "Condition" not in rule:
        yield at, "a rule of JSONata has a `Condition`"
    elif not isinstance(condition, bool | str):
        yield f"{at}/Condition", "a `Condition` is an expression"
    for key in rule.keys() - _ABOUT - {"Condition"} | rule.keys() & {"Variable"}:
        yield f"{at}/{key}", f"`{key}` is no part of a rule of JSONata"


def _test(rule: Mapping[str, JSON], at: str) -> Iterator[Fault]:
    """What is wrong with a test, its combined ones included."""
    tests = [key for key in rule if key in COMPARISONS or key in COMBINED]
    for key in rule.keys() - _ABOUT - set(tests):
        yield f"{at}/{key}", f"there is no comparison `{key}`"
    if len(tests) > 1:
        yield f"{at}/{tests[1]}", f"the rule has two tests, `{tests[0]}` and `{tests[1]}`"
    elif not tests and not rule.keys() - _ABOUT:
        yield at, "the rule has no test"
    for key in tests:
        yield from _combined(key, rule[key], at) if key in COMBINED else _comparison(key, rule, at)


def _comparison(key: str, rule: Mapping[str, JSON], at: str) -> Iterator[Fault]:
    value = rule[key]
    if "Variable" not in rule:
        yield at, f"`{key}` compares a `Variable`, which is missing"
    wanted = COMPARISONS[key]
    is_right = isinstance(value, wanted) and (bool in wanted or not isinstance(value, bool))
    if not is_right and not is_open(value):
        yield f"{at}/{key}", f"`{key}` compares with {_NAMES[wanted]}"


_NAMES: Mapping[tuple[type, ...], str] = {
    (str,): "a text",
    (int, float): "a number",
    (bool,): "true or false",
}


def _combined(key: str, value: JSON, at: str) -> Iterator[Fault]:
    members = [value] if key == "Not" else value
    if not isinstance(members, list) or not members or not all(isinstance(one, dict) for one in members):
        yield f"{at}/{key}", f"`{key}` holds {'a rule' if key == 'Not' else 'a list of rules'}"
        return
    for index, rule in enumerate(members):
        here = f"{at}/{key}" if key == "Not" else f"{at}/{key}/{index}"
        if "Next" in rule:
            yield f"{here}/Next", "a rule inside of another has no `Next`"
        yield from _test(rule, here)
