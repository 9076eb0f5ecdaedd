"""What a callable asks of Airflow's context, found in its code, and how a state sends it.

Airflow passes the run's context (https://airflow.apache.org/docs/apache-airflow/stable/templates-ref.html)
to a parameter of the same name, to ``**context``, and to who calls ``get_current_context()``.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from dagmig.graph.model import Call, Task
from dagmig.graph.values import Entries, Function, Items, Literal, New, Output, Param, RunContext, Value
from dagmig.integrations.asking import (
    CONTEXT,
    DATES,
    NAME,
    OBJECTS,
    SAME,
    SENT,
    STATE,
    TEXTS,
    Asked,
)
from dagmig.integrations.conditions import conditions
from dagmig.integrations.context_reader import Reader, Sight
from dagmig.integrations.python_source import definition, merged, statements
from dagmig.integrations.spelling import items, mapping, members, sequence


def asked(task: Task) -> Asked:
    """What the callable of a task asks of the context; nothing where its code is not known."""
    task = unwrapped(task)
    function = task.argument("python_callable")
    body = definition(function) if isinstance(function, Function) else None
    if not isinstance(function, Function) or body is None:
        return Asked()
    given, positional = _given(task)
    names = [p.name for p in function.parameters if p.kind in ("positional", "keyword")]
    by_name = tuple(name for name in names[positional:] if name in CONTEXT and name not in given)
    rest = {p.name for p in function.parameters if p.kind == "**"}
    found = Asked(by_name=by_name, takes_rest=bool(rest))
    for name in by_name:
        plain = SAME.get(name, name)
        (found.names if plain in SENT else found.problems).add(plain)
    functions = {one.name: one for one in statements(function.source) if isinstance(one, ast.FunctionDef)}
    sight = Sight({name: name for name in by_name}, rest, frozenset(given), functions)
    Reader(found, sight).read(body)
    found.conditions = conditions(task) or ()
    for one in found.conditions:
        if (tested := definition(one.function)) is not None:
            Reader(found, Sight({}, {one.function.parameters[0].name})).read(tested)
    return found


def unwrapped(task: Task) -> Task:
    """The task with ``functools.partial`` of a function taken apart: its arguments come first; and with its
    conditions' code in the function's.
    """
    match task.argument("python_callable"):
        case New("functools.partial", (Function() as function, *first), keywords):
            pass
        case _:
            return _with_conditions(task)
    try:
        args = sequence([*first, *items(task.argument("op_args") or Literal([]))])
        kwargs = mapping([*keywords.items(), *members(task.argument("op_kwargs") or Literal({}))])
    except ValueError:
        return task
    own = {"python_callable": function, "op_args": args, "op_kwargs": kwargs}
    return replace(task, call=Call(task.call.operator, {**task.call.arguments, **own}))


def _with_conditions(task: Task) -> Task:
    function, found = task.argument("python_callable"), conditions(task)
    if not found or not isinstance(function, Function) or not function.source:
        return task
    source = merged(function.source, [one.function.source for one in found]) or ""
    arguments = {**task.call.arguments, "python_callable": replace(function, source=source)}
    return replace(task, call=Call(task.call.operator, arguments))


PULLS = {
    "airflow.providers.amazon.aws.operators.appflow.AppflowRecordsShortCircuitOperator": (
        "appflow_run_task_id",
        "execution_id",
    )
}
"""Arguments that name a task, with the key of what the operator pulls from it."""


def pulled(task: Task) -> tuple[Output, ...]:
    """The outputs of other tasks that the callable's own code reads (``ti.xcom_pull(task_ids="a")``), or the
    operator's.
    """
    argument, key = PULLS.get(task.call.operator, ("", ""))
    named = task.argument(argument) if argument else None
    own = [(named.value, key)] if isinstance(named, Literal) and isinstance(named.value, str) else []
    return tuple(Output(name, key) for name, key in (*own, *sorted(asked(task).pulled)))


def sent(task: Task, found: Asked) -> dict[str, Any]:
    """The part of the payload that holds the context, as a fragment's node."""
    context: dict[str, Any] = {}
    for name in sorted(found.names):
        if name in TEXTS:
            context[name] = RunContext(name)
        elif name in DATES:
            context[name] = RunContext("ts" if name in ("logical_date", "execution_date") else name)
        elif name in OBJECTS:
            wanted = sorted(found.parts.get(name, ()))
            context[name] = {part: OBJECTS[name][part] for part in wanted}
        elif name == "params":
            context[name] = {param: Param(param) for param in sorted(found.params)}
        elif name == "templates_dict":
            context[name] = task.argument("templates_dict") or Literal({})
    xcoms: dict[str, dict[str, Value]] = {}
    for name, key in sorted(found.pulled):
        xcoms.setdefault(name, {})[key] = Output(name, key)
    states = [
        {"task": Literal(name), "name": Output(name, NAME), "state": given.pop(STATE)}
        for name, given in xcoms.items()
        if STATE in given
    ]
    if found.pulled:
        context["ti"]["xcoms"] = {name: given for name, given in xcoms.items() if given}
    if states:
        context["ti"]["states"] = states
    return context


def _given(task: Task) -> tuple[set[str], int]:
    """The names of the keyword arguments, and the number of the others."""
    match task.argument("op_kwargs"):
        case Literal(dict() as known):
            names = {str(name) for name in known}
        case Entries(entries):
            names = {str(key.value) for key, _ in entries if isinstance(key, Literal)}
        case _:
            names = set()
    match task.argument("op_args"):
        case Literal(list() | tuple() as listed):
            return names, len(listed)
        case Items(items):
            return names, len(items)
    return names, 0
