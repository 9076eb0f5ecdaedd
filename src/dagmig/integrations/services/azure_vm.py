"""Azure's virtual machines, started, stopped, restarted and waited for over HTTP.

https://learn.microsoft.com/rest/api/compute/virtual-machines: start, deallocate, restart and instance-view;
``operators/compute.py`` and ``sensors/compute.py`` of the microsoft-azure provider.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Ref
from dagmig.integrations.http import Connection, address, call, connection
from dagmig.integrations.http_work import BODY, waits
from dagmig.integrations.poller import FAILED, WEEK, Poll, bound, looped, say_pace
from dagmig.integrations.rows import noted
from dagmig.integrations.sensor import OWN, sensed
from dagmig.integrations.spelling import given
from dagmig.integrations.table import account

AZURE = "airflow.providers.microsoft.azure."
WHERE = {"azure_conn_id", "resource_group_name", "vm_name"}
PACE = 30  # seconds, between two looks of Azure's own client
VERSION = {"api-version": "2024-07-01"}
POWER = f"{BODY}.statuses[$contains(code, 'PowerState/')].code"
STATE = Expression.of(f"$exists({POWER}) ? $substringAfter({POWER}, '/') : ''")


def _machine(task: Task, report: Report) -> tuple[Connection, tuple[str | Value, ...]]:
    through = connection(task, "azure_conn_id", "azure_default", ("subscription_id",), report)
    group, name = (given(task, one) or Literal("") for one in ("resource_group_name", "vm_name"))
    subscription = through.part("subscription_id")
    base = f"https://management.azure.com/subscriptions/{subscription}/resourceGroups/"
    return through, (base, group, "/providers/Microsoft.Compute/virtualMachines/", name)


def _asked(through: Connection, base: tuple[str | Value, ...]) -> dict[str, Any]:
    """The state that asks for the machine's power state."""
    ask = call("GET", address(*base, "/instanceView"), through, QueryParameters=VERSION)
    return {**ask, "Assign": {":status": STATE}, "Output": {}}


def _to_asl(action: str, state: str) -> Callable[[Task, Report], Fragment]:
    def to_asl(task: Task, report: Report) -> Fragment:
        account(task, {*WHERE, "wait_for_completion"}, {}, action, report)
        through, base = _machine(task, report)
        start = call("POST", address(*base, f"/{action}"), through, QueryParameters=VERSION)
        if not waits(task, report, "wait_for_completion"):
            return Fragment({MAIN: start})
        ask = _asked(through, base)
        done = Expression.of(f"$:status = '{state}'")
        poll = Poll(ask, done, None, PACE, *bound(task, WEEK, FAILED))
        say_pace(task, poll, "wait_for_completion", report)
        subject = Expression.of("'virtual machine ' & ", given(task, "vm_name") or Literal(""))
        return Fragment(looped(start, poll, subject), is_bounded=True)

    return to_asl


def _restart(task: Task, report: Report) -> Fragment:
    said = "a machine that still says that it runs, before it goes down, counts as restarted"
    noted(task, "wait_for_completion", said, report)
    return _to_asl("restart", "running")(task, report)


def _sense(task: Task, report: Report) -> Fragment:
    account(task, {*WHERE, *OWN, "target_state"}, {}, "instanceView", report)
    through, base = _machine(task, report)
    found = Expression.of("$:status = ", given(task, "target_state") or Literal(""))
    return sensed(task, {MAIN: {**_asked(through, base), "Next": Ref("found?")}}, found, report)


start = Integration(
    AZURE + "operators.compute.AzureVirtualMachineStartOperator",
    (),
    _to_asl("start", "running"),
    form="`http:invoke`, then a bounded loop that asks for the machine's state",
)
stop = Integration(
    AZURE + "operators.compute.AzureVirtualMachineStopOperator",
    (),
    _to_asl("deallocate", "deallocated"),
    form="`http:invoke`, then a bounded loop that asks for the machine's state",
)
restart = Integration(
    AZURE + "operators.compute.AzureVirtualMachineRestartOperator",
    (),
    _restart,
    form="`http:invoke`, then a bounded loop that asks for the machine's state",
)
state_sensor = Integration(
    AZURE + "sensors.compute.AzureVirtualMachineStateSensor",
    (),
    _sense,
    form="`http:invoke` in a bounded loop",
)
