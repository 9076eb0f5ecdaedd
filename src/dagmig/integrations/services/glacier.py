"""Inventories and archives of Amazon S3 Glacier: https://docs.aws.amazon.com/amazonglacier/latest/dev/.

The tree hash of an archive of up to 1 MiB is its SHA-256, and a state holds 256 KiB
(https://docs.aws.amazon.com/amazonglacier/latest/dev/checksum-calculations.html).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dagmig.diagnostics import Report, Span
from dagmig.graph.jinja import has_jinja
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration, contents
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


def _archive(made: Integration) -> Integration:
    """With the contents as a state writes them, and their checksum, which boto3 computes itself."""

    def to_asl(task: Task, report: Report) -> Fragment:
        try:
            body = contents.node(task, "body", report)
        except ValueError:
            return contents.untranslated(task, "body", report)
        fragment = made.to_asl(task, report)
        state = fragment.states[MAIN]
        arguments = dict(state["Arguments"])
        arguments.pop("Body", None)
        if body is not None:
            arguments["Body"] = body
        if task.argument("checksum") in (None, Literal(None)):
            arguments["Checksum"] = _hash_of(body)
        return replace(fragment, states={MAIN: {**state, "Arguments": arguments}})

    def to_airflow(resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
        assert made.to_airflow is not None
        checksum = _hash(text) if isinstance(text := _text(parameters.get("Body")), str) else None
        if checksum is not None and parameters.get("Checksum") == Literal(checksum):
            parameters = {name: value for name, value in parameters.items() if name != "Checksum"}
        return made.to_airflow(resource, parameters, span, report)

    return replace(made, to_asl=to_asl, to_airflow=to_airflow)


def _text(body: Value | None) -> str | None:
    """A text that is known."""
    text = body.value if isinstance(body, Literal) else None
    return text if isinstance(text, str) and not has_jinja(text) else None


def _hash_of(body: Any) -> Any:
    """The checksum of what a state writes."""
    if body is None or isinstance(body, Literal):
        return Literal(_hash("" if body is None else contents.written(body.value)))
    return Expression.of("$hash($string(", body, "), 'SHA-256')")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


upload = _archive(
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
