"""What tasks weigh where nobody measured them, and which of them wait for the world outside."""

from __future__ import annotations

import pytest

from dagmig.graph.model import Call, Task, Workflow
from dagmig.graph.values import Literal
from dagmig.regions.weights import is_waiting, weights

WEIGHED = [
    ("airflow.providers.standard.operators.empty.EmptyOperator", 0),
    ("@task.branch", 0),
    ("@task", 1),
    ("airflow.providers.amazon.aws.operators.lambda_function.LambdaInvokeFunctionOperator", 1),
    ("airflow.providers.common.sql.operators.sql.SQLExecuteQueryOperator", 3),
    ("airflow.providers.amazon.aws.operators.athena.AthenaOperator", 3),
    ("airflow.providers.amazon.aws.operators.batch.BatchOperator", 10),
    ("airflow.providers.databricks.operators.databricks.DatabricksRunNowOperator", 10),
    ("airflow.providers.amazon.aws.sensors.s3.S3KeySensor", 50),
    ("airflow.providers.microsoft.azure.sensors.wasb.WasbBlobAsyncSensor", 50),
    ("airflow.sensors.time_sensor.TimeSensorAsync", 50),
    ("@task.sensor", 50),
    ("airflow.providers.standard.operators.hitl.HITLBranchOperator", 50),
    ("airflow.providers.standard.operators.hitl.ApprovalOperator", 50),
]
TRIGGER = "airflow.providers.standard.operators.trigger_dagrun.TriggerDagRunOperator"


@pytest.mark.parametrize(("operator", "weight"), WEIGHED)
def test_a_task_weighs_what_its_kind_does(operator: str, weight: int) -> None:
    task = Task("t", Call(operator))
    assert weights(Workflow("d", {"t": task}), {}) == {"t": weight * 1_000_000}
    assert is_waiting(task) == (weight == 50)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (Call(TRIGGER), False),
        (Call(TRIGGER, {"wait_for_completion": Literal(False), "poke_interval": Literal(5)}), False),
        (Call(TRIGGER, {"wait_for_completion": Literal(True)}), True),
        (Call("acme.WaitForParcel", {"poke_interval": Literal(60)}), True),
    ],
)
def test_what_waits_by_its_arguments(call: Call, expected: bool) -> None:
    assert is_waiting(Task("t", call)) == expected


def test_tasks_without_a_duration_take_the_unit_of_the_others() -> None:
    tasks = {name: Task(name, Call(f"x.{name}Operator")) for name in ("Python", "Sql", "Batch", "Empty")}
    found = weights(Workflow("d", tasks), {"Python": 2.0, "Sql": 6.5})
    assert found == {"Python": 2_000_000, "Sql": 6_500_000, "Batch": 20_833_333, "Empty": 0}
