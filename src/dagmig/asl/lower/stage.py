"""What one task's values may refer to, and the rows about what becomes of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dagmig.asl.lower.outcomes import ONLY_SUCCESS
from dagmig.asl.lower.scene import INDEX, NOT_MAPPED, Scene, Untranslatable, named
from dagmig.asl.lower.settings import defaults
from dagmig.asl.lower.texts import doubt
from dagmig.asl.lower.variables import outputs_pulled
from dagmig.diagnostics import Disposition
from dagmig.graph.model import Task
from dagmig.graph.values import Output, Value
from dagmig.integrations.asking import EACH, ITEM, NAME, STATE
from dagmig.integrations.jsonata import quoted

if TYPE_CHECKING:
    from dagmig.asl.lower.setting import Setting


def scene_of(setting: Setting, task: Task, item: str = "") -> Scene:
    """What the values of a task are written out with; ``item`` is what an instance of it is given."""
    params = defaults(setting.workflow, task)

    def doubtful(part: Value) -> Disposition | None:
        if isinstance(part, Output) and setting.is_of_all(part.task, task.id):
            return Disposition.DECISION
        with_code = frozenset(name for name, made in setting.fragments.items() if made.functions)
        return doubt(part, setting.workflow.tasks, with_code, params)

    def row(construct: str, disposition: Disposition, said: str) -> None:
        setting.report.row(construct, task.span, f"task:{task.id}", disposition, said, task=task.id)

    def in_text(part: Value) -> None:
        if (disposition := doubtful(part)) is not None:
            said = (
                f"{named(part)} becomes text as JSON: the same as in Airflow for texts and whole numbers only"
            )
            row("text", disposition, said)

    constants = _constants(setting.workflow.id or "", task.id)
    return Scene(
        lambda output: _variable(setting, task, output),
        setting.run.moment,
        setting.run.lookup,
        params,
        constants,
        in_text,
        lambda disposition, said: row("template", disposition, said),
        lambda name: setting.outcomes.possible[name] == ONLY_SUCCESS,
        doubtful,
        setting.run.rendering,
        setting.workflow.is_airflow_3,
        item,
        _index(setting, task),
        lambda output: _of_item(setting, task, output),
    )


def _variable(setting: Setting, task: Task, output: Output) -> str:
    """The JSONata of what a task reads of another, or of its state. Raises ``Untranslatable``."""
    if output.key == NAME:
        return _name_of(setting, output.task, task)
    if output.key.endswith(ITEM):
        return _of_item(setting, task, replace(output, key=output.key.removesuffix(ITEM)))
    producer = setting.fragments.get(output.task)
    if output.key == STATE and setting.outcomes.is_multiple(output.task, task.id):
        raise Untranslatable(f"the states of {output.task}, which has one for each item,")
    has_items = output.task in setting.mapped or output.task in setting.outcomes.shape.group
    if output.key.endswith(EACH) and not has_items:
        raise Untranslatable(f"`xcom_pull` by `map_indexes` of {output.task}, which is not mapped,")
    if producer is None or (output.key not in producer.outputs and output.key != STATE):
        raise Untranslatable(f"the output {output.key} of task {output.task}")
    if not setting.precedes(output.task, task.id):
        raise Untranslatable(f"the output of task {output.task}, which need not have run before,")
    is_of_all = (output.task, output.key) in outputs_pulled(task)
    if is_of_all and setting.is_beside(output.task, task.id):
        raise Untranslatable(f"`xcom_pull` of {output.task}, which gives what all items have by then,")
    return setting.seen(output.task, output.key, setting.variables.scopes[task.id])


def _of_item(setting: Setting, task: Task, output: Output) -> str:
    """The same of the instance that is for the same item."""
    if not setting.is_beside(output.task, task.id):
        raise Untranslatable(f"`xcom_pull` of {output.task} for the item of {task.id}")
    return _variable(setting, task, output)


def _name_of(setting: Setting, other: str, task: Task) -> str:
    """JSONata for the name of a task among the states of the run: with the item's number where it has one."""
    if setting.is_beside(other, task.id):
        return f"({quoted(f'{other}_')} & {INDEX})"
    return quoted(other)


def _index(setting: Setting, task: Task) -> str:
    """The JSONata of ``ti.map_index``; empty where a Map of the work's own would be in between."""
    fragment = setting.fragments.get(task.id)  # a group's stand-in has none
    if fragment is not None and any(state.get("Type") == "Map" for state in fragment.states.values()):
        return ""
    is_mapped = task.id in setting.mapped or task.id in setting.outcomes.shape.group
    return INDEX if is_mapped else NOT_MAPPED


def _constants(dag_id: str, task_id: str) -> dict[str, str]:
    """The names of the run that are known when the machine is written."""
    own = {f"{ti}.{name}": given for ti in ("ti", "task_instance", "task") for name, given in (
        ("task_id", task_id), ("dag_id", dag_id),
    )}  # fmt: skip
    return {**own, "dag.dag_id": dag_id, "dag_run.dag_id": dag_id}
