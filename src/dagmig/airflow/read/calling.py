"""What ``@task`` asks of the arguments of a call, and what stands on no side of an arrow.

``DecoratedOperator.__init__`` and ``_validate_arg_names`` in ``airflow/sdk/bases/decorator.py`` bind the
arguments when the file is imported; names of the context need no value (``KNOWN_CONTEXT_KEYS`` in
``airflow/sdk/definitions/context.py`` and ``airflow/utils/context.py``).
"""

from __future__ import annotations

import ast
from typing import Any

from dagmig.airflow.read.airflow_objects import DagFactory, GroupFactory, TaskFactory
from dagmig.airflow.read.objects import Func, Unsure, parameters

BINDING = frozenset(
    {"task", "task.branch", "task.short_circuit", "task.sensor", "task.bash", "task.virtualenv",
     "task.external_python", "task.branch_virtualenv", "task.branch_external_python", "task.docker",
     "task.kubernetes"}
)  # fmt: skip
"""Decorators that hand a function nothing but its arguments and the context."""
IN_BOTH = frozenset(
    {"conn", "dag", "dag_run", "data_interval_end", "data_interval_start", "ds", "ds_nodash", "exception",
     "expanded_ti_count", "inlet_events", "inlets", "logical_date", "macros", "map_index_template",
     "outlet_events", "outlets", "params", "prev_data_interval_end_success",
     "prev_data_interval_start_success", "prev_end_date_success", "prev_start_date_success", "reason",
     "run_id", "task", "task_instance", "task_instance_key_str", "templates_dict", "test_mode", "ti",
     "try_number", "ts", "ts_nodash", "ts_nodash_with_tz", "var"}
)  # fmt: skip
IN_ONE = frozenset(
    {"asset_state_store", "partition_date", "partition_key", "task_reschedule_count", "task_state_store",
     "triggering_asset_events", "conf", "execution_date", "next_ds", "next_ds_nodash", "next_execution_date",
     "prev_ds", "prev_ds_nodash", "prev_execution_date", "prev_execution_date_success", "tomorrow_ds",
     "tomorrow_ds_nodash", "triggering_dataset_events", "yesterday_ds", "yesterday_ds_nodash"}
)  # fmt: skip
"""Names of the context in Airflow 2 and 3, and in one of them."""


def refused(factory: TaskFactory, args: list[Any], kwargs: dict[str, Any]) -> Exception | None:
    """The exception that a call of a decorated function surely ends in; None where there is none."""
    function = factory.function
    if function is None or not _is_plain(function) or factory.kind not in BINDING:
        return None
    arguments = function.node.args
    if any(one.name in IN_BOTH and _is_a_value(one.default) for one in parameters(arguments)):
        return ValueError("a name of the context has a default other than None")
    if "**" in kwargs or any(isinstance(one, Unsure) and one.why == "*" for one in args):
        return None
    places = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    by_place = set(places[: len(args)])
    if (len(args) > len(places) and arguments.vararg is None) or by_place & kwargs.keys():
        return TypeError("too many positional arguments")
    if (error := unexpected(function, kwargs)) is not None:
        return error
    for one in parameters(arguments):
        is_given = one.name in by_place or one.name in kwargs or one.name in IN_BOTH | IN_ONE
        if not is_given and one.default is None:
            return TypeError(f"missing a required argument: '{one.name}'")
    return None


def unexpected(function: Func, kwargs: dict[str, Any]) -> Exception | None:
    """The exception where a name is given, or mapped, that the function does not have."""
    arguments = function.node.args
    known = {one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    is_open = not _is_plain(function) or arguments.kwarg is not None
    strange = () if is_open else sorted(kwargs.keys() - known - {"**"})
    return TypeError(f"an unexpected keyword argument '{strange[0]}'") if strange else None


def _is_plain(function: Func) -> bool:
    """Whether what is called has the parameters that are written: no method, and no other decorator."""
    return not (
        function.owner is not None or function.decorators or function.written or function.altered_by
    ) and not isinstance(function.node, ast.Lambda)


def _is_a_value(default: ast.expr | None) -> bool:
    return isinstance(default, ast.Constant) and default.value is not None


def has_no_place(item: Any) -> bool:
    """Whether Airflow surely refuses something on one side of an arrow whose other side is a task: a text, a
    number, a function, or one under ``@task`` or ``@task_group`` that is not called.
    """
    if isinstance(item, TaskFactory):
        return item.function is not None
    if isinstance(item, Func):
        return _is_plain(item)
    return isinstance(item, (int, float, GroupFactory, DagFactory)) or (isinstance(item, str) and item != "")
