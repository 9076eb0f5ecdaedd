"""The rule ``sql-injection``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.model import Workflow
from dagmig.lint.arguments import argument
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.rules.security.shell_injection_dag_run_conf import CONF
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

EXECUTES = re.compile(r"\.(execute|executemany|run|get_records|get_first|get_pandas_df|get_df|read_sql\w*)$")
STATEMENT = re.compile(r"^\s*(select|insert|update|delete|merge|with)\b", re.IGNORECASE)
SQL = frozenset({"sql", "query", "hql", "statement"})


@source_rule(Severity.WARNING)
def sql_injection(source: Source) -> Iterator[Finding]:
    """A value is pasted between quotes into an SQL statement.

    A quote in the value ends the text, and the rest is SQL of whoever gave it. Flagged: `'{name}'` in an
    f-string that a task's function executes, with an argument of the function, and `dag_run.conf` in the
    template of a statement. Names of tables, which cannot be parameters, are left alone.
    See https://airflow.apache.org/docs/apache-airflow-providers-common-sql/stable/operators.html

    ```python bad
    from airflow.decorators import dag, task
    from airflow.providers.postgres.hooks.postgres import PostgresHook

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def remove(customer):
            PostgresHook("sales").run(f"DELETE FROM rows WHERE customer = '{customer}'")

        remove("a")

    nightly()
    ```

    ```python good
    from airflow.decorators import dag, task
    from airflow.providers.postgres.hooks.postgres import PostgresHook

    @dag(schedule=None)
    def nightly():
        @task(retries=2)
        def remove(customer):
            PostgresHook("sales").run("DELETE FROM rows WHERE customer = %s", parameters=(customer,))

        remove("a")

    nightly()
    ```

    Instead: Give values as `parameters`.
    """
    if "dag_run" in source.text:
        for workflow in source.workflows:
            yield from _in_templates(workflow, source)
    if any(map(_is_sql, source.syntax.all(ast.JoinedStr))):
        yield from _in_code(source.syntax)


def _in_templates(workflow: Workflow, source: Source) -> Iterator[Finding]:
    for task in workflow.tasks.values():
        for name, text in source.templates(task):
            if name in SQL and STATEMENT.match(text) and CONF.search(text):
                span = source.syntax.argument_span(task.span, name)
                yield Finding(f"the statement of `{task.id}` holds what the run was given", span)


def _in_code(syntax: Syntax) -> Iterator[Finding]:
    for node, name in syntax.calls:
        if not (
            EXECUTES.search(name)
            or (isinstance(node.func, ast.Attribute) and EXECUTES.search(f".{node.func.attr}"))
        ):
            continue
        statement = argument(node, "sql", 0)
        function = syntax.task_of(node)
        if function is None or not isinstance(statement, ast.JoinedStr) or not _is_sql(statement):
            continue
        given = {one.arg for one in ast.walk(function.args) if isinstance(one, ast.arg)}
        if given & set(_quoted(statement)):
            yield Finding("a value is pasted into the statement", syntax.span(statement))


def _is_sql(text: ast.JoinedStr) -> bool:
    first = text.values[0] if text.values else None
    return isinstance(first, ast.Constant) and STATEMENT.match(str(first.value)) is not None


def _quoted(text: ast.JoinedStr) -> Iterator[str]:
    """The names that stand between single quotes."""
    before = ""
    for part in text.values:
        if isinstance(part, ast.Constant):
            before = str(part.value)
        elif isinstance(part, ast.FormattedValue):
            if before.endswith("'") and isinstance(part.value, ast.Name):
                yield part.value.id
            before = ""
