"""Code that only has the jsonata-python library evaluate something: the JSONata itself is in the state.

``asl.lift`` writes such functions where it has no Python for an expression (``asl/lift/query.py``). What a
function returns has to be said in JSONata as a whole: texts, dicts and lists around ``evaluate(...)`` of what
the run gives. A branch asks ``holds(evaluate(...))`` once or several times before.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping

from dagmig.asl.lower.written import body, functions, is_written
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Function, Literal
from dagmig.integrations.base_arguments import BASE_ARGUMENTS
from dagmig.integrations.callables import EMPTY
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Rendered
from dagmig.integrations.python_source import definition, imports

EVALUATE, HOLDS = "evaluate", "holds"
NATIVE = frozenset({"jsonata_partition", "jsonata_range", "parse_json"})  # Step Functions has them itself
CONTEXT = frozenset({"ti", "dag_run"})
SAID = (
    "the JSONata that the code evaluates by a library is in the state: where it gives nothing, or fails, the "
    "execution fails at once"
)


class _Unsaid(Exception):
    """Code that is more than what is said above."""


def of_library(task: Task, report: Report) -> Fragment | None:
    """The state that evaluates what the callable has the library evaluate; None where it does more."""
    function = task.argument("python_callable")
    called = definition(function) if isinstance(function, Function) else None
    if not isinstance(function, Function) or not isinstance(called, ast.FunctionDef):
        return None
    packages = {one.module.partition(".")[0] for one in imports(function.source)}
    given = {name for name, value in task.call.arguments.items() if value not in EMPTY}
    is_plain = given <= {"python_callable", "multiple_outputs"} | BASE_ARGUMENTS
    if "jsonata" not in packages or not is_plain or {one.name for one in function.parameters} - CONTEXT:
        return None
    try:
        writer = _Writer(functions(function))
        returned = writer.returned(body(called))
        is_dict = task.argument("multiple_outputs") == Literal(True)
        keys = dict(writer.members(body(called))) if is_dict else {}
    except _Unsaid:
        return None
    report.row("jsonata", task.span, f"task:{task.id}", Disposition.NOTED, SAID, task=task.id)
    outputs = {name: Projection(MAIN, _expression(source)) for name, source in keys.items()}
    outputs["return_value"] = Projection(MAIN, _expression(returned))
    return Fragment({MAIN: {"Type": "Pass", "Output": _expression(returned)}}, outputs)


def _expression(source: str) -> Expression:
    return Expression.of(Rendered(source, is_library=True))


class _Writer:
    """Python as the expression of a template that means the same; ``evaluate`` is known there, too."""

    def __init__(self, known: Mapping[str, ast.FunctionDef]) -> None:
        self.known = known

    def returned(self, statements: list[ast.stmt]) -> str:
        """What a function returns, by conditions before it. Raises ``_Unsaid``."""
        match statements:
            case [ast.Return(ast.expr() as value)]:
                return self._of(value)
            case [ast.If(ast.Call() as test, [ast.Return(ast.Constant(str() as text))], []), *rest]:
                return f"({json.dumps(text)} if {self._holds(test)} else {self.returned(rest)})"
        raise _Unsaid

    def members(self, statements: list[ast.stmt]) -> Iterator[tuple[str, str]]:
        """The keys of the dict that a function returns, and their values."""
        match statements:
            case [ast.Return(ast.Dict(keys, values))]:
                for key, value in zip(keys, values, strict=True):
                    if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                        raise _Unsaid
                    yield key.value, self._of(value)
            case _:
                raise _Unsaid

    def _holds(self, test: ast.Call) -> str:
        match test:
            case ast.Call(ast.Name(asked), [ast.Call() as value], []) if is_written(asked, self.known, HOLDS):
                return f"{HOLDS}({self._of(value)})"
        raise _Unsaid

    def _of(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(str() | int() | float() | None):
                return ast.unparse(node)
            case ast.List(items):
                return f"[{', '.join(map(self._of, items))}]"
            case ast.Dict(keys, values):
                return self._dict(keys, values)
            case ast.Subscript(value, ast.Constant(str() | int()) as key):
                return f"{self._of(value)}[{ast.unparse(key)}]"
            case ast.Attribute(ast.Name("dag_run"), "conf"):
                return "dag_run.conf"
            case ast.Call(ast.Attribute(ast.Name("ti"), "xcom_pull")):
                return ast.unparse(node)
            case ast.Call(ast.Attribute(ast.Name("json"), "loads"), [value], []):
                return f"macros.json.loads({self._of(value)})"
            case ast.Call(ast.Name(asked), [ast.Constant(str()) as query, ast.Dict() as names], own) if (
                is_written(asked, self.known, EVALUATE)
            ):
                if not all(self._is_native(one) for one in own):
                    raise _Unsaid
                return f"{EVALUATE}({ast.unparse(query)}, {self._of(names)})"
        raise _Unsaid

    def _is_native(self, given: ast.keyword) -> bool:
        """Whether a function that is given to the library is Step Functions' own."""
        match given.value:
            case ast.Name(name):
                return any(is_written(name, self.known, one) for one in NATIVE)
        return False

    def _dict(self, keys: list[ast.expr | None], values: list[ast.expr]) -> str:
        """A dict, with those that are put into it (``**``), the later ones before the earlier."""
        pairs: list[str] = []
        made = ""
        for key, value in zip(keys, values, strict=True):
            if key is None and not pairs and not made:
                made = self._of(value)
            elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                pairs.append(f"{ast.unparse(key)}: {self._of(value)}")
            else:
                raise _Unsaid
        own = f"{{{', '.join(pairs)}}}"
        return f"dict({made}, **{own})" if made and pairs else made or own
