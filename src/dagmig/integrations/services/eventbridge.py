"""Events and rules of Amazon EventBridge.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html; ``operators/eventbridge.py``:
an entry that could not be sent fails the task, and so it does the state.
"""

from __future__ import annotations

from dagmig.integrations.aws import AMAZON
from dagmig.integrations.parameters import Field
from dagmig.integrations.table import table

OPERATORS = AMAZON + "eventbridge."
NAME, BUS = Field("name", "Name"), Field("event_bus_name", "EventBusName")

put_events = table(
    OPERATORS + "EventBridgePutEventsOperator",
    "events:putEvents",
    Field("entries", "Entries"),
    result="[$states.result.Entries.EventId]",
    undecided={"endpoint_id": "the state sends to the region's own endpoint"},
    harmless={"endpoint_id": None},
    required={"entries": None},
    notes={"Resources": "Step Functions adds the machine and its execution to the `Resources` of each event"},
)
put_rule = table(
    OPERATORS + "EventBridgePutRuleOperator",
    "aws-sdk:eventbridge:putRule",
    NAME,
    Field("description", "Description"),
    BUS,
    Field("event_pattern", "EventPattern"),
    Field("role_arn", "RoleArn"),
    Field("schedule_expression", "ScheduleExpression"),
    Field("state", "State"),
    Field("tags", "Tags"),
    result="$states.result",
    required={"name": None},
)
enable_rule = table(
    OPERATORS + "EventBridgeEnableRuleOperator",
    "aws-sdk:eventbridge:enableRule",
    NAME,
    BUS,
    required={"name": None},
)
disable_rule = table(
    OPERATORS + "EventBridgeDisableRuleOperator",
    "aws-sdk:eventbridge:disableRule",
    NAME,
    BUS,
    required={"name": None},
)
