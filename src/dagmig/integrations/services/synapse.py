"""Azure Synapse over HTTP: runs of pipelines.

https://learn.microsoft.com/rest/api/synapse/data-plane/pipeline; ``operators/synapse.py`` of the
microsoft-azure provider.
"""

from __future__ import annotations

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal
from dagmig.integrations import Integration
from dagmig.integrations.azure_pipelines import ARGUMENTS, DROPPED, QUERY, Pipelines
from dagmig.integrations.fragment import Expression, Fragment
from dagmig.integrations.http import connection
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

ENDPOINT = "azure_synapse_workspace_dev_endpoint"


def _run(task: Task, report: Report) -> Fragment:
    account(task, {*ARGUMENTS, *QUERY, "azure_synapse_conn_id", ENDPOINT}, DROPPED, "createRun", report)
    endpoint = given(task, ENDPOINT)
    fields = ("workspace_dev_endpoint",) if endpoint is None else ()
    through = connection(task, "azure_synapse_conn_id", "azure_synapse_default", fields, report)
    base: str | Expression
    if endpoint is None:
        base = through.part("workspace_dev_endpoint")
    elif isinstance(endpoint, Literal) and isinstance(endpoint.value, str):
        base = endpoint.value.rstrip("/")
    else:
        base = Expression.of(endpoint)
    return Pipelines((base,), "2020-12-01", through, "AzureSynapsePipelineRunException").run(task, report)


run_pipeline = Integration(
    "airflow.providers.microsoft.azure.operators.synapse.AzureSynapseRunPipelineOperator",
    (),
    _run,
    form="`http:invoke`, then a bounded loop that asks for the run's status",
)
