"""Azure Data Factory over HTTP: runs of pipelines, and the sensor that waits for one.

https://learn.microsoft.com/rest/api/datafactory; ``operators/data_factory.py`` and
``sensors/data_factory.py`` of the microsoft-azure provider.
"""

from __future__ import annotations

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.azure_pipelines import ARGUMENTS, DROPPED, QUERY, WORDS, Pipelines
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Ref
from dagmig.integrations.http import connection
from dagmig.integrations.sensor import OWN, sensed
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

AZURE = "airflow.providers.microsoft.azure."
PLACE = ("resource_group_name", "factory_name")
WHERE = {"azure_data_factory_conn_id", *PLACE}


def _pipelines(task: Task, report: Report) -> Pipelines:
    absent = [name for name in PLACE if given(task, name) is None]
    fields = ("subscription_id", *absent)
    through = connection(task, "azure_data_factory_conn_id", "azure_data_factory_default", fields, report)
    group, factory = (given(task, name) or through.part(name) for name in PLACE)
    subscription = through.part("subscription_id")
    base = (
        f"https://management.azure.com/subscriptions/{subscription}/resourceGroups/",
        group,
        "/providers/Microsoft.DataFactory/factories/",
        factory,
    )
    return Pipelines(base, "2018-06-01", through, "AzureDataFactoryPipelineRunException")


def _run(task: Task, report: Report) -> Fragment:
    account(task, {*ARGUMENTS, *QUERY, *WHERE}, DROPPED, "createRun", report)
    return _pipelines(task, report).run(task, report)


def _sense(task: Task, report: Report) -> Fragment:
    account(task, {*OWN, *WHERE, "run_id"}, {}, "pipelineruns", report)
    pipelines, run_id = _pipelines(task, report), given(task, "run_id") or Literal("")
    ask = {**WORDS.asked(pipelines.ask(run_id)), "Next": Ref("found?")}
    failed = WORDS.ending(Expression.of("'pipeline run ' & ", run_id), pipelines.error)
    return sensed(task, {MAIN: ask}, WORDS.is_done, report, failed=failed)


run_pipeline = Integration(
    AZURE + "operators.data_factory.AzureDataFactoryRunPipelineOperator",
    (),
    _run,
    form="`http:invoke`, then a bounded loop that asks for the run's status",
)
run_sensor = Integration(
    AZURE + "sensors.data_factory.AzureDataFactoryPipelineRunStatusSensor",
    (),
    _sense,
    None,
    (AZURE + "sensors.data_factory.AzureDataFactoryPipelineRunStatusAsyncSensor",),
    "`http:invoke` in a bounded loop",
)
