"""Functions that a DAG carries along, word for word, where a task waits for what is on EMR Serverless.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr-serverless.html says what the states return.
"""

from __future__ import annotations

from typing import Any

from dagmig.asl.lift.runtime import as_json, in_pascal_case
from dagmig.asl.lift.sync import job_end


def application_end(client: Any, name: str, changing: list[str], good: str) -> None:
    """Wait for the state that an application of EMR Serverless is to have."""
    job_end(
        lambda: as_json(client.get_application(applicationId=name)["application"]),
        lambda job: job["state"],
        changing,
        [good],
    )


def application_to_end(client: Any, **given: Any) -> Any:
    """Make an application of EMR Serverless and wait for it."""
    answer = in_pascal_case(as_json(client.create_application(**given)), ())
    application_end(client, answer["ApplicationId"], ["CREATING"], "CREATED")
    return answer


def application_to_start(client: Any, **given: Any) -> Any:
    """Start an application of EMR Serverless and wait for it."""
    client.start_application(**given)
    application_end(client, given["applicationId"], ["CREATING", "CREATED", "STARTING"], "STARTED")
    return {"ApplicationId": given["applicationId"]}


def application_to_stop(client: Any, **given: Any) -> Any:
    """Stop an application of EMR Serverless and wait until it has stopped."""
    client.stop_application(**given)
    application_end(client, given["applicationId"], ["STARTING", "STARTED", "STOPPING"], "STOPPED")
    return {"ApplicationId": given["applicationId"]}


def application_to_gone(client: Any, **given: Any) -> Any:
    """Delete an application of EMR Serverless and wait until it has ended."""
    client.delete_application(**given)
    application_end(client, given["applicationId"], ["CREATED", "STOPPED"], "TERMINATED")
    return {"ApplicationId": given["applicationId"]}


def serverless_job_end(client: Any, application: str, name: str, good: str) -> Any:
    """What is said of a job of EMR Serverless when it is over."""
    maps = ("encryptionContext", "logTypes", "properties", "tags", "workerTypeSpecifications")
    asked = {"applicationId": application, "jobRunId": name}
    return job_end(
        lambda: in_pascal_case(as_json(client.get_job_run(**asked)["jobRun"]), maps),
        lambda job: job["State"],
        ["SUBMITTED", "PENDING", "SCHEDULED", "QUEUED", "RUNNING", "CANCELLING"],
        [good],
    )


def serverless_job_to_end(client: Any, **given: Any) -> Any:
    """Run a job of EMR Serverless to its end."""
    name = client.start_job_run(**given)["jobRunId"]
    return serverless_job_end(client, given["applicationId"], name, "SUCCESS")


def serverless_job_to_cancel(client: Any, **given: Any) -> Any:
    """Cancel a job of EMR Serverless and wait until it is."""
    answer = in_pascal_case(as_json(client.cancel_job_run(**given)), ())
    serverless_job_end(client, given["applicationId"], given["jobRunId"], "CANCELLED")
    return answer
