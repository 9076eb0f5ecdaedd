"""The rule ``pool-slots-exceed-pool``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.installation import DEFAULT_POOL
from dagmig.lint.rule import Finding, Need, run_rule
from dagmig.lint.source import Declared

SLOTS_OF_DEFAULT = 128  # `[core] default_pool_task_slot_count`


@run_rule(Severity.INFO, Need.ARGUMENTS, is_default=False)
def pool_slots_exceed_pool(declared: Iterable[Declared]) -> Iterator[Finding]:
    """A task takes more slots than its pool has: it waits for ever.

    The scheduler starts a task when as many slots of its pool are free as `pool_slots` says. Pools are known
    from a `pools.json` (for `airflow pools import`) or an `airflow_settings.yaml` among the files of the run;
    where two give a pool, the larger number counts. The default pool has 128 where none says otherwise; it is
    opt-in, as anybody may change a pool while Airflow runs.
    See https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/pools.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load", pool_slots=200)
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load", pool_slots=2)
    ```

    Instead: Give the pool more slots, or let the task take fewer.
    """
    found = list(declared)
    slots: dict[str, list[int]] = defaultdict(list)
    for one in found:
        if one.kind == "pool":
            slots[one.name].append(int(one.detail))
    slots.setdefault(DEFAULT_POOL, [SLOTS_OF_DEFAULT])
    for one in found:
        given = slots.get(one.name) if one.kind == "takes" else None
        if given and min(given) >= 0 and int(one.detail) > max(given):  # -1 is any number
            yield Finding(f"takes {one.detail} slots of `{one.name}`, which has {max(given)}", one.span)
