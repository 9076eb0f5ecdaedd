"""Graphs of Amazon Neptune Analytics: https://docs.aws.amazon.com/neptune-analytics/latest/apiref/.

``operators/neptune_analytics.py`` and botocore's waiters of ``neptune-graph``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.fragment import Expression, Fragment, Projection
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import PASCAL
from dagmig.integrations.status import Status
from dagmig.integrations.table import table
from dagmig.integrations.waits import Waits, polls

OPERATORS, SDK = AMAZON + "neptune_analytics.", "aws-sdk:neptunegraph:"
DELETING: Mapping[str, Any] = {
    "pending": ("DELETING",),
    "missing": "gone",
    "gone": ("NeptuneGraph.ResourceNotFoundException",),
}
BROKEN = ("DELETING", "FAILED")
GRAPH, VPC = Field("graph_identifier", "GraphIdentifier"), Field("vpc_id", "VpcId")
SHAPE = (
    Field("graph_name", "GraphName"),
    Field("vector_search_config", "VectorSearchConfiguration", PASCAL),
    Field("public_connectivity", "PublicConnectivity"),
    Field("replica_count", "ReplicaCount"),
    Field("kms_key_id", "KmsKeyIdentifier"),
    Field("tags", "Tags"),
)
IMPORT = (
    Field("source", "Source"),
    Field("role_arn", "RoleArn"),
    Field("format", "Format"),
    Field("blank_node_handling", "BlankNodeHandling"),
    Field("import_options", "ImportOptions", PASCAL),
)
IMPORTED = Status(
    SDK + "getImportTask",
    {"TaskIdentifier": "$.TaskId"},
    "Status",
    ("SUCCEEDED",),
    ("CANCELLING", "CANCELLED", "ROLLING_BACK", "FAILED"),
    reason="StatusReason",
)
UNLESS_GONE = "a graph that is not there fails the state; the operator lets it be"


def _endpoint(vpc: str, *done: str, **words: Any) -> Waits:
    ask = {"GraphIdentifier": "graph_identifier", "VpcId": vpc}
    return polls(Status(SDK + "getPrivateGraphEndpoint", ask, "Status", done, **words))


def _with_id(made: Integration) -> Integration:
    """The endpoint's id is in the last answer, when it is ready."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = made.to_asl(task, report)
        if "poll" not in fragment.states:
            return fragment
        known = fragment.outputs["return_value"].expression
        return replace(fragment, outputs={"return_value": Projection("poll", Expression.of(*known.parts))})

    return replace(made, to_asl=to_asl)


create_graph = table(
    OPERATORS + "NeptuneCreateGraphOperator",
    SDK + "createGraph",
    *SHAPE,
    Field("provisioned_memory", "ProvisionedMemory"),
    Field("deletion_protection", "DeletionProtection", default=False),
    waits=polls(
        Status(SDK + "getGraph", {"GraphIdentifier": "$.Id"}, "Status", ("AVAILABLE",), BROKEN,
               reason="StatusReason")
    ),
    result="{'graph_id': $states.result.Id}",
    required=dict.fromkeys(("graph_name", "vector_search_config", "provisioned_memory")),
)  # fmt: skip
create_graph_with_import = table(
    OPERATORS + "NeptuneCreateGraphWithImportOperator",
    SDK + "createGraphUsingImportTask",
    *SHAPE,
    *IMPORT,
    Field("parquet_type", "ParquetType"),
    Field("min_provisioned_memory", "MinProvisionedMemory"),
    Field("max_provisioned_memory", "MaxProvisionedMemory"),
    Field("fail_on_error", "FailOnError"),
    Field("deletion_protection", "DeletionProtection"),
    waits=polls(IMPORTED),
    result="{'graph_id': $states.result.GraphId}",
    required=dict.fromkeys(("graph_name", "vector_search_config", "source", "role_arn")),
)  # an import ends after its graph is there, which the operator asks for first
delete_graph = table(
    OPERATORS + "NeptuneDeleteGraphOperator",
    SDK + "deleteGraph",
    Field("graph_id", "GraphIdentifier"),
    Field("skip_snapshot", "SkipSnapshot"),
    waits=polls(
        Status(
            SDK + "getGraph",
            {"GraphIdentifier": "graph_id"},
            "Status",
            ("gone",),
            **DELETING,
            reason="StatusReason",
        )
    ),
    notes={"graph_id": UNLESS_GONE},
    required={"graph_id": None, "skip_snapshot": None},
)
start_import = table(
    OPERATORS + "NeptuneStartImportTaskOperator",
    SDK + "startImportTask",
    GRAPH,
    *IMPORT,
    Field("fail_on_error", "FailOnError", default=True),
    Field("parquet_type", "ParquetType", default="COLUMNAR"),
    waits=polls(IMPORTED),
    result="{'import_task_id': $states.result.TaskId, 'graph_id': @graph_identifier}",
    required=dict.fromkeys(("graph_identifier", "role_arn", "source")),
)
cancel_import = table(
    OPERATORS + "NeptuneCancelImportTaskOperator",
    SDK + "cancelImportTask",
    Field("import_task_id", "TaskIdentifier"),
    waits=polls(
        Status(
            SDK + "getImportTask",
            {"TaskIdentifier": "import_task_id"},
            "Status",
            ("CANCELLED", "SUCCEEDED", "FAILED"),
        )
    ),
    result="{'import_task_id': @import_task_id}",
    required={"import_task_id": None},
)
create_endpoint = _with_id(
    table(
        OPERATORS + "NeptuneCreatePrivateGraphEndpointOperator",
        SDK + "createPrivateGraphEndpoint",
        GRAPH,
        VPC,
        Field("subnet_ids", "SubnetIds"),
        Field("vpc_security_group_ids", "VpcSecurityGroupIds"),
        waits=_endpoint("$.VpcId", "AVAILABLE", failed=BROKEN),
        result="{'vpc_endpoint_id': $states.result.VpcEndpointId, 'graph_id': @graph_identifier, "
        "'vpc_id': $states.result.VpcId}",
        required={"graph_identifier": None},
    )
)
delete_endpoint = table(
    OPERATORS + "NeptuneDeletePrivateGraphEndpointOperator",
    SDK + "deletePrivateGraphEndpoint",
    GRAPH,
    VPC,
    waits=_endpoint("vpc_id", "gone", **DELETING),
    required={"graph_identifier": None, "vpc_id": None},
)
