"""Random workflows: any trigger rules, branches, short circuits, setups, teardowns, retries, mapped tasks and
groups, and tasks that read what others gave.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from hypothesis import strategies as st

from dagmig.graph.model import Call, Edge, Expansion, Group, Policy, Task, TriggerRule, Workflow
from dagmig.graph.query import upstream
from dagmig.graph.values import Entries, Function, Items, Literal, MapItem, Output, Parameter, Value
from dagmig.regions.order import order

NAMES = [f"t{i}" for i in range(8)]
PAIRS = [Edge(a, b) for a, b in combinations(NAMES, 2)]
RULES = [rule for rule in TriggerRule if rule is not TriggerRule.ALL_DONE_SETUP_SUCCESS]
KINDS = ("@task", "@task", "@task.branch", "@task.short_circuit")
TAKES = (Parameter("given", "*"), Parameter("x", "keyword"))
PLAIN = "def work(*given, x=None):\n    return given\n"
MAY_SKIP = """\
from airflow.exceptions import AirflowSkipException

def work(*given, x=None):
    if x == 1:
        raise AirflowSkipException
    return given
"""
FOR_ALL = frozenset(
    {
        TriggerRule.ALWAYS, TriggerRule.ONE_DONE, TriggerRule.ONE_FAILED, TriggerRule.ONE_SUCCESS,
        TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS, TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
    }
)  # fmt: skip
LISTS = ([], ["a"], ["a", [1, 2], None])


@st.composite
def workflows(draw: st.DrawFn, *, rules: bool = True, maps: bool = True) -> Workflow:
    """``rules``: any trigger rules, setups and teardowns; ``maps``: mapped tasks, and a mapped group."""
    edges = set(draw(st.sets(st.sampled_from(PAIRS), min_size=4, max_size=12)))
    tasks: dict[str, Task] = {}
    for at, name in enumerate(NAMES):
        after = [edge.downstream for edge in edges if edge.upstream == name]
        kind = draw(st.sampled_from(KINDS)) if after else "@task"
        reads = sorted(draw(st.sets(st.sampled_from(NAMES[:at]), max_size=2))) if at else []
        reads = [one for one in reads if _is_before(edges, one, name)]
        arguments: dict[str, Value] = {"python_callable": Function("work", TAKES, _source(draw, kind, after))}
        if reads:
            arguments["op_args"] = Items(tuple(Output(one) for one in reads))
        if kind == "@task.short_circuit" and draw(st.booleans()):
            arguments["ignore_downstream_trigger_rules"] = Literal(False)
        trigger = draw(st.sampled_from([TriggerRule.ALL_SUCCESS] * 6 + RULES)) if rules else _of_skips(draw)
        policy = Policy(retries=draw(st.sampled_from([0, 0, 0, 2])))
        tasks[name] = Task(name, Call(kind, arguments), policy, trigger)
        if rules and kind == "@task":
            tasks[name] = _with_role(draw, tasks[name])
        is_plain = kind == "@task" and not (tasks[name].is_setup or tasks[name].is_teardown)
        if maps and is_plain and draw(st.integers(0, 2)) == 0:
            over = _mapped_over(draw, tasks, NAMES[:at])
            if isinstance(over, Output):
                edges.add(Edge(over.task, name))
            tasks[name] = replace(tasks[name], expand=Expansion("expand", {"x": over}))
    is_new = any(task.trigger is TriggerRule.ALL_DONE_MIN_ONE_SUCCESS for task in tasks.values())
    groups = _with_group(draw, tasks, edges) if maps and draw(st.booleans()) else {}
    found = Workflow("dag", tasks, frozenset(edges), groups, is_airflow_3=is_new or draw(st.booleans()))
    before = upstream(found)
    for name, task in tasks.items():
        if any(tasks[other].is_setup for other in before[name]) and not task.is_teardown:
            tasks[name] = replace(task, trigger=TriggerRule.ALL_SUCCESS)  # as Airflow asks
    return replace(found, tasks=tasks)


def _of_skips(draw: st.DrawFn) -> TriggerRule:
    some = (TriggerRule.ALL_SUCCESS, TriggerRule.NONE_FAILED, TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
    return draw(st.sampled_from(some))


def _is_before(edges: set[Edge], first: str, second: str) -> bool:
    found = order(NAMES, frozenset(edges))
    place = {name: i for i, name in enumerate(found.names)}
    return bool(found.before[place[second]] >> place[first] & 1)


def _source(draw: st.DrawFn, kind: str, after: list[str]) -> str:
    """A callable's source; a branch may say in it what it can choose."""
    if kind == "@task":
        return draw(st.sampled_from([PLAIN, PLAIN, MAY_SKIP]))
    if kind == "@task.short_circuit" or not draw(st.booleans()):
        return PLAIN
    can = sorted(draw(st.sets(st.sampled_from(after), min_size=1)))
    lines = [f"    if x == {number}:\n        return '{task}'\n" for number, task in enumerate(can[1:])]
    return f"def work(*given, x=None):\n{''.join(lines)}    return '{can[0]}'\n"


def _with_role(draw: st.DrawFn, task: Task) -> Task:
    role = draw(st.sampled_from(["", "", "", "", "setup", "teardown"]))
    if role == "setup":
        return replace(task, is_setup=True)
    if role == "teardown":
        fails = {"on_failure_fail_dagrun": Literal(True)} if draw(st.booleans()) else {}
        call = Call("@task", {**task.call.arguments, **fails})
        return replace(task, call=call, is_teardown=True, trigger=TriggerRule.ALL_DONE_SETUP_SUCCESS)
    return task


def _mapped_over(draw: st.DrawFn, tasks: dict[str, Task], before: list[str]) -> Value:
    """A list that is written out, or what a task gives: at most one mapped task is mapped over another."""
    givers = [name for name in before if tasks[name].call.operator == "@task"]
    if givers and draw(st.booleans()):
        return Output(draw(st.sampled_from(givers)))
    return Literal(draw(st.sampled_from(LISTS)))


def _with_group(draw: st.DrawFn, tasks: dict[str, Task], edges: set[Edge]) -> dict[str, Group]:
    """Some tasks in a row become a mapped group, within which there are no rules that count for all of it."""
    size = draw(st.integers(1, 3))
    first = draw(st.integers(0, len(NAMES) - size))
    inside = NAMES[first : first + size]
    if any(tasks[name].call.operator != "@task" or _has_role(tasks[name]) for name in inside):
        return {}
    over = _mapped_over(draw, tasks, NAMES[:first])
    for name in inside:
        mates = {edge for edge in edges if edge.downstream == name and edge.upstream in inside}
        if isinstance(over, Output) and not mates:
            edges.add(Edge(over.task, name))
        given = {**tasks[name].call.arguments, "op_kwargs": Entries(((Literal("x"), MapItem()),))}
        is_safe = tasks[name].trigger not in (FOR_ALL if mates else {TriggerRule.ALWAYS})
        trigger = tasks[name].trigger if is_safe else TriggerRule.ALL_SUCCESS
        call = Call("@task", given if draw(st.booleans()) else tasks[name].call.arguments)
        tasks[name] = replace(tasks[name], call=call, trigger=trigger, expand=None, group="g")
    for name, task in tasks.items():
        if task.expand and any(task.expand == Expansion("expand", {"x": Output(one)}) for one in inside):
            tasks[name] = replace(task, expand=Expansion("expand", {"x": Literal(["a"])}))
    return {"g": Group("g", expand=Expansion("expand", {"x": over}))}


def _has_role(task: Task) -> bool:
    return task.is_setup or task.is_teardown


def shown(workflow: Workflow) -> str:
    """A workflow in a few lines, for whom a test fails."""
    lines = [f"Airflow {3 if workflow.is_airflow_3 else 2}"]
    for task in workflow.tasks.values():
        role = " setup" if task.is_setup else " teardown" if task.is_teardown else ""
        group = workflow.groups.get(task.group or "")
        expand = group.expand if group else task.expand
        over = f" {'in a group ' if group else ''}over {expand.arguments['x']}" if expand else ""
        given = {name: value for name, value in task.call.arguments.items() if name != "python_callable"}
        function = task.argument("python_callable")
        skips = " may skip" if isinstance(function, Function) and function.source == MAY_SKIP else ""
        retries = f" retries {task.policy.retries}" if task.policy.retries else ""
        lines.append(
            f"{task.id} {task.call.operator} {task.trigger}{role}{skips}{retries}{over} {given or ''}"
        )
    lines.append(", ".join(f"{edge.upstream} >> {edge.downstream}" for edge in sorted(workflow.edges)))
    return "\n".join(lines)
