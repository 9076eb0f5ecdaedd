"""What the setups before a task, though not directly before it, make of it.

``TriggerRuleDep._evaluate_setup_constraint`` of apache-airflow 3.3 and 2.11; ``program`` finds the setups.
"""

from __future__ import annotations

from dagmig.verify.dag_run.trigger_rules import RUN, SKIPPED, UPSTREAM_FAILED, WAIT, Counts, Decision


def constraint(counts: Counts) -> Decision:
    """The task's state, or ``RUN`` where its trigger rule decides, or ``WAIT`` where it may not run yet."""
    if counts.bad:
        return UPSTREAM_FAILED
    if counts.skipped:
        return SKIPPED
    return RUN if counts.success >= counts.expected else WAIT
