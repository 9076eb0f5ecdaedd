"""Models, knowledge bases and guardrails of Amazon Bedrock.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-bedrock.html,
https://docs.aws.amazon.com/bedrock/latest/APIReference/; ``operators/bedrock.py``, ``sensors/bedrock.py`` and
the provider's waiters.
"""

from __future__ import annotations

from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.either import either
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import PASCAL, Codec, between, surrounded
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

OPERATORS, SENSORS = AMAZON + "bedrock.", "airflow.providers.amazon.aws.sensors.bedrock."
ANSWER = "the names in the answer begin with capital letters"
KNOWLEDGE_BASE, DATA_SOURCE = (
    Field("knowledge_base_id", "KnowledgeBaseId"),
    Field("data_source_id", "DataSourceId"),
)
TIMES_20, TIMES_75 = ("waiter_max_attempts", 20), ("waiter_max_attempts", 75)
INDEXING = dict.fromkeys(
    ("wait_for_indexing", "indexing_error_retry_delay", "indexing_error_max_attempts"),
    "the operator tries again until the index is there: give the state a Retry",
)


ARN = "arn:aws:s3:::"
BUCKET = Codec(lambda value: surrounded(ARN, value), lambda value: between(ARN, value))


def _job(
    action: str, parameter: str, asked: str, *words: tuple[str, ...], reason: str = "FailureMessage"
) -> Status:
    done, failed = words
    return Status(f"aws-sdk:bedrock:{action}", {parameter: asked}, "Status", done, failed, reason=reason)


def _customizing(asked: str) -> Status:
    ended = ("Failed", "Stopping", "Stopped")
    return _job("getModelCustomizationJob", "JobIdentifier", asked, ("Completed",), ended)


def _provisioning(asked: str) -> Status:
    return _job("getProvisionedModelThroughput", "ProvisionedModelId", asked, ("InService",), ("Failed",))


def _inferring(asked: str, *done: str, stopping: tuple[str, ...] = ()) -> Status:
    failed = ("Failed", "Stopped", "PartiallyCompleted", "Expired", *stopping)
    return _job("getModelInvocationJob", "JobIdentifier", asked, done, failed, reason="Message")


def _base(asked: str) -> Status:
    return Status(
        "aws-sdk:bedrockagent:getKnowledgeBase",
        {"KnowledgeBaseId": asked},
        "KnowledgeBase.Status",
        ("ACTIVE",),
        ("DELETING", "FAILED"),
    )


def _ingesting(asked: str) -> Status:
    return Status(
        "aws-sdk:bedrockagent:getIngestionJob",
        {"KnowledgeBaseId": "knowledge_base_id", "DataSourceId": "data_source_id", "IngestionJobId": asked},
        "IngestionJob.Status",
        ("COMPLETE",),
        ("FAILED",),
        reason="IngestionJob.FailureReasons",
    )


invoke = table(
    OPERATORS + "BedrockInvokeModelOperator",
    "bedrock:invokeModel",
    Field("model_id", "ModelId"),
    Field("input_data", "Body"),
    Field("content_type", "ContentType"),
    Field("accept_type", "Accept"),
    result="$states.result.Body",
    required={"model_id": None, "input_data": {}},
)
customize = table(
    OPERATORS + "BedrockCustomizeModelOperator",
    "aws-sdk:bedrock:createModelCustomizationJob",
    Field("job_name", "JobName"),
    Field("custom_model_name", "CustomModelName"),
    Field("role_arn", "RoleArn"),
    Field("base_model_id", "BaseModelIdentifier"),
    Field("training_data_uri", "TrainingDataConfig.S3Uri"),
    Field("output_data_uri", "OutputDataConfig.S3Uri"),
    Field("hyperparameters", "HyperParameters"),
    waits=polls(_customizing("@JobName"), every=("waiter_delay", 120), times=TIMES_75),
    spread="customization_job_kwargs",
    spread_codec=PASCAL,
    result="$states.result.JobArn",
    undecided={"ensure_unique_job_name": "a name that is taken fails the state; the operator adds the time"},
    harmless={"ensure_unique_job_name": False},
    notes={"ensure_unique_job_name": "a job's name that is taken fails the state: make it one of the run's"},
    required=dict.fromkeys(
        (
            "job_name",
            "custom_model_name",
            "role_arn",
            "base_model_id",
            "training_data_uri",
            "output_data_uri",
            "hyperparameters",
        )
    ),
)
provision = table(
    OPERATORS + "BedrockCreateProvisionedModelThroughputOperator",
    "aws-sdk:bedrock:createProvisionedModelThroughput",
    Field("model_units", "ModelUnits"),
    Field("provisioned_model_name", "ProvisionedModelName"),
    Field("model_id", "ModelId"),
    waits=polls(_provisioning("$.ProvisionedModelArn"), every=("waiter_delay", 60), times=TIMES_20),
    spread="create_throughput_kwargs",
    spread_codec=PASCAL,
    result="$states.result.ProvisionedModelArn",
    required={"model_units": None, "provisioned_model_name": None, "model_id": None},
)
create_base = table(
    OPERATORS + "BedrockCreateKnowledgeBaseOperator",
    "aws-sdk:bedrockagent:createKnowledgeBase",
    Field("name", "Name"),
    Field(
        "embedding_model_arn",
        "KnowledgeBaseConfiguration.VectorKnowledgeBaseConfiguration.EmbeddingModelArn",
    ),
    Field("role_arn", "RoleArn"),
    Field("storage_config", "StorageConfiguration", PASCAL),
    sends={"KnowledgeBaseConfiguration.Type": "VECTOR"},
    waits=polls(_base("$.KnowledgeBase.KnowledgeBaseId"), every=("waiter_delay", 60), times=TIMES_20),
    spread="create_knowledge_base_kwargs",
    spread_codec=PASCAL,
    result="$states.result.KnowledgeBase.KnowledgeBaseId",
    dropped=INDEXING,
    required=dict.fromkeys(("name", "embedding_model_arn", "role_arn", "storage_config")),
)
create_source = table(
    OPERATORS + "BedrockCreateDataSourceOperator",
    "aws-sdk:bedrockagent:createDataSource",
    Field("name", "Name"),
    KNOWLEDGE_BASE,
    Field("bucket_name", "DataSourceConfiguration.S3Configuration.BucketArn", BUCKET),
    sends={"DataSourceConfiguration.Type": "S3"},
    spread="create_data_source_kwargs",
    spread_codec=PASCAL,
    result="$states.result.DataSource.DataSourceId",
    required={"name": None, "knowledge_base_id": None},
)
ingest = table(
    OPERATORS + "BedrockIngestDataOperator",
    "aws-sdk:bedrockagent:startIngestionJob",
    KNOWLEDGE_BASE,
    DATA_SOURCE,
    waits=polls(
        _ingesting("$.IngestionJob.IngestionJobId"),
        every=("waiter_delay", 60),
        times=("waiter_max_attempts", 10),
    ),
    result="$states.result.IngestionJob.IngestionJobId",
    dropped={"ingest_data_kwargs": "the operator does not use it"},
    required={"knowledge_base_id": None, "data_source_id": None},
)
retrieve = table(
    OPERATORS + "BedrockRetrieveOperator",
    "aws-sdk:bedrockagentruntime:retrieve",
    Field("retrieval_query", "RetrievalQuery.Text"),
    KNOWLEDGE_BASE,
    Field("vector_search_config", "RetrievalConfiguration.VectorSearchConfiguration", PASCAL),
    spread="retrieve_kwargs",
    spread_codec=PASCAL,
    result="$states.result",
    returns=ANSWER,
    required={"retrieval_query": None, "knowledge_base_id": None},
)


def _rag(part: str, source: str, *fields: Field) -> Integration:
    where = f"RetrieveAndGenerateConfiguration.{part}"
    return table(
        OPERATORS + "BedrockRaGOperator",
        "aws-sdk:bedrockagentruntime:retrieveAndGenerate",
        Field("input", "Input.Text"),
        Field("model_arn", f"{where}.ModelArn"),
        Field("prompt_template", f"{where}.GenerationConfiguration.PromptTemplate.TextPromptTemplate"),
        *(Field(one.argument, f"{where}.{one.parameter}", one.codec) for one in fields),
        sends={"RetrieveAndGenerateConfiguration.Type": source},
        spread="rag_kwargs",
        spread_codec=PASCAL,
        result="$states.result",
        returns=ANSWER,
        dropped={
            "source_type": "it says where the text comes from",
            **dict.fromkeys(
                ("knowledge_base_id", "vector_search_config", "sources"), "it is of the other kind"
            ),
        },
        required={"input": None, "model_arn": None},
    )


rag = either(
    "source_type",
    None,
    {
        "KNOWLEDGE_BASE": _rag(
            "KnowledgeBaseConfiguration",
            "KNOWLEDGE_BASE",
            KNOWLEDGE_BASE,
            Field("vector_search_config", "RetrievalConfiguration.VectorSearchConfiguration", PASCAL),
        ),
        "EXTERNAL_SOURCES": _rag(
            "ExternalSourcesConfiguration", "EXTERNAL_SOURCES", Field("sources", "Sources", PASCAL)
        ),
    },
)
infer = table(
    OPERATORS + "BedrockBatchInferenceOperator",
    "aws-sdk:bedrock:createModelInvocationJob",
    Field("job_name", "JobName"),
    Field("role_arn", "RoleArn"),
    Field("model_id", "ModelId"),
    Field("input_uri", "InputDataConfig.S3InputDataConfig.S3Uri"),
    Field("output_uri", "OutputDataConfig.S3OutputDataConfig.S3Uri"),
    waits=polls(
        _inferring("$.JobArn", "Completed", stopping=("Stopping",)),
        every=("waiter_delay", 60),
        times=TIMES_20,
    ),
    spread="invoke_kwargs",
    spread_codec=PASCAL,
    result="$states.result.JobArn",
    required=dict.fromkeys(("job_name", "role_arn", "model_id", "input_uri", "output_uri")),
)
customized_sensor = sensor(
    SENSORS + "BedrockCustomizeModelCompletedSensor",
    _customizing("job_name"),
    every=120,
    times=("max_retries", 75),
)
provisioned_sensor = sensor(
    SENSORS + "BedrockProvisionModelThroughputCompletedSensor",
    _provisioning("model_id"),
    every=60,
    times=("max_retries", 20),
)
base_sensor = sensor(
    SENSORS + "BedrockKnowledgeBaseActiveSensor",
    _base("knowledge_base_id"),
    every=5,
    times=("max_retries", 24),
)
ingested_sensor = sensor(
    SENSORS + "BedrockIngestionJobSensor",
    _ingesting("ingestion_job_id"),
    every=60,
    times=("max_retries", 10),
)
STATES = {"success_state": "it says which word is success"}
inferred_sensor = either(
    "success_state",
    "scheduled",
    {
        word: sensor(
            SENSORS + "BedrockBatchInferenceSensor",
            _inferring("job_arn", *done),
            every=120,
            times=("max_retries", 75),
            dropped=STATES,
        )
        for word, done in (("scheduled", ("Completed", "Scheduled")), ("completed", ("Completed",)))
    },
)
