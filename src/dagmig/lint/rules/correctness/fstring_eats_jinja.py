"""The rule ``fstring-eats-jinja``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.mends.fstring_eats_jinja import mend
from dagmig.lint.rule import Finding, FixKind, source_rule
from dagmig.lint.source import Source

NAMES = (
    r"(ds|ds_nodash|ts|ts_nodash|ts_nodash_with_tz|logical_date|execution_date|data_interval_start"
    r"|data_interval_end|prev_ds|next_ds|yesterday_ds|tomorrow_ds|run_id|dag_run|task_instance|ti|params|macros"
    r"|var\.value|var\.json|conn\.\w+)\b"
)
LEFT_OVER = re.compile(r"\{[ \t]+" + NAMES)
PLACES = {
    "kind": "string",
    "all": [
        {"has": {"kind": "string_start", "regex": "^[rR]?[fF]"}},
        {"not": {"has": {"kind": "interpolation", "regex": r"\{\{[ \t]"}}},
        {"regex": r"(^|[^{])\{\{[ \t]+" + NAMES + r"[^{}]*[ \t]\}\}([^}]|$)"},
    ],
}


@source_rule(Severity.ERROR, fix=FixKind.UNSAFE)
def fstring_eats_jinja(source: Source) -> Iterator[Finding]:
    """In an f-string `{{ ... }}` becomes `{ ... }`, which is no template any more.

    In an f-string two braces stand for one: the operator gets the text `{ ds }`, Airflow finds no template in
    it, and the command runs with the braces. The fix is unsafe, as the text is then rendered.
    See https://airflow.apache.org/docs/apache-airflow/stable/templates-ref.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    TABLE = "sales"

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command=f"load {TABLE} {{ ds }}")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    TABLE = "sales"

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command=f"load {TABLE} {{{{ ds }}}}")
    ```

    Instead: Write four braces, `{{{{ ds }}}}`, or keep the template out of the f-string.
    """
    if "{{" not in source.text or not any(map(_may_have_eaten, source.syntax.all(ast.JoinedStr))):
        return
    message = "in an f-string `{{ ... }}` becomes `{ ... }`, which is no template any more"
    for node in source.tree.find_all(**PLACES):
        span = source.span(node)
        yield Finding(message, span, mend(source, span))


def _may_have_eaten(string: ast.JoinedStr) -> bool:
    """Whether a name of the context is left in braces; the text around it is looked at where it stands."""
    return any(
        isinstance(part, ast.Constant) and LEFT_OVER.search(str(part.value)) is not None
        for part in string.values
    )
