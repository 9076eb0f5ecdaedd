"""Git folders of Databricks: https://docs.databricks.com/api/workspace/repos.

``operators/databricks_repos.py``; a folder that is named by its path is looked up first, as its object in
the workspace (https://docs.databricks.com/api/workspace/workspace/getstatus).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations import databricks as api
from dagmig.integrations.databricks import CLIENT, PROVIDER, Api
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Projection, Ref
from dagmig.integrations.http_work import BODY
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

OPERATORS = PROVIDER + "operators.databricks_repos."
FORM = "`http:invoke`"
REPOS, OBJECT = "/api/2.0/repos", "/api/2.0/workspace/get-status"
GIT = {
    "github.com": "gitHub",
    "dev.azure.com": "azureDevOpsServices",
    "gitlab.com": "gitLab",
    "bitbucket.org": "bitbucketCloud",
}
CODE_COMMIT = re.compile(r"git-codecommit\.[^.]+\.amazonaws\.com")
FOUND = Expression.of(
    f"{BODY}.object_type = 'REPO' ? $string({BODY}.object_id) : $error('it is no Git folder')"
)


def _find(client: Api) -> tuple[dict[str, Mapping[str, Any]], Value | Expression]:
    """The state that looks a folder up by its path, and the id it has."""
    path = given(client.task, "repo_path")
    if path is None:
        return {}, given(client.task, "repo_id") or Literal("")
    ask = client.call("GET", OBJECT, QueryParameters={"path": path})
    return {"find": {**ask, "Assign": {":repo_id": FOUND}, "Next": Ref(MAIN)}}, Expression.of("$:repo_id")


def _checkout(client: Api) -> dict[str, Any]:
    """What to check out: a branch, else a tag."""
    names = ((name, given(client.task, name)) for name in ("branch", "tag"))
    return dict([next(((name, value) for name, value in names if value is not None), ("branch", ""))])


def _to_asl(
    own: set[str], states: Callable[[Api], tuple[dict[str, Mapping[str, Any]], dict[str, Projection]]]
) -> Callable[[Task, Report], Fragment]:
    def to_asl(task: Task, report: Report) -> Fragment:
        account(task, {*own, *CLIENT, "repo_path"}, {}, "repos", report, api.UNDECIDED)
        made, outputs = states(Api(task, report))
        return Fragment(made, outputs, entry=next(iter(made)))

    return to_asl


def _update(client: Api) -> tuple[dict[str, Mapping[str, Any]], dict[str, Projection]]:
    before, repo_id = _find(client)
    change = client.call("PATCH", f"{REPOS}/", repo_id, RequestBody=_checkout(client))
    return {**before, MAIN: change}, {
        "return_value": Projection(MAIN, Expression.of(f"{BODY}.head_commit_id"))
    }


def _delete(client: Api) -> tuple[dict[str, Mapping[str, Any]], dict[str, Projection]]:
    before, repo_id = _find(client)
    return {**before, MAIN: client.call("DELETE", f"{REPOS}/", repo_id)}, {}


def _create(client: Api) -> tuple[dict[str, Mapping[str, Any]], dict[str, Projection]]:
    """Where a folder is there already, it is taken if that is allowed; then what is wanted is checked out."""
    task = client.task
    url, path = given(task, "git_url") or Literal(""), given(task, "repo_path")
    body = {"url": url, "provider": given(task, "git_provider") or _provider(client, url)}
    if path is not None:
        body["path"] = path
    create: dict[str, Any] = {
        **client.call("POST", REPOS, RequestBody=body),
        "Assign": {":repo_id": Expression.of(f"$string({BODY}.id)")},
    }
    change = _checkout(client) if given(task, "branch") or given(task, "tag") else None
    after = Ref("check out") if change else Ref("there")
    states: dict[str, Mapping[str, Any]] = {MAIN: {**create, "Next": after}}
    if task.argument("ignore_existing_repo") not in (None, Literal(False)):
        if path is None:
            client.open("ignore_existing_repo", "a folder that is there already fails the state")
        else:
            states = {**_look_first(client, path, after), **states}
    if change:
        call = client.call("PATCH", f"{REPOS}/", Expression.of("$:repo_id"), RequestBody=change)
        states["check out"] = {**call, "Next": Ref("there")}
    states["there"] = {"Type": "Pass"}
    return states, {"return_value": Projection("there", Expression.of("$number($:repo_id)"))}


def _look_first(client: Api, path: Value, after: Ref) -> dict[str, Mapping[str, Any]]:
    absent = {"ErrorEquals": ["States.Http.StatusCode.404"], "Output": {}, "Next": Ref(MAIN)}
    ask = client.call("GET", OBJECT, QueryParameters={"path": path})
    return {"look": {**ask, "Assign": {":repo_id": FOUND}, "Catch": [absent], "Next": after}}


def _provider(client: Api, url: Value) -> Value:
    """Who keeps the repository, by its URL."""
    host = urlsplit(str(url.value)).netloc.lower().rpartition("@")[2] if isinstance(url, Literal) else ""
    if CODE_COMMIT.fullmatch(host):
        return Literal("awsCodeCommit")
    if host not in GIT:
        client.open("git_provider", "who keeps the repository cannot be told from its URL: name it")
    return Literal(GIT.get(host, ""))


create = Integration(
    OPERATORS + "DatabricksReposCreateOperator",
    (),
    _to_asl({"git_url", "git_provider", "branch", "tag", "ignore_existing_repo"}, _create),
    form=FORM,
)
update = Integration(
    OPERATORS + "DatabricksReposUpdateOperator",
    (),
    _to_asl({"repo_id", "branch", "tag"}, _update),
    form=FORM,
)
delete = Integration(
    OPERATORS + "DatabricksReposDeleteOperator", (), _to_asl({"repo_id"}, _delete), form=FORM
)
