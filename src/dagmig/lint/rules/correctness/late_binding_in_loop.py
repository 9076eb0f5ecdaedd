"""The rule ``late-binding-in-loop``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Edit, Fix, Severity
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Def, Syntax

GIVEN_AS = frozenset(
    {"python_callable", "on_failure_callback", "on_success_callback", "on_retry_callback", "response_check"}
    | {
        "on_execute_callback",
        "on_skipped_callback",
        "pre_execute",
        "post_execute",
        "execution_date_fn",
        "response_filter",
    }
)
Function = Def | ast.Lambda
Loop = ast.For | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
LOOPS = (ast.For, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@source_rule(Severity.ERROR, fix=FixKind.UNSAFE)
def late_binding_in_loop(source: Source) -> Iterator[Finding]:
    """A task's function uses the variable of the loop that makes the task.

    The function looks the variable up when the task runs, after the loop has ended: every task gets the last
    value. The fix binds the value of its own round as a default; it is unsafe, as Airflow fills arguments
    that are called like a name of the context.
    See https://docs.python.org/3/faq/programming.html

    ```python bad
    from airflow import DAG
    from airflow.operators.python import PythonOperator

    with DAG("nightly", schedule=None):
        for table in ["sales", "stock"]:
            PythonOperator(task_id=f"load_{table}", python_callable=lambda: print(table))
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.python import PythonOperator

    with DAG("nightly", schedule=None):
        for table in ["sales", "stock"]:
            PythonOperator(task_id=f"load_{table}", python_callable=lambda table=table: print(table))
    ```

    Instead: Hand the value over: by `op_kwargs`, as an argument of the `@task` function, or as a default.
    """
    syntax = source.syntax
    for loop in syntax.all(*LOOPS):
        if not syntax.runs_at_parse(loop) or _is_left(loop, syntax):
            continue
        targets = [loop.target] if isinstance(loop, ast.For) else [one.target for one in loop.generators]
        names = {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}
        for function in _run_later(loop, syntax):
            used = sorted((names & _free(function)) - _rebound(loop, syntax))
            if used:
                message = f"`{used[0]}` has the last value of the loop when the task runs"
                yield Finding(message, syntax.span(function), _bound(function, used, syntax))


def _is_left(loop: Loop, syntax: Syntax) -> bool:
    """Whether the first round ends the loop, as in a search; not by what a function in it returns."""
    owner = syntax.owner(loop)
    left = (one for one in ast.walk(loop) if isinstance(one, ast.Break | ast.Return))
    return any(syntax.owner(one) is owner for one in left)


def _run_later(loop: Loop, syntax: Syntax) -> Iterator[Function]:
    """The functions made in the loop itself that tasks run."""
    handed = {
        one.value.id
        for one in ast.walk(loop)
        if isinstance(one, ast.keyword) and one.arg in GIVEN_AS and isinstance(one.value, ast.Name)
    }
    for node in ast.walk(loop):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if syntax.owner(node) is not syntax.owner(loop):
            continue
        if isinstance(node, ast.Lambda):
            parent = syntax.parents[node]
            if isinstance(parent, ast.keyword) and parent.arg in GIVEN_AS:
                yield node
        elif syntax.is_task(node) or node.name in handed:
            yield node


def _free(function: Function) -> set[str]:
    """The names that a function's body reads and does not make itself."""
    body = [function.body] if isinstance(function, ast.Lambda) else function.body
    found = [one for part in body for one in ast.walk(part)]
    own = {one.arg for one in found if isinstance(one, ast.arg)}
    own |= {one.arg for one in ast.walk(function.args) if isinstance(one, ast.arg)}
    names = [one for one in found if isinstance(one, ast.Name)]
    own |= {one.id for one in names if isinstance(one.ctx, ast.Store)}
    return {one.id for one in names if isinstance(one.ctx, ast.Load)} - own


def _rebound(loop: Loop, syntax: Syntax) -> set[str]:
    """Names that stand for something of each round's own: a function around that is called with them."""
    owner = syntax.owner(loop)
    return set() if owner is None else {one.arg for one in ast.walk(owner.args) if isinstance(one, ast.arg)}


def _bound(function: Function, names: list[str], syntax: Syntax) -> Fix | None:
    if not isinstance(function, ast.Lambda):
        return None
    given = function.args
    if given.args or given.kwonlyargs or given.vararg or given.kwarg:
        return None
    at = syntax.offset(function) + len("lambda")
    bound = ", ".join(f"{name}={name}" for name in names)
    return Fix((Edit(at, at, f" {bound}"),), safe=False)
