"""A task that runs in a container, and how what it returns comes back.

On ECS by the task's token: a container that says nothing for a while has failed
(https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token). Batch has
no tokens: the container writes its answer to S3, from where the next state reads it
(https://docs.aws.amazon.com/step-functions/latest/dg/connect-batch.html).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from dagmig.diagnostics import Disposition, Report, Row
from dagmig.graph.model import Task
from dagmig.integrations.callables import LASTING, PAYLOAD
from dagmig.integrations.fragment import (
    AFTER,
    MAIN,
    SKIP,
    WITH_TOKEN,
    Expression,
    Fragment,
    Part,
    Projection,
    Ref,
)

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
HEARTBEAT = 600  # seconds in which a container has to be heard of, its start included
EVENT, TOKEN, ANSWER = "DAGMIG_EVENT", "DAGMIG_TOKEN", "DAGMIG_ANSWER"  # its environment variables
ANSWERED = "$parse($states.result.Body)"
NAME = "task"  # of the container in its task definition
BUCKET = "${answers_bucket}"
WORDS = (
    ("Lambda's Amazon Linux", "a container of Debian"),
    ("the function's image", "its image"),
    ("a Lambda function", "a container"),
    ("the Lambda function", "the container"),
)
SAID = {
    "ecs": (
        "the code runs in a container of ECS, which answers with the task's token: `container.py` sends what "
        "the function returns, or its exception, and a heartbeat, without which the state fails after "
        f"{HEARTBEAT} s; what the state sends has to fit into 8,192 characters"
    ),
    "batch": (
        "the code runs in a job of Batch, which answers by S3: `container.py` writes what the function "
        "returns, or its exception, and the next state reads it, at most 256 KiB; what the state sends has "
        "to fit into 30 KiB"
    ),
}


def contained(task: Task, fragment: Fragment, kind: str, report: Report) -> Fragment:
    """The work of a generated function, done in a container; ``report`` loses what is said of Lambda."""
    event = fragment.states[MAIN].get("Arguments", {}).get("Payload", {})
    report.rows = [_reworded(row, task, kind) for row in report.rows if not _is_of_lambda(row, task)]
    if kind == "batch" and "RetryCount" in repr(event) and task.policy.retries:
        said = "`try_number` is 1 in each try: the state around the job is tried again"
        report.row("python-callable", task.span, f"task:{task.id}", DECISION, said, task=task.id)
    made = in_ecs(task, event, definition(task.id)) if kind == "ecs" else in_batch(task, event)
    return replace(
        fragment,
        states=made.states,
        outputs=_Moved(fragment.outputs, kind),
        transport=(),
        entry=made.entry,
        final=(*fragment.final, *made.final),
        direct=None,
        is_bounded=made.is_bounded,
    )


def _is_of_lambda(row: Row, task: Task) -> bool:
    """Whether a row is about a limit that only Lambda has."""
    is_one = row.construct in ("execution_timeout", LASTING)
    return row.task == task.id and is_one and "Lambda" in row.difference


def _reworded(row: Row, task: Task, kind: str) -> Row:
    if row.task != task.id or "Lambda" not in row.difference:
        return row
    if row.construct == "python-callable" and row.disposition is NOTED:
        return replace(row, difference=SAID[kind])
    said = row.difference
    for words, others in WORDS:
        said = said.replace(words, others)
    return replace(row, difference=said)


@dataclass(frozen=True, slots=True)
class _Moved(Mapping[str, Projection]):
    """The outputs of a function, got from where the container's answer is."""

    outputs: Mapping[str, Projection]
    kind: str

    def __getitem__(self, key: str) -> Projection:
        return _moved(self.outputs[key], self.kind)

    def __contains__(self, key: object) -> bool:
        return key in self.outputs

    def __iter__(self) -> Iterator[str]:
        return iter(self.outputs)

    def __len__(self) -> int:
        return len(self.outputs)


def definition(task: str) -> str:
    """The parameter with the ARN of a task's definition on ECS, or of its job's in Batch."""
    return f"{parameter(task)}_definition_arn"


def parameter(task: str) -> str:
    """A task's id as the beginning of a parameter; a hash keeps apart what is no longer different."""
    plain = re.sub(r"[^a-z0-9_]", "_", task.lower())
    changed = "" if plain == task else "_" + hashlib.sha256(task.encode()).hexdigest()[:6]
    return f"task_{plain}{changed}"


def in_ecs(task: Task, event: Mapping[str, Any], arn: str) -> Fragment:
    """The state that runs a container and waits for its answer."""
    given = [
        {"Name": EVENT, "Value": _as_text(event)},
        {"Name": TOKEN, "Value": Expression.of("$states.context.Task.Token")},
    ]
    network = {
        "Subnets": Expression.of("$split('${container_subnets}', ',')"),
        "SecurityGroups": Expression.of("$split('${container_security_groups}', ',')"),
    }
    arguments = {
        "Cluster": "${container_cluster_arn}",
        "TaskDefinition": f"${{{arn}}}",
        "LaunchType": "FARGATE",
        "NetworkConfiguration": {"AwsvpcConfiguration": network},
        "Overrides": {"ContainerOverrides": [{"Name": NAME, "Environment": given}]},
    }
    state: dict[str, Any] = {"Type": "Task", "Resource": WITH_TOKEN, "Arguments": arguments}
    timeout = task.policy.timeout
    if not isinstance(timeout, timedelta) or timeout > timedelta(seconds=HEARTBEAT):
        state["HeartbeatSeconds"] = HEARTBEAT
    outputs = {"return_value": Projection(MAIN, Expression.of("$states.result"))}
    return Fragment({MAIN: state}, outputs)


def in_batch(task: Task, event: Mapping[str, Any]) -> Fragment:
    """The states that say where the answer comes, run the job, read the answer, and fail where it says so."""
    key = Expression.of("$states.context.Execution.Name & '/' & $uuid() & '.json'")
    given = [
        {"Name": EVENT, "Value": _as_text(event)},
        {"Name": ANSWER, "Value": Expression.of(f"'s3://{BUCKET}/' & $:key")},
    ]
    arguments = {
        "JobName": parameter(task.id)[:128],
        "JobDefinition": f"${{{definition(task.id)}}}",
        "JobQueue": "${container_job_queue_arn}",
        "ContainerOverrides": {"Environment": given},
    }
    job: dict[str, Any] = {
        "Type": "Task",
        "Resource": "arn:aws:states:::batch:submitJob.sync",
        "Arguments": arguments,
        "Next": Ref("answer"),
    }
    timeout = task.policy.timeout
    if isinstance(timeout, timedelta):
        job["TimeoutSeconds"] = max(1, round(timeout.total_seconds()))
    problem = Expression.of(f"$exists({ANSWERED}.error) ? {ANSWERED} : null")
    read = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Arguments": {"Bucket": BUCKET, "Key": Expression.of("$:key")},
        "Assign": {":problem": problem},
        "Next": Ref("answered?"),
    }
    choice = {"Condition": Expression.of("$:problem != null"), "Next": Ref("failed")}
    failed = {
        "Type": "Fail",
        "Error": Expression.of("$:problem.error"),
        "Cause": Expression.of("$:problem.cause"),
    }
    states = {
        "place": {"Type": "Pass", "Assign": {":key": key}, "Next": Ref(MAIN)},
        MAIN: job,
        "answer": read,
        "answered?": {"Type": "Choice", "Choices": [choice], "Default": AFTER},
        "failed": failed,
    }
    final = (SKIP, "AirflowFailException")
    return Fragment(states, entry="place", final=final, is_bounded=isinstance(timeout, timedelta))


def _moved(given: Projection, kind: str) -> Projection:
    """How an output is got from where the container's answer is."""
    there = "$states.result" if kind == "ecs" else f"{ANSWERED}.result"
    parts: list[Part] = [
        part.replace(PAYLOAD, there) if isinstance(part, str) else part for part in given.expression.parts
    ]
    if kind == "ecs":
        return Projection(given.state, Expression(tuple(parts)))
    return Projection("answer", Expression((f"$exists({ANSWERED}.error) ? null : (", *parts, ")")))


def _as_text(event: Mapping[str, Any]) -> Expression:
    """JSONata for what is sent, as JSON text."""
    return Expression(("$string(", *_parts(event), ")"))


def _parts(node: Any) -> Iterator[Part]:
    match node:
        case Mapping():
            yield "{"
            for number, (key, value) in enumerate(node.items()):
                yield f"{', ' if number else ''}{json.dumps(str(key))}: "
                yield from _parts(value)
            yield "}"
        case Expression(parts):
            yield "("
            yield from parts
            yield ")"
        case _:
            yield node
