"""A Python file as CPython parses it, for rules about code: calls by qualified name, and when code runs.

Code runs when the file is parsed (at the top level, in a DAG's block, in a function under ``@dag`` or called
from such code), when a task runs (under ``@task``, as a ``python_callable``, in an operator's ``execute``, or
called from there), or nobody knows.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from itertools import chain
from typing import Any, TypeVar, cast

from dagmig.diagnostics import Span

Def = ast.FunctionDef | ast.AsyncFunctionDef
Node = TypeVar("Node", bound=ast.AST)
AT_PARSE = ("dag", "task_group")
METHODS_OF_A_TASK = frozenset({"execute", "poke", "execute_complete", "choose_branch"})
RUNS_IT = frozenset({"python_callable", "python_callables"})


class Syntax:
    """The tree with its parents, imports, calls and functions, each found once; empty where CPython cannot
    parse the text.
    """

    def __init__(self, text: str, file: str) -> None:
        from dagmig.airflow.read.tree import Tree, parsed

        self.text, self.file = text, file
        found = parsed(text)
        is_known = isinstance(found, Tree) and found.text == text  # else what is newer is said otherwise
        self._places = found if isinstance(found, Tree) and is_known else Tree("", ast.Module([], []))
        self.tree = self._places.module
        self.parents = self._places.parents

    def all(self, *kinds: type[ast.AST]) -> Iterator[Any]:
        return chain.from_iterable([self._places.kinds.get(kind, ()) for kind in kinds])

    def outer(self, node: ast.AST) -> Iterator[ast.AST]:
        """What a node stands in, from the inside out."""
        here = self.parents.get(node)
        while here is not None:
            yield here
            here = self.parents.get(here)

    @cached_property
    def imports(self) -> dict[str, str]:
        """What the file's imports bind, wherever they stand: a local name and the qualified one."""
        found: dict[str, str] = {}
        for node in self.all(ast.Import):
            for one in node.names:
                first = one.name.partition(".")[0]
                found[one.asname or first] = one.name if one.asname else first
        for node in self.all(ast.ImportFrom):
            for one in node.names:
                if node.module and not node.level:
                    found[one.asname or one.name] = f"{node.module}.{one.name}"
        return found

    @cached_property
    def bindings(self) -> dict[str, set[str]]:
        """Every name that the file binds, with what its imports bind it to; empty for anything else."""
        found: dict[str, set[str]] = defaultdict(set)
        for node in self.all(ast.Name):
            if not isinstance(node.ctx, ast.Load):
                found[node.id].add("")
        for node in self.all(ast.arg):
            found[node.arg].add("")
        for node in self.all(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef):
            found[node.name].add("")
        for node in self.all(ast.Import):
            for one in node.names:
                first = one.name.partition(".")[0]
                found[one.asname or first].add(one.name if one.asname else first)
        for node in self.all(ast.ImportFrom):
            for one in node.names:
                module = "." * node.level + (node.module or "")
                found[one.asname or one.name].add(f"{module}.{one.name}")
        return found

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that code or an import uses, part by part, every argument's and parameter's, and every
        whole text.
        """
        kinds = self._places.kinds
        found = {node.id for node in kinds.get(ast.Name, ())}
        found.update([node.attr for node in kinds.get(ast.Attribute, ())])
        found.update([node.arg or "" for node in kinds.get(ast.keyword, ())])
        found.update([node.arg for node in kinds.get(ast.arg, ())])
        found.update(self._texts)
        for node in self.all(ast.alias):
            found.update(node.name.split("."))
        for node in self.all(ast.ImportFrom):
            found.update((node.module or "").split("."))
        return frozenset(found)

    @cached_property
    def texts(self) -> str:
        """All texts of the code, those in bytes too, each a line or more: comments are not among them."""
        values = [node.value for node in self.all(ast.Constant)]
        data = [value.decode("latin-1") for value in values if isinstance(value, bytes)]
        return "\n".join([*self._texts, *data])

    @cached_property
    def _texts(self) -> list[str]:
        values = [node.value for node in self._places.kinds.get(ast.Constant, ())]
        return [value for value in values if value.__class__ is str]

    def name(self, node: Any) -> str:
        """``a.b.c``, its first part by the imports; a call in it as ``()``. Empty for anything else."""
        parts: list[str] = []
        while True:
            kind = node.__class__  # asked of every call of a file: ``match`` takes twice as long
            if kind is ast.Name:
                name = node.id
                break
            if kind is ast.Attribute:
                parts.append(node.attr)
                node = node.value
            elif kind is ast.Call and parts:
                parts[-1] = f"().{parts[-1]}"
                node = node.func
            else:
                return ""
        first = self.imports.get(name, name)
        return ".".join([first, *reversed(parts)]).replace(".()", "()") if parts else first

    def made(self, name: str) -> str:
        """A qualified name; a variable that is assigned once is the call that made it (``a.Hook()``)."""
        first, _, rest = name.partition(".")
        call = self.constants.get(first) if rest else None
        maker = self.name(call.func) if isinstance(call, ast.Call) else ""
        return f"{maker}().{rest}" if maker else name

    @cached_property
    def calls(self) -> list[tuple[ast.Call, str]]:
        """Every call with the qualified name of what is called; the name is empty where it has none."""
        return [(node, self.name(node.func)) for node in self.all(ast.Call)]

    @cached_property
    def functions(self) -> dict[str, list[Def]]:
        """The functions of the file by name, methods too."""
        found: dict[str, list[Def]] = defaultdict(list)
        for node in self.all(ast.FunctionDef, ast.AsyncFunctionDef):
            found[node.name].append(node)
        return found

    def decorators(self, function: Def) -> list[str]:
        return [self.name(one.func if isinstance(one, ast.Call) else one) for one in function.decorator_list]

    def is_task(self, function: Def) -> bool:
        """Whether a function stands under ``@task`` or ``@task.kind``."""
        return self.decorator(function) is not None

    def decorator(self, function: Def) -> ast.expr | None:
        """The ``@task`` over a function; None where there is none."""
        for one, name in zip(function.decorator_list, self.decorators(function), strict=True):
            if is_task_decorator(name):
                return one
        return None

    def owner(self, node: ast.AST) -> Def | ast.Lambda | None:
        """The innermost function a node's code belongs to: decorators and defaults are the outer one's."""
        child = node
        for outer in self.outer(node):
            if isinstance(outer, ast.Lambda) and child is outer.body:
                return outer
            if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef) and child in outer.body:
                return outer
            child = outer
        return None

    @cached_property
    def task_functions(self) -> list[Def]:
        """Those under ``@task`` or ``@task.kind``."""
        return [one for one in self.all(ast.FunctionDef, ast.AsyncFunctionDef) if self.is_task(one)]

    def returned(self, function: Def) -> list[ast.expr | None]:
        """What a function may return, by each of its ``return`` statements."""
        return self._returned.get(function, [])

    @cached_property
    def _returned(self) -> dict[Any, list[ast.expr | None]]:
        found: dict[Any, list[ast.expr | None]] = defaultdict(list)
        for node in self.all(ast.Return):
            found[self.owner(node)].append(node.value)
        return found

    @cached_property
    def at_parse(self) -> frozenset[Def]:
        """The functions that run when the file is parsed."""
        first = {
            function
            for functions in self.functions.values()
            for function in functions
            if any(name.rpartition(".")[2] in AT_PARSE for name in self.decorators(function))
        }
        return self._reached(first, from_top=True)

    @cached_property
    def in_tasks(self) -> frozenset[Def | ast.Lambda]:
        """The functions that run in a task."""
        first: set[Def | ast.Lambda] = set()
        for functions in self.functions.values():
            for function in functions:
                is_method = isinstance(self.parents.get(function), ast.ClassDef)
                if self.is_task(function) or (is_method and function.name in METHODS_OF_A_TASK):
                    first.add(function)
        for node in self.all(ast.keyword):
            if node.arg in RUNS_IT:
                first.update(self._given(node.value))
        return self._reached(first)

    def _given(self, value: ast.expr) -> Iterator[Def | ast.Lambda]:
        match value:
            case ast.Lambda():
                yield value
            case ast.Name(id=name):
                yield from self.functions.get(name, ())

    def _reached(self, first: set[Any], *, from_top: bool = False) -> frozenset[Any]:
        """``first`` and the plain functions that are called by name from it, or from the top of the file."""
        found = set(first)
        called: dict[Any, set[str]] = defaultdict(set)
        for node in self.all(ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in self.functions:
                owner = self.owner(node)
                if owner is not None or not self.is_guarded(node):
                    called[owner].add(node.func.id)
        waiting = [*found, *([None] if from_top else [])]
        while waiting:
            for name in called[waiting.pop()]:
                for function in self.functions[name]:
                    if function not in found and not function.decorator_list:
                        found.add(function)
                        waiting.append(function)
        return frozenset(found)

    def is_guarded(self, node: ast.AST) -> bool:
        """Whether code runs only where the file is a program (``__name__``), or is never run."""
        for outer in self.outer(node):
            if isinstance(outer, ast.If):
                names = {one.id for one in ast.walk(outer.test) if isinstance(one, ast.Name)}
                if "__name__" in names or self.name(outer.test).endswith("TYPE_CHECKING"):
                    return True
        return False

    def runs_at_parse(self, node: ast.AST) -> bool:
        """Whether a node's code runs, for all one can see, each time the scheduler parses the file."""
        owner = self.owner(node)
        return (owner is None or owner in self.at_parse) and not self.is_guarded(node)

    def runs_in_task(self, node: ast.AST) -> bool:
        """Whether a node's code runs, for all one can see, in a task."""
        return self.task_of(node) is not None

    def task_of(self, node: ast.AST) -> Def | ast.Lambda | None:
        """The innermost function around a node that runs in a task."""
        owner = self.owner(node)
        while owner is not None and owner not in self.in_tasks:
            owner = self.owner(owner)
        return owner

    @cached_property
    def constants(self) -> dict[str, ast.expr]:
        """Names that are assigned once, at the top level, with what is assigned."""
        stored = [one.id for one in self.all(ast.Name) if isinstance(one.ctx, ast.Store | ast.Del)]
        return {
            target.id: node.value
            for node in self.tree.body
            if isinstance(node, ast.Assign) and len(node.targets) == 1
            for target in node.targets
            if isinstance(target, ast.Name) and stored.count(target.id) == 1
        }

    def given_to(self, name: ast.Name) -> ast.expr | None:
        """What a name is assigned, once in the function that uses it; None where it is not that plain."""
        owner = self.owner(name)
        here = [one for one in self._stored.get(name.id, ()) if self.owner(one) is owner]
        given = ast.walk(owner.args) if owner is not None else ()
        is_argument = any(isinstance(one, ast.arg) and one.arg == name.id for one in given)
        assigned = self.parents.get(here[0]) if len(here) == 1 and not is_argument else None
        return assigned.value if isinstance(assigned, ast.Assign) and len(assigned.targets) == 1 else None

    @cached_property
    def _stored(self) -> dict[str, list[ast.Name]]:
        found: dict[str, list[ast.Name]] = defaultdict(list)
        for node in self.all(ast.Name):
            if not isinstance(node.ctx, ast.Load):
                found[node.id].append(node)
        return found

    def text_of(self, node: ast.AST | None) -> str | None:
        """A text as written, or by way of a name that is assigned once."""
        if isinstance(node, ast.Name):
            node = self.constants.get(node.id)
        return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None

    def span(self, node: Any) -> Span:
        return self._places.span(node, self.file)

    def key_span(self, name: str) -> Span | None:
        """Where a dict of the file has the key, if one alone has it."""
        keys = [key for node in self.all(ast.Dict) for key in node.keys if self.text_of(key) == name]
        return self.span(keys[0]) if len(keys) == 1 else None

    def head(self, function: Def) -> Span:
        """The name of a function where it is defined."""
        start = self.lines[function.lineno - 1].find(function.name, function.col_offset + 3) + 1
        return Span(self.file, function.lineno, start, function.lineno, start + len(function.name))

    def offset(self, node: Any, *, end: bool = False) -> int:
        """Where a node begins or ends in the text, in characters."""
        span = self.span(node)
        line, column = (span.end_line, span.end_column) if end else (span.line, span.column)
        return self._starts[line - 1] + column - 1

    def line_start(self, line: int) -> int:
        """Where a line (from 1) begins in the text; its end for the one after the last."""
        return min(self._starts[line - 1], len(self.text))

    def is_alone(self, statement: ast.stmt) -> bool:
        """Whether nothing but a comment stands beside a statement on its lines."""
        start, end = self.offset(statement), self.offset(statement, end=True)
        before = self.text[self.line_start(statement.lineno) : start]
        after = self.text[end : self.line_start(self.span(statement).end_line + 1)].lstrip()
        return not before.strip() and (not after or after.startswith("#"))

    def margin(self, line: int) -> str:
        """The blanks and tabs that a line (from 1) begins with."""
        text = self.lines[line - 1]
        return text[: len(text) - len(text.lstrip())]

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self.lines:
            starts.append(starts[-1] + len(line) + 1)
        return starts

    @cached_property
    def _by_place(self) -> dict[tuple[int, int], ast.Call]:
        found: dict[tuple[int, int], ast.Call] = {}
        for node in self.all(ast.Call):  # outer calls come first: `a().b()` begins where `a()` does
            found.setdefault(self._places.start(node), node)
        return found

    def call_at(self, span: Span) -> ast.Call | None:
        """The outermost call that begins where ``span`` does."""
        return self._by_place.get((span.line, span.column))

    def node_at(self, span: Span, kind: type[Node]) -> Node | None:
        """The node of a kind that stands exactly there."""
        place = (span.line, span.column, span.end_line, span.end_column)
        for node in self.all(kind):
            here = self.span(node)
            if (here.line, here.column, here.end_line, here.end_column) == place:
                return cast("Node", node)
        return None

    def argument_span(self, call: Span, *names: str) -> Span:
        """Where the value of an argument of one of these names stands; ``call`` where it is not there."""
        given = self.given_at(call, *names)
        return call if given is None else self.span(given.value)

    def given_at(self, call: Span, *names: str) -> ast.keyword | None:
        """An argument of one of these names, of a task's call or of the ``@task`` over its function."""
        made = self.call_at(call)
        node: ast.AST | None = made
        while isinstance(node, ast.Call):
            for given in node.keywords:
                if given.arg in names:
                    return given
            node = node.func.value if isinstance(node.func, ast.Attribute) else node.func
        mark = self._mark_of(node, made) if isinstance(node, ast.Name) and made is not None else None
        return next((one for one in getattr(mark, "keywords", ()) if one.arg in names), None)

    def _mark_of(self, called: ast.Name, call: ast.Call) -> ast.expr | None:
        """The ``@task`` over the one function of a name that is defined where it is called or around that."""
        owner = self.owner(call)
        owners = {owner, None, *(one for one in self.outer(call) if isinstance(one, Def))}
        found = [one for one in self.functions.get(called.id, ()) if self.owner(one) in owners]
        return self.decorator(found[0]) if len(found) == 1 else None


def is_task_decorator(name: str) -> bool:
    """``task``, ``task.branch``, ``airflow.sdk.task``, ``dag.task``; no ``celery.task``."""
    return name in ("task", "dag.task") or (
        name.startswith(("task.", "dag.task.", "airflow.decorators.task", "airflow.sdk.task"))
        and not name.endswith("task_group")
    )
