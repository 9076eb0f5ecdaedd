"""Clusters of Amazon Neptune: https://docs.aws.amazon.com/neptune/latest/apiref/."""

from __future__ import annotations

from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.parameters import Field
from dagmig.integrations.status import Status
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

BROKEN = (
    "deleting",
    "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable",
    "migration-failed",
)


def _call(operator: str, action: str, word: str) -> Integration:
    return table(
        f"{AMAZON}neptune.{operator}",
        f"aws-sdk:neptune:{action}",
        Field("db_cluster_id", "DbClusterIdentifier"),
        waits=polls(
            Status(
                "aws-sdk:neptune:describeDBClusters",
                {"DbClusterIdentifier": "db_cluster_id"},
                "DbClusters[0].Status",
                (word,),
                BROKEN,
            )
        ),
        result="{'db_cluster_id': @db_cluster_id}",
        notes={"db_cluster_id": f"the state fails where the cluster is {word} already, or busy"},
        required={"db_cluster_id": None},
    )


start = _call("NeptuneStartDbClusterOperator", "startDBCluster", "available")
stop = _call("NeptuneStopDbClusterOperator", "stopDBCluster", "stopped")
