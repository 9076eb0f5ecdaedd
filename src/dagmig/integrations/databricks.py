"""Databricks' REST API, as ``DatabricksHook`` calls it: the connection, its retries, and runs of jobs.

https://docs.databricks.com/api/workspace; the states are those of ``RunState``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection
from dagmig.integrations.http import Connection, address, call, connection, retry
from dagmig.integrations.http_work import BODY, goes_on, waits
from dagmig.integrations.poller import (
    HTTP_TRANSIENT,
    WEEK,
    Ending,
    Poll,
    bound,
    known_number,
    looped,
    say_pace,
)
from dagmig.integrations.rows import noted, opened

PROVIDER = "airflow.providers.databricks."
JOBS, RUNS = "/api/2.2/jobs", "/api/2.2/jobs/runs"
CLIENT = frozenset({"databricks_conn_id", "databricks_retry_limit", "databricks_retry_delay"})
WAITING = frozenset({"polling_period_seconds", "wait_for_termination"})
DROPPED = {
    "deferrable": "the state machine waits by itself",
    "durable": "an execution does not lose its place when a worker is lost",
    "caller": "it only tells Databricks which operator asks",
}
UNDECIDED = {
    "databricks_retry_args": "put its conditions into the states' Retry",
}
TERMINAL = "$:life in ['TERMINATED', 'SKIPPED', 'INTERNAL_ERROR']"  # RunLifeCycleState
RUN_ID = Expression.of(f"{BODY}.run_id")
TOKEN = Expression.of(
    "$hash($states.context.Execution.Id & '/' & $states.context.State.Name & '/' & "
    "$states.context.State.EnteredTime, 'SHA-256')"
)  # 64 characters, the API's limit; the same when a lost answer is asked again, new for a task's next attempt


def harmless(task: Task, values: Mapping[str, object]) -> set[str]:
    """The arguments that are given, but mean nothing."""
    return {name for name, value in values.items() if task.argument(name) == Literal(value)}


class Api:
    """The calls of one task."""

    def __init__(self, task: Task, report: Report) -> None:
        self.task, self.report = task, report
        self.through: Connection = connection(
            task, "databricks_conn_id", "databricks_default", ("host",), report
        )
        limit = known_number(task, "databricks_retry_limit", 3, report)
        delay = known_number(task, "databricks_retry_delay", 1, report)
        self.transport: Mapping[str, Any] = retry(limit, delay, HTTP_TRANSIENT)

    def call(self, method: str, *path: str | Value | Expression, **arguments: Any) -> dict[str, Any]:
        """The state of a call, with the client's own retries (``databricks_retry_limit`` calls in all)."""
        first, *others = path
        url = address(f"https://{self.through.part('host')}{first}", *others)
        return {**call(method, url, self.through, **arguments), **self.transport}

    def run(
        self, start: Mapping[str, Any], before: Mapping[str, Mapping[str, Any]], every: int = 30
    ) -> Fragment:
        """The states of an operator that starts a run, and waits for its end unless told otherwise."""
        entry = next(iter(before), MAIN)
        outputs = {"run_id": Projection(MAIN, RUN_ID)}
        if not waits(self.task, self.report):
            return Fragment({**before, MAIN: start}, outputs, entry=entry)
        started = {**start, "Assign": {":run_id": RUN_ID}}
        subject = Expression.of("'run ' & $string($:run_id)")
        states = {**before, **looped(started, self._poll(every), subject)}
        outputs["run_page_url"] = Projection("poll", Expression.of(f"{BODY}.run_page_url"))
        goes_on(self.task, "run", self.report)
        return Fragment(states, outputs, entry=entry, is_bounded=True)

    def _poll(self, every: int) -> Poll:
        state = f"{BODY}.state"
        query = {"run_id": Expression.of("$string($:run_id)")}
        ask = self.call("GET", f"{RUNS}/get", QueryParameters=query)
        assign = {
            ":life": Expression.of(f"{state}.life_cycle_state"),
            ":result": Expression.of(f"$exists({state}.result_state) ? {state}.result_state : ''"),
            ":message": Expression.of(f"$exists({state}.state_message) ? {state}.state_message : ''"),
        }
        cause = "'run ' & $string($:run_id) & ' ended ' & $:life & ' ' & $:result & ': ' & $:message"
        poll = Poll(
            {**ask, "Assign": assign, "Output": {}},
            Expression.of(f"{TERMINAL} and $:result = 'SUCCESS'"),
            Ending(Expression.of(TERMINAL), "DatabricksRunFailed", Expression.of(cause)),
            known_number(self.task, "polling_period_seconds", every, self.report),
            *bound(self.task, WEEK, "DatabricksRunTimedOut"),
        )
        say_pace(self.task, poll, "polling_period_seconds", self.report)
        return poll

    def open(self, construct: str, said: str) -> None:
        """A row that a person must decide."""
        opened(self.task, construct, said, self.report)

    def note(self, construct: str, said: str) -> None:
        """A row for a difference."""
        noted(self.task, construct, said, self.report)
