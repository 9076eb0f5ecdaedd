"""Crawlers of AWS Glue: https://docs.aws.amazon.com/glue/latest/webapi/API_StartCrawler.html.

``operators/glue_crawler.py`` and the provider's waiter: a crawler that is ready says how its last crawl
ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.fragment import MAIN, Fragment, Ref
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import members
from dagmig.integrations.status import PREFIX, Status
from dagmig.integrations.status_sensor import sensor
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

OPERATORS = AMAZON + "glue_crawler."
IS_RUNNING = ("Glue.CrawlerRunningException",)
BAD = "Crawler.LastCrawl.Status in ['FAILED', 'CANCELLED']"
WORD = f"(Crawler.State = 'READY' and ({BAD}) ? Crawler.LastCrawl.Status : Crawler.State)"
RUNNING = {"fail_on_already_running": "it says whether a crawler that is running is a failure"}
NAME = Field("crawler_name", "Name")
RUN = polls(
    Status("aws-sdk:glue:getCrawler", {"Name": "@Name"}, WORD, ("READY",), ("FAILED", "CANCELLED")),
    every=("poll_interval", 5),
    times=("", 1000),
)


def _going_on(integration: Integration) -> Integration:
    """Where a crawler that is running already is no failure, it is waited for all the same."""

    def to_asl(task: Task, report: Report) -> Fragment:
        fragment = integration.to_asl(task, report)
        if task.argument("fail_on_already_running") != Literal(False):
            return fragment
        start = dict(fragment.states[MAIN])
        caught: dict[str, Any] = {"ErrorEquals": list(IS_RUNNING), "Output": {}}
        if "wait" in fragment.states:
            begun = start["Assign"][":started"]
            start["Catch"] = [{**caught, "Assign": {":started": begun}, "Next": Ref("wait")}]
            return replace(fragment, states={**fragment.states, MAIN: start})
        start["Catch"] = [{**caught, "Next": Ref("as wanted")}]
        return replace(fragment, states={MAIN: start, "as wanted": {"Type": "Pass"}})

    return replace(integration, to_asl=to_asl, tolerates=IS_RUNNING)


def _made_first(integration: Integration) -> Integration:
    """The crawler is updated first, or made where there is none."""

    def to_asl(task: Task, report: Report) -> Fragment:
        config = task.argument("config") or Literal({})
        try:
            known: Any = dict(members(config))
        except ValueError:
            known = {}
            said = "`config` is not a dict that is known"
            report.row("config", task.span, f"task:{task.id}", Disposition.DECISION, said, task=task.id)
        name = known.get("Name", Literal(""))
        given = {**task.call.arguments, "crawler_name": name}
        fragment = integration.to_asl(replace(task, call=replace(task.call, arguments=given)), report)
        absent = {"ErrorEquals": ["Glue.EntityNotFoundException"], "Output": {}, "Next": Ref("create")}
        states: dict[str, Mapping[str, Any]] = {
            "find": {**_call("getCrawler", {"Name": name}), "Catch": [absent], "Next": Ref("update")},
            "update": {**_call("updateCrawler", known), "Next": Ref(MAIN)},
            "create": {**_call("createCrawler", known), "Next": Ref(MAIN)},
        }
        return replace(fragment, states={**states, **fragment.states}, entry="find")

    return replace(integration, to_asl=to_asl, to_airflow=None, resources=(), form=FORM)


def _call(action: str, arguments: Mapping[str, Value]) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"{PREFIX}aws-sdk:glue:{action}", "Arguments": arguments}


FORM = "`aws-sdk:glue:updateCrawler` or `createCrawler`, then `startCrawler` and a bounded loop"
run = _going_on(
    table(
        OPERATORS + "GlueCrawlerRunOperator",
        "aws-sdk:glue:startCrawler",
        NAME,
        waits=RUN,
        result="@crawler_name",
        dropped=RUNNING,
        harmless={"fail_on_already_running": True},
        required={"crawler_name": None},
    )
)
create = table(
    OPERATORS + "GlueCrawlerCreateOperator",
    "aws-sdk:glue:createCrawler",
    spread="config",
    required={"config": {}},
)
update = table(
    OPERATORS + "GlueCrawlerUpdateOperator",
    "aws-sdk:glue:updateCrawler",
    spread="config",
    required={"config": {}},
)
delete = table(
    OPERATORS + "GlueCrawlerDeleteOperator",
    "aws-sdk:glue:deleteCrawler",
    NAME,
    required={"crawler_name": None},
)
make_and_run = _made_first(
    _going_on(
        table(
            OPERATORS + "GlueCrawlerOperator",
            "aws-sdk:glue:startCrawler",
            NAME,
            waits=RUN,
            result="@crawler_name",
            dropped={
                "config": "states of their own make or update the crawler",
                **RUNNING,
            },
            harmless={"fail_on_already_running": True},
            aliases=(OPERATORS + "AwsGlueCrawlerOperator",),
        )
    )
)
crawler_sensor = sensor(
    "airflow.providers.amazon.aws.sensors.glue_crawler.GlueCrawlerSensor",
    Status(
        "aws-sdk:glue:getCrawler",
        {"Name": "crawler_name"},
        "(Crawler.State = 'READY' ? Crawler.LastCrawl.Status : Crawler.State)",
        ("SUCCEEDED",),
        ("FAILED", "CANCELLED"),
    ),
    aliases=("airflow.providers.amazon.aws.sensors.glue_crawler.AwsGlueCrawlerSensor",),
)
