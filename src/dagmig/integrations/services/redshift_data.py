"""SQL on Amazon Redshift through its Data API.

https://docs.aws.amazon.com/redshift-data/latest/APIReference/; ``RedshiftDataHook.execute_query``: a list of
statements is one batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Items, Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON, DURABLE
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection
from dagmig.integrations.parameters import Field
from dagmig.integrations.poller import Pace
from dagmig.integrations.status import PREFIX, Status
from dagmig.integrations.table import table
from dagmig.integrations.waits import Waits, Watch

EXECUTE, BATCH = "aws-sdk:redshiftdata:executeStatement", "aws-sdk:redshiftdata:batchExecuteStatement"
STATUS = Status(
    "aws-sdk:redshiftdata:describeStatement",
    {"Id": "$.Id"},
    "Status",
    ("FINISHED",),
    ("FAILED", "ABORTED"),
    reason="Error",
)
RESULT = "$states.result"
PARTS = f"{RESULT}.SubStatements"
IDS = f"$exists({PARTS}) and $count({PARTS}) > 0 ? [{PARTS}.Id] : [{RESULT}.Id]"


def _with_results(integration: Integration) -> Integration:
    """A list is a batch; the ids are those of its statements; ``return_sql_result`` asks for the rows."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = integration.to_asl(task, report)
        states = dict(fragment.states)
        sql, state = task.argument("sql"), dict(states[MAIN])
        if isinstance(sql, Items) or (isinstance(sql, Literal) and isinstance(sql.value, list)):
            state["Arguments"] = {"Sqls" if k == "Sql" else k: v for k, v in state["Arguments"].items()}
            states[MAIN] = {**state, "Resource": PREFIX + BATCH}
        elif sql is not None and not isinstance(sql, Literal):
            said = "`sql` is known only when the DAG runs: it is taken for one statement"
            report.row("sql", task.span, f"task:{task.id}", Disposition.NOTED, said, task=task.id)
        outputs = dict(fragment.outputs)
        if "poll" in states:
            outputs["return_value"] = Projection("poll", Expression.of(IDS))
        return replace(fragment, states=states, outputs=outputs)

    def to_airflow(resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
        assert integration.to_airflow is not None
        renamed = {"Sql" if name == "Sqls" else name: value for name, value in parameters.items()}
        return integration.to_airflow(resource, renamed, span, report)

    return replace(integration, to_asl=to_asl, to_airflow=to_airflow)


data = _with_results(
    table(
        AMAZON + "redshift_data.RedshiftDataOperator",
        EXECUTE,
        Field("sql", "Sql"),
        Field("database", "Database"),
        Field("cluster_identifier", "ClusterIdentifier"),
        Field("workgroup_name", "WorkgroupName"),
        Field("db_user", "DbUser"),
        Field("parameters", "Parameters"),
        Field("secret_arn", "SecretArn"),
        Field("statement_name", "StatementName"),
        Field("with_event", "WithEvent"),
        Field("session_id", "SessionId"),
        Field("session_keep_alive_seconds", "SessionKeepAliveSeconds"),
        waits=Waits(
            suffix="",
            needs_both=True,
            status=STATUS,
            pace=Pace(("poll_interval", 10), ("", None), kills=True),
            by_hand=(Watch(STATUS, "poll_interval", "", repeats=("Id",), keeps={"Id": (0,)}),),
        ),
        result="[$states.result.Id]",
        outputs={"session_id": "$states.result.SessionId"},
        dropped={**DURABLE, "cancel_on_kill": "stopping the execution does not stop the statement"},
        undecided={
            "return_sql_result": "the rows are not fetched: call getStatementResult with the statement's id",
            "await_result": "an old name of wait_for_completion",
        },
        harmless={"return_sql_result": False},
        required={"sql": None},
        also=(BATCH,),
    )
)
