"""A mapped task as a Map state around the states of one instance.

Others are given a list of what the instances gave, in their order; what failed, was skipped or gave nothing
is left out, as in Airflow (https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/
dynamic-task-mapping.html). A Map runs at most 40 items at a time
(https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html).
"""

from __future__ import annotations

from typing import Any

from dagmig.asl.lower import task as plain
from dagmig.asl.lower.fill import Place, fill, jsonata
from dagmig.asl.lower.returns import may_give_nothing
from dagmig.asl.lower.rules import FAILED, SKIPPED, SUCCESS
from dagmig.asl.lower.setting import Catcher, Exits, Setting, States
from dagmig.asl.lower.task import field_name, handed_on, leave, wanted
from dagmig.asl.lower.variables import RETURNED, STATE
from dagmig.graph.values import Function
from dagmig.integrations.fragment import Expression

RESULT = "$states.result"


def write(setting: Setting, name: str, exits: Exits) -> tuple[str, States]:
    """The entry and the states of a task, mapped or not."""
    if name not in setting.mapped or plain.is_placeholder(setting.fragments[name]):
        return plain.write(setting, name, exits)
    start, inner = _instance(setting, name)
    mapped, state = setting.mapped[name], setting.names.state(setting.states[name], " map")
    found: dict[str, Any] = {"Type": "Map", "Items": fill(_place(setting, name), mapped.items)}
    if mapped.limit:
        found["MaxConcurrency"] = mapped.limit
    found["ItemProcessor"] = {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": start, "States": inner}
    given = {key: _of_all(setting, name, key) for key in wanted(setting, name)}
    if setting.outcomes.is_multiple(name) and STATE in setting.variables.of(name):
        given[STATE] = f"{{% $append([], $distinct({RESULT}.{field_name(name, STATE)})) %}}"
    found |= handed_on(setting, name, given, exits)
    return state, {state: {**found, **leave(exits.after)}}


def items_source(setting: Setting, name: str) -> str:
    """The JSONata of the list that a task is mapped over."""
    items = setting.mapped[name].items
    expression = items if isinstance(items, Expression) else Expression.of(items)
    return jsonata(_place(setting, name), expression)[2:-2].strip()


def _place(setting: Setting, name: str) -> Place:
    depth = len(setting.variables.scopes[name])
    return Place(setting, setting.workflow.tasks[name], setting.fragments[name], depth)


def _instance(setting: Setting, name: str) -> tuple[str, States]:
    """The states of one instance. Its output is the value that it gives, or the values by field with the
    state that it ended in, where the instances may end differently.
    """
    fragment, outcomes = setting.fragments[name], setting.outcomes
    if not outcomes.is_multiple(name):
        is_bare = len(wanted(setting, name)) == 1
        return plain.write(setting, name, Exits(None, {}, (), True, is_bare), is_instance=True)
    lost = [(fragment.skips, SKIPPED)] if name in outcomes.skipping else []
    lost += [(("States.ALL",), FAILED)] if name in outcomes.caught else []
    nothing = {field_name(name, key): None for key in wanted(setting, name)}
    ends: States = {}
    catchers: list[Catcher] = []
    for errors, how in lost:
        ending = setting.names.state(name, f" {how}")
        ends[ending] = {"Type": "Succeed"}
        catchers.append(Catcher(errors, {**nothing, field_name(name, STATE): how}, ending))
    done = {field_name(name, STATE): SUCCESS}
    start, states = plain.write(setting, name, Exits(None, done, tuple(catchers), True), is_instance=True)
    return start, {**states, **ends}


def _of_all(setting: Setting, name: str, key: str) -> str:
    """What all instances gave, as the list that others are given."""
    is_bare = not setting.outcomes.is_multiple(name) and len(wanted(setting, name)) == 1
    if is_bare and not _may_give_nothing(setting, name, key):
        return f"{{% {RESULT} %}}"
    one = "$one" if is_bare else f"$one.{field_name(name, key)}"
    item = f"$type({one}) = 'array' ? [[{one}]] : [{one}]"
    found = f"$reduce({RESULT}, function($all, $one) {{ {one} != null ? $append($all, {item}) : $all }}, [])"
    if setting.workflow.is_airflow_3:
        return f"{{% {found} %}}"
    return f"{{% ($all := {found}; $count($all) > 0 ? $all : null) %}}"  # as xcom_pull of Airflow 2


def _may_give_nothing(setting: Setting, name: str, key: str) -> bool:
    function = setting.workflow.tasks[name].argument("python_callable")
    return key != RETURNED or (isinstance(function, Function) and may_give_nothing(function))
