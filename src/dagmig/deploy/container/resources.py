"""Tasks in containers as resources of CloudFormation: definitions, roles and logs, the answers' bucket.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ECS.html, AWS_Batch.html;
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dagmig.deploy.names import machine_name
from dagmig.deploy.role import Statement
from dagmig.integrations.container import NAME
from dagmig.lint.machine.iam.need import HERE

JSON = Any
BUCKET = "answers_bucket"
DAYS = 7  # that answers are kept
CPU, MEMORY = (
    "1024",
    "2048",
)  # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
PARAMETERS = {
    "ecs": {
        "container_cluster_arn": "The ARN of the ECS cluster that tasks run in",
        "container_subnets": "The private subnets that tasks run in, with commas between them",
        "container_security_groups": "The security groups of the tasks, with commas between them",
    },
    "batch": {"container_job_queue_arn": "The ARN of the job queue of AWS Batch, on Fargate"},
}


@dataclass(frozen=True, slots=True)
class Container:
    """A definition of a task or job: the ``parameter`` of the machine that it fills in, the one with its
    image, on what it runs, and the parameters of its environment variables.
    """

    parameter: str
    image: str
    kind: str
    environment: Mapping[str, str] = field(default_factory=dict)


class Links(NamedTuple):
    """How a template names the log group, the region, the role that starts a task and the task's own."""

    log: JSON
    region: JSON
    execution: JSON
    own: JSON


def log_group(container: Container, machine: str) -> str:
    """The name of a definition, and of its logs."""
    return machine_name(f"{machine}-{container.parameter.removesuffix('_definition_arn')}")


def statements(container: Container, machine: str) -> list[Statement]:
    """What the task itself may do: answer."""
    if container.kind == "batch":
        return [Statement(("s3:PutObject",), (f"arn:${{AWS::Partition}}:s3:::${{{BUCKET}}}/*",))]
    answers = ("states:SendTaskFailure", "states:SendTaskHeartbeat", "states:SendTaskSuccess")
    return [Statement(answers, (HERE % "states" + f"stateMachine:{machine}",))]


def execution_statements(log: str) -> list[Statement]:
    """What ECS may do to start a task: get the image, write the log, which is an ARN or ``@`` its id."""
    pull = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
    return [
        Statement(("ecr:GetAuthorizationToken",), ("*",), "the token takes no narrower resource"),
        Statement(pull, (HERE % "ecr" + "repository/*",), "a parameter says where the image is"),
        Statement(("logs:CreateLogStream", "logs:PutLogEvents"), (log,)),
    ]


def definition(container: Container, group: str, ref: Mapping[str, JSON], links: Links) -> JSON:
    """The definition, which is called ``group``; ``ref`` are the references to parameters by their names."""
    options = {
        "awslogs-group": links.log,
        "awslogs-region": links.region,
        "awslogs-stream-prefix": group,
    }
    variables = [{"Name": one, "Value": ref[given]} for one, given in sorted(container.environment.items())]
    log = {"LogDriver": "awslogs", "Options": options}
    image = ref[container.image]
    if container.kind == "ecs":
        one = {"Name": NAME, "Image": image, "Essential": True, "LogConfiguration": log}
        properties = {
            "Family": group,
            "RequiresCompatibilities": ["FARGATE"],
            "NetworkMode": "awsvpc",
            "Cpu": CPU,
            "Memory": MEMORY,
            "ExecutionRoleArn": links.execution,
            "TaskRoleArn": links.own,
            "ContainerDefinitions": [one | ({"Environment": variables} if variables else {})],
        }
        return {"Type": "AWS::ECS::TaskDefinition", "Properties": properties}
    needs = [{"Type": "VCPU", "Value": str(int(CPU) // 1024)}, {"Type": "MEMORY", "Value": MEMORY}]
    job = {
        "Image": image,
        "ResourceRequirements": needs,
        "ExecutionRoleArn": links.execution,
        "JobRoleArn": links.own,
        "LogConfiguration": log,
    }
    properties = {
        "JobDefinitionName": group,
        "Type": "container",
        "PlatformCapabilities": ["FARGATE"],
        "ContainerProperties": job | ({"Environment": variables} if variables else {}),
    }
    return {"Type": "AWS::Batch::JobDefinition", "Properties": properties}


def bucket() -> JSON:
    """Where jobs of Batch put their answers."""
    expires = {"Id": "answers", "Status": "Enabled", "ExpirationInDays": DAYS}
    names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    closed = dict.fromkeys(names, True)
    return {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "LifecycleConfiguration": {"Rules": [expires]},
            "PublicAccessBlockConfiguration": closed,
        },
    }
