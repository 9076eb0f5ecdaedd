"""``@task.run_if`` and ``@task.skip_if``: functions that are looked at before a task's own.

``airflow/sdk/definitions/decorators/condition.py``: each becomes a ``pre_execute`` of the task, which gets
the context and may skip the task.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dagmig.graph.model import Task
from dagmig.graph.values import Function, Items, Literal, New, Value
from dagmig.integrations.python_source import is_async, merged

RUN_IF, SKIP_IF = "airflow.sdk.task.run_if", "airflow.sdk.task.skip_if"


@dataclass(frozen=True, slots=True)
class Condition:
    """``@task.run_if`` and ``skip_if``: a function of the context decides whether to skip."""

    function: Function
    runs_if: bool
    message: str = "Task was skipped due to condition."


def runs_conditions(task: Task) -> bool:
    """Whether all that runs before a task are conditions, which its function can look at."""
    return task.call.operator.startswith("@task") and conditions(task) is not None


def conditions(task: Task) -> tuple[Condition, ...] | None:
    """What ``pre_execute`` holds, the first one first; None where it is more than conditions whose code is
    known and can stand beside the task's own.
    """
    hooks, own = task.argument("pre_execute"), task.argument("python_callable")
    if hooks is None or not isinstance(own, Function):
        return ()
    listed = hooks.items if isinstance(hooks, Items) else (hooks,)
    found = [_condition(hook, number) for number, hook in enumerate(listed, 1)]
    known = [one for one in found if one is not None]
    if len(known) != len(found) or merged(own.source, [one.function.source for one in known]) is None:
        return None
    return tuple(known)


def _condition(hook: Value, number: int) -> Condition | None:
    match hook:
        case New(kind, (Function() as function, *message), keywords) if kind in (RUN_IF, SKIP_IF):
            pass
        case _:
            return None
    said = message[0] if message else keywords.get("skip_message", Literal(None))
    is_fit = function.source and not function.free and len(function.parameters) == 1
    if not is_fit or not isinstance(said, Literal) or is_async(function):
        return None
    if function.source.rstrip().rpartition("\n")[2].startswith("task = lambda"):
        name = f"condition_{number}"
        source = f"{name} = lambda".join(function.source.rsplit("task = lambda", 1))
        function = replace(function, name=name, source=source)
    made = Condition(function, kind == RUN_IF)
    return replace(made, message=str(said.value)) if said.value else made
