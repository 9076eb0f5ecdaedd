"""Interactive sessions of Amazon EMR Serverless.

https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_StartSession.html; ``operators/emr.py``.
"""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON
from dagmig.integrations.parameters import Field
from dagmig.integrations.spelling import PASCAL
from dagmig.integrations.status import Status
from dagmig.integrations.table import table
from dagmig.integrations.waits import Waits, polls

OPERATORS, SDK = AMAZON + "emr.EmrServerless", "aws-sdk:emrserverless:"
APPLICATION = Field("application_id", "ApplicationId")


def _waits(session: str, done: tuple[str, ...], failed: tuple[str, ...]) -> Waits:
    ask = {"ApplicationId": "application_id", "SessionId": session}
    status = Status(SDK + "getSession", ask, "Session.State", done, failed, reason="Session.StateDetails")
    return polls(status, every=("waiter_delay", 10), needs_both=True)


start = table(
    OPERATORS + "StartSessionOperator",
    SDK + "startSession",
    APPLICATION,
    Field("execution_role_arn", "ExecutionRoleArn"),
    Field("name", "Name"),
    Field("idle_timeout_minutes", "IdleTimeoutMinutes"),
    Field("configuration_overrides", "ConfigurationOverrides", PASCAL),
    waits=_waits("$.SessionId", ("STARTED", "IDLE"), ("FAILED", "TERMINATING", "TERMINATED")),
    result="{'application_id': @application_id, 'session_id': $states.result.SessionId}",
    required={"application_id": None, "execution_role_arn": None},
)
endpoint = table(
    OPERATORS + "GetSessionEndpointOperator",
    SDK + "getSessionEndpoint",
    APPLICATION,
    Field("session_id", "SessionId"),
    result="{'endpoint': $states.result.Endpoint, 'auth_token': $states.result.AuthToken, "
    "'auth_token_expires_at': $states.result.AuthTokenExpiresAt}",
    returns="the time is as the service writes it",
    notes={"auth_token": "who may read the execution's history sees the token, which is good for an hour"},
    required={"application_id": None, "session_id": None},
)
stop = table(
    OPERATORS + "StopSessionOperator",
    SDK + "terminateSession",
    APPLICATION,
    Field("session_id", "SessionId"),
    waits=_waits("session_id", ("TERMINATED",), ("FAILED",)),
    required={"application_id": None, "session_id": None},
)
