"""Tasks of AWS DMS that are changed, and tables that are loaded anew.

https://docs.aws.amazon.com/dms/latest/APIReference/API_ModifyReplicationTask.html; ``operators/dms.py`` and
``waiters/dms.json``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.fragment import AFTER, MAIN, Expression, Fragment, Projection, Ref
from dagmig.integrations.parameters import Field
from dagmig.integrations.poller import FAILED, SHARE, bound, known_number
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.services.dms import OPERATORS, SDK, TASK
from dagmig.integrations.spelling import JSON_DUMP
from dagmig.integrations.status import PREFIX, Status
from dagmig.integrations.table import AWS_BASE, account, table
from dagmig.integrations.waits import polls

DESCRIBE = SDK + "describeReplicationTasks"
FIRST = "$states.result.ReplicationTasks[0].Status"
MODIFIABLE = ("stopped", "ready", "failed")
UNMODIFIABLE = ("creating", "starting", "moving", "testing", "failed-move", "deleting")
NAME = Literal("replication-task-arn")
RELOADED = {"replication_task_arn", "tables_to_reload", "reload_option", "wait_for_completion", "deferrable",
            "waiter_delay", "waiter_max_attempts"}  # fmt: skip
LOADED = ("Table completed",), ("Table cancelled", "Table does not exist", "Table error")
VALIDATED = (
    ("Validated",),
    ("Mismatched records", "Suspended records", "No primary key", "Table error", "Error", "Not enabled"),
)


def _checked(made: Integration) -> Integration:
    """The task is asked for first: it must be in a state in which it can be changed."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = made.to_asl(task, report)
        interval = known_number(task, "waiter_delay", 30, report)
        arn = task.argument("replication_task_arn") or Literal("")
        words = ", ".join(f"'{one}'" for one in MODIFIABLE)
        choices = [
            {"Condition": Expression.of(f"$:now in [{words}]"), "Next": Ref(MAIN)},
            {"Condition": Expression.of("$:now = 'modifying'"), "Next": Ref("not yet")},
        ]
        cause = Expression.of("$:now = '' ? 'Replication task not found' : 'it is in state ' & $:now")
        asked: dict[str, Any] = {
            "look": {
                "Type": "Task",
                "Resource": PREFIX + DESCRIBE,
                "Arguments": {"Filters": [{"Name": NAME, "Values": [arn]}], "WithoutSettings": True},
                "Assign": {":now": Expression.of(f"$exists({FIRST}) ? $lowercase({FIRST}) : ''")},
                "Output": {},
                "Next": Ref("ready?"),
            },
            "ready?": {"Type": "Choice", "Choices": choices, "Default": Ref("refused")},
            "not yet": {"Type": "Wait", "Seconds": interval, "Next": Ref("look")},
            "refused": {"Type": "Fail", "Error": "RuntimeError", "Cause": cause},
        }
        return replace(fragment, states={**asked, **fragment.states}, entry="look")

    return Integration(made.operator, (), to_asl, form=f"`{DESCRIBE}`, then `{SDK}modifyReplicationTask`")


modify = _checked(
    table(
        OPERATORS + "DmsModifyTaskOperator",
        SDK + "modifyReplicationTask",
        TASK,
        Field("table_mappings", "TableMappings", JSON_DUMP),
        Field("migration_type", "MigrationType"),
        Field("replication_task_settings", "ReplicationTaskSettings", JSON_DUMP),
        Field("cdc_start_time", "CdcStartTime"),
        Field("cdc_start_position", "CdcStartPosition"),
        Field("cdc_stop_position", "CdcStopPosition"),
        waits=polls(
            Status(
                DESCRIBE,
                {
                    "Filters": [{"Name": NAME, "Values": ["replication_task_arn"]}],
                    "WithoutSettings": Literal(True),
                },
                "ReplicationTasks[0].Status",
                (*MODIFIABLE, "running", "stopping"),
                UNMODIFIABLE,
            ),
            needs_both=True,
        ),
        result="$states.result.ReplicationTask",
        returns="times are as the service writes them",
    )
)


def _reload(task: Task, report: Report) -> Fragment:
    """Each table is waited for in turn, as by the operator."""
    account(task, RELOADED, AWS_BASE, SDK + "reloadTables", report)
    option = task.argument("reload_option") or Literal("data-reload")
    arn, tables = (
        task.argument(name) or Literal(None) for name in ("replication_task_arn", "tables_to_reload")
    )
    arguments = {"ReplicationTaskArn": arn, "TablesToReload": tables, "ReloadOption": option}
    start = {"Type": "Task", "Resource": f"{PREFIX}{SDK}reloadTables", "Arguments": arguments}
    returned = Projection(MAIN, Expression.of("$states.result.ReplicationTaskArn"))
    waits = task.argument("wait_for_completion")
    if waits == Literal(False):
        return Fragment({MAIN: start}, {"return_value": returned})
    if not isinstance(waits or Literal(True), Literal):
        opened(task, "wait_for_completion", "it is known only when the DAG runs: the state waits", report)
    interval = known_number(task, "waiter_delay", 30, report)
    limit, late = bound(task, interval * known_number(task, "waiter_max_attempts", 60, report), FAILED)
    said = f"asks every {interval} s, table by table; gives up with {late} after {limit} s of one table"
    noted(task, "waiter_delay", said, report)
    if not isinstance(option, Literal):
        opened(task, "reload_option", "it is known only when the DAG runs: the load is waited for", report)
    is_validated = option == Literal("validate-only")
    done, failed = VALIDATED if is_validated else LOADED
    at = "ValidationState" if is_validated else "TableState"
    begun = {":tables": Expression.of("[", tables, "]"), ":at": 0, ":started": Expression.of("$millis()")}
    states = {
        MAIN: {**start, "Assign": begun, "Next": Ref("wait")},
        **_each(arn, at, done, failed, interval, limit, late),
    }
    return Fragment(states, {"return_value": returned}, is_bounded=True)


def _each(
    arn: Any, at: str, done: tuple[str, ...], failed: tuple[str, ...], interval: int, limit: int, late: str
) -> dict[str, dict[str, Any]]:
    """The loop that goes on to the next table where one is done."""
    is_done = f"$:status = '{done[0]}'"
    has_failed = f"$:status in [{', '.join(repr(one) for one in failed)}]"
    elapsed = "($millis() - $:started)"
    choices = [
        {"Condition": Expression.of(f"{is_done} and $:at + 1 >= $count($:tables)"), "Next": AFTER},
        {"Condition": Expression.of(is_done), "Next": Ref("next table")},
        {"Condition": Expression.of(has_failed), "Next": Ref("failed")},
        {"Condition": Expression.of(f"{elapsed} > {1000 * limit}"), "Next": Ref("timed out")},
    ]
    filters = [
        {"Name": name, "Values": [Expression.of(f"$:tables[$:at].{field}")]}
        for name, field in (("schema-name", "SchemaName"), ("table-name", "TableName"))
    ]
    longer = Expression.of(f"$max([{interval}, $floor({elapsed} / {1000 * SHARE})])")
    return {
        "wait": {"Type": "Wait", "Seconds": longer, "Next": Ref("poll")},
        "poll": {
            "Type": "Task",
            "Resource": f"{PREFIX}{SDK}describeTableStatistics",
            "Arguments": {"ReplicationTaskArn": arn, "Filters": filters},
            "Assign": {":status": Expression.of(f"$states.result.TableStatistics[0].{at}")},
            "Output": {},
            "Next": Ref("done?"),
        },
        "done?": {"Type": "Choice", "Choices": choices, "Default": Ref("wait")},
        "next table": {
            "Type": "Pass",
            "Assign": {":at": Expression.of("$:at + 1"), ":started": Expression.of("$millis()")},
            "Next": Ref("poll"),
        },
        "failed": {
            "Type": "Fail",
            "Error": FAILED,
            "Cause": Expression.of("$:tables[$:at].TableName & ': ' & $:status"),
        },
        "timed out": {"Type": "Fail", "Error": late, "Cause": f"a table has not ended after {limit} seconds"},
    }


reload = Integration(
    OPERATORS + "DmsReloadTablesOperator",
    (),
    _reload,
    form=f"`{SDK}reloadTables`, then `{SDK}describeTableStatistics` in a bounded loop",
)
