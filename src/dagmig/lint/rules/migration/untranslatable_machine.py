"""The rule ``untranslatable-machine``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Report, Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.INFO, is_default=False)
def untranslatable_machine(subject: Subject) -> Iterator[Finding]:
    """Something in a machine is not translated to an Airflow DAG without a person's decision.

    Each finding is an open row of the ledger that `dagmig convert --to airflow` would write, at the place in
    the definition: a loop, an activity, a callback. It is no fault of the machine; `--preset migration` asks
    for it.
    See https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html

    ```json bad
    {"StartAt": "Approve", "States": {
      "Approve": {"Type": "Task", "Resource": "arn:aws:states:eu-west-1:123456789012:activity:approve",
        "TimeoutSeconds": 600, "HeartbeatSeconds": 60, "End": true}}}
    ```

    ```json good
    {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 60, "End": true}}}
    ```

    Instead: Decide it now, or read the ledger of the conversion.
    """
    from dagmig.asl.lift import lift

    ledger = Report()
    lift(subject.machine, ledger, "machine")
    for row in ledger.rows:
        if row.disposition.is_open:
            yield Finding(f"`{row.construct}`, {row.disposition}: {row.difference}", row.source)
