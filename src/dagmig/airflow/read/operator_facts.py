"""What operators of the providers do that a DAG file does not say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

OWN_DEFAULTS: dict[str, dict[str, Any]] = {
    # its own ``__init__`` has ``retry_delay=60``: airflow.providers.microsoft.azure.sensors.msgraph
    "MSGraphSensor": {"retry_delay": timedelta(seconds=60)},
}

NOT_TEMPLATED = frozenset(
    {
        "default_args", "doc", "doc_json", "doc_md", "doc_rst", "doc_yaml", "execution_timeout", "executor",
        "executor_config", "inlets", "max_retry_delay", "on_execute_callback", "on_failure_callback",
        "on_retry_callback", "on_skipped_callback", "on_success_callback", "outlets", "owner", "params",
        "pool", "pool_slots", "post_execute", "pre_execute", "priority_weight", "queue", "resources",
        "retries", "retry_delay", "retry_exponential_backoff", "run_as_user", "start_date", "end_date",
        "trigger_rule",
        "weight_rule",
    }
)  # fmt: skip
"""Arguments of every operator in which Airflow looks for no outputs of other tasks (``BaseOperator``)."""
