"""Walks a callable's code, and the functions that it hands the context on to, for what it reads of Airflow's
context. Nothing is run.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeGuard

from dagmig.integrations.asking import (
    DATES,
    EACH,
    ITEM,
    OBJECTS,
    PULLS_AS_USUAL,
    SAME,
    SENT,
    STATE,
    TEXTS,
    WHOLE,
    Asked,
)

Literal = Any  # what stands in the code: a text, a number, a list of such ...
_UNKNOWN = object()


@dataclass(frozen=True, slots=True)
class Sight:
    """What names stand for in a function: ``known`` for a name of the context, ``wholes`` for all of it,
    ``constants`` for what is written out. ``given`` are arguments among the context, ``functions`` those of
    the module by name.
    """

    known: dict[str, str]
    wholes: set[str]
    given: frozenset[str] = frozenset()
    functions: Mapping[str, ast.FunctionDef] = field(default_factory=dict)
    constants: dict[str, Literal] = field(default_factory=dict)


class Reader(ast.NodeVisitor):
    """Walks the callable, and what it hands the context on to; ``entered`` are those it is in already."""

    def __init__(self, found: Asked, sight: Sight, entered: frozenset[str] = frozenset()) -> None:
        self.found, self.sight, self.entered = found, sight, entered
        self.known, self.wholes, self.constants = sight.known, sight.wholes, sight.constants

    def read(self, body: ast.AST) -> None:
        """Walk a function, whose variables that are bound once to what is written out are known."""
        stored = [node.id for node in ast.walk(body) if _is_stored(node)]
        for name in stored:
            self.constants.pop(name, None)
        for node in ast.walk(body):
            match node:
                case ast.Assign([ast.Name(name)], value) if stored.count(name) == 1:
                    if (constant := self._constant(value)) is not _UNKNOWN:
                        self.constants[name] = constant
        self.visit(body)

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
        if self._name(node.value) == "params" and isinstance(key := self._constant(node.slice), str):
            self._param(key)
            return
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        handed: list[ast.expr] = []
        if (name := self._name(node)) is not None:
            self._use(name, None)
            return
        if isinstance(node.func, ast.Attribute) and (name := self._name(node.func.value)) is not None:
            if not self._method(name, node.func.attr, node):
                self._use(name, node.func.attr)
        elif isinstance(node.func, ast.Name) and (helper := self.sight.functions.get(node.func.id)):
            handed = self._enter(helper, node)
        else:
            self.visit(node.func)
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            if argument not in handed:
                self.visit(argument)

    def _enter(self, helper: ast.FunctionDef, node: ast.Call) -> list[ast.expr]:
        """Walk a function that is handed the context, or a part of it: these arguments."""
        handed = [one for one in (*node.args, *(k.value for k in node.keywords)) if self._is_context(one)]
        arguments = _bound(helper, node)
        if not handed or arguments is None or helper.name in self.entered:
            return []
        known = {name: str(self._name(one)) for name, one in arguments.items() if self._name(one)}
        wholes = {
            name for name, one in arguments.items() if isinstance(one, ast.Name) and one.id in self.wholes
        }
        constants = {name: self._constant(one) for name, one in arguments.items()}
        constants = {name: one for name, one in constants.items() if one is not _UNKNOWN}
        for name in known.values():
            if name in SENT:
                self.found.names.add(name)
        inside = Sight(known, wholes, self.sight.given, self.sight.functions, constants)
        Reader(self.found, inside, self.entered | {helper.name}).read(helper)
        return handed

    def _is_context(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name) and node.id in self.wholes:
            return True
        return self._name(node) in (*OBJECTS, "params")

    def _name(self, node: ast.AST) -> str | None:
        """The name of the context that an expression is; empty for an argument among the context."""
        given = self.sight.given
        match node:
            case ast.Name(name) if name in self.known:
                return SAME.get(self.known[name], self.known[name])
            case ast.Subscript(ast.Name(whole), ast.Constant(str() as key)) if whole in self.wholes:
                return "" if key in given else SAME.get(key, key)
            case ast.Call(ast.Attribute(ast.Name(whole), "get"), [ast.Constant(str() as key), *_]) if (
                whole in self.wholes
            ):
                return "" if key in given else SAME.get(key, key)
            case ast.Subscript(ast.Call() as call, ast.Constant(str() as key)) if (
                _callee(call) == "get_current_context"
            ):
                self.found.is_current = True
                return SAME.get(key, key)
        return None

    def _method(self, name: str, method: str, node: ast.Call) -> bool:
        """Whether the call of a method is one that can be sent along."""
        arguments = {keyword.arg: self._constant(keyword.value) for keyword in node.keywords}
        first = self._constant(node.args[0]) if node.args else _UNKNOWN
        if name == "params" and method == "get" and isinstance(first, str):
            self._param(first)
            return True
        if name == "ti" and method == "xcom_pull":
            return self._pull(node, first, arguments)
        if name == "ti" and method == "get_task_states":
            return self._states(node, arguments)
        key = arguments.get("key", first)
        if name == "ti" and method == "xcom_push" and isinstance(key, str):
            self.found.pushed.add(key)
            self.found.names.add("ti")
            return True
        return False

    def _pull(self, node: ast.Call, first: Literal, arguments: Mapping[str | None, Literal]) -> bool:
        """``xcom_pull`` of tasks that are named, in this run."""
        known = {"task_ids", "key", "map_indexes", *(name for name, usual in PULLS_AS_USUAL.items()
                 if arguments.get(name) is usual)}  # fmt: skip
        if len(node.args) > 1 or arguments.keys() - known:
            return False
        tasks, key = arguments.get("task_ids", first), arguments.get("key", "return_value")
        listed = tasks if isinstance(tasks, (list, tuple)) else [tasks]
        if not listed or not all(isinstance(task, str) for task in listed) or not isinstance(key, str):
            return False
        if "map_indexes" in arguments:
            if arguments["map_indexes"] is None:
                return False
            index = next(keyword.value for keyword in node.keywords if keyword.arg == "map_indexes")
            key += ITEM if self._is(index, "map_index") else EACH
        self.found.pulled |= {(str(task), key) for task in listed}
        self.found.names.add("ti")
        return True

    def _states(self, node: ast.Call, arguments: Mapping[str | None, Literal]) -> bool:
        """``get_task_states`` of tasks that are named, in this run."""
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        tasks = arguments.get("task_ids")
        match given.get("run_ids"):
            case ast.List([run]) if self._is(run, "run_id") and self._is(given.get("dag_id"), "dag_id"):
                is_here = not node.args and given.keys() == {"dag_id", "task_ids", "run_ids"}
            case _:
                is_here = False
        if not is_here or not isinstance(tasks, list) or not all(isinstance(task, str) for task in tasks):
            return False
        self.found.pulled |= {(task, STATE) for task in tasks}
        self._use("ti", "run_id")
        return True

    def _is(self, node: ast.AST | None, attribute: str) -> bool:
        """Whether it is what the run's own objects have under that name."""
        own = ("ti", "dag_run", "dag") if attribute != "map_index" else ("ti",)
        return isinstance(node, ast.Attribute) and node.attr == attribute and self._name(node.value) in own

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

    def _constant(self, node: ast.AST) -> Literal:
        """What is written out, or what a name stands for that is; ``_UNKNOWN`` for anything else."""
        match node:
            case ast.Name(name):
                return self.constants.get(name, _UNKNOWN)
            case ast.List(items) | ast.Tuple(items):
                found = [self._constant(item) for item in items]
                return _UNKNOWN if any(item is _UNKNOWN for item in found) else found
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, RecursionError):
            return _UNKNOWN


def _bound(helper: ast.FunctionDef, call: ast.Call) -> dict[str, ast.expr] | None:
    """The arguments of a call by parameter, defaults among them; None where they are not told apart."""
    own = helper.args
    names = [one.arg for one in (*own.posonlyargs, *own.args)]
    others = [one.arg for one in own.kwonlyargs]
    is_open = own.vararg or own.kwarg or any(isinstance(one, ast.Starred) for one in call.args)
    if is_open or len(call.args) > len(names) or any(keyword.arg is None for keyword in call.keywords):
        return None
    last = names[len(names) - len(own.defaults) :]
    found = dict(zip(last, own.defaults, strict=True))
    found |= {name: one for name, one in zip(others, own.kw_defaults, strict=True) if one is not None}
    found |= dict(zip(names, call.args, strict=False))
    found |= {str(keyword.arg): keyword.value for keyword in call.keywords}
    return found if found.keys() <= {*names, *others} else None


def _is_stored(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _callee(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
