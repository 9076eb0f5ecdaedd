"""A Map or a Parallel inside of a loop: functions in the loop's function, called one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dagmig.asl.lift.document import Doc, Lost, Obj, Ref, Scene
from dagmig.asl.lift.each import given
from dagmig.asl.lift.expression import Inexpressible
from dagmig.asl.lift.loops.carried import Locals
from dagmig.asl.lift.walk import arguments
from dagmig.asl.model import Scope, State
from dagmig.diagnostics import Disposition

Written = Callable[[Scope, Scene], list[str]]  # a scope's statements, which return what it ends with
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
    lines: list[str] = []
    calls: list[str] = []
    for number, scope in enumerate(inner, 1):
        name = names.give(f"{state.name}_{number}", "branch", state.name, str(number))
        lines += [f"def {name}():", *(f"    {line}" for line in written(scope, seen))]
        calls.append(f"{name}()")
    return lines, [], f"[{', '.join(calls)}]"


def _map(
    state: State, scene: Scene, names: Locals, scope: Scope, written: Written
) -> tuple[list[str], list[str], str]:
    for field in (*_NOT_HERE, *(key for key in state.fields if key.startswith("ToleratedFailure"))):
        if field in state.fields:
            raise Inexpressible(f"the {field} of a Map inside of a loop")
    (returned,) = given(state, scene)  # what needs more statements is refused above
    items = returned.removeprefix("return ")
    name = names.give(f"{state.name}_item", "items", state.name)
    item = names.give("one", "item", state.name)
    value: Doc = Ref(context=item)
    if {"ItemSelector", "Parameters"} & state.fields.keys():
        value = Lost("only the ItemSelector sees the item itself")
    context = Obj({"Item": Obj({"Index": Lost("the item's number is not counted here"), "Value": value})})
    lines = written(scope, Scene(Ref(context=item), scene.variables, context))
    listed = names.give(f"{state.name}_items", "listed", state.name)
    function = [f"def {name}({item}):", *(f"    {line}" for line in lines)]
    return function, [f"{listed} = {items}"], f"[{name}({item}) for {item} in {listed}]"


def findings(state: State) -> Iterator[Finding]:
    """The rows of a Map or a Parallel that is run in a loop."""
    inner = list(state.scopes())
    what = "items" if state.type == "Map" else "branches"
    said = f"the {what} are worked on one after another"
    is_alone = state.fields.get("MaxConcurrency") == 1 if state.type == "Map" else len(inner) == 1
    if is_alone or not any(one.type == "Task" for scope in inner for one in scope.all_states()):
        yield state.type, Disposition.NOTED, said
    else:
        said += ": when one fails those after it have not begun, which they have in the machine"
        yield state.type, Disposition.DECISION, said
