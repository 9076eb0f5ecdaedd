"""Notebooks of SageMaker Unified Studio, by Amazon DataZone.

https://docs.aws.amazon.com/datazone/latest/APIReference/API_StartNotebookRun.html;
``operators/sagemaker_unified_studio_notebook.py`` and its hook.
"""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON
from dagmig.integrations.fragment import Expression
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import PASCAL
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

SDK = "aws-sdk:datazone:"
ASK, AT, REASON = SDK + "getNotebookRun", "Status", "Error.Message"
FAILED = ("FAILED", "STOPPED")
NAME = "{'notebook_run_id': $states.result.Id}"
OUTPUTS = "what the notebook gives is not read from its project's bucket"
ENDPOINT = {"endpoint_url": "Step Functions calls the service's own endpoint"}
RUN = Field("notebook_identifier", "NotebookIdentifier")


def _status(run: str) -> Status:
    """How a run of a notebook is asked for; ``run`` is where its id is."""
    given = {"DomainIdentifier": "domain_identifier", "Identifier": run}
    return Status(ASK, given, AT, ("SUCCEEDED",), FAILED, reason=REASON)


notebook = table(
    AMAZON + "sagemaker_unified_studio_notebook.SageMakerUnifiedStudioNotebookOperator",
    SDK + "startNotebookRun",
    Field("domain_identifier", "DomainIdentifier"),
    Field("owning_project_identifier", "OwningProjectIdentifier"),
    RUN,
    Field("client_token", "ClientToken"),
    Field("notebook_parameters", "Parameters"),
    Field("compute_configuration", "ComputeConfiguration", PASCAL),
    Field("timeout_configuration", "TimeoutConfiguration", PASCAL),
    sends={
        "TriggerSource.Type": "WORKFLOW",
        "TriggerSource.Name": Expression.of("$states.context.StateMachine.Name"),
    },
    waits=polls(
        _status("$.Id"),
        every=("waiter_delay", 10),
        times=("", 4320),
    ),
    result=NAME,
    outputs={"notebook_run_id": "$states.result.Id"},
    returns=OUTPUTS,
    dropped=ENDPOINT,
    required=dict.fromkeys(("notebook_identifier", "domain_identifier", "owning_project_identifier")),
)
notebook_sensor = sensor(
    "airflow.providers.amazon.aws.sensors.sagemaker_unified_studio_notebook."
    "SageMakerUnifiedStudioNotebookSensor",
    _status("notebook_run_id"),
    dropped={**ENDPOINT, **dict.fromkeys(("owning_project_identifier", "notebook_identifier"), OUTPUTS)},
)
