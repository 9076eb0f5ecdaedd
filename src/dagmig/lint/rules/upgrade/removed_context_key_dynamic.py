"""The rule ``removed-context-key-dynamic``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Fix, Severity
from dagmig.graph.model import Task
from dagmig.graph.values import Entries, Function, Items, Literal, Value
from dagmig.lint.edit import replaced
from dagmig.lint.operators import class_name
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax
from dagmig.lint.templated import CONTEXT_2

OLD_DATE = "execution_date"
NOW = {
    OLD_DATE: "logical_date",
    "next_ds": "data_interval_end",
    "next_execution_date": "data_interval_end",
    "prev_execution_date_success": "prev_data_interval_start_success",
    "triggering_dataset_events": "triggering_asset_events",
}
SAME_TYPE = frozenset(NOW) - {"next_ds"}  # a text, and no date
OPERATORS = frozenset({"PythonOperator", "BranchPythonOperator", "ShortCircuitOperator", "PythonSensor"})
DECORATED = frozenset({"@task", "@task.branch", "@task.short_circuit", "@task.sensor", "@task.bash"})
HOLDERS = frozenset({"context", "ctx", "_context", "airflow_context"})


@source_rule(Severity.ERROR, fix=FixKind.UNSAFE, airflow=">=3", words=CONTEXT_2)
def removed_context_key_dynamic(source: Source) -> Iterator[Finding]:
    """A task reads a key of its context that Airflow 3 does not have.

    The task fails with a KeyError after the upgrade, or goes on with None. The names that took their place
    exist since Airflow 2.2. Looked at: `kwargs["..."]`, `context.get("...")` (where the file does not ask for
    the new name as well) and `get_current_context()["..."]` in the functions of tasks, and their parameters
    that nobody gives a value (`def load(execution_date=None)`). The fix writes the new name where it gives a
    value of the same type; it is unsafe, as a run by hand or by an asset may have no such date.
    See https://airflow.apache.org/docs/apache-airflow/stable/installation/upgrading_to_airflow3.html

    ```python bad
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(**context):
            print(context["execution_date"])

        load()

    nightly()
    ```

    ```python good
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def load(**context):
            print(context["logical_date"])

        load()

    nightly()
    ```

    Instead: Read `logical_date`, `data_interval_start`, `data_interval_end`, or work it out from `ds`.
    """
    syntax = source.syntax
    for node in syntax.all(ast.Subscript):
        if isinstance(node.ctx, ast.Load):
            yield from _read(node, node.value, node.slice, source)
    for call, _ in syntax.calls:
        if not isinstance(call.func, ast.Attribute) or call.func.attr != "get" or not call.args:
            continue
        if NOW.get(syntax.text_of(call.args[0]) or "") not in syntax.names:
            yield from _read(call, call.func.value, call.args[0], source)
    for one in dict.fromkeys(_parameters(source)):
        instead = f": take `{NOW[one.arg]}`" if one.arg in NOW else ""
        yield Finding(f"Airflow 3 has no `{one.arg}` for this parameter{instead}", syntax.span(one))


def _parameters(source: Source) -> Iterator[ast.arg]:
    """The parameters of tasks' functions that only the context can give a value."""
    for task in (task for workflow in source.workflows for task in workflow.tasks.values()):
        function, given = task.call.arguments.get("python_callable"), _given(task)
        defined = source.syntax.functions.get(function.name, []) if isinstance(function, Function) else []
        if given is None or len(defined) != 1 or not source.syntax.runs_in_task(defined[0].body[0]):
            continue
        places, names = given
        arguments = defined[0].args
        known = {one.arg for one in (*arguments.args, *arguments.kwonlyargs)} | names
        for one in (*arguments.args[places:], *arguments.kwonlyargs):
            is_open = one.arg in CONTEXT_2 and one.arg not in names and NOW.get(one.arg) not in known
            if is_open and _may_be_missing(arguments, one):
                yield one


def _given(task: Task) -> tuple[int, frozenset[str]] | None:
    """How many arguments a task's function is given by place, and which by name; None where nobody knows."""
    is_python = task.call.operator in DECORATED or (
        class_name(task) in OPERATORS and task.call.operator.startswith("airflow.")
    )
    places, names = (task.argument(name) for name in ("op_args", "op_kwargs"))
    if not is_python or task.expand is not None or "**" in task.call.arguments:
        return None
    by_place, by_name = _length(places), _keys(names)
    return None if by_place is None or by_name is None else (by_place, by_name)


def _length(value: Value | None) -> int | None:
    match value:
        case None | Literal(None):
            return 0
        case Literal(list() | tuple() as items) | Items(items):
            return len(items)
    return None


def _keys(value: Value | None) -> frozenset[str] | None:
    match value:
        case None | Literal(None):
            return frozenset()
        case Literal(dict() as known):
            return frozenset(map(str, known))
        case Entries(entries) if all(isinstance(key, Literal) for key, _ in entries):
            return frozenset(str(key.value) for key, _ in entries if isinstance(key, Literal))
    return None


def _may_be_missing(arguments: ast.arguments, one: ast.arg) -> bool:
    """Whether a parameter has no default but None: Airflow takes no other for a name of the context."""
    defaults = dict(zip(reversed(arguments.args), reversed(arguments.defaults), strict=False))
    defaults |= {a: b for a, b in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if b}
    default = defaults.get(one)
    return default is None or (isinstance(default, ast.Constant) and default.value is None)


def _read(node: ast.expr, holder: ast.expr, asked: ast.expr, source: Source) -> Iterator[Finding]:
    """What is found where ``node`` asks ``holder`` for a key."""
    syntax = source.syntax
    key = syntax.text_of(asked)
    if key not in CONTEXT_2 or not _is_context(holder, syntax) or not syntax.runs_in_task(node):
        return
    if not isinstance(holder, ast.Name) or f"in {holder.id}" not in source.text:
        instead = f": read `{NOW[key]}`" if key in NOW else ""
        message = f"Airflow 3 has no `{key}` in the context{instead}"
        yield Finding(message, syntax.span(node), _renamed(asked, key, source))


def _renamed(asked: ast.expr, key: str, source: Source) -> Fix | None:
    if key not in SAME_TYPE or not isinstance(asked, ast.Constant):
        return None
    span = source.syntax.span(asked)
    quote = source.text[source.syntax.offset(asked)]
    return replaced(source, span, f"{quote}{NOW[key]}{quote}") if quote in "\"'" else None


def _is_context(value: ast.expr, syntax: Syntax) -> bool:
    """The ``**kwargs`` of a task's function, what is called after the context, or Airflow's answer for it."""
    made = syntax.given_to(value) if isinstance(value, ast.Name) else value
    if isinstance(made, ast.Call) and syntax.name(made.func).endswith("get_current_context"):
        return True
    if not isinstance(value, ast.Name):
        return False
    function = syntax.task_of(value)
    if function is None:
        return False
    given = function.args.kwarg.arg if function.args.kwarg else None
    names = {one.arg for one in ast.walk(function.args) if isinstance(one, ast.arg)}
    return value.id == given or (value.id in HOLDERS and value.id in names)
