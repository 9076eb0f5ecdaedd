"""Jobs of BigQuery over HTTP: https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection
from dagmig.integrations.google import signed_in
from dagmig.integrations.http import Connection, address, call, retry
from dagmig.integrations.http_work import BODY, Words, awaited, goes_on
from dagmig.integrations.poller import HTTP_TRANSIENT
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.spelling import given, joined

API = "https://bigquery.googleapis.com/bigquery/v2/projects/"
ARGUMENTS = {"gcp_conn_id", "project_id", "location", "job_id", "force_rerun", "reattach_states",
             "cancel_on_kill"}  # fmt: skip
JOB = Expression.of(f"{BODY}.jobReference.jobId")
PLACE = Expression.of(f"{BODY}.jobReference.location")
WORDS = Words("status.(errorResult ? 'FAILED' : state)", ("DONE",), ("FAILED",), "status.errorResult.message")
LABELS = "the job is not labelled with the names of the DAG and the task"


@dataclass(frozen=True, slots=True)
class Jobs:
    """Who signs in, and the ``project`` that pays."""

    through: Connection
    project: Value | str
    task: Task
    report: Report

    @classmethod
    def of(cls, task: Task, report: Report, *, needs_default: bool = False) -> Jobs:
        """The operator's; ``needs_default`` as of ``signed_in``."""
        return cls(*signed_in(task, report, needs_default=needs_default), task, report)

    def run(self, configuration: Mapping[str, Any] | Value, output: str = "return_value") -> Fragment:
        """The states that start a job and wait for its end; ``output`` is the key of its id."""
        task, report = self.task, self.report
        url = address(API, self.project, "/jobs")
        start = call("POST", url, self.through, RequestBody=self._request(configuration))
        one = address(API, self.project, "/jobs/", Expression.of("$:job"))
        query = {"location": Expression.of("$:location")}
        states = awaited(
            task,
            {**start, "Assign": {":job": JOB, ":location": PLACE}},
            {**call("GET", one, self.through, QueryParameters=query), **retry(5, 1, HTTP_TRANSIENT)},
            WORDS,
            Expression.of("'BigQuery job ' & $:job"),
            report,
            every=("poll_interval", 4),
        )
        if task.argument("cancel_on_kill") != Literal(False):
            goes_on(task, "job", report)
        return Fragment(states, {output: Projection(MAIN, JOB)}, is_bounded=True)

    def _request(self, configuration: Mapping[str, Any] | Value) -> dict[str, Any]:
        task = self.task
        reference: dict[str, Any] = {}
        if (location := given(task, "location")) is not None:
            reference["location"] = location
        if (name := given(task, "job_id")) is not None:
            try:
                reference["jobId"] = Expression.of(joined(name, "_"), " & $uuid()")
            except ValueError:
                opened(task, "job_id", "it is no text: BigQuery names the job", self.report)
        if task.argument("force_rerun") not in (None, Literal(True)):
            said = "each run is a job of its own; the operator refuses one that it has run before"
            opened(task, "force_rerun", said, self.report)
        noted(task, "labels", LABELS, self.report)
        place = {"jobReference": {"projectId": self.project, **reference}} if reference else {}
        return {"configuration": configuration, **place}


def table_reference(name: Value, project: str) -> dict[str, Any]:
    """The parts of ``project:dataset.table`` or ``project.dataset.table`` (``BigQueryHook.split_tablename``);
    ``project`` is what is meant where it names none. Raises ``ValueError`` in words where it is neither.
    """
    if not isinstance(name, Literal) or "{{" in str(name.value):
        parts = ("$split($replace(", name, ", ':', '.'), '.')")
        return {
            "projectId": Expression.of(
                "($parts := ", *parts, f"; $count($parts) > 2 ? $parts[0] : '{project}')"
            ),
            "datasetId": Expression.of(*parts, "[-2]"),
            "tableId": Expression.of(*parts, "[-1]"),
        }
    before, colon, rest = str(name.value).rpartition(":")
    found = rest.split(".")
    if len(found) == len(("dataset", "table")):
        return {"projectId": before if colon else project, "datasetId": found[0], "tableId": found[1]}
    if len(found) == len(("project", "dataset", "table")) and not colon:
        return {"projectId": found[0], "datasetId": found[1], "tableId": found[2]}
    raise ValueError("the table is no `dataset.table`")
