"""JSONata expressions, evaluated by the jsonata-python library: compiled once, evaluated often.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html. The library has no null of its
own in lists and objects and tells null from undefined only at the top, so that values are translated at
both ends. A path over objects (``$states.input.a.b``) is followed here: it is most of what machines say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from jsonata import Jsonata
from jsonata.jexception import JException
from jsonata.parser import Parser
from jsonata.utils import Utils

from dagmig.verify.engine.errors import QUERY, InvalidMachine, StatesError
from dagmig.verify.engine.jsonata_functions import LASTING, functions
from dagmig.verify.engine.sight import Sight
from dagmig.verify.engine.trace import ABSENT

Evaluate = Callable[[Sight], Any]
UNDEFINED = object()
# The library raises these of its own where it is given values that an operator does not take.
FAULTS = (JException, TypeError, ValueError, AttributeError, LookupError, ArithmeticError, RecursionError)
_PATH = re.compile(r"\$(?P<root>\w+)(?P<steps>(?:\.(?:[A-Za-z_]\w*|`[^`]+`))*)")
_STATES = re.compile(r"\$states\b")
_EXECUTION = re.compile(r"\$states\.context\.Execution\b")
_STEP = re.compile(r"\.(?:`([^`]+)`|(\w+))")
_INSIDE = frozenset({"predicate", "stages", "terms", "group", "pattern", "update", "delete"})
_BACK_REFERENCES = frozenset({"_outer_instance", "slot", "seeking_parent", "ancestor", "next_function"})
_KEYWORDS = frozenset({"and", "or", "in", "true", "false", "null"})


class Names(Jsonata.Frame):  # type: ignore[misc]
    """The outermost scope of an evaluation; ``given`` is shared, and stays as it is."""

    def __init__(self, given: dict[str, Any]) -> None:
        super().__init__(None)
        self.given = given

    def lookup(self, name: str) -> Any:
        """A name's value, None where it has none."""
        if name in self.bindings:
            return self.bindings[name]
        return self.given.get(name)


def is_expression(text: str) -> bool:
    return text.startswith("{%") and text.endswith("%}")


@lru_cache(maxsize=20_000)
def compiled(text: str, field: str) -> Evaluate:
    """The function of a ``{% ... %}``. Raises ``InvalidMachine`` where it could not be created.

    It raises ``States.QueryEvaluationError`` where the evaluation fails or gives nothing.
    """
    source = text[2:-2].strip()
    try:
        expression = Jsonata(source)
    except FAULTS as error:
        raise InvalidMachine(f"{field}: {source!r} is not JSONata: {error}") from error
    _refuse(expression.ast, field, source)

    def evaluate(sight: Sight) -> Any:
        frame = Names(_names(sight))
        try:
            found = expression.eval(expression.ast, None, frame)
            if found is not None:
                return _plain(found)
        except FAULTS as error:
            raise _failure(source, field, f"threw an error during evaluation. {_told(error)}") from error
        raise _failure(source, field, "returned nothing (undefined).")

    if path := _PATH.fullmatch(source):
        return _followed(path, evaluate)
    return _once(source, evaluate) if _is_of_the_execution(expression.ast, source) else evaluate


def _is_of_the_execution(ast: Any, source: str) -> bool:
    """Whether its value is the same in the whole execution, whatever the state: dates, mostly."""
    names = {node.value for node, _ in _nodes(ast, True) if node.type == "variable"}
    return names <= {"states", *LASTING} and len(_STATES.findall(source)) == len(_EXECUTION.findall(source))


def _once(source: str, evaluate: Evaluate) -> Evaluate:
    """Evaluated the first time that an execution needs it."""

    def evaluated(sight: Sight) -> Any:
        known = sight.spot.branch.execution.known
        if source not in known:
            known[source] = evaluate(sight)
        return known[source]

    return evaluated


def _followed(path: re.Match[str], evaluate: Evaluate) -> Evaluate:
    """A path over objects, without the library; what is no object on the way is left to it."""
    root = path["root"]
    steps = [quoted or name for quoted, name in _STEP.findall(path["steps"])]
    if _KEYWORDS.intersection(steps):
        return evaluate
    part = steps.pop(0) if root == "states" and steps else None

    def follow(sight: Sight) -> Any:
        value = sight.variables.get(root, UNDEFINED) if part is None else _part(sight, part)
        for step in steps:
            if type(value) is not dict or step not in value:
                return evaluate(sight)
            value = value[step]
        return evaluate(sight) if value is UNDEFINED or value is ABSENT else value

    return follow


def _part(sight: Sight, name: str) -> Any:
    match name:
        case "input":
            return sight.spot.input
        case "result":
            return sight.result
        case "errorOutput":
            return sight.error
        case "context":
            return sight.context
    return UNDEFINED


def _names(sight: Sight) -> dict[str, Any]:
    if sight.names is None:
        states = {"input": sight.spot.input, "context": sight.context}
        if sight.result is not ABSENT:
            states["result"] = sight.result
        if sight.error is not ABSENT:
            states["errorOutput"] = sight.error
        run = sight.spot.branch.run
        if not run.functions:
            run.functions.update(functions(run))
        names = dict(run.functions)
        for name, value in sight.variables.items():
            names[name] = _with_nulls(value)
        names["states"] = _with_nulls(states)
        sight.names = names
    return sight.names


def _with_nulls(value: Any) -> Any:
    """The value with the library's null in the place of None; the same object where there is none."""
    kind = type(value)
    if value is None:
        return Utils.NULL_VALUE
    if kind is dict:
        changed = {key: new for key, item in value.items() if (new := _with_nulls(item)) is not item}
        return {**value, **changed} if changed else value
    if kind is list:
        new = [_with_nulls(item) for item in value]
        return new if any(a is not b for a, b in zip(new, value, strict=True)) else value
    return value


def _plain(value: Any) -> Any:
    """JSON as the standard library has it."""
    kind = type(value)
    if kind in (str, bool, int, float):
        return value
    if value is Utils.NULL_VALUE or value is None:
        return None
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    raise TypeError("the value is a function")


def _told(error: BaseException) -> str:
    return f"{error.error}: {error}" if isinstance(error, JException) else str(error)


def _failure(source: str, field: str, what: str) -> StatesError:
    cause = f"The JSONata expression '{source}' specified for the field '{field}' {what}"
    return StatesError(QUERY, cause, is_evaluation=True)


def _refuse(ast: Any, field: str, source: str) -> None:
    """Refuse ``$eval``, ``$$`` and, at the top level, ``$`` and bare field names."""
    for node, is_top in _nodes(ast, True):
        if node.type == "variable" and node.value in ("$", "eval"):
            raise InvalidMachine(f"{field}: ${node.value} is not available: {source!r}")
        if is_top and node.type == "variable" and node.value == "":
            raise InvalidMachine(f"{field}: $ is not available at the top level: {source!r}")
        if is_top and node.type in ("name", "wildcard", "descendant"):
            raise InvalidMachine(f"{field}: {node.value!r} has nothing to be a field of: {source!r}")


def _nodes(node: Any, is_top: bool) -> Iterator[tuple[Any, bool]]:
    """Every part of a parsed expression, and whether it stands at the top level: not inside a path's later
    step, a predicate, a sort term or a transformation, where ``$`` is something.
    """
    if isinstance(node, list | tuple):
        for item in node:
            yield from _nodes(item, is_top)
    if not isinstance(node, Parser.Symbol):
        return
    yield node, is_top
    for name, part in vars(node).items():
        if name == "steps":
            yield from _nodes(part[:1] if part else None, is_top)
            yield from _nodes(part[1:] if part else None, False)
        elif name not in _BACK_REFERENCES:
            yield from _nodes(part, is_top and name not in _INSIDE)
