"""One module: parse, evaluate, place, and hand over as workflows."""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath

from dagmig.airflow.read.airflow_objects import Dag
from dagmig.airflow.read.build import Builder
from dagmig.airflow.read.evaluation import Exhausted, LoopControl, Raised, Return, Stopped
from dagmig.airflow.read.imports import Home
from dagmig.airflow.read.objects import Scope
from dagmig.airflow.read.paths import FilePath
from dagmig.airflow.read.project import Project
from dagmig.airflow.read.translation import Translation
from dagmig.airflow.read.tree import Tree
from dagmig.diagnostics import Report
from dagmig.graph.model import Workflow

SDK = re.compile(r"^\s*(?:from|import)\s+airflow\.sdk\b", re.MULTILINE)


def read_module(
    tree: Tree, file: str, report: Report, *, bodies: bool, project_root: str | None = None
) -> tuple[Workflow, ...]:
    """See ``dagmig.airflow.read.read``."""
    builder, scope = Builder(), Scope({"__name__": "dag"})
    if "__file__" in tree.text:
        scope.names["__file__"] = FilePath(PurePosixPath(file), is_text=True)
    builder.globals, builder.main, builder.tree = scope.names, scope, tree
    scope.has_yields = "yield" in tree.text
    builder.is_airflow_3 = "airflow.sdk" in tree.text and SDK.search(tree.text) is not None
    builder.project = Project.of(file, project_root)
    if builder.project is not None:
        scope.place = Home(file)
    try:
        builder.run(tree.module.body, scope)
    except (Exhausted, Raised, RecursionError, Return, LoopControl) as left:
        _say_stopped(left, builder, tree.module)
    builder.say_assumed()
    if builder.project is not None:
        report.leans |= builder.project.leans()
    dags = _collected(builder, scope)
    found = Translation(tree, file, builder, report, bodies).workflows(dags)
    _let_go(builder, scope)
    return found


def _say_stopped(left: Exception, builder: Builder, module: ast.Module) -> None:
    """Why the file was not read to its end, and where."""
    builder.site = None
    at = (left.at if isinstance(left, Stopped) else None) or module
    if isinstance(left, (Exhausted, RecursionError)):
        builder.say("too-much-work", "the file asks for too much work here: what comes later is missing", at)
    else:
        error = left.error if isinstance(left, Raised) else None
        kind = f" ({type(error).__name__})" if isinstance(error, Exception) else ""
        said = (
            f"importing the file raises an exception here{kind}: Airflow shows an error and none of its DAGs"
        )
        builder.say("import-fails", said, at)
    for dag in builder.dags:
        dag.is_complete = False


def _let_go(builder: Builder, scope: Scope) -> None:
    """Undo the circles of functions and the scopes that hold them, of DAGs and their tasks, so that memory is
    free for the next file at once, and not only when the garbage collector comes.
    """
    for one in (scope, *(module.scope for module in builder.modules.values())):
        one.names.clear()
    for dag in builder.dags:
        for task in dag.tasks.values():
            vars(task).clear()
        for group in dag.groups.values():
            vars(group).clear()
        vars(dag).clear()
    vars(builder).clear()


def _collected(builder: Builder, scope: Scope) -> list[Dag]:
    """What Airflow's DagBag finds: DAGs entered by ``with`` or ``@dag``, and module globals."""
    known = {id(value) for value in scope.names.values() if isinstance(value, Dag)}
    return [dag for dag in builder.dags if dag.is_registered or id(dag) in known]
