"""What there is to ask of Airflow's context, and what a callable's code asks of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from dagmig.graph.values import RunContext, Value
from dagmig.integrations.conditions import Condition
from dagmig.integrations.fragment import Expression

TEXTS = (
    "ds", "ds_nodash", "ts", "ts_nodash", "ts_nodash_with_tz", "run_id", "next_ds", "next_ds_nodash",
    "prev_ds", "prev_ds_nodash", "tomorrow_ds", "tomorrow_ds_nodash", "yesterday_ds", "yesterday_ds_nodash",
)  # fmt: skip
DATES = ("logical_date", "execution_date", "data_interval_start", "data_interval_end", "next_execution_date",
         "prev_execution_date")  # fmt: skip
OBJECTS: dict[str, dict[str, Value | Expression]] = {
    "dag_run": {
        "conf": RunContext("dag_run.conf"),
        "run_id": RunContext("run_id"),
        "dag_id": RunContext("dag.dag_id"),
    },
    "dag": {"dag_id": RunContext("dag.dag_id")},
    "task": {"task_id": RunContext("task.task_id")},
    "ti": {
        "task_id": RunContext("task.task_id"),
        "dag_id": RunContext("dag.dag_id"),
        "run_id": RunContext("run_id"),
        "map_index": RunContext("ti.map_index"),
        "try_number": Expression.of("$states.context.State.RetryCount + 1"),
    },
}
SAME = {"task_instance": "ti"}
OTHERS = (
    "conf", "conn", "exception", "inlet_events", "inlets", "macros", "outlet_events", "outlets",
    "prev_data_interval_end_success", "prev_data_interval_start_success", "prev_start_date_success",
    "task_instance_key_str", "templates_dict", "test_mode", "triggering_asset_events", "var",
)  # fmt: skip
STATE = "@state"  # the key of a task's state, among its XComs
NAME = "@name"  # the key of the name under which `get_task_states` has it
EACH, ITEM = (
    "@each",
    "@item",
)  # after a key: the list of what all instances gave, what the one of the same item did
PULLS_AS_USUAL = {"default": None, "include_prior_dates": False}
WHOLE = "*"  # among the problems: all of the context
SENT = frozenset((*TEXTS, *DATES, *OBJECTS, "params", "templates_dict"))
CONTEXT = frozenset((*TEXTS, *DATES, *OBJECTS, *SAME, *OTHERS, "params"))


@dataclass(slots=True)
class Asked:
    """``names``: what the callable reads, ``parts`` of the objects among them, ``params`` by name.

    ``pulled`` are the outputs it reads (``STATE``: the state of the task), ``pushed`` the keys it writes,
    ``problems`` what cannot be sent, in words. ``by_name`` are the parameters that get a name;
    ``takes_rest``: it has ``**context``.
    ``conditions`` are looked at before the callable, and ask as well.
    """

    names: set[str] = field(default_factory=set)
    parts: dict[str, set[str]] = field(default_factory=dict)
    params: set[str] = field(default_factory=set)
    pulled: set[tuple[str, str]] = field(default_factory=set)
    pushed: set[str] = field(default_factory=set)
    problems: set[str] = field(default_factory=set)
    by_name: tuple[str, ...] = ()
    takes_rest: bool = False
    is_current: bool = False
    conditions: tuple[Condition, ...] = ()
