"""Azure's machines, run against answers that are written down: what is called, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest

from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl
from jsonata_run import Execution, Failed

HEAD = """\
from airflow.providers.microsoft.azure.operators.adls import ADLSListOperator
from airflow.providers.microsoft.azure.operators.ai_agents import CreateAzureAIAgentOperator
from airflow.providers.microsoft.azure.operators.ai_agents import DeleteAzureAIAgentOperator
from airflow.providers.microsoft.azure.operators.asb import AzureServiceBusReceiveMessageOperator
from airflow.providers.microsoft.azure.operators.asb import AzureServiceBusUpdateSubscriptionOperator
from airflow.providers.microsoft.azure.operators.batch import AzureBatchOperator
from airflow.providers.microsoft.azure.operators.container_instances import AzureContainerInstancesOperator
from airflow.providers.amazon.aws.operators.sns import SnsPublishOperator
from airflow.sdk import DAG

with DAG("d", schedule=None):
"""
CONTAINER = """\
    a = AzureContainerInstancesOperator(task_id="a", ci_conn_id="c", resource_group="g", name="n", image="i",
        region="r", xcom_all={logs})
    SnsPublishOperator(task_id="tell", target_arn="t", message=a.output["logs"])
"""
BATCH = """\
    AzureBatchOperator(task_id="a", batch_pool_id="p", batch_pool_vm_size="s", batch_job_id="j",
        batch_task_command_line="c", batch_task_id="t", vm_publisher="p", vm_offer="o", vm_sku="k",
        vm_node_agent_sku_id="n", target_dedicated_nodes=2, should_delete_job=True)
"""
LIST = """\
    a = ADLSListOperator(task_id="a", file_system_name="f", path="in")
    SnsPublishOperator(task_id="tell", target_arn="t", message=a.output)
"""
RECEIVE = '    AzureServiceBusReceiveMessageOperator(task_id="a", queue_name="q", max_message_count=3)\n'
UPDATE = """\
    AzureServiceBusUpdateSubscriptionOperator(task_id="a", topic_name="t", subscription_name="s",
        max_delivery_count=4)
"""
CREATE = '    CreateAzureAIAgentOperator(task_id="a", agent_name="n", definition={"kind": "hosted"})\n'
DELETE = '    DeleteAzureAIAgentOperator(task_id="a", agent_name="n", agent_version="1")\n'
Answer = tuple[str, Any]


class Azure:
    """Answers calls in turn: each is the beginning of a method and a status, or a body."""

    def __init__(self, answers: list[Any]) -> None:
        self.answers, self.calls, self.said = iter(answers), list[str](), list[Any]()

    def __call__(self, resource: str, arguments: Any) -> Any:
        if resource.endswith("sns:publish"):
            self.said.append(arguments["Message"])
            return {}
        self.calls.append(f"{arguments['Method']} {arguments['ApiEndpoint'].rpartition('/')[2]}")
        self.said.append(arguments.get("RequestBody"))
        answer = next(self.answers)
        if isinstance(answer, int) and answer >= 400:
            raise Failed(f"States.Http.StatusCode.{answer}", "")
        if isinstance(answer, int):
            return {"StatusCode": answer, "ResponseBody": {}, "Headers": {}}
        body, headers = answer if isinstance(answer, tuple) else (answer, {})
        return {"StatusCode": 200, "ResponseBody": body, "Headers": headers}


def ran(body: str, *answers: Any) -> tuple[list[str], Any, str]:
    """What was called, what was said last, and how it ended."""
    (converted,) = airflow_to_asl(HEAD + body, "dag.py", Report())
    azure, end = Azure(list(answers)), ""
    try:
        Execution(azure).run(converted.machine)
    except Failed as failure:
        end = ": ".join(map(str, failure.args))
    return azure.calls, azure.said[-1], end


def container(**state: Any) -> Any:
    view = {"instanceView": {"currentState": state}} if state else {}
    return {"properties": {"provisioningState": "Pending", "containers": [{"properties": view}]}}


def test_a_container_ends_and_is_removed() -> None:
    waits = container(), container(state="Running"), container(state="Terminated", exitCode=0)
    calls, said, end = ran(
        CONTAINER.format(logs=True), 404, 201, *waits, {"content": "one\ntwo\n\nlast"}, 200
    )
    assert calls == ["GET n", "PUT n", "GET n", "GET n", "GET n", "GET logs", "DELETE n"]
    assert (said, end) == (["one\n", "two\n", "\n", "last"], "")


@pytest.mark.parametrize(
    ("logs", "content", "said"), [(False, "a\nb\n", ["b\n"]), (True, "", []), (False, None, [])]
)
def test_the_last_line_alone_or_none(logs: bool, content: Any, said: list[str]) -> None:
    ended = container(state="Terminated", exitCode=0)
    log = {} if content is None else {"content": content}
    assert ran(CONTAINER.format(logs=logs), 404, 201, ended, log, 200)[1] == said


@pytest.mark.parametrize(
    ("answers", "calls", "end"),
    [
        ([200], ["GET n"], "AirflowException: Container group exists"),
        (
            [404, 409, 202],
            ["GET n", "PUT n", "DELETE n"],
            "AirflowException: Could not start container group",
        ),
        (
            [404, 201, container(state="Terminated", exitCode=3), 500],
            ["GET n", "PUT n", "GET n", "DELETE n"],
            "AirflowException: container group n ended Terminated, exit code 3",
        ),
    ],
)
def test_a_container_that_fails_is_removed(answers: list[Any], calls: list[str], end: str) -> None:
    found = ran(CONTAINER.format(logs=None), *answers)
    assert (found[0], found[2]) == (calls, end)


NODES = {"value": [{"id": "1", "state": "idle"}, {"id": "2", "state": "starttaskfailed"}]}
STARTING = {"value": [{"id": "1", "state": "idle"}]}
POOL = {"targetDedicatedNodes": 2}


def tasks(*states: str) -> Any:
    return {
        "value": [
            {
                "id": str(number),
                "state": "running" if state == "running" else "completed",
                "executionInfo": {"result": state},
            }
            for number, state in enumerate(states)
        ]
    }


@pytest.mark.parametrize(
    ("answers", "calls", "end"),
    [
        (
            [201, POOL, STARTING, POOL, NODES, 201, 201, tasks("running"), tasks("success"), 202],
            "POST pools|GET p|GET nodes|GET p|GET nodes|POST jobs|POST tasks|GET tasks|GET tasks|DELETE j",
            "",
        ),
        (
            [409, POOL, NODES, 409, 409, tasks("success", "failure"), 202],
            "POST pools|GET p|GET nodes|POST jobs|POST tasks|GET tasks|DELETE j",
            "RuntimeError: Job fail. The failed task are: 1",
        ),
        (
            [201, {**POOL, "resizeErrors": [{"code": "Quota"}]}],
            "POST pools|GET p",
            'RuntimeError: resize error encountered for pool p: [{"code":"Quota"}]',
        ),
    ],
)
def test_a_job_of_batch(answers: list[Any], calls: str, end: str) -> None:
    found = ran(BATCH, *answers)
    assert ("|".join(found[0]), found[2]) == (calls, end)


def test_a_job_that_takes_too_long() -> None:
    calls, _, end = ran(BATCH, 201, POOL, NODES, 201, 201, *[tasks("running")] * 200)
    assert (calls[-1], end) == ("GET tasks", "TimeoutError: job j has not ended after 1500 seconds")


def test_files_are_listed_page_by_page() -> None:
    pages = [
        ({"paths": [{"name": "a"}]}, {"X-Ms-Continuation": ["x"]}),
        {"paths": [{"name": "b"}, {"name": "c"}]},
    ]
    assert ran(LIST, *pages)[1] == ["a", "b", "c"]
    assert ran(LIST, {"paths": []})[1] == []


@pytest.mark.parametrize(("answers", "times"), [([204], 1), ([200, 201, 200], 3), ([200, 204], 2)])
def test_messages_are_taken_until_there_is_none(answers: list[int], times: int) -> None:
    calls, _, end = ran(RECEIVE, *answers)
    assert (calls, end) == (["DELETE head"] * times, "")


def test_a_subscription_keeps_what_is_not_changed() -> None:
    inner = "<A>1</A><MaxDeliveryCount>10</MaxDeliveryCount>"
    told = f"<SubscriptionDescription x='y'>{inner}</SubscriptionDescription>"
    _, said, _ = ran(UPDATE, f"<entry><title/><content>{told}</content></entry>", 200)
    assert told.replace("10", "4") in said
    assert "<title/>" not in said


@pytest.mark.parametrize(
    ("body", "answers", "end"),
    [
        (CREATE, [{"version": "2"}, {"status": "creating"}, {"status": "Active"}], ""),
        (
            CREATE,
            [{"version": "2"}, {"status": "failed", "error": "no image"}],
            "RuntimeError: Azure AI Hosted agent n version 2 ended failed: no image",
        ),
        (DELETE, [{}, {"status": "deleting"}, {"status": "deleted"}], ""),
        (DELETE, [{}, {"status": "deleting"}, 404], ""),
    ],
)
def test_an_agent_is_waited_for(body: str, answers: list[Any], end: str) -> None:
    calls, _, found = ran(body, *answers)
    assert (len(calls), found) == (len(answers), end)
