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
_NOT_HERE = ("ItemReader", "ItemBatcher", "ResultWriter")


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
    for field in (*_NOT_HERE, *(key for key in state.fields if key.startswith("ToleratedFailure"))):
        if field in state.fields:
            raise Inexpressible(f"the {field} of a Map inside of a loop")
    (returned,) = given(state, scene, is_iterated=True)  # what needs more statements is refused above
    items = returned.removeprefix("return ")
    most = _most(state, scene)
    name = names.give(f"{state.name}_item", "items", state.name)
    item = names.give("one", "item", state.name)
    stopped = names.give("stopped", "stopped", state.name) if _is_together(state) else ""
    value: Doc = Ref(context=item)
    if {"ItemSelector", "Parameters"} & state.fields.keys():
        value = Lost("only the ItemSelector sees the item itself")
    context = Obj({"Item": Obj({"Index": Lost("the item's number is not counted here"), "Value": value})})
    lines = written(scope, replace(scene, document=Ref(context=item), item=context, error=None), stopped)
    listed = names.give(f"{state.name}_items", "listed", state.name)
    parameters = f"{item}, {stopped}" if stopped else item
    function = [f"def {name}({parameters}):", *(f"    {line}" for line in lines)]
    made = f"[{name}({item}) for {item} in {listed}]"
    if stopped:
        works = f"[partial({name}, {item}) for {item} in {listed}]"
        made = f"together({works}, {most})" if most else f"together({works})"
    return function, [f"{listed} = {items}"], made


def _most(state: State, scene: Scene) -> str:
    """The expression of how many items are worked on at once; empty for any number."""
    inner = scene if state.query_language == "JSONata" else scene.seeing(shape_input(state.fields, scene))
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
    if not _is_together(state):
        yield state.type, Disposition.NOTED, f"the {what} are worked on one after another, in one task"
        return
    yield (
        state.type,
        Disposition.NOTED,
        f"the {what} are worked on in threads of one task; {RUNS_ON}",
    )
