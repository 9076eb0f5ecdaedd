"""Functions that a DAG carries along, word for word, for integrations that are no single call of an API.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr.html and
https://docs.aws.amazon.com/step-functions/latest/dg/connect-bedrock.html
"""

from __future__ import annotations

import json
from typing import Any

AwsGenericHook: Any = None  # Airflow's, where the DAG runs


def id_by_name(pages: Any, members: str, name: str) -> Any:
    """The id of the member with a name on the pages of a list of EMR."""
    found = [one["Id"] for page in pages for one in page[members] if one.get("Name") == name]
    if len(found) != 1:
        cause = f"{len(found)} of {members} have the name {name}"
        raise ValueError("its name does not tell it", {"Error": "States.TaskFailed", "Cause": cause})
    return found[0]


def modify_fleet(client: Any, cluster: str, name: str, changes: Any) -> Any:
    """Change the capacities of the instance fleet of an EMR cluster with this name."""
    pages = client.get_paginator("list_instance_fleets").paginate(ClusterId=cluster)
    changes = {**changes, "InstanceFleetId": id_by_name(pages, "InstanceFleets", name)}
    client.modify_instance_fleet(ClusterId=cluster, InstanceFleet=changes)
    return {}


def modify_group(client: Any, cluster: str, name: str, changes: Any) -> Any:
    """Change the instance group of an EMR cluster with this name."""
    pages = client.get_paginator("list_instance_groups").paginate(ClusterId=cluster)
    changes = {**changes, "InstanceGroupId": id_by_name(pages, "InstanceGroups", name)}
    client.modify_instance_groups(ClusterId=cluster, InstanceGroups=[changes])
    return {}


def invoke_model(client: Any, source: str = "", **given: Any) -> Any:
    """What a model of Bedrock answers; ``source`` is the address of its input in S3."""
    if source:
        bucket, _, key = source.removeprefix("s3://").partition("/")
        found = AwsGenericHook(client_type="s3").conn.get_object(Bucket=bucket, Key=key)
        given = {"contentType": found["ContentType"], **given, "body": found["Body"].read()}
    answer = client.invoke_model(**given)
    text = answer["body"].read().decode()
    kind = answer["contentType"]
    return {"Body": json.loads(text) if "json" in kind else text, "ContentType": kind}
