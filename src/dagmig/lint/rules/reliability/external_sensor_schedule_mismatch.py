"""The rule ``external-sensor-schedule-mismatch``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.cron import Cron, expand
from dagmig.lint.rule import Finding, Need, run_rule
from dagmig.lint.source import Declared


@run_rule(Severity.WARNING, Need.GRAPH, Need.SCHEDULE, Need.ARGUMENTS)
def external_sensor_schedule_mismatch(declared: Iterable[Declared]) -> Iterator[Finding]:
    """A sensor waits for a run of another DAG that never comes: the two have different times.

    `ExternalTaskSensor` waits for the run with its own logical date. Where the other DAG runs at another
    time, there is none, and the sensor waits until its timeout. Flagged: cron expressions that the other DAG
    does not meet at each time of the waiting one.
    See https://airflow.apache.org/docs/apache-airflow-providers-standard/stable/sensors/external_task_sensor.html

    ```python bad
    from datetime import datetime

    from airflow import DAG
    from airflow.sensors.external_task import ExternalTaskSensor

    load = DAG("load", schedule="0 2 * * *", start_date=datetime(2024, 1, 1), catchup=False)
    with DAG("report", schedule="30 4 * * *", start_date=datetime(2024, 1, 1), catchup=False):
        ExternalTaskSensor(task_id="wait", external_dag_id="load", timeout=3600)
    ```

    ```python good
    from datetime import datetime, timedelta

    from airflow import DAG
    from airflow.sensors.external_task import ExternalTaskSensor

    load = DAG("load", schedule="0 2 * * *", start_date=datetime(2024, 1, 1), catchup=False)
    with DAG("report", schedule="30 4 * * *", start_date=datetime(2024, 1, 1), catchup=False):
        ExternalTaskSensor(
            task_id="wait",
            external_dag_id="load",
            timeout=3600,
            execution_delta=timedelta(hours=2, minutes=30),
        )
    ```

    Instead: Give `execution_delta` or `execution_date_fn`, or let an asset start the second DAG.
    """
    found = list(declared)
    times: dict[str, list[str]] = {}
    for one in found:
        if one.kind in ("dag", "twin"):
            times.setdefault(one.name, []).append(one.detail)
    for one in found:
        others = times.get(one.name, []) if one.kind == "waits" and one.detail else []
        if len(others) == 1 and others[0] and _misses(one.detail, others[0]):
            message = (
                f"the DAG runs by `{one.detail}`, and waits for `{one.name}`, which runs by `{others[0]}`"
            )
            yield Finding(message, one.span)


def _misses(own: str, other: str) -> bool:
    """Whether one schedule has times of day at which the other has no run."""
    try:
        mine, theirs = expand(own), expand(other)
    except ValueError:
        return False
    return not (set(mine.minutes) <= set(theirs.minutes) and set(mine.hours) <= set(theirs.hours)) or (
        _days(mine) is not None and _days(theirs) is not None and not _meets(mine, theirs)
    )


def _days(cron: Cron) -> tuple[int, ...] | None:
    return cron.weekdays if cron.days is None and cron.months is None else None


def _meets(mine: Cron, theirs: Cron) -> bool:
    return set(mine.weekdays or ()) <= set(theirs.weekdays or ())
