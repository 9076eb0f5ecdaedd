"""Collections of Amazon OpenSearch Serverless.

https://docs.aws.amazon.com/opensearch-service/latest/ServerlessAPIReference/API_BatchGetCollection.html
"""

from __future__ import annotations

from dagmig.integrations.status import Status
from dagmig.integrations.status_sensor import sensor

active_sensor = sensor(
    "airflow.providers.amazon.aws.sensors.opensearch_serverless.OpenSearchServerlessCollectionActiveSensor",
    Status(
        "aws-sdk:opensearchserverless:batchGetCollection",
        {"Ids": ["collection_id"], "Names": ["collection_name"]},
        "CollectionDetails[0].Status",
        ("ACTIVE",),
        ("DELETING", "FAILED"),
    ),
    every=10,
    times=("max_retries", 60),
)
