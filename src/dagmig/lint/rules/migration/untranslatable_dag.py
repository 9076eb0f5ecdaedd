"""The rule ``untranslatable-dag``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Report, Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.INFO, ("dag",), is_default=False)
def untranslatable_dag(source: Source) -> Iterator[Finding]:
    """Something in a DAG is not translated to a state machine without a person's decision.

    Each finding is an open row of the ledger that `dagmig convert --to asl` would write, at the place in the
    source: an operator without a counterpart, a trigger rule that needs a redesign, an argument that has no
    meaning there. It is no fault of the DAG; `--preset migration` asks for it.
    See https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html

    ```python bad
    from airflow import DAG
    from airflow.providers.standard.operators.bash import BashOperator

    with DAG("orders", schedule=None):
        BashOperator(task_id="load", bash_command="load.py", retries=2)
    ```

    ```python good
    from airflow import DAG
    from airflow.providers.amazon.aws.operators.glue import GlueJobOperator

    with DAG("orders", schedule=None):
        GlueJobOperator(task_id="load", job_name="load", retries=2)
    ```

    Instead: Decide it now, or read the ledger of the conversion.
    """
    from dagmig.airflow.read import read
    from dagmig.asl.lower import lower
    from dagmig.regions.fold import fold

    for workflow in read(source.text, source.file, Report(), bodies=True, project_root=source.project_root):
        ledger = Report()
        lower(workflow, fold(workflow, ledger), ledger)
        for row in ledger.rows:
            if row.disposition.is_open:
                yield Finding(f"`{row.construct}`, {row.disposition}: {row.difference}", row.source)
