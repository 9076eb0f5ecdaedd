"""Mapped tasks: what their instances are given, as a Map state's Items.

``expand`` over several arguments is their product, the last one varying fastest; a dict is mapped as its
(key, value) pairs; nothing to map over skips the task
(https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/dynamic-task-mapping.html).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any

from dagmig.asl.lower.data import references
from dagmig.asl.lower.joined import NOT_A_LIST, has_inner_function, joined, transformed, untransformed
from dagmig.asl.lower.jsonata import member
from dagmig.asl.lower.returns import gives_list, gives_some
from dagmig.asl.lower.variables import RETURNED
from dagmig.graph.model import Call, Expansion, Task, Workflow
from dagmig.graph.values import (
    Entries,
    Function,
    Items,
    Joined,
    Literal,
    MapItem,
    Opaque,
    Output,
    Reference,
    Transformed,
    Value,
)
from dagmig.integrations.fragment import Expression, Part
from dagmig.integrations.spelling import mapping, members, sequence

OPEN = (Opaque, Reference)
KWARGS = "op_kwargs"
PER_RUN = "max_active_tis_per_dagrun"


@dataclass(frozen=True, slots=True)
class Mapped:
    """``items`` are the list, one of each instance; ``length`` its length where that is known, ``limit`` how
    many instances run at once; ``producers`` the tasks whose outputs the list is made of.
    """

    items: Value | Expression
    length: int | None
    limit: int | None
    producers: tuple[str, ...] = ()
    may_be_empty: bool = True  # nothing to map over skips the task


def mapping_problem(task: Task) -> str | None:
    """Why a mapped task has no Map state; None where it has one, or is not mapped."""
    if task.expand is None:
        return None
    values = task.expand.arguments.values()
    if any(isinstance(value, OPEN) for value in values):
        return "what it is mapped over is not known"
    if task.is_setup or task.is_teardown:
        return "it is a mapped setup or teardown"
    if (problem := function_problem(task.expand)) is not None:
        return problem
    if task.expand.kind == "expand_kwargs" and _keys(task) is None:
        return "which arguments it is mapped over is not known"
    return None


def function_problem(expansion: Expansion) -> str | None:
    """Why a function that is applied to what is mapped over cannot be said in a state machine."""
    for value in expansion.arguments.values():
        if has_inner_function(value) or transformed(value, MapItem()) is None:
            return "what a function of `.map()` makes of the items that it is mapped over"
    return None


def unmapped(task: Task) -> Task:
    """The task as one instance: what it is mapped over are ``MapItem`` arguments."""
    if task.expand is None or mapping_problem(task) is not None:
        return task
    given = _given(task)
    arguments = dict(task.call.arguments)
    if task.call.operator.startswith("@task") and given is not None:
        before = arguments.get(KWARGS, Literal({}))
        arguments[KWARGS] = mapping([*members(before), *given.items()])
    elif given is None:
        whole = transformed(task.expand.arguments["kwargs"], MapItem())
        assert whole is not None
        arguments[KWARGS] = whole
    else:
        arguments |= given
    return replace(task, call=Call(task.call.operator, arguments))


def mapped(workflow: Workflow, task: Task) -> Mapped | None:
    """What a mapped task is mapped over; None where it is not mapped, or has no Map state."""
    return None if task.expand is None or mapping_problem(task) is not None else mapped_over(workflow, task)


def mapped_over(workflow: Workflow, task: Task) -> Mapped:
    """What a task is mapped over that is known to be mapped, and over what."""
    assert task.expand is not None
    values = task.expand.arguments.values()
    found = [output.task for value in values for output in references(value)]
    items, length = _items(workflow, task.expand)
    may_be_empty = length == 0 or not (length or all(has_members(workflow, value) for value in values))
    return Mapped(items, length, at_once(task), tuple(dict.fromkeys(found)), may_be_empty)


def at_once(task: Task) -> int | None:
    """How many instances of a task may run at the same time; None where that is not limited, or not known."""
    limit = task.argument(PER_RUN)
    return limit.value if isinstance(limit, Literal) and isinstance(limit.value, int) else None


def has_members(workflow: Workflow, value: Value) -> bool:
    """Whether what a task is mapped over surely has an item."""
    value = untransformed(value)
    if (listed := _listed(value)) is not None:
        return bool(listed)
    if isinstance(value, Joined):
        some = any if value.kind == "concat" or value.fill is not None else all
        return some(has_members(workflow, part) for part in value.parts)
    if not isinstance(value, Output) or value.path or value.key != RETURNED:
        return False
    producer = workflow.tasks.get(value.task)
    function = producer.argument("python_callable") if producer and producer.expand is None else None
    return isinstance(function, Function) and gives_some(function)


def _given(task: Task) -> dict[str, Value] | None:
    """The arguments of one instance; None where they are all the item's own (``expand_kwargs``)."""
    assert task.expand is not None
    values = task.expand.arguments
    if task.expand.kind == "expand_kwargs":
        made = transformed(values["kwargs"], MapItem())
        if isinstance(made, (Entries, Literal)):
            return dict(members(made))
        keys = _keys(task)
        return {key: MapItem((key,)) for key in keys} if keys else None
    items = {name: MapItem() if len(values) == 1 else MapItem((name,)) for name in values}
    found = ((name, transformed(value, items[name])) for name, value in values.items())
    return {name: made for name, made in found if made is not None}


def _keys(task: Task) -> list[str] | None:
    """The arguments that each instance is given by ``expand_kwargs``; none where a callable is given what
    comes, None where they differ or are not known.
    """
    assert task.expand is not None
    value = task.expand.arguments["kwargs"]
    if isinstance(value, Transformed) and isinstance(made := transformed(value, MapItem()), Entries):
        try:
            return [key for key, _ in members(made)]
        except ValueError:
            return None
    value = untransformed(value)
    if (listed := _listed(value)) is not None:
        try:
            found = [[key for key, _ in members(item)] for item in listed]
        except ValueError:
            return None
        return found[0] if found and all(set(keys) == set(found[0]) for keys in found) else None
    is_taskflow = task.call.operator.startswith("@task")
    has_others = task.call.arguments.get(KWARGS) not in (None, Literal({}))
    return [] if is_taskflow and not has_others and isinstance(value, (Output, Joined)) else None


def _items(workflow: Workflow, expansion: Expansion) -> tuple[Value | Expression, int | None]:
    values = expansion.arguments
    lists = {name: _listed(value) for name, value in values.items()}
    known = {name: found for name, found in lists.items() if found is not None}
    length = prod(len(found) for found in known.values()) if len(known) == len(lists) else None
    if length is None and any(not found for found in known.values()):
        length = 0
    if len(values) == 1:
        ((name, value),) = values.items()
        if name in known:
            return sequence(known[name]), length
        return _as_list(workflow, value), length
    if length is not None:
        rows = product(*known.values()) if length else ()
        return sequence(mapping(zip(values, row, strict=True)) for row in rows), length
    return _product(workflow, values, known), length


def _listed(value: Value) -> list[Value] | None:
    """The members of a list that is written out; a dict's are pairs."""
    match value:
        case Literal(list() | tuple() as found):
            return [Literal(item) for item in found]
        case Items(found):
            return list(found)
        case Literal(dict() as pairs):
            return [Literal([key, item]) for key, item in pairs.items()]
        case Entries(entries):
            return [Items(pair) for pair in entries]
    return None


def _as_list(workflow: Workflow, value: Value) -> Value | Expression:
    """An output as a list; where it may be a dict, as that one's pairs."""
    if isinstance(value, (Joined, Transformed)):
        return _as_made(workflow, untransformed(value))
    if (found := _of_instances(workflow, value)) is not None:
        return found
    producer = workflow.tasks.get(value.task) if isinstance(value, Output) else None
    if producer is not None and (producer.expand is not None or _returns_list(producer)):
        return value
    pair = f"[$k, {member('$lookup($v, $k)')}]"
    pairs = f"$reduce($keys($v), function($a, $k) {{ $append($a, [{pair}]) }}, [])"
    return Expression.of("($v := ", value, f"; $type($v) = 'object' ? {pairs} : $v)")


def _as_made(workflow: Workflow, value: Value) -> Value | Expression:
    """The list that was put together of some, or whose items a function is applied to."""
    if isinstance(value, Joined):
        return joined(value, lambda part: _of_instances(workflow, part) or part)
    if (found := _of_instances(workflow, value)) is not None:
        return found
    producer = workflow.tasks.get(value.task) if isinstance(value, Output) else None
    if producer is not None and (producer.expand is not None or _returns_list(producer)):
        return value
    return Expression.of("($v := ", value, f"; $type($v) = 'array' ? $v : {NOT_A_LIST})")


def _of_instances(workflow: Workflow, value: Value) -> Expression | None:
    """What the instances of a mapped task gave as a list, where that may be null: as in Airflow 2."""
    producer = workflow.tasks.get(value.task) if isinstance(value, Output) else None
    if producer is None or producer.expand is None or workflow.is_airflow_3:
        return None
    return Expression.of("($v := ", value, "; $v = null ? [] : $v)")


def _returns_list(task: Task) -> bool:
    function = task.argument("python_callable")
    return isinstance(function, Function) and gives_list(function)


def _product(workflow: Workflow, values: Any, known: dict[str, list[Value]]) -> Expression:
    """Objects of one member each, nested loops over the lists: the last varies fastest."""
    parts: list[Part] = []
    for number, (name, value) in enumerate(values.items()):
        found = sequence(known[name]) if name in known else _as_list(workflow, value)
        inner = found.parts if isinstance(found, Expression) else (found,)
        parts += ["$reduce(", *inner, f", function($a{number}, $i{number}) {{ "]
    pairs = ", ".join(f"'{name}': $i{number}" for number, name in enumerate(values))
    parts.append(f"$append($a{len(values) - 1}, [{{{pairs}}}])")
    parts += [f" }}, $a{number - 1})" if number else " }, [])" for number in reversed(range(len(values)))]
    return Expression(tuple(parts))
