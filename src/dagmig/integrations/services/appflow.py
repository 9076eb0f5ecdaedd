"""Flows of Amazon AppFlow: https://docs.aws.amazon.com/appflow/1.0/APIReference/API_StartFlow.html.

AppflowRunOperator runs a flow as it is; the others of ``operators/appflow.py`` write its filter first
(``AppflowHook.update_flow_filter``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.aws import AMAZON
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Part, Ref, failing
from dagmig.integrations.parameters import Field
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.status import PREFIX, Status
from dagmig.integrations.table import table
from dagmig.integrations.waits import polls

OPERATORS, SDK = AMAZON + "appflow.", "aws-sdk:appflow:"
EXECUTION = "FlowExecutions[ExecutionId = $:execution_id][0].ExecutionStatus"
ID = "$states.result.ExecutionId"
PROPAGATION = 15  # seconds: ``AppflowBaseOperator.UPDATE_PROPAGATION_TIME``
KEPT = (
    "$:flow.Tasks[$not(TaskType = 'Filter' and "
    "$not($lookup(ConnectorOperator, $:flow.SourceFlowConfig.ConnectorType) = 'PROJECTION'))]"
)  # its tasks but filters

run = table(
    OPERATORS + "AppflowRunOperator",
    SDK + "startFlow",
    Field("flow_name", "FlowName"),
    waits=polls(
        Status(
            SDK + "describeFlowExecutionRecords",
            {"FlowName": "flow_name"},
            EXECUTION,
            ("Successful",),
            ("Error",),
            missing="not listed yet",
            keeps=("$.ExecutionId",),
        ),
        every=("poll_interval", 20),
        times=("max_attempts", 60),
    ),
    result=ID,
    outputs={"execution_id": ID},
    dropped=dict.fromkeys(("source", "source_field", "filter_date", "flow_update"), "the flow runs as it is"),
    required={"flow_name": None},
)


def _filtered(
    operator: str, sources: tuple[str, ...], operation: str = "", bounds: Mapping[str, int] | None = None
) -> Integration:
    """An operator that writes the flow's filter before it runs it: ``bounds`` are the properties of the
    filter that are points in time, each with the milliseconds that it is after ``filter_date``.
    """
    made = replace(run, operator=OPERATORS + operator)
    arguments = ("source", "source_field", "filter_date") if bounds else ("source",)

    def to_asl(task: Task, report: Report) -> Fragment:
        rest = {name: value for name, value in task.call.arguments.items() if name not in arguments}
        fragment = run.to_asl(replace(task, call=Call(run.operator, rest)), report)
        given = {name: task.argument(name) for name in arguments}
        missing = [name for name, value in given.items() if value in (None, Literal(None), Literal(""))]
        source = given["source"]
        if missing or not isinstance(source, Literal) or source.value not in sources:
            name = missing[0] if missing else "source"
            said = f"`{name}` must be known" + (f": one of {', '.join(sources)}" if name == "source" else "")
            opened(task, name, said, report)
            return failing(f"Task {task.id} was not translated: `{name}` is not known.")
        said = f"the flow keeps the filter, and starts on demand only; {PROPAGATION} s are waited for it"
        noted(task, "flow_update", said, report)
        tasks: list[Part] = ["[", KEPT]
        if bounds:
            tasks += [", ", *_filter(given, operation, bounds)]
        states = _update(task, str(source.value), Expression.of(*tasks, "]"))
        return replace(fragment, states={**states, **fragment.states}, entry="flow")

    form = f"`{SDK}describeFlow`, `{SDK}updateFlow`, then as AppflowRunOperator"
    return replace(made, to_asl=to_asl, to_airflow=None, resources=(), results={}, loop=None, form=form)


def _filter(given: Mapping[str, Value | None], operation: str, bounds: Mapping[str, int]) -> Iterator[Part]:
    """The task of a flow that lets through what lies within the bounds."""
    field, date = (given[name] or Literal(None) for name in ("source_field", "filter_date"))
    yield from ("{'TaskType': 'Filter', 'ConnectorOperator': {$:flow.SourceFlowConfig.ConnectorType: ",)
    yield from (f"'{operation}'}}, 'SourceFields': [", field, "], 'TaskProperties': {'DATA_TYPE': 'datetime'")
    for name, after in bounds.items():
        yield from (f", '{name}': $string($toMillis(", date, f"){after:+d})" if after else "))")
    yield "}}"


def _update(task: Task, source: str, tasks: Expression) -> dict[str, dict[str, Any]]:
    """The states that write a flow's tasks, before the one that runs it."""
    is_source = Expression.of(f"$lowercase($:flow.SourceFlowConfig.ConnectorType) = '{source}'")
    kind = "$:flow.SourceFlowConfig.ConnectorType"
    description = "$exists($:flow.Description) ? $:flow.Description : 'Flow description.'"
    return {
        "flow": {
            "Type": "Task",
            "Resource": PREFIX + SDK + "describeFlow",
            "Arguments": {"FlowName": task.argument("flow_name") or Literal("")},
            "Assign": {":flow": Expression.of("$states.result")},
            "Output": {},
            "Next": Ref("source?"),
        },
        "source?": {
            "Type": "Choice",
            "Choices": [{"Condition": is_source, "Next": Ref("update")}],
            "Default": Ref("other source"),
        },
        "other source": {
            "Type": "Fail",
            "Error": "ValueError",
            "Cause": Expression.of(f"'Incompatible source {source} and connector type ' & {kind}"),
        },
        "update": {
            "Type": "Task",
            "Resource": PREFIX + SDK + "updateFlow",
            "Arguments": {
                "FlowName": Expression.of("$:flow.FlowName"),
                "DestinationFlowConfigList": Expression.of("[$:flow.DestinationFlowConfigList]"),
                "SourceFlowConfig": Expression.of("$:flow.SourceFlowConfig"),
                "TriggerConfig": {"TriggerType": Expression.of("$:flow.TriggerConfig.TriggerType")},
                "Description": Expression.of(description),
                "Tasks": tasks,
            },
            "Output": {},
            "Next": Ref("propagate"),
        },
        "propagate": {"Type": "Wait", "Seconds": PROPAGATION, "Next": Ref(MAIN)},
    }


run_full = _filtered("AppflowRunFullOperator", ("salesforce", "zendesk"))
run_before = _filtered("AppflowRunBeforeOperator", ("salesforce",), "LESS_THAN", {"VALUE": 0})
run_after = _filtered("AppflowRunAfterOperator", ("salesforce", "zendesk"), "GREATER_THAN", {"VALUE": 0})
run_daily = _filtered(
    "AppflowRunDailyOperator", ("salesforce",), "BETWEEN", {"LOWER_BOUND": -1, "UPPER_BOUND": 86_400_000}
)
