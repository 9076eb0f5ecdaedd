"""What Airflow makes of the texts of a task's template fields before it renders them.

A text that ends as the operator's ``template_ext`` says (``query="sql/daily.sql"``) is the name of a file in
the DAG's folder or one of its ``template_searchpath``, and the file's text stands for it; Jinja drops one
newline at the end of a text. ``Templater.resolve_template_files`` and ``render_template``;
https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/operators.html#jinja-templating.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from dagmig.airflow.read.operator_facts import Facts, facts, template_files
from dagmig.airflow.read.project import Project
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.jinja import has_jinja
from dagmig.graph.model import Call, Expansion, Task, Workflow
from dagmig.graph.values import Entries, Items, Literal, Value

SEARCHED = "template_searchpath"
OPTIONS = "jinja_environment_kwargs"


def with_template_files(workflow: Workflow, file: str, root: str | None, report: Report) -> Workflow:
    """The workflow with the texts of its template files, and a row for each; ``file`` is the DAG's, ``root``
    as of ``read``.
    """
    files = _Files(workflow, file, Project.of(file, root), report)
    tasks = {name: files.filled(task) for name, task in workflow.tasks.items()}
    if files.has_all and workflow.arguments.get(SEARCHED) is not None:
        said = "the files that are found in it are part of the machine"
        report.row(SEARCHED, workflow.span, "", Disposition.NOTED, said)
        arguments = {name: value for name, value in workflow.arguments.items() if name != SEARCHED}
        return replace(workflow, tasks=tasks, arguments=arguments)
    return replace(workflow, tasks=tasks)


@dataclass
class _Files:
    """The template files of one DAG; ``has_all``: each that is named was found."""

    workflow: Workflow
    file: str
    project: Project | None
    report: Report
    has_all: bool = True

    def filled(self, task: Task) -> Task:
        """The task as its template fields are rendered."""
        if not task.call.operator.startswith(("airflow.", "@task")):
            return task
        known = facts(task.call.operator) or Facts()
        endings = template_files(task.call.operator)

        def of(name: str, value: Value) -> Value:
            if name not in known.fields and name not in endings:
                return value
            return _mapped(value, lambda text: self._text(task, name, text, endings.get(name, ())))

        arguments = {name: of(name, value) for name, value in task.call.arguments.items()}
        defaults = {name: of(name, value) for name, value in task.defaults.items()}
        expand = task.expand
        if expand is not None:
            expand = Expansion(
                expand.kind, {name: of(name, value) for name, value in expand.arguments.items()}
            )
        call = Call(task.call.operator, arguments)
        return replace(task, call=call, defaults=defaults, expand=expand)

    def _text(self, task: Task, argument: str, text: str, endings: tuple[str, ...]) -> str:
        if endings and text.endswith(endings):
            found = self._found(text)
            target = f"task:{task.id}"
            if found is None:
                self.has_all = False
                said = (
                    f"`{argument}` names the template file `{text}`, which is found neither beside the DAG "
                    f"nor in a `{SEARCHED}` that is known: its name stands in place of its text"
                )
                self.report.row("template-file", task.span, target, Disposition.DECISION, said, task=task.id)
                return text
            name, text = found
            said = f"`{argument}` is the text of {name}, as it is now: convert again when the file changes"
            self.report.row("template-file", task.span, target, Disposition.NOTED, said, task=task.id)
        if has_jinja(text) or OPTIONS in self.workflow.arguments:
            return text
        return text.replace("\r\n", "\n").removesuffix("\n")

    def _found(self, name: str) -> tuple[str, str] | None:
        """A file by the name of a template: its name in the project, and its text."""
        parts = [part for part in name.split("/") if part and part != "."]
        if self.project is None or ".." in parts:
            return None
        for folder in self._folders(self.project):
            path = folder.joinpath(*parts)
            text = self.project.data(path)
            if text is not None:
                shown = path.absolute()
                root = self.project.root
                return (shown.relative_to(root) if shown.is_relative_to(root) else path).as_posix(), text
        return None

    def _folders(self, project: Project) -> Iterator[Path]:
        """The DAG's, then those that are searched: a folder of Airflow's machine by where it ends."""
        own = Path(self.file).absolute().parent
        yield own
        for text in _texts(self.workflow.arguments.get(SEARCHED)):
            parts = PurePosixPath(text).parts
            tails = [parts[number:] for number in range(len(parts))]
            bases = [base for base in (own, *own.parents) if base.is_relative_to(project.root)]
            yield from (base.joinpath(*tail) for tail in tails for base in bases)


def _texts(value: Value | None) -> Iterator[str]:
    match value:
        case Literal(str() as text):
            yield text
        case Literal(list() | tuple() as items):
            yield from (item for item in items if isinstance(item, str))
        case Items(items):
            for item in items:
                yield from _texts(item)


def _mapped(value: Value, change: Callable[[str], str]) -> Value:
    """A value with its texts changed, wherever they are."""
    match value:
        case Literal(constant, is_assumed):
            changed = _changed(constant, change)
            return value if changed == constant else Literal(changed, is_assumed)
        case Items(items, kind):
            return Items(tuple(_mapped(item, change) for item in items), kind)
        case Entries(entries):
            return Entries(tuple((key, _mapped(item, change)) for key, item in entries))
    return value


def _changed(constant: Any, change: Callable[[str], str]) -> Any:
    match constant:
        case str():
            return change(constant)
        case list() | tuple():
            return type(constant)(_changed(item, change) for item in constant)
        case dict():
            return {key: _changed(item, change) for key, item in constant.items()}
    return constant
