"""Collections of Amazon OpenSearch Serverless.

https://docs.aws.amazon.com/opensearch-service/latest/ServerlessAPIReference/API_BatchGetCollection.html
"""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON
from dagmig.integrations.existing import DROPPED, made_or_found
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import PASCAL
from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table

SDK = "aws-sdk:opensearchserverless:"

active_sensor = sensor(
    "airflow.providers.amazon.aws.sensors.opensearch_serverless.OpenSearchServerlessCollectionActiveSensor",
    Status(
        SDK + "batchGetCollection",
        {"Ids": ["collection_id"], "Names": ["collection_name"]},
        "CollectionDetails[0].Status",
        ("ACTIVE",),
        ("DELETING", "FAILED"),
    ),
    every=10,
    times=("max_retries", 60),
)
create_collection = made_or_found(
    table(
        AMAZON + "opensearch_serverless.OpenSearchServerlessCreateCollectionOperator",
        SDK + "createCollection",
        Field("collection_name", "Name"),
        Field("collection_type", "Type", default="SEARCH"),
        Field("description", "Description"),
        Field("standby_replicas", "StandbyReplicas"),
        Field("tags", "Tags", PASCAL),
        result="$states.result.CreateCollectionDetail.Id",
        dropped=DROPPED,
        required={"collection_name": None},
    ),
    "OpenSearchServerless.ConflictException",
    Status(SDK + "batchGetCollection", {"Names": ["collection_name"]}, "CollectionDetails[0].Id", ()),
)
