"""Google's APIs over HTTP: who signs in, and in which project.

https://developers.google.com/identity/protocols/oauth2/web-server#offline: an access token for a refresh
token, at an endpoint that an EventBridge connection can ask. That for a service account is asked for with a
text signed by its key (.../oauth2/service-account), which no connection makes.
"""

from __future__ import annotations

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Value
from dagmig.integrations.http import Connection, connection
from dagmig.integrations.rows import opened
from dagmig.integrations.spelling import given

CONNECTION = "gcp_conn_id"
SIGNS_IN = (
    "an EventBridge connection cannot sign in with the key of a service account: give it OAuth with a "
    "client, the endpoint https://oauth2.googleapis.com/token, and in the body `grant_type=refresh_token` "
    "and the `refresh_token` of a user who may do the same"
)
DROPPED = {
    "deferrable": "the state machine waits by itself",
    "durable": "an execution does not lose its place when a worker is lost",
    "bigquery_conn_id": "the operator signs in by `gcp_conn_id`",
    "google_cloud_storage_conn_id": "the operator signs in by `gcp_conn_id`",
    "delegate_to": "the EventBridge connection signs in",
    "retry": "the state machine asks by itself",
    "result_retry": "the state machine asks by itself",
    "metadata": "it is of another protocol than HTTP",
}
UNDECIDED = {"impersonation_chain": "the EventBridge connection signs in as the one who does the work"}


def signed_in(task: Task, report: Report, *, needs_default: bool = False) -> tuple[Connection, Value | str]:
    """The connection and the project, a placeholder where the operator does not name it; and open rows.

    ``needs_default``: the project of the connection is asked for besides.
    """
    project = given(task, "project_id")
    fields = () if project is not None and not needs_default else ("project_id",)
    through = connection(task, CONNECTION, "google_cloud_default", fields, report)
    opened(task, CONNECTION, SIGNS_IN, report)
    return through, project if project is not None else through.part("project_id")
