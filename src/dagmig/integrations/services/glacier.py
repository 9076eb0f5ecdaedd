"""Inventories and archives of Amazon S3 Glacier: https://docs.aws.amazon.com/amazonglacier/latest/dev/.

The tree hash of an archive of up to 1 MiB is its SHA-256, and a state holds 256 KiB
(https://docs.aws.amazon.com/amazonglacier/latest/dev/checksum-calculations.html).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from dagmig.diagnostics import Report, Span
from dagmig.graph.jinja import has_jinja
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON, CONTRIB
from dagmig.integrations.fragment import MAIN, Expression, Fragment
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table

create_job = table(
    AMAZON + "glacier.GlacierCreateJobOperator",
    "aws-sdk:glacier:initiateJob",
    Field("vault_name", "VaultName"),
    sends={"AccountId": "-", "JobParameters.Type": "inventory-retrieval"},
    result="{'jobId': $states.result.JobId, 'location': $states.result.Location}",
    required={"vault_name": None},
    aliases=(CONTRIB + "glacier_create_job_operator.GlacierCreateJobOperator",),
)


def _hashed(made: Integration) -> Integration:
    """With the checksum of the body, which boto3 computes where none is given."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = made.to_asl(task, report)
        if task.argument("checksum") not in (None, Literal(None)):
            return fragment
        state = fragment.states[MAIN]
        body = task.argument("body") or Literal("")
        checksum = _hash_of(body) or Expression.of("$hash(", body, ", 'SHA-256')")
        arguments = {**state["Arguments"], "Checksum": checksum}
        return replace(fragment, states={MAIN: {**state, "Arguments": arguments}})

    def to_airflow(resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
        assert made.to_airflow is not None
        checksum = _hash_of(parameters.get("Body"))
        if checksum is not None and parameters.get("Checksum") == Literal(checksum):
            parameters = {name: value for name, value in parameters.items() if name != "Checksum"}
        return made.to_airflow(resource, parameters, span, report)

    return replace(made, to_asl=to_asl, to_airflow=to_airflow)


def _hash_of(body: Value | None) -> str | None:
    """The checksum of a text that is known."""
    text = body.value if isinstance(body, Literal) else None
    if not isinstance(text, str) or has_jinja(text):
        return None
    return hashlib.sha256(text.encode()).hexdigest()


upload = _hashed(
    table(
        AMAZON + "glacier.GlacierUploadArchiveOperator",
        "aws-sdk:glacier:uploadArchive",
        Field("account_id", "AccountId", default="-", absent="the operator names the account `-`, its own"),
        Field("vault_name", "VaultName"),
        Field("archive_description", "ArchiveDescription"),
        Field("checksum", "Checksum"),
        Field("body", "Body"),
        result="$states.result",
        returns="the names in it are those of the API's",
        required={"vault_name": None, "body": None},
    )
)
job_sensor = sensor(
    "airflow.providers.amazon.aws.sensors.glacier.GlacierJobOperationSensor",
    Status(
        "aws-sdk:glacier:describeJob",
        {"AccountId": Literal("-"), "VaultName": "vault_name", "JobId": "job_id"},
        "StatusCode",
        ("Succeeded",),
        pending=("InProgress",),
        reason="StatusMessage",
    ),
    every=1200,
    dropped={"mode": "the loop waits by itself"},
)
