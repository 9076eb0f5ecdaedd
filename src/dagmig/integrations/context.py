"""What a callable asks of Airflow's context, found in its code, and how a state sends it.

Airflow passes the run's context (https://airflow.apache.org/docs/apache-airflow/stable/templates-ref.html)
to a parameter of the same name, to ``**context``, and to who calls ``get_current_context()``.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dagmig.graph.model import Call, Task
from dagmig.graph.values import Entries, Function, Items, Literal, New, Output, Param, RunContext, Value
from dagmig.integrations.conditions import Condition, conditions
from dagmig.integrations.fragment import Expression
from dagmig.integrations.python_source import definition, merged
from dagmig.integrations.spelling import items, mapping, members, sequence

TEXTS = (
    "ds", "ds_nodash", "ts", "ts_nodash", "ts_nodash_with_tz", "run_id", "next_ds", "next_ds_nodash",
    "prev_ds", "prev_ds_nodash", "tomorrow_ds", "tomorrow_ds_nodash", "yesterday_ds", "yesterday_ds_nodash",
)  # fmt: skip
DATES = ("logical_date", "execution_date", "data_interval_start", "data_interval_end", "next_execution_date",
         "prev_execution_date")  # fmt: skip
OBJECTS: dict[str, dict[str, Value | Expression]] = {
    "dag_run": {"conf": RunContext("dag_run.conf"), "run_id": RunContext("run_id")},
    "dag": {"dag_id": RunContext("dag.dag_id")},
    "task": {"task_id": RunContext("task.task_id")},
    "ti": {
        "task_id": RunContext("task.task_id"),
        "dag_id": RunContext("dag.dag_id"),
        "run_id": RunContext("run_id"),
        "try_number": Expression.of("$states.context.State.RetryCount + 1"),
    },
}
SAME = {"task_instance": "ti"}
OTHERS = (
    "conf", "conn", "exception", "inlet_events", "inlets", "macros", "outlet_events", "outlets",
    "prev_data_interval_end_success", "prev_data_interval_start_success", "prev_start_date_success",
    "task_instance_key_str", "templates_dict", "test_mode", "triggering_asset_events", "var",
)  # fmt: skip
WHOLE = "*"  # among the problems: all of the context
SENT = frozenset((*TEXTS, *DATES, *OBJECTS, "params", "templates_dict"))
CONTEXT = frozenset((*TEXTS, *DATES, *OBJECTS, *SAME, *OTHERS, "params"))


@dataclass(slots=True)
class Asked:
    """``names``: what the callable reads, ``parts`` of the objects among them, ``params`` by name.

    ``pulled`` are the outputs it reads, ``pushed`` the keys it writes, ``problems`` what cannot be sent,
    in words. ``by_name`` are the parameters that get a name; ``takes_rest``: it has ``**context``.
    ``conditions`` are looked at before the callable, and ask as well.
    """

    names: set[str] = field(default_factory=set)
    parts: dict[str, set[str]] = field(default_factory=dict)
    params: set[str] = field(default_factory=set)
    pulled: set[tuple[str, str]] = field(default_factory=set)
    pushed: set[str] = field(default_factory=set)
    problems: set[str] = field(default_factory=set)
    by_name: tuple[str, ...] = ()
    takes_rest: bool = False
    is_current: bool = False
    conditions: tuple[Condition, ...] = ()


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
    _Reader(found, {name: name for name in by_name}, rest, given).visit(body)
    found.conditions = conditions(task) or ()
    for one in found.conditions:
        if (tested := definition(one.function)) is not None:
            _Reader(found, {}, {one.function.parameters[0].name}, set()).visit(tested)
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
    if found.pulled:
        xcoms: dict[str, dict[str, Value]] = {}
        for name, key in sorted(found.pulled):
            xcoms.setdefault(name, {})[key] = Output(name, key)
        context["ti"]["xcoms"] = xcoms
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


class _Reader(ast.NodeVisitor):
    """Walks the callable; ``known`` are variables that hold a name of the context, ``wholes`` all of it."""

    def __init__(self, found: Asked, known: dict[str, str], wholes: set[str], given: set[str]) -> None:
        self.found, self.known, self.wholes, self.given = found, known, wholes, given

    def visit_Assign(self, node: ast.Assign) -> None:
        target = node.targets[0]
        if len(node.targets) == 1 and isinstance(target, ast.Name):
            if isinstance(node.value, ast.Call) and _callee(node.value) == "get_current_context":
                self.wholes.add(target.id)
                self.found.is_current = True
                return
            if (name := self._name(node.value)) is not None and name in (*OBJECTS, "params"):
                self.known[target.id] = name
                self.found.names.add(name)
                return
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            return
        if node.id in self.wholes:
            self.found.problems.add(WHOLE)
        elif node.id in self.known:
            self._use(self.known[node.id], None)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        name = self._name(node.value)
        if name is None:
            self.generic_visit(node)
            return
        self._use(name, node.attr)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        name = self._name(node)
        if name is not None:
            self._use(name, None)
            return
        if self._name(node.value) == "params" and isinstance(key := _constant(node.slice), str):
            self._param(key)
            return
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if (name := self._name(node)) is not None:
            self._use(name, None)
        elif isinstance(node.func, ast.Attribute) and (name := self._name(node.func.value)) is not None:
            if not self._method(name, node.func.attr, node):
                self._use(name, node.func.attr)
        else:
            self.visit(node.func)
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            if self._name(node) is None:
                self.visit(argument)

    def _name(self, node: ast.AST) -> str | None:
        """The name of the context that an expression is; empty for an argument among the context."""
        match node:
            case ast.Name(name) if name in self.known:
                return SAME.get(self.known[name], self.known[name])
            case ast.Subscript(ast.Name(whole), ast.Constant(str() as key)) if whole in self.wholes:
                return "" if key in self.given else SAME.get(key, key)
            case ast.Call(ast.Attribute(ast.Name(whole), "get"), [ast.Constant(str() as key), *_]) if (
                whole in self.wholes
            ):
                return "" if key in self.given else SAME.get(key, key)
            case ast.Subscript(ast.Call() as call, ast.Constant(str() as key)) if (
                _callee(call) == "get_current_context"
            ):
                self.found.is_current = True
                return SAME.get(key, key)
        return None

    def _method(self, name: str, method: str, node: ast.Call) -> bool:
        """Whether the call of a method is one that can be sent along."""
        arguments = {keyword.arg: _constant(keyword.value) for keyword in node.keywords}
        first = _constant(node.args[0]) if node.args else None
        if name == "params" and method == "get" and isinstance(first, str):
            self._param(first)
            return True
        if name == "ti" and method == "xcom_pull":
            tasks = arguments.get("task_ids", first)
            key = arguments.get("key", "return_value")
            listed = tasks if isinstance(tasks, (list, tuple)) else [tasks]
            if not listed or not all(isinstance(t, str) for t in listed) or not isinstance(key, str):
                return False
            self.found.pulled |= {(str(t), key) for t in listed}
            self.found.names.add("ti")
            return True
        key = arguments.get("key", first)
        if name == "ti" and method == "xcom_push" and isinstance(key, str):
            self.found.pushed.add(key)
            self.found.names.add("ti")
            return True
        return False

    def _param(self, name: str) -> None:
        self.found.names.add("params")
        self.found.params.add(name)

    def _use(self, name: str, attribute: str | None) -> None:
        """Note that a name is read, or an attribute of it."""
        if not name:
            return
        if name not in SENT:
            self.found.problems.add(name)
            return
        self.found.names.add(name)
        parts = OBJECTS.get(name)
        if parts is not None and attribute in parts:
            self.found.parts.setdefault(name, set()).add(str(attribute))
            return
        is_date = name in DATES and (attribute is None or hasattr(datetime, attribute))
        if not (name in TEXTS or name == "templates_dict" or is_date):
            self.found.problems.add(f"{name}.{attribute}" if attribute else name)


def _callee(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _constant(node: ast.AST) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return None
