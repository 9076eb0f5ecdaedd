"""Branches and short circuits on Python callables: the function decides, the choice itself is lower's."""

from __future__ import annotations

from dataclasses import replace

from dagmig.diagnostics import Report
from dagmig.graph.model import Call, Task
from dagmig.integrations import Integration
from dagmig.integrations.fragment import Fragment
from dagmig.integrations.services.python import external_python, python, virtualenv

OWN = "ignore_downstream_trigger_rules"
STANDARD = "airflow.providers.standard.operators.python."


def _named(name: str, decorator: str, work: Integration = python) -> Integration:
    """A chooser whose callable runs as in the operator ``work``."""

    def to_asl(task: Task, report: Report) -> Fragment:
        rest = {name: value for name, value in task.call.arguments.items() if name != OWN}
        return work.to_asl(replace(task, call=Call(task.call.operator, rest)), report)

    modules = ("airflow.operators.python.", "airflow.operators.python_operator.", "airflow.operators.")
    aliases = (decorator, *(module + name for module in modules))
    form = "`lambda:invoke` of the generated source, then a Choice"
    return Integration(STANDARD + name, (), to_asl, None, aliases, form)


branch = _named("BranchPythonOperator", "@task.branch")
branch_virtualenv = _named("BranchPythonVirtualenvOperator", "@task.branch_virtualenv", virtualenv)
branch_external = _named("BranchExternalPythonOperator", "@task.branch_external_python", external_python)
short_circuit = _named("ShortCircuitOperator", "@task.short_circuit")
