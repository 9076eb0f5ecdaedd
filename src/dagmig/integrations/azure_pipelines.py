"""Runs of Azure's pipelines, which Data Factory and Synapse start and report in the same way.

https://learn.microsoft.com/rest/api/datafactory/pipelines/create-run and .../pipeline-runs/get;
https://learn.microsoft.com/rest/api/synapse/data-plane/pipeline/create-pipeline-run and .../pipeline-run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection
from dagmig.integrations.http import Connection, address, call
from dagmig.integrations.http_work import BODY, Words, awaited, goes_on, waits
from dagmig.integrations.spelling import given

WORDS = Words("status", ("Succeeded",), ("Failed", "Cancelled"), "message")
RUN_ID = Expression.of(f"{BODY}.runId")
QUERY = {
    "reference_pipeline_run_id": "referencePipelineRunId",
    "is_recovery": "isRecovery",
    "start_activity_name": "startActivityName",
    "start_from_failure": "startFromFailure",
}
ARGUMENTS = frozenset({"pipeline_name", "parameters", "wait_for_termination", "timeout", "check_interval"})
DROPPED = {"deferrable": "the state machine waits by itself"}


@dataclass(frozen=True, slots=True)
class Pipelines:
    """Where the pipelines are: the beginning of their URLs, the API's version, the error of a failure."""

    base: tuple[str | Value | Expression, ...]
    version: str
    through: Connection
    error: str

    def run(self, task: Task, report: Report) -> Fragment:
        """The states that start a run and, unless told otherwise, wait for its end."""
        outputs = {"run_id": Projection(MAIN, RUN_ID)}
        start = self._start(task)
        if not waits(task, report):
            return Fragment({MAIN: start}, outputs)
        states = awaited(
            task,
            {**start, "Assign": {":run_id": RUN_ID}},
            self.ask(Expression.of("$:run_id")),
            WORDS,
            Expression.of("'pipeline run ' & $:run_id"),
            report,
            every=("check_interval", 60),
            timeout="timeout",
            error=self.error,
        )
        goes_on(task, "pipeline run", report)
        return Fragment(states, outputs, is_bounded=True)

    def _start(self, task: Task) -> dict[str, Any]:
        query: dict[str, Any] = {"api-version": self.version}
        for argument, parameter in QUERY.items():
            if (value := given(task, argument)) is not None:
                query[parameter] = _text(value)
        parameters = given(task, "parameters")
        body = {} if parameters is None else {"RequestBody": parameters}
        pipeline = given(task, "pipeline_name") or Literal("")
        url = address(*self.base, "/pipelines/", pipeline, "/createRun")
        return call("POST", url, self.through, QueryParameters=query, **body)

    def ask(self, run_id: Value | Expression) -> dict[str, Any]:
        """The state that asks for a run."""
        url = address(*self.base, "/pipelineruns/", run_id)
        return call("GET", url, self.through, QueryParameters={"api-version": self.version})


def _text(value: Value) -> Value:
    """A query parameter is text: ``true`` for True."""
    is_switch = isinstance(value, Literal) and isinstance(value.value, bool)
    return Literal(str(value.value).lower()) if is_switch and isinstance(value, Literal) else value
