"""The arguments of a call; those of DAGs and of every operator, in Airflow 2.0 to 3.3, and slips of the pen.

``BaseOperator.__init__`` in ``airflow/models/baseoperator.py`` and ``airflow/sdk/bases/operator.py``; ``DAG``
in ``airflow/models/dag.py`` and ``airflow/sdk/definitions/dag.py``.
"""

from __future__ import annotations

import ast
from functools import cache, lru_cache

OF_EVERY_TASK = frozenset(
    [
        "task_id",
        "owner",
        "email",
        "email_on_retry",
        "email_on_failure",
        "retries",
        "retry_delay",
        "retry_exponential_backoff",
        "max_retry_delay",
        "retry_policy",
        "start_date",
        "end_date",
        "depends_on_past",
        "ignore_first_depends_on_past",
        "wait_for_past_depends_before_skipping",
        "wait_for_downstream",
        "dag",
        "params",
        "default_args",
        "priority_weight",
        "weight_rule",
        "queue",
        "pool",
        "pool_slots",
        "sla",
        "execution_timeout",
        "on_execute_callback",
        "on_failure_callback",
        "on_success_callback",
        "on_retry_callback",
        "on_skipped_callback",
        "pre_execute",
        "post_execute",
        "trigger_rule",
        "resources",
        "run_as_user",
        "task_concurrency",
        "map_index_template",
        "max_active_tis_per_dag",
        "max_active_tis_per_dagrun",
        "executor",
        "executor_config",
        "do_xcom_push",
        "multiple_outputs",
        "inlets",
        "outlets",
        "task_group",
        "doc",
        "doc_md",
        "doc_json",
        "doc_yaml",
        "doc_rst",
        "task_display_name",
        "logger_name",
        "allow_nested_operators",
        "render_template_as_native_obj",
        "subdag",
        "task_decorator_name",
        "python_callable",
        "op_args",
        "op_kwargs",
        "templates_dict",
        "templates_exts",
        "provide_context",
    ]
)
OF_A_DAG = frozenset(
    [
        "dag_id",
        "description",
        "schedule",
        "schedule_interval",
        "timetable",
        "start_date",
        "end_date",
        "full_filepath",
        "template_searchpath",
        "template_undefined",
        "user_defined_macros",
        "user_defined_filters",
        "default_args",
        "concurrency",
        "max_active_tasks",
        "max_active_runs",
        "max_consecutive_failed_dag_runs",
        "dagrun_timeout",
        "sla_miss_callback",
        "default_view",
        "orientation",
        "catchup",
        "on_success_callback",
        "on_failure_callback",
        "doc_md",
        "params",
        "access_control",
        "is_paused_upon_creation",
        "jinja_environment_kwargs",
        "render_template_as_native_obj",
        "tags",
        "owner_links",
        "auto_register",
        "fail_stop",
        "fail_fast",
        "dag_display_name",
        "deadline",
        "allowed_run_types",
        "disable_bundle_versioning",
        "rerun_with_latest_version",
        "timezone",
    ]
)
USUAL_SLIPS = {
    "retry": "retries",
    "schedual": "schedule",
    "task_name": "task_id",
    "dag_name": "dag_id",
    "dependencies_on_past": "depends_on_past",
}
SHORTEST = 5


@lru_cache(maxsize=1024)
def meant(written: str, known: frozenset[str]) -> str | None:
    """The argument that somebody meant: one that is a slip or two away; None where there is no such."""
    if written in known or len(written) < SHORTEST:
        return None
    if USUAL_SLIPS.get(written) in known:
        return USUAL_SLIPS[written]
    limit = 1 if len(written) < 8 else 2
    letters = frozenset(written)
    close = [
        name
        for name in known
        if len(name) >= SHORTEST
        and abs(len(name) - len(written)) <= limit
        and len(letters ^ _letters(name)) <= 2 * limit  # one slip makes two letters others
        and distance(written, name, limit) <= limit
    ]
    return min(close, key=lambda name: (distance(written, name, limit), name)) if close else None


@cache
def _letters(name: str) -> frozenset[str]:
    return frozenset(name)


def distance(one: str, other: str, limit: int) -> int:
    """How many letters are changed, added, dropped or swapped with their neighbour; above ``limit`` any."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                best = min(best, earlier[j - 2] + 1)
            row.append(best)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def argument(call: ast.Call, name: str, place: int | None = None) -> ast.expr | None:
    """What a call is given by name, or at a place."""
    for one in call.keywords:
        if one.arg == name:
            return one.value
    if place is not None and place < len(call.args) and not isinstance(call.args[place], ast.Starred):
        return call.args[place]
    return None


def takes_more(call: ast.Call) -> bool:
    """Whether a call is given arguments by ``*`` or ``**``."""
    return any(one.arg is None for one in call.keywords) or any(
        isinstance(one, ast.Starred) for one in call.args
    )
