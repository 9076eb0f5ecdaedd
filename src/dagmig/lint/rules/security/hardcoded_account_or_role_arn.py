"""The rule ``hardcoded-account-or-role-arn``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source

ARN = re.compile(r"arn:aws[\w-]*:[\w-]+:[\w-]*:(?P<account>\d{12}):")
SAMPLES = frozenset({"123456789012", "111122223333", "000000000000", "111111111111", "123456789123"})


@source_rule(Severity.INFO, is_default=False)
def hardcoded_account_or_role_arn(source: Source) -> Iterator[Finding]:
    """The number of an AWS account is written in the code.

    The same file cannot serve a second account, for tests or in another region, and tells readers where to
    try.
    See https://docs.aws.amazon.com/prescriptive-guidance/latest/aws-startup-security-baseline/welcome.html

    ```python bad
    from airflow import DAG
    from airflow.providers.amazon.aws.operators.glue import GlueJobOperator

    with DAG("nightly", schedule=None, default_args={"retries": 2}):
        GlueJobOperator(task_id="load", job_name="load", iam_role_name="arn:aws:iam::420133333331:role/x")
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.amazon.aws.operators.glue import GlueJobOperator

    with DAG("nightly", schedule=None, default_args={"retries": 2}):
        GlueJobOperator(task_id="load", job_name="load", iam_role_name="{{ var.value.role }}")
    ```

    Instead: Read it from a Variable, a connection or the environment.
    """
    syntax = source.syntax
    for node in syntax.all(ast.Constant):
        found = ARN.search(node.value) if isinstance(node.value, str) else None
        if found is not None and found["account"] not in SAMPLES:
            yield Finding(f"the account {found['account']} is written in the code", syntax.span(node))
