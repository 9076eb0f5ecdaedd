"""The rule ``local-settings-policy-rename``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dagmig.diagnostics import Edit, Fix, Severity
from dagmig.lint.installation import LOCAL_SETTINGS
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.WARNING, ("installation",), fix=FixKind.SAFE, airflow=">=2")
def local_settings_policy_rename(source: Source) -> Iterator[Finding]:
    """The policy for tasks in `airflow_local_settings.py` has its name of Airflow 1.

    Airflow 2 calls `policy` with a warning, Airflow 3 does not call it: what it forbids is allowed again,
    without a word. The fix renames the function where nothing else in the file names it.
    See https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/cluster-policies.html

    ```python bad
    def policy(task):
        task.queue = "small"
    ```

    ```python good
    def task_policy(task):
        task.queue = "small"
    ```

    Instead: Call it `task_policy`.
    """
    if not source.file.endswith(LOCAL_SETTINGS) or "policy" not in source.text:
        return
    syntax = source.syntax
    if "task_policy" in syntax.functions:
        return
    for function in syntax.tree.body:
        if not isinstance(function, ast.FunctionDef) or function.name != "policy":
            continue
        head = syntax.head(function)
        start = source.starts[head.line - 1] + head.column - 1
        is_alone = not any(one.id == "policy" for one in syntax.all(ast.Name))
        fix = Fix((Edit(start, start + len("policy"), "task_policy"),)) if is_alone else None
        yield Finding("Airflow 3 does not call `policy`: it is `task_policy`", head, fix)
