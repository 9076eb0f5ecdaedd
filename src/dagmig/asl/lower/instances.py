"""A mapped task as a Map state around the states of one instance.

Others are given a list of what the instances gave, in their order; what failed, was skipped or gave nothing
is left out, as in Airflow (https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/
dynamic-task-mapping.html). An inline Map runs at most 40 items at a time
(https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html).
"""

from __future__ import annotations

from typing import Any

from dagmig.asl.lower import task as plain
from dagmig.asl.lower.distributed import DISTRIBUTED, INLINE, NEEDS, is_distributed
from dagmig.asl.lower.fill import DECISION, Place, fill, jsonata
from dagmig.asl.lower.mapping import Mapped
from dagmig.asl.lower.returns import may_give_nothing
from dagmig.asl.lower.rules import FAILED, SKIPPED, SUCCESS
from dagmig.asl.lower.setting import Catcher, Exits, Setting, States
from dagmig.asl.lower.task import field_name, handed_on, leave, wanted
from dagmig.asl.lower.variables import RETURNED
from dagmig.diagnostics import Disposition
from dagmig.graph.values import Function
from dagmig.integrations.asking import EACH, STATE
from dagmig.integrations.fragment import Expression, Fragment
from dagmig.regions.groups import stand_in

RESULT = "$states.result"
AT_ONCE = 40  # items


def write(setting: Setting, name: str, exits: Exits) -> tuple[str, States]:
    """The entry and the states of a task, mapped or not."""
    if name not in setting.mapped or plain.is_placeholder(setting.fragments[name]):
        return plain.write(setting, name, exits)
    start, inner = _instance(setting, name)
    mapped, state = setting.mapped[name], setting.names.state(setting.states[name], " map")
    found = _map(_place(setting, name), mapped, start, inner)
    given = {key: _of_all(setting, name, key) for key in wanted(setting, name)}
    if setting.outcomes.is_multiple(name) and STATE in setting.variables.of(name):
        given[STATE] = f"{{% $append([], $distinct({RESULT}.{field_name(name, STATE)})) %}}"
    found |= handed_on(setting, name, given, exits)
    return state, {state: {**found, **leave(exits.after)}}


def each(setting: Setting, group: str, start: str, states: States) -> dict[str, Any]:
    """The Map state of a mapped group, without what it hands on, around the states of one item."""
    return _map(_group_place(setting, group), setting.outcomes.shape.groups[group], start, states)


def items_source(setting: Setting, name: str) -> str:
    """The JSONata of the list that a task, or a group, is mapped over."""
    is_group = name in setting.outcomes.shape.groups
    place = _group_place(setting, name) if is_group else _place(setting, name)
    items = (setting.outcomes.shape.groups if is_group else setting.mapped)[name].items
    expression = items if isinstance(items, Expression) else Expression.of(items)
    return jsonata(place, expression)[2:-2].strip()


def of_items(setting: Setting, task: str, key: str, *, is_bare: bool, is_sure: bool) -> str:
    """What a task in a mapped group gave for all items, as others are given it: where only one gave
    something, in Airflow 3, that alone. ``is_bare``: what an item gives is nothing else; ``is_sure``: the
    task has run for each item.
    """
    if key == STATE:
        return f"{{% $append([], $distinct({RESULT}.{field_name(task, key)})) %}}"
    if key.endswith(EACH):
        return f"{{% {RESULT} %}}" if is_bare else _each(f"$one.{field_name(task, key)}")
    is_one, mapped = setting.workflow.is_airflow_3, setting.outcomes.shape.mapped_over(task)
    if is_bare and is_sure and not _may_give_nothing(setting, task, key):
        is_list = not is_one or (mapped is not None and (mapped.length or 0) > 1)
        return f"{{% {RESULT} %}}" if is_list else f"{{% $count({RESULT}) > 1 ? {RESULT} : {RESULT}[0] %}}"
    given = f"($all := {_listed('$one' if is_bare else f'$one.{field_name(task, key)}')}; "
    if is_one:
        return f"{{% {given}$count($all) > 1 ? $all : $count($all) = 1 ? $all[0] : null) %}}"
    return f"{{% {given}$count($all) > 0 ? $all : null) %}}"


def _map(place: Place, mapped: Mapped, start: str, states: States) -> dict[str, Any]:
    found: dict[str, Any] = {"Type": "Map", "Items": fill(place, mapped.items)}
    config, limit, task = INLINE, mapped.limit, place.task
    if is_distributed(mapped.length, states):
        config = DISTRIBUTED
        place.setting.distributed.add(task.id)
        said = NEEDS.format(mapped.length)
        place.setting.report.row("expand", task.span, f"task:{task.id}", DECISION, said, task=task.id)
    elif limit and limit > AT_ONCE:
        said, limit = f"an inline Map runs {AT_ONCE} items at once, not {limit}", AT_ONCE
        place.setting.report.row(
            "expand", task.span, f"task:{task.id}", Disposition.NOTED, said, task=task.id
        )
    if limit:
        found["MaxConcurrency"] = limit
    found["ItemProcessor"] = {"ProcessorConfig": {**config}, "StartAt": start, "States": states}
    return found


def _place(setting: Setting, name: str) -> Place:
    depth = len(setting.variables.scopes[name])
    return Place(setting, setting.workflow.tasks[name], setting.fragments[name], depth)


def _group_place(setting: Setting, group: str) -> Place:
    depth = len(setting.variables.scopes[group])
    return Place(setting, stand_in(setting.workflow.groups[group]), Fragment({}), depth)


def _listed(one: str) -> str:
    """The list of what instances gave that is not null, in their order; ``one`` is of the item ``$one``."""
    item = f"$type({one}) = 'array' ? [[{one}]] : [{one}]"
    return f"$reduce({RESULT}, function($all, $one) {{ {one} != null ? $append($all, {item}) : $all }}, [])"


def _each(one: str) -> str:
    """The list of what all items gave, null among it; ``one`` is of the item ``$one``."""
    item = f"$type({one}) = 'array' ? [[{one}]] : [{one}]"
    return f"{{% $reduce({RESULT}, function($all, $one) {{ $append($all, {item}) }}, []) %}}"


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
    if is_bare and (key.endswith(EACH) or not _may_give_nothing(setting, name, key)):
        return f"{{% {RESULT} %}}"
    if key.endswith(EACH):
        return _each(f"$one.{field_name(name, key)}")
    found = _listed("$one" if is_bare else f"$one.{field_name(name, key)}")
    if setting.workflow.is_airflow_3:
        return f"{{% {found} %}}"
    return f"{{% ($all := {found}; $count($all) > 0 ? $all : null) %}}"  # as xcom_pull of Airflow 2


def _may_give_nothing(setting: Setting, name: str, key: str) -> bool:
    function = setting.workflow.tasks[name].argument("python_callable")
    return key != RETURNED or (isinstance(function, Function) and may_give_nothing(function))
