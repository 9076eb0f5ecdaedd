"""A Map or a Parallel inside of a loop: functions in the loop's function, called in threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from dagmig.asl.lift import reader
from dagmig.asl.lift.document import Doc, Lost, Obj, Ref, Scene
from dagmig.asl.lift.each import given
from dagmig.asl.lift.expression import Inexpressible
from dagmig.asl.lift.jsonpath import shape_input
from dagmig.asl.lift.loops.carried import Locals
from dagmig.asl.lift.stopping import RUNS_ON
from dagmig.asl.lift.walk import arguments
from dagmig.asl.model import Scope, State
from dagmig.diagnostics import Disposition

Written = Callable[[Scope, Scene, str], list[str]]  # a scope's statements, which return what it ends with;
# the name is that of what tells that it has to stop, or empty
Made = tuple[list[str], list[str], str]
Finding = tuple[str, Disposition, str]


def scopes(state: State, scene: Scene, names: Locals, written: Written) -> Made:
    """The functions of a Map or a Parallel, statements, and the list that they make.

    Raises ``Inexpressible``.
    """
    inner = list(state.scopes())
    if not inner or any(one.start_at not in one.states for one in inner):
        raise Inexpressible(f"there is no state to start {state.name} with")
    if state.type == "Map":
        return _map(state, scene, names, inner[0], written)
    seen = scene.seeing(arguments(state, scene))
    stopped = names.give("stopped", "stopped", state.name) if _is_together(state) else ""
    lines: list[str] = []
    functions: list[str] = []
    for number, scope in enumerate(inner, 1):
        name = names.give(f"{state.name}_{number}", "branch", state.name, str(number))
        lines += [f"def {name}({stopped}):", *(f"    {line}" for line in written(scope, seen, stopped))]
        functions.append(name)
    if stopped:
        return lines, [], f"together([{', '.join(functions)}])"
    return lines, [], f"[{', '.join(f'{name}()' for name in functions)}]"


def _map(
    state: State, scene: Scene, names: Locals, scope: Scope, written: Written
) -> tuple[list[str], list[str], str]:
    if reader.asks_of_execution(state):
        raise Inexpressible("it asks about the execution that each item has of its own")
    inner = scene if state.query_language == "JSONata" else scene.seeing(shape_input(state.fields, scene))
    *reading, returned = given(state, scene, is_iterated=True)
    items, most = returned.removeprefix("return "), _most(state, inner)
    tolerated, writer = reader.tolerated(state, inner), reader.writer(state, inner)
    if tolerated is not None and writer is not None:
        raise Inexpressible("a ResultWriter, and failures that are tolerated")
    name = names.give(f"{state.name}_item", "items", state.name)
    item = names.give("one", "item", state.name)
    is_stopped = _is_together(state) or tolerated is not None
    stopped = names.give("stopped", "stopped", state.name) if is_stopped else ""
    value: Doc = Ref(context=item)
    if {"ItemSelector", "Parameters"} & state.fields.keys():
        value = Lost("only the ItemSelector sees the item itself")
    context = Obj({"Item": Obj({"Index": Lost("the item's number is not counted here"), "Value": value})})
    lines = written(scope, replace(scene, document=Ref(context=item), item=context, error=None), stopped)
    parameters = f"{item}, {stopped}" if stopped else item
    function = [f"def {name}({parameters}):", *(f"    {line}" for line in lines)]
    is_whole = bool(reading) or writer is not None
    listed = "items" if is_whole else names.give(f"{state.name}_items", "listed", state.name)
    made = f"[{name}({item}) for {item} in {listed}]"
    works = f"[partial({name}, {item}) for {item} in {listed}]"
    if tolerated is not None:
        made = f"tolerant({', '.join([works, *tolerated, *([most] if most else [])])})"
    elif stopped:
        made = f"together({works}, {most})" if most else f"together({works})"
    if not is_whole:
        return function, [f"{listed} = {items}"], made
    whole = names.give(f"{state.name}_as_a_whole", "whole", state.name)
    body = [*reading, *([] if items == "items" else [f"items = {items}"])]
    body += [f"return {made}"] if writer is None else [f"results = {made}", *writer.lines("items")]
    return [*function, f"def {whole}():", *(f"    {line}" for line in body)], [], f"{whole}()"


def _most(state: State, inner: Scene) -> str:
    """The expression of how many items are worked on at once; empty for any number."""
    found = reader.number(state, state.fields, "MaxConcurrency", inner)
    return "" if found in (None, "0") else str(found)


def _is_together(state: State) -> bool:
    """Whether the work of a Map or a Parallel is done at the same time, as far as that makes a difference."""
    inner = list(state.scopes())
    is_alone = state.fields.get("MaxConcurrency") == 1 if state.type == "Map" else len(inner) == 1
    works = [one for scope in inner for one in scope.all_states() if one.type in ("Task", "Wait")]
    return bool(works) and not is_alone


def findings(state: State) -> Iterator[Finding]:
    """The rows of a Map or a Parallel that is run in a loop."""
    what = "items" if state.type == "Map" else "branches"
    yield from _on_results(state)
    if not _is_together(state):
        yield state.type, Disposition.NOTED, f"the {what} are worked on one after another, in one task"
        return
    yield (
        state.type,
        Disposition.NOTED,
        f"the {what} are worked on in threads of one task; {RUNS_ON}",
    )


def _on_results(state: State) -> Iterator[Finding]:
    """The row of a ResultWriter, and of failures that are tolerated where nothing can be."""
    fails = [name for name in state.fields if name.startswith("ToleratedFailure")]
    config = (state.fields.get("ResultWriter") or {}).get("WriterConfig", {})
    if fails and not reader.is_distributed(state):
        message = "one item that fails fails the Map: only a distributed one tolerates any"
        yield fails[0], Disposition.DECISION, message
    elif "ResultWriter" in state.fields and config.get("Transformation", "NONE") == "NONE":
        message = "the DAG's run stands for the items' executions, whose times are not written"
        yield "ResultWriter", Disposition.NOTED, message
