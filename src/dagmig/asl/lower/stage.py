"""What one task's values may refer to, and the rows about what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagmig.asl.lower.outcomes import ONLY_SUCCESS
from dagmig.asl.lower.scene import INDEX, NOT_MAPPED, Scene, Untranslatable, named
from dagmig.asl.lower.settings import defaults
from dagmig.asl.lower.texts import doubt
from dagmig.asl.lower.variables import outputs_pulled
from dagmig.diagnostics import Disposition
from dagmig.graph.model import Task
from dagmig.graph.values import Output, Value

if TYPE_CHECKING:
    from dagmig.asl.lower.setting import Setting


def scene_of(setting: Setting, task: Task, item: str = "") -> Scene:
    """What the values of a task are written out with; ``item`` is what an instance of it is given."""

    def variable(output: Output) -> str:
        producer = setting.fragments.get(output.task)
        if producer is None or output.key not in producer.outputs:
            raise Untranslatable(f"the output {output.key} of task {output.task}")
        if not setting.precedes(output.task, task.id):
            raise Untranslatable(f"the output of task {output.task}, which need not have run before,")
        if setting.is_beside(output.task, task.id) and (output.task, output.key) in pulled:
            raise Untranslatable(f"`xcom_pull` of {output.task}, which gives what all items have by then,")
        return setting.seen(output.task, output.key, setting.variables.scopes[task.id])

    def of_item(output: Output) -> str:
        if not setting.is_beside(output.task, task.id):
            raise Untranslatable(f"`xcom_pull` of {output.task} for the item of {task.id}")
        return variable(output)

    pulled = outputs_pulled(task)
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
        variable,
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
        of_item,
    )


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
