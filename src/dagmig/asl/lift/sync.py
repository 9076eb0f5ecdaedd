"""Functions that a DAG carries along, word for word, where a task starts a job of a service and waits for it.

Each returns what the state with ``.sync`` does, and raises for a job that fails, with the job as the cause:
https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync
"""

from __future__ import annotations

import json
import time
from typing import Any

from dagmig.asl.lift.runtime import as_json, in_pascal_case


def job_end(ask: Any, state: Any, running: list[str], good: list[str]) -> Any:
    """What is said of a job when it is over; one that has not ended well is an error."""
    while state(job := ask()) in running:
        time.sleep(15)
    if state(job) not in good:
        raise ValueError("the job has failed", {"Error": "States.TaskFailed", "Cause": json.dumps(job)})
    return job


def query_to_end(client: Any, **given: Any) -> Any:
    """Run a query of Athena to its end."""
    name = client.start_query_execution(**given)["QueryExecutionId"]
    return job_end(
        lambda: as_json(client.get_query_execution(QueryExecutionId=name)),
        lambda job: job["QueryExecution"]["Status"]["State"],
        ["QUEUED", "RUNNING"],
        ["SUCCEEDED"],
    )


def batch_job_to_end(client: Any, **given: Any) -> Any:
    """Run a job of Batch to its end."""
    name = client.submit_job(**given)["jobId"]
    maps = ("annotations", "labels", "limits", "options", "parameters", "requests", "tags")
    return job_end(
        lambda: in_pascal_case(as_json(client.describe_jobs(jobs=[name])["jobs"][0]), maps),
        lambda job: job["Status"],
        ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"],
        ["SUCCEEDED"],
    )


def build_to_end(client: Any, **given: Any) -> Any:
    """Run a build of CodeBuild to its end."""
    name = client.start_build(**given)["build"]["id"]
    return job_end(
        lambda: {"Build": in_pascal_case(as_json(client.batch_get_builds(ids=[name])["builds"][0]), ())},
        lambda job: job["Build"]["BuildStatus"],
        ["IN_PROGRESS"],
        ["SUCCEEDED"],
    )


def builds_end(client: Any, answer: Any) -> Any:
    """What is said of a batch of builds of CodeBuild when it is over."""
    asked = {"ids": [answer["buildBatch"]["id"]]}
    return job_end(
        lambda: {
            "BuildBatch": in_pascal_case(
                as_json(client.batch_get_build_batches(**asked)["buildBatches"][0]), ()
            )
        },
        lambda job: job["BuildBatch"]["BuildBatchStatus"],
        ["IN_PROGRESS"],
        ["SUCCEEDED"],
    )


def builds_to_end(client: Any, **given: Any) -> Any:
    """Run a batch of builds of CodeBuild to its end."""
    return builds_end(client, client.start_build_batch(**given))


def retried_builds_to_end(client: Any, **given: Any) -> Any:
    """Run a batch of builds of CodeBuild again, to its end."""
    return builds_end(client, client.retry_build_batch(**given))


def model_job_to_end(client: Any, **given: Any) -> Any:
    """Run a job of Bedrock that customizes a model to its end."""
    name = client.create_model_customization_job(**given)["jobArn"]

    def asked() -> Any:
        job = as_json(client.get_model_customization_job(jobIdentifier=name))
        return {**in_pascal_case(job, ()), "HyperParameters": job.get("hyperParameters", {})}

    return job_end(asked, lambda job: job["Status"], ["InProgress", "Stopping"], ["Completed"])


def databrew_job_to_end(client: Any, **given: Any) -> Any:
    """Run a job of DataBrew to its end."""
    run = client.start_job_run(**given)["RunId"]
    return job_end(
        lambda: as_json(client.describe_job_run(Name=given["Name"], RunId=run)),
        lambda job: job["State"],
        ["STARTING", "RUNNING", "STOPPING"],
        ["SUCCEEDED"],
    )


def glue_job_to_end(client: Any, **given: Any) -> Any:
    """Run a job of Glue to its end."""
    run = client.start_job_run(**given)["JobRunId"]
    return job_end(
        lambda: as_json(client.get_job_run(JobName=given["JobName"], RunId=run)["JobRun"]),
        lambda job: job["JobRunState"],
        ["STARTING", "RUNNING", "STOPPING", "WAITING"],
        ["SUCCEEDED"],
    )


def media_job_to_end(client: Any, **given: Any) -> Any:
    """Run a job of MediaConvert to its end."""
    name = client.create_job(**given)["Job"]["Id"]
    return job_end(
        lambda: as_json(client.get_job(Id=name)),
        lambda job: job["Job"]["Status"],
        ["SUBMITTED", "PROGRESSING"],
        ["COMPLETE"],
    )


def labeling_to_end(client: Any, **given: Any) -> Any:
    """Run a labeling job of SageMaker to its end."""
    client.create_labeling_job(**given)
    return job_end(
        lambda: as_json(client.describe_labeling_job(LabelingJobName=given["LabelingJobName"])),
        lambda job: job["LabelingJobStatus"],
        ["Initializing", "InProgress", "Stopping"],
        ["Completed"],
    )


def processing_to_end(client: Any, **given: Any) -> Any:
    """Run a processing job of SageMaker to its end."""
    client.create_processing_job(**given)
    return job_end(
        lambda: as_json(client.describe_processing_job(ProcessingJobName=given["ProcessingJobName"])),
        lambda job: job["ProcessingJobStatus"],
        ["InProgress", "Stopping"],
        ["Completed"],
    )


def training_to_end(client: Any, **given: Any) -> Any:
    """Run a training job of SageMaker to its end."""
    client.create_training_job(**given)
    return job_end(
        lambda: as_json(client.describe_training_job(TrainingJobName=given["TrainingJobName"])),
        lambda job: job["TrainingJobStatus"],
        ["InProgress", "Stopping"],
        ["Completed"],
    )


def transform_to_end(client: Any, **given: Any) -> Any:
    """Run a batch transform of SageMaker to its end."""
    client.create_transform_job(**given)
    return job_end(
        lambda: as_json(client.describe_transform_job(TransformJobName=given["TransformJobName"])),
        lambda job: job["TransformJobStatus"],
        ["InProgress", "Stopping"],
        ["Completed"],
    )


def tuning_to_end(client: Any, **given: Any) -> Any:
    """Run a tuning job of SageMaker to its end."""
    client.create_hyper_parameter_tuning_job(**given)
    name = given["HyperParameterTuningJobName"]
    return job_end(
        lambda: as_json(client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)),
        lambda job: job["HyperParameterTuningJobStatus"],
        ["InProgress", "Stopping"],
        ["Completed"],
    )


def execution_to_end(client: Any, **given: Any) -> Any:
    """Run an execution of a machine to its end; its output is text."""
    name = client.start_execution(**given)["executionArn"]
    return job_end(
        lambda: in_pascal_case(as_json(client.describe_execution(executionArn=name)), ()),
        lambda job: job["Status"],
        ["RUNNING"],
        ["SUCCEEDED"],
    )


def output_to_end(client: Any, **given: Any) -> Any:
    """Run an execution of a machine to its end; its output is a value."""
    job = execution_to_end(client, **given)
    return {**job, "Input": json.loads(job["Input"]), "Output": json.loads(job["Output"])}
