"""``SageMakerConditionOperator``: a Pass in which JSONata chooses, by conditions that compare values.

``choose_branch`` and ``_evaluate`` of ``operators/sagemaker.py`` of the amazon provider: texts that look like
numbers or booleans are cast, values of two kinds do not compare, all conditions are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Entries, Items, Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.branching import chosen, plain
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Part, Projection, Ref, failing
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.spelling import given, items, mapping, members
from dagmig.integrations.table import account

FLAT = ("condition_type", "left_value", "right_value")
FOLLOWS = ("if_task_ids", "else_task_ids")
COMPARED = {
    "Equals": "=",
    "GreaterThan": ">",
    "GreaterThanOrEqualTo": ">=",
    "LessThan": "<",
    "LessThanOrEqualTo": "<=",
}
FAILED = "AirflowFailException"
CAST = (
    "function($v) { $type($v) != 'string' ? $v : $v = 'None' ? null : "
    "$contains($v, /^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?$/) ? $number($v) : "
    "$lowercase($v) = 'true' ? true : $lowercase($v) = 'false' ? false : $v }"
)
PAIR = (
    "function($l, $r) { $exists($l) and $exists($r) and $type($l) != 'null' and $type($l) = $type($r) ? "
    "[$l, $r] : $error('values that do not compare: ' & $string($l) & ' and ' & $string($r)) }"
)


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, {*FLAT, *FOLLOWS, "conditions"}, {}, "a Pass", report)
    try:
        all_of = tuple(_every(_conditions(task)))
    except ValueError as problem:
        opened(task, "conditions", f"the conditions are not known: {problem}", report)
        return failing(f"Task {task.id} was not translated: its conditions are not known.")
    noted(task, "conditions", "texts are taken for numbers that are spelled as JSON spells them", report)
    condition = Expression((f"($cast := {CAST}; $pair := {PAIR}; $not(false in [", *all_of, "]))"))
    if given(task, "else_task_ids") not in (None, Literal([])):
        found = chosen(task, condition, FOLLOWS)
        return Fragment({MAIN: {"Type": "Pass"}}, {"return_value": Projection(MAIN, found)})
    is_met = {"Condition": Expression.of("$:is_met"), "Next": Ref("met")}
    states: dict[str, Mapping[str, Any]] = {
        MAIN: {"Type": "Pass", "Assign": {":is_met": condition}, "Next": Ref("met?")},
        "met?": {"Type": "Choice", "Choices": [is_met], "Default": Ref("not met")},
        "met": {"Type": "Pass"},
        "not met": {"Type": "Fail", "Error": FAILED, "Cause": f"Condition check failed in task '{task.id}'"},
    }
    ids = Expression.of(plain(task.argument("if_task_ids") or Literal(None)))
    return Fragment(states, {"return_value": Projection("met", ids)}, final=(FAILED,))


def _conditions(task: Task) -> list[Value]:
    kind, left, right = (task.argument(name) or Literal(None) for name in FLAT)
    if kind == Literal(None):
        found = items(given(task, "conditions") or Literal([]))
        if not found:
            raise ValueError("there is none")
        return found
    names = ("value", "in_values") if kind == Literal("In") else ("left_value", "right_value")
    return [mapping([("type", kind), (names[0], left), (names[1], right)])]


def _every(conditions: list[Value]) -> Iterator[Part]:
    """The conditions, one after the other. Raises ``ValueError`` in words."""
    for number, one in enumerate(conditions):
        yield ", " if number else ""
        yield from _condition(dict(members(one)))


def _condition(said: dict[str, Value]) -> Iterator[Part]:
    kind = said.get("type")
    name = kind.value if isinstance(kind, Literal) else None
    match name:
        case "Not":
            yield from ("$not(", *_condition(dict(members(_part(said, "condition")))), ")")
        case "Or":
            yield from ("(true in [", *_every(items(_part(said, "conditions"))), "])")
        case "In":
            yield from ("($cast(", _part(said, "value"), ") in ", *_castings(_part(said, "in_values")), ")")
        case str() if name in COMPARED:
            left, right = _part(said, "left_value"), _part(said, "right_value")
            yield from ("($p := $pair($cast(", left, "), $cast(", right, f")); $p[0] {COMPARED[name]} $p[1])")
        case _:
            raise ValueError("the type of one is none of the operator's")


def _part(said: dict[str, Value], name: str) -> Value:
    if name not in said:
        raise ValueError(f"one has no `{name}`")
    return said[name]


def _castings(values: Value) -> Iterator[Part]:
    """The list of what is allowed."""
    if isinstance(values, (Literal, Items)):
        known = items(values)
        yield "["
        for number, value in enumerate(known):
            yield from (", " if number else "", "$cast(", value, ")")
        yield "]"
    elif isinstance(values, Entries):
        raise ValueError("what is allowed is no list")
    else:
        yield from ("$map([", values, "], $cast)")


condition = Integration(
    AMAZON + "sagemaker.SageMakerConditionOperator", (), _to_asl, form="`Pass`, then a Choice"
)
