"""Runs the machines that lower writes, as far as they go: Tasks by a function, the JSONata that lower uses.

It is no engine: anything else raises. Scopes are strict: a variable that is not there raises, and so does an
inner one that hides an outer one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

VARIABLE = re.compile(r"\$([xy]\d*_\w+)\Z")
TRUTH = re.compile(r"\(\$boolean\((\$\w+)\) or \(\$type\(\1\) = 'array' and \$count\(\1\) > 0\)\)")
CHECKED = re.compile(r"\(\$chosen := (.*?); .*\? \$chosen : \$error\(.*\)\)\Z")
RESULT = re.compile(r"\$states\.result(?:\[(\d+)\])?(?:\.(\w+))?\Z")


@dataclass
class Scope:
    """Variables of one level, and the level around it."""

    outer: Scope | None = None
    values: dict[str, Any] = field(default_factory=dict)

    def get(self, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        if self.outer is None:
            raise AssertionError(f"no variable {name}")
        return self.outer.get(name)

    def set(self, name: str, value: Any) -> None:
        around = self.outer
        while around is not None:
            assert name not in around.values, f"{name} hides an outer variable"
            around = around.outer
        self.values[name] = value


def run(machine: Mapping[str, Any], work: Callable[[str, Any], Any]) -> list[str]:
    """The names of the Task states in the order they ran, branches one after the other.

    ``work`` gets a state's name and its ``Arguments`` and gives its result.
    """
    ran: list[str] = []
    _branch(machine, Scope(), work, ran)
    return ran


def _branch(machine: Mapping[str, Any], scope: Scope, work: Callable[[str, Any], Any], ran: list[str]) -> Any:
    name: str | None = machine["StartAt"]
    output: Any = {}
    while name is not None:
        state = machine["States"][name]
        match state["Type"]:
            case "Task":
                ran.append(name)
                result = work(name, _value(state.get("Arguments"), scope, None))
            case "Parallel":
                result = [_branch(branch, Scope(scope), work, ran) for branch in state["Branches"]]
            case "Choice":
                rules = [r for r in state["Choices"] if _holds(r["Condition"], scope)]
                taken = rules[0] if rules else state
                _assign(taken.get("Assign", {}), scope, None)
                name = taken["Next"] if rules else taken["Default"]
                continue
            case "Succeed" | "Pass":
                result = output
            case other:
                raise AssertionError(f"{other} is not run here")
        output = _value(state["Output"], scope, result) if "Output" in state else result
        _assign(state.get("Assign", {}), scope, result)
        name = state.get("Next")
    return output


def _assign(assigned: Mapping[str, Any], scope: Scope, result: Any) -> None:
    for name, value in {key: _value(item, scope, result) for key, item in assigned.items()}.items():
        scope.set(name, value)


def _value(node: Any, scope: Scope, result: Any) -> Any:
    match node:
        case dict():
            return {key: _value(item, scope, result) for key, item in node.items()}
        case list():
            return [_value(item, scope, result) for item in node]
        case str() if node.startswith("{%"):
            return _jsonata(node[2:-2].strip(), scope, result)
    return node


def _jsonata(source: str, scope: Scope, result: Any) -> Any:
    if checked := CHECKED.match(source):
        return _jsonata(checked[1], scope, result)
    if variable := VARIABLE.match(source):
        return scope.get(variable[1])
    if not (found := RESULT.match(source)):
        raise AssertionError(f"not evaluated here: {source}")
    index, key = found.groups()
    value = result if index is None else result[int(index)]
    return value if key is None else value[key]


def _holds(condition: str, scope: Scope) -> bool:
    source = TRUTH.sub(r"truth(\1)", condition[2:-2].strip())
    source = re.sub(r"('\w+') in (\$\w+)", r"chose(\1, \2)", source)
    source = re.sub(r"(\$\w+) in (\[[^]]*\])", r"any_of(\1, \2)", source)
    source = re.sub(r"(\$\w+) = ('\w+')", r"(\1 == \2)", source)
    source = re.sub(r"\$([xy]\d*_\w+)", r"get('\1')", source)
    names = {
        "get": scope.get,
        "truth": bool,
        "chose": lambda task, chosen: task in chosen if isinstance(chosen, list) else task == chosen,
        "any_of": lambda value, tasks: value in tasks,
        "__builtins__": {},
    }
    return bool(eval(source, names))
