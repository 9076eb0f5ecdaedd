"""Hosted agents of Azure AI Foundry over HTTP: versions that are made, called and deleted.

https://learn.microsoft.com/azure/foundry/agents/how-to/deploy-hosted-agent; ``operators/ai_agents.py`` and
``hooks/ai_agents.py`` of the microsoft-azure provider; paths, names and the header of the preview are those
of ``azure.ai.projects``.
"""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, New, Value
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref, failing
from dagmig.integrations.http import Connection, address, call, connection, retry
from dagmig.integrations.http_work import BODY, waits
from dagmig.integrations.poller import HTTP_TRANSIENT, Ending, Poll, bound, known_number, looped, say_pace
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

OPERATORS = "airflow.providers.microsoft.azure.operators.ai_agents."
CONNECTION = "azure_ai_agents_conn_id"
WHERE = {CONNECTION, "endpoint", "api_version", "agent_name"}
PACE = {"wait_for_completion", "poll_interval", "timeout"}
PREVIEW = {
    "Foundry-Features": "WorkflowAgents=V1Preview,ExternalAgents=V1Preview,DraftAgents=V1Preview,"
    "AgentsOptimization=V2Preview"
}
DROPPED = {"deferrable": "the state machine waits by itself"}
BODIES = ("definition", "metadata", "description", "blueprint_reference")
STATUS = f"$lowercase($string({BODY}.status))"
VERSION = Expression.of(f"$string({BODY}.version)")
ABSENT = "States.Http.StatusCode.404"


class Foundry:
    """A project's endpoint, and an agent there."""

    def __init__(self, task: Task, report: Report) -> None:
        endpoint = given(task, "endpoint")
        fields = ("endpoint",) if endpoint is None else ()
        self.through: Connection = connection(task, CONNECTION, "azure_ai_agents_default", fields, report)
        self.version = {"api-version": given(task, "api_version") or Literal("v1")}
        base: str | Expression = self.through.part("endpoint")
        if isinstance(endpoint, Literal) and "{{" not in str(endpoint.value):
            base = str(endpoint.value).rstrip("/")
        elif endpoint is not None:
            base = Expression.of("$replace(", endpoint, ", /\\/+$/, '')")
        self.base = (base, "/agents/", given(task, "agent_name") or Literal(""))

    def call(self, method: str, *path: str | Value | Expression, **query: Any) -> dict[str, Any]:
        """The state of a call; ``RequestBody`` and ``Headers`` are among the ``query``."""
        body = {"RequestBody": query.pop("RequestBody")} if "RequestBody" in query else {}
        headers = {**PREVIEW, **query.pop("Headers", {})}
        url = address(*self.base, *path)
        state = call(method, url, self.through, QueryParameters={**self.version, **query}, **body)
        arguments = state["Arguments"]
        return {**state, "Arguments": {**arguments, "Headers": {**arguments.get("Headers", {}), **headers}}}

    def ask(self, *path: str | Value | Expression) -> dict[str, Any]:
        """The state that asks for something."""
        return {**self.call("GET", *path), **retry(4, 1, HTTP_TRANSIENT)}


def _create(task: Task, report: Report) -> Fragment:
    account(task, {*WHERE, *PACE, *BODIES}, DROPPED, "the agent's version", report)
    foundry = Foundry(task, report)
    body = {name: value for name in BODIES if (value := given(task, name)) is not None}
    for unknown in (name for name, value in body.items() if isinstance(value, New)):
        opened(task, unknown, f"`{unknown}` is not known: say it as a dict", report)
        return failing(f"Task {task.id} was not translated: `{unknown}` is not known.")
    start = foundry.call("POST", "/versions", RequestBody=body)
    if not waits(task, report, "wait_for_completion"):
        return Fragment({MAIN: start}, {"return_value": Projection(MAIN, Expression.of(BODY))})
    name = given(task, "agent_name") or Literal("")
    subject = Expression.of("'Azure AI Hosted agent ' & ", name, " & ' version ' & $:version")
    ask = foundry.ask("/versions/", Expression.of("$encodeUrlComponent($:version)"))
    why = f"$exists({BODY}.error) ? $string({BODY}.error) : 'No error details were returned'"
    assign = {":status": Expression.of(STATUS), ":error": Expression.of(why)}
    ended = Ending(
        Expression.of("$not($:status in ['creating', 'deleting'])"),
        "RuntimeError",
        Expression.of(*subject.parts, " & ' ended ' & $:status & ': ' & $:error"),
    )
    poll = _poll(
        task, {**ask, "Assign": assign, "Output": {}}, Expression.of("$:status = 'active'"), ended, report
    )
    states = looped({**start, "Assign": {":version": VERSION}}, poll, subject)
    return Fragment(states, {"return_value": Projection("poll", Expression.of(BODY))}, is_bounded=True)


def _poll(task: Task, ask: dict[str, Any], done: Expression, failed: Ending | None, report: Report) -> Poll:
    limit = known_number(task, "timeout", 3600, report)
    every = known_number(task, "poll_interval", 30, report)
    poll = Poll(ask, done, failed, every, *bound(task, limit, "TimeoutError"))
    say_pace(task, poll, "poll_interval", report)
    return poll


def _run(task: Task, report: Report) -> Fragment:
    known = {*WHERE, "input_data", "protocol", "agent_session_id", "user_isolation_key"}
    account(task, known, {}, "the call", report)
    foundry = Foundry(task, report)
    protocol = given(task, "protocol") or Literal("responses")
    if protocol not in (Literal("responses"), Literal("invocations")):
        opened(task, "protocol", "it has to be known: `responses` or `invocations`", report)
        return failing(f"Task {task.id} was not translated: `protocol` is not known.")
    key, session = given(task, "user_isolation_key"), given(task, "agent_session_id")
    is_openai = protocol == Literal("responses")
    state = foundry.call(
        "POST",
        "/endpoint/protocols/openai/responses" if is_openai else "/endpoint/protocols/invocations",
        RequestBody=given(task, "input_data") or Literal({}),
        Headers={"x-ms-user-isolation-key": key} if key is not None else {},
        **({"agent_session_id": session} if session is not None and not is_openai else {}),
    )
    noted(task, "input_data", "the agent has to answer within 60 seconds, in 256 KiB", report)
    said = "what the answer leaves out is not there; the operator gives None for it" if is_openai else ""
    return Fragment({MAIN: state}, {"return_value": Projection(MAIN, Expression.of(BODY), said)})


def _delete(task: Task, report: Report) -> Fragment:
    account(task, {*WHERE, *PACE, "agent_version", "force"}, {}, "the deletion", report)
    foundry = Foundry(task, report)
    version = given(task, "agent_version")
    path: tuple[str | Value, ...] = () if version is None else ("/versions/", version)
    force = given(task, "force") or Literal(False)
    if isinstance(force, Literal):
        force = Literal(str(bool(force.value)).lower())
    start = foundry.call("DELETE", *path, force=force)
    outputs = {"return_value": Projection(MAIN, Expression.of(BODY))}
    if not waits(task, report, "wait_for_completion"):
        return Fragment({MAIN: start}, outputs)
    is_gone = "false" if version is None else f"{STATUS} = 'deleted'"
    gone = {"ErrorEquals": [ABSENT], "Assign": {":gone": True}, "Output": {}, "Next": Ref("done?")}
    ask = {
        **foundry.ask(*path),
        "Assign": {":gone": Expression.of(is_gone)},
        "Output": {},
        "Catch": [gone],
    }
    poll = _poll(task, ask, Expression.of("$:gone"), None, report)
    subject = Expression.of("'Azure AI Hosted agent ' & ", given(task, "agent_name") or Literal(""))
    return Fragment(looped(start, poll, subject), outputs, is_bounded=True)


LOOP = "`http:invoke`, then a bounded loop that asks for the version"
create = Integration(OPERATORS + "CreateAzureAIAgentOperator", (), _create, form=LOOP)
update = Integration(OPERATORS + "UpdateAzureAIAgentOperator", (), _create, form=LOOP)
run = Integration(OPERATORS + "RunAzureAIAgentOperator", (), _run, form="`http:invoke`")
delete = Integration(OPERATORS + "DeleteAzureAIAgentOperator", (), _delete, form=LOOP)
