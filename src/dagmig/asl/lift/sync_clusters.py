"""Functions that a DAG carries along, word for word, where a task waits for a task of ECS, or for what is on
EKS or EMR.

Each returns what the state with ``.sync`` does, and raises for what does not end well:
https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html and the pages of EKS, EMR and EMR on EKS
beside it. Of what is deleted on EKS they return the last that is said of it.
"""

from __future__ import annotations

import json
import time
from typing import Any

from dagmig.asl.lift.runtime import as_json, error_output, in_pascal_case
from dagmig.asl.lift.sync import job_end


def ecs_task_to_end(client: Any, **given: Any) -> Any:
    """Run a task of ECS to its end; a container that has ended with an error fails it."""
    answer = client.run_task(**given)
    if answer["failures"]:
        cause = json.dumps(in_pascal_case(as_json(answer), ()))
        raise ValueError("no task has started", {"Error": "AmazonECS.Unknown", "Cause": cause})
    asked = {"cluster": given.get("cluster", "default"), "tasks": [answer["tasks"][0]["taskArn"]]}
    return job_end(
        lambda: in_pascal_case(as_json(client.describe_tasks(**asked)["tasks"][0]), ()),
        ecs_status,
        ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING"],
        ["SUCCEEDED"],
    )


def ecs_status(task: Any) -> str:
    """How a task of ECS stands: SUCCEEDED where it has stopped, and its containers without an error."""
    is_good = all(container.get("ExitCode") == 0 for container in task["Containers"])
    status: str = task["LastStatus"]
    return "SUCCEEDED" if status == "STOPPED" and is_good else status


def eks_cluster_to_end(client: Any, **given: Any) -> Any:
    """Make a cluster of EKS and wait for it."""
    client.create_cluster(**given)
    return job_end(
        lambda: in_pascal_case(as_json(client.describe_cluster(name=given["name"])), ("tags",)),
        lambda job: job["Cluster"]["Status"],
        ["CREATING", "PENDING", "UPDATING"],
        ["ACTIVE"],
    )


def nodegroup_to_end(client: Any, **given: Any) -> Any:
    """Make a node group of EKS and wait for it."""
    client.create_nodegroup(**given)
    asked = {name: given[name] for name in ("clusterName", "nodegroupName")}
    return job_end(
        lambda: in_pascal_case(as_json(client.describe_nodegroup(**asked)), ("labels", "tags")),
        lambda job: job["Nodegroup"]["Status"],
        ["CREATING", "UPDATING"],
        ["ACTIVE"],
    )


def fargate_profile_to_end(client: Any, **given: Any) -> Any:
    """Make a Fargate profile of EKS and wait for it."""
    client.create_fargate_profile(**given)
    asked = {name: given[name] for name in ("clusterName", "fargateProfileName")}
    return job_end(
        lambda: in_pascal_case(as_json(client.describe_fargate_profile(**asked)), ("labels", "tags")),
        lambda job: job["FargateProfile"]["Status"],
        ["CREATING"],
        ["ACTIVE"],
    )


def gone_end(said: Any, ask: Any, state: Any) -> Any:
    """What was last said of something, when it is gone; where it stays instead is an error."""
    while state(said) == "DELETING":
        time.sleep(15)
        try:
            said = ask()
        except Exception as error:
            if error_output(error)["Error"] != "ResourceNotFoundException":
                raise
            return said
    raise ValueError("it is not deleted", {"Error": "States.TaskFailed", "Cause": json.dumps(said)})


def eks_cluster_to_gone(client: Any, **given: Any) -> Any:
    """Delete a cluster of EKS and wait until it is gone."""
    return gone_end(
        in_pascal_case(as_json(client.delete_cluster(**given)), ("tags",)),
        lambda: in_pascal_case(as_json(client.describe_cluster(**given)), ("tags",)),
        lambda said: said["Cluster"]["Status"],
    )


def nodegroup_to_gone(client: Any, **given: Any) -> Any:
    """Delete a node group of EKS and wait until it is gone."""
    return gone_end(
        in_pascal_case(as_json(client.delete_nodegroup(**given)), ("labels", "tags")),
        lambda: in_pascal_case(as_json(client.describe_nodegroup(**given)), ("labels", "tags")),
        lambda said: said["Nodegroup"]["Status"],
    )


def fargate_profile_to_gone(client: Any, **given: Any) -> Any:
    """Delete a Fargate profile of EKS and wait until it is gone."""
    return gone_end(
        in_pascal_case(as_json(client.delete_fargate_profile(**given)), ("labels", "tags")),
        lambda: in_pascal_case(as_json(client.describe_fargate_profile(**given)), ("labels", "tags")),
        lambda said: said["FargateProfile"]["Status"],
    )


def emr_cluster_to_end(client: Any, **given: Any) -> Any:
    """Make a cluster of EMR and wait until it waits for steps."""
    name = client.run_job_flow(**given)["JobFlowId"]
    job = job_end(
        lambda: as_json(client.describe_cluster(ClusterId=name)),
        lambda job: job["Cluster"]["Status"]["State"],
        ["STARTING", "BOOTSTRAPPING", "RUNNING"],
        ["WAITING"],
    )
    return {**job, "ClusterId": name}


def emr_cluster_to_gone(client: Any, **given: Any) -> Any:
    """Shut a cluster of EMR down and wait until it has ended."""
    client.terminate_job_flows(**given)
    return job_end(
        lambda: as_json(client.describe_cluster(ClusterId=given["JobFlowIds"][0])),
        lambda job: job["Cluster"]["Status"]["State"],
        ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING"],
        ["TERMINATED"],
    )


def emr_step_to_end(client: Any, **given: Any) -> Any:
    """Run a step of EMR to its end."""
    name = client.add_job_flow_steps(**given)["StepIds"][0]
    return job_end(
        lambda: as_json(client.describe_step(ClusterId=given["JobFlowId"], StepId=name)),
        lambda job: job["Step"]["Status"]["State"],
        ["PENDING", "CANCEL_PENDING", "RUNNING"],
        ["COMPLETED"],
    )


def emr_on_eks_job_to_end(client: Any, **given: Any) -> Any:
    """Run a job of EMR on EKS to its end."""
    asked = {"virtualClusterId": given["virtualClusterId"], "id": client.start_job_run(**given)["id"]}
    maps = ("properties", "tags")
    return job_end(
        lambda: in_pascal_case(as_json(client.describe_job_run(**asked)["jobRun"]), maps),
        lambda job: job["State"],
        ["PENDING", "SUBMITTED", "RUNNING", "CANCEL_PENDING"],
        ["COMPLETED"],
    )


def virtual_cluster_to_gone(client: Any, **given: Any) -> Any:
    """Delete a virtual cluster of EMR on EKS and wait until it has ended."""
    client.delete_virtual_cluster(**given)
    return job_end(
        lambda: in_pascal_case(
            as_json(client.describe_virtual_cluster(**given)["virtualCluster"]), ("tags",)
        ),
        lambda job: job["State"],
        ["RUNNING", "TERMINATING"],
        ["TERMINATED"],
    )
