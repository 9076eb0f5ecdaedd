"""The rule ``requests-no-timeout``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.diagnostics import Fix, Severity
from dagmig.lint.arguments import argument, takes_more
from dagmig.lint.edit import argument_added
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source
from dagmig.lint.syntax import Syntax

ASKS = re.compile(r"requests\.(get|post|put|patch|delete|head|options|request)")


@source_rule(Severity.WARNING, fix=FixKind.UNSAFE, words={"requests"})
def requests_no_timeout(source: Source) -> Iterator[Finding]:
    """A request has no timeout and may wait for ever.

    `requests` waits without limit by default. A server that accepts the connection and never answers holds
    the task, and its slot, until somebody kills it. What a session is asked is left alone: it may have been
    given a timeout. The fix is unsafe, as an answer that takes longer then fails the task.
    See https://requests.readthedocs.io/en/latest/user/advanced/#timeouts

    ```python bad
    import requests
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def report():
        @task(retries=2)
        def count():
            return len(requests.get("https://example.com/tables").json())

        count()

    report()
    ```

    ```python good
    import requests
    from airflow.decorators import dag, task

    @dag(schedule=None)
    def report():
        @task(retries=2)
        def count():
            return len(requests.get("https://example.com/tables", timeout=30).json())

        count()

    report()
    ```

    Instead: Give `timeout`, in seconds: `requests.get(url, timeout=30)`.
    """
    syntax = source.syntax
    for call, name in syntax.calls:
        is_given = argument(call, "timeout") is not None or takes_more(call)
        if ASKS.fullmatch(name) and not is_given and _is_imported(call.func, syntax):
            message = "the request has no timeout and may wait for ever"
            yield Finding(message, syntax.span(call), _bounded(call, syntax))


def _bounded(call: ast.Call, syntax: Syntax) -> Fix | None:
    """Thirty seconds; not in an f-string, where places are those of the whole text before Python 3.12."""
    if any(isinstance(outer, ast.JoinedStr) for outer in syntax.outer(call)):
        return None
    edit = argument_added(syntax, call, "timeout=30")
    return None if edit is None else Fix((edit,), safe=False)


def _is_imported(called: ast.expr, syntax: Syntax) -> bool:
    """Whether the name that a call begins with is bound by imports alone, and no argument has it."""
    while isinstance(called, ast.Attribute):
        called = called.value
    return isinstance(called, ast.Name) and bool(bound := syntax.bindings[called.id]) and "" not in bound
