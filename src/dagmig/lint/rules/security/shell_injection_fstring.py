"""The rule ``shell-injection-fstring``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.arguments import argument
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

RUNS = frozenset(f"subprocess.{one}" for one in ("run", "call", "check_call", "check_output", "Popen"))
SHELLS = frozenset({"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"})


@source_rule(Severity.WARNING, words={"subprocess", "system", "popen"})
def shell_injection_fstring(source: Source) -> Iterator[Finding]:
    """A task hands a command to a shell that is put together from what the task was given.

    A blank or a `;` in the value makes another command of it. Flagged: `shell=True`, `os.system` and the
    like, with a text that holds an argument of the task's function, unless it goes through `shlex.quote`.
    See https://docs.python.org/3/library/subprocess.html#security-considerations

    ```python bad
    import subprocess

    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(table):
            subprocess.run(f"load {table}", shell=True, check=True)

        load("sales")

    nightly()
    ```

    ```python good
    import subprocess

    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(table):
            subprocess.run(["load", table], check=True)

        load("sales")

    nightly()
    ```

    Instead: Give a list of arguments, without a shell.
    """
    syntax = source.syntax
    for node, name in syntax.calls:
        if name in RUNS:
            shell = argument(node, "shell")
            if not isinstance(shell, ast.Constant) or shell.value is not True:
                continue
        elif name not in SHELLS:
            continue
        function = syntax.task_of(node)
        if function is None or not node.args:
            continue
        given = {one.arg for one in ast.walk(function.args) if isinstance(one, ast.arg)}
        if given & _pasted(node.args[0], syntax):
            yield Finding("the command holds what the task was given", syntax.span(node.args[0]))


def _pasted(value: ast.expr, syntax: Syntax) -> set[str]:
    """The names whose values become part of a text."""
    match value:
        case ast.JoinedStr(values=parts):
            return set().union(*(_pasted(part, syntax) for part in parts))
        case ast.FormattedValue(value=inner):
            return _pasted(inner, syntax)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _pasted(left, syntax) | _pasted(right, syntax)
        case ast.BinOp(left=ast.Constant(), op=ast.Mod(), right=right):
            return _pasted(right, syntax)
        case ast.Tuple(elts=items):
            return set().union(*(_pasted(item, syntax) for item in items))
        case ast.Call(func=ast.Attribute(attr="format", value=ast.Constant()), args=args, keywords=named):
            return set().union(*(_pasted(one, syntax) for one in (*args, *(k.value for k in named))))
        case ast.Subscript(value=inner):
            return _pasted(inner, syntax)
        case ast.Name(id=name):
            return {name}
    return set()
