"""The rule ``removed-context-key-dynamic``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Fix, Severity
from dagmig.lint.edit import replaced
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
HOLDERS = frozenset({"context", "ctx", "_context", "airflow_context"})


@source_rule(Severity.ERROR, fix=FixKind.UNSAFE, airflow=">=3", words=CONTEXT_2)
def removed_context_key_dynamic(source: Source) -> Iterator[Finding]:
    """A task reads a key of its context that Airflow 3 does not have.

    The task fails with a KeyError after the upgrade, or goes on with None. The names that took their place
    exist since Airflow 2.2. Looked at: `kwargs["..."]`, `context.get("...")` (where the file does not ask for
    the new name as well) and `get_current_context()["..."]` in the functions of tasks. The fix writes the new
    name where it gives a value of the same type; it is unsafe, as a run by hand or by an asset may have no
    such date.
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
