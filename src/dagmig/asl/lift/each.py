"""A Map state as a task group that is mapped over the list its first task returns.

``<name>_items`` returns what each iteration is given, the group's tasks look into it by their own
``map_index``, and ``<name>_results`` gathers the list of results. It runs for an empty list too, for which
Airflow skips the group: https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/dynamic-task-mapping.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dagmig.asl.lift import catch, code, jsonata, jsonpath, reader
from dagmig.asl.lift.document import (
    INSTANCE,
    Doc,
    Lost,
    Made,
    Obj,
    Ref,
    Scene,
    indexed,
    is_list,
    known,
    plain,
)
from dagmig.asl.lift.expression import Inexpressible, python, quote
from dagmig.asl.lift.stopping import fatal, listed
from dagmig.asl.lift.visit import Visit, end, not_converted
from dagmig.asl.lift.walk import EMPTY_OPERATOR, Arrival, Together, Weaver, outcome
from dagmig.asl.model import Scope, State
from dagmig.diagnostics import Disposition
from dagmig.graph.model import Call, Expansion, Group, Task, TriggerRule
from dagmig.graph.values import Literal, Output

MAX_ITEMS = 1024  # Airflow's core.max_map_length
Tolerated = tuple[str, str] | None  # the expressions of a number and of a percentage
TOO_MANY = "States.ExceedToleratedFailureThreshold: more items have failed than are tolerated"
LIMIT = "max_active_tis_per_dagrun"
_TOLERANCE = frozenset(
    f"ToleratedFailure{what}" for what in ("Count", "CountPath", "Percentage", "PercentagePath")
)


def each(visit: Visit) -> None:
    """Convert a Map whose items are in the state's input."""
    weaver, state = visit.weaver, visit.state
    joined = upstream, trigger, scene = visit.join()
    try:
        scope = _processor(visit)
        listed = given(state, scene)
        is_jsonata = state.query_language == "JSONata"
        inner = scene if is_jsonata else scene.seeing(jsonpath.shape_input(state.fields, scene))
        tolerated, writer = reader.tolerated(state, inner), reader.writer(state, inner)
    except Inexpressible as reason:
        not_converted(visit, str(reason), joined)
        return
    group = weaver.name(state)
    items = weaver.names.give(f"{state.name}_items")
    visit.enter(items)
    body = code.function(code.identifier("list", items), f"The items of {state.name}.", listed)
    weaver.add(items, code.call("@task", body), upstream, state, trigger=trigger)
    ends = _body(visit, scope, group, items, scene)
    is_read = bool({"ItemReader", "ItemBatcher"} & state.fields.keys())
    is_told = is_read or _is_selected(state) or is_surely_list(_items(state.fields, inner, is_jsonata))
    _say_differences(visit, group, items, tolerated, is_told)
    is_unchanged = group not in weaver.groups and ends.scene.document == _item(items) and writer is None
    last, result = (
        (items, Ref(items, is_list=True))
        if is_unchanged
        else _results(visit, group, items, ends, tolerated, writer)
    )
    catch.leave(visit, catch.Ended(last, items), outcome(state, scene, result), scene)


def _item(items: str) -> Ref:
    """What the task ``items`` returned for the item that is worked on."""
    return Ref(items, index=INSTANCE, is_item=True)


def _processor(visit: Visit) -> Scope:
    """The machine inside. Raises ``Inexpressible`` where the Map is more than this converts."""
    found = next(iter(visit.state.scopes()), None)
    if found is None or found.start_at not in found.states:
        raise Inexpressible("there is no state to start an item with")
    if visit.weaver.names.group:
        raise Inexpressible("Airflow maps no task inside of a mapped task group")
    if reader.asks_of_execution(visit.state):
        raise Inexpressible("it asks about the execution that each item has of its own")
    return found


def given(state: State, scene: Scene, *, is_iterated: bool = False) -> list[str]:
    """The statements that return the list of what the iterations are given; an object's members with their
    names. ``is_iterated``: by a function, not by Airflow. Raises ``Inexpressible``.
    """
    is_jsonata = state.query_language == "JSONata"
    inner = scene if is_jsonata else scene.seeing(jsonpath.shape_input(state.fields, scene))
    if "ItemReader" in state.fields:
        lines, listed = reader.read(state, inner), "items"
    else:
        items = _items(state.fields, inner, is_jsonata)
        if known(items) and not isinstance(plain(items), list):
            raise Inexpressible("the items are no list")
        lines, listed = [], python(items)
        if not is_surely_list(items) and _is_selected(state):
            listed = f"values_of({listed})"
        elif not is_surely_list(items) and (is_iterated or "ItemBatcher" in state.fields):
            listed = f"items_of({listed})"
    given = _selected(state, inner, listed)
    if "ItemBatcher" in state.fields:
        listing = [] if given == "items" else [f"items = {given}"]
        return [*lines, *listing, reader.batched(state, inner), "return items"]
    return [*lines, f"return {given}"]


def is_surely_list(items: Doc) -> bool:
    """Whether what a Map is given is a list, and no object."""
    return is_list(items) or (isinstance(items, Made) and items.function == "find_all" and not items.path)


def _is_selected(state: State) -> bool:
    return bool({"ItemSelector", "Parameters"} & state.fields.keys())


def _selected(state: State, inner: Scene, items: str) -> str:
    """The items as the ItemSelector shapes them. Raises ``Inexpressible``."""
    is_jsonata = state.query_language == "JSONata"
    selector = state.fields.get("ItemSelector", None if is_jsonata else state.fields.get("Parameters"))
    if selector is None:
        return items
    item: dict[str, Doc] = {"Index": Ref(context="index"), "Value": Ref(context="item")}
    described = replace(inner, item=Obj({"Item": Obj(item)}))
    fill = jsonata.template if is_jsonata else jsonpath.template
    one = python(fill(selector, described))
    reads_index = "index" in code.names(one)
    over = f"index, item in enumerate({items})" if reads_index else f"item in {items}"
    return f"[{one} for {over}]"


def _items(fields: Mapping[str, Any], scene: Scene, is_jsonata: bool) -> Doc:
    if is_jsonata:
        return jsonata.template(fields["Items"], scene) if "Items" in fields else scene.document
    path = fields.get("ItemsPath", "$")
    return jsonpath.resolve(path, scene) if isinstance(path, str) else Lost("its ItemsPath is no path")


def _body(visit: Visit, scope: Scope, group: str, items: str, scene: Scene) -> Arrival:
    """The tasks of one iteration in their group; its end."""
    weaver = visit.weaver
    document = _item(items)
    is_item = not {"ItemSelector", "Parameters"} & visit.fields.keys()
    value = document if is_item else Lost("only the ItemSelector sees the item itself")
    described = Obj({"Item": Obj({"Index": Ref(context=INSTANCE), "Value": value})})
    inner = replace(scene, document=document, item=described, error=None)
    weaver.names.group = group
    found = visit.walk(weaver, scope, Arrival((items,), inner))
    last = end(visit, found)
    if set(last.tasks) & {edge.upstream for edge in weaver.edges} - {items}:
        joined = weaver.names.give(f"{visit.state.name}_end")
        weaver.add(joined, Call(EMPTY_OPERATOR), last.tasks, visit.state)
        last = replace(last, tasks=(joined,))
    weaver.names.group = ""
    if _members(weaver, group):
        over = Expansion("expand", {"item": Output(items)})
        weaver.groups[group] = Group(
            group, expand=over, span=weaver.machine.locate(visit.state.pointer, True)
        )
    return last


def _members(weaver: Weaver, group: str) -> list[Task]:
    return [task for task in weaver.tasks.values() if task.group == group]


def _results(
    visit: Visit, group: str, items: str, ends: Arrival, tolerated: Tolerated, writer: reader.Writer | None
) -> tuple[str, Doc]:
    """The task that waits for all iterations and gathers what they ended with."""
    weaver, state = visit.weaver, visit.state
    busy = {edge.upstream for edge in weaver.edges}
    last = [task.id for task in _members(weaver, group) if task.id not in busy]
    task_id = weaver.names.give(f"{state.name}_results")
    names = frozenset(task.id for task in _members(weaver, group))
    failing = list(fatal(weaver, names)) if tolerated else []
    call, result = _gathered(state, task_id, items, ends.scene.document, tolerated, failing, writer)
    if writer is not None:
        _say_written(visit, task_id, isinstance(result, Ref), bool(failing), writer)
    if failing:
        weaver.add(task_id, call, [items, *last], state, trigger=TriggerRule.ALL_DONE)
        return task_id, result
    trigger = TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS if last else TriggerRule.ALL_SUCCESS
    weaver.add(task_id, call, [items, *last], state, trigger=trigger)
    return task_id, result


def _gathered(
    state: State,
    task_id: str,
    items: str,
    document: Doc,
    tolerated: Tolerated,
    failing: Sequence[str],
    writer: reader.Writer | None,
) -> tuple[Call, Doc]:
    """The task that makes the list of the iterations' documents; an empty one where they cannot be told."""
    try:
        one = python(indexed(document, INSTANCE, "index"))
    except Inexpressible as reason:
        if not failing:
            return Call(EMPTY_OPERATOR), Lost(str(reason))
        one = ""
    count = f"len(ti.xcom_pull(task_ids={quote(items)}))"
    lines = [f"return [{one} for index in range({count})]"]
    if failing and tolerated:
        lines = _tolerant(state, items, tolerated, failing)
        lines.append(f"return [{one or None} for index in numbers]")
    if writer is not None and one:
        given = f"ti.xcom_pull(task_ids={quote(items)})"
        if failing:
            given = f"[{given}[index] for index in numbers]"
        lines = [*lines[:-1], f"results = {lines[-1].removeprefix('return ')}", *writer.lines(given)]
    body = code.function(code.identifier("gather", task_id), f"The results of {state.name}.", lines)
    lost = Lost("what an item ends with is not known")
    return code.call("@task", body), Ref(task_id, is_list=writer is None) if one else lost


def _say_written(visit: Visit, task: str, is_known: bool, is_tolerant: bool, writer: reader.Writer) -> None:
    """The row of a ResultWriter."""
    if not is_known:
        message, disposition = (
            "what the items end with is not known: nothing is written",
            Disposition.REDESIGN,
        )
    elif is_tolerant:
        message = "of the items that fail nothing is written"
        disposition = Disposition.DECISION
    elif writer.transformation == "NONE":
        message = "the DAG's run stands for the items' executions, whose times are not written"
        disposition = Disposition.NOTED
    else:
        return
    visit.weaver.row(visit.state, disposition, message, task=task, construct="ResultWriter")


def _tolerant(state: State, items: str, tolerated: tuple[str, str], failing: Sequence[str]) -> list[str]:
    """The statements that look, whatever became of the items, whether fewer failed than are tolerated."""
    listing = f"state_of(ti, {quote(items)})"
    test = f"too_many_failed(ti, names, {quote(items)}, {', '.join(tolerated)})"
    return [
        f'if {listing} == "skipped":',
        f"    raise AirflowSkipException({quote(f'{state.name} was not reached')})",
        f'if {listing} != "success":',
        *(f"    {line}" for line in code.fail(f"{state.name} has no items")),
        *listed(failing).split("\n"),
        f"if {test}:",
        *(f"    {line}" for line in code.fail(TOO_MANY)),
        "left_out = failed_items(ti, names)",
        f"count = len(ti.xcom_pull(task_ids={quote(items)}))",
        "numbers = [index for index in range(count) if str(index) not in left_out]",
    ]


def _say_differences(visit: Visit, group: str, items: str, tolerated: Tolerated, is_told: bool) -> None:
    """The rows of a Map that is converted, and the limit on its concurrency. ``is_told``: what it works on is
    a list, also where the machine has an object.
    """
    weaver, state = visit.weaver, visit.state
    message = f"Airflow maps over at most {MAX_ITEMS} items (`max_map_length`); with more `{items}` fails"
    if not is_told:
        message += ", and so it does with an object in place of a list"
    weaver.row(state, Disposition.NOTED, message, task=items)
    members = _members(weaver, group)
    limit = state.fields.get("MaxConcurrency", 0)
    is_limited = isinstance(limit, int) and limit > 0
    if is_limited:
        for task in (one for one in members if one.call.operator != EMPTY_OPERATOR):
            call = replace(task.call, arguments={**task.call.arguments, LIMIT: Literal(limit)})
            weaver.tasks[task.id] = replace(task, call=call)
    if (limit and not is_limited) or "MaxConcurrencyPath" in state.fields:
        message = "how many items run at once is only known when the machine runs"
        weaver.row(state, Disposition.DECISION, message, task=items, construct="MaxConcurrency")
    elif limit and len(members) > 1:
        message = "each task of the group is limited, not the group: an item may begin before another ends"
        works = [task for task in members if task.id in weaver.works]
        disposition = Disposition.DECISION if limit == 1 and len(works) > 1 else Disposition.NOTED
        weaver.row(state, disposition, message, task=items, construct="MaxConcurrency")
    for name in sorted(_TOLERANCE & state.fields.keys()) if tolerated is None else ():
        message = "one item that fails fails the Map: Airflow tolerates none"
        weaver.row(state, Disposition.DECISION, message, task=items, construct=name)
    if tolerated is not None and any(task.trigger is not TriggerRule.ALL_SUCCESS for task in members):
        message = "an item that fails also fails those that come to a join, before which Airflow looks at all"
        weaver.row(state, Disposition.DECISION, message, task=items, construct="tolerance")
    if members:
        inside = frozenset(task.id for task in members)
        weaver.together.append(Together(state, inside, items, True, bool(limit), tolerated))
    if "Retry" in state.fields:
        message = "the Retry of a Map is not converted: Airflow has none for a group of tasks"
        weaver.row(state, Disposition.REDESIGN, message, task=items, construct="Retry")
