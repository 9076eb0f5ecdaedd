"""The rule ``jinja-syntax``."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from dagmig.diagnostics import Severity
from dagmig.graph.jinja import BadTemplate, tree
from dagmig.graph.model import Workflow
from dagmig.graph.plain_jinja import used
from dagmig.lint.rule import Finding, Need, dag_rule
from dagmig.lint.source import Source
from dagmig.lint.templated import CONTEXT, FILTERS, GLOBALS, has_usual_environment, names, strange_lookup


@dag_rule(Severity.ERROR, Need.SETTINGS)
def jinja_syntax(workflow: Workflow, source: Source) -> Iterator[Finding]:
    """A template does not render: Jinja cannot parse it, or it asks for a filter or name that there is not.

    The DAG loads, and the task fails when it runs: Airflow renders with `StrictUndefined`. Looked at too:
    what a function under `@task.bash` returns as a text, and what is asked of `macros` and `var`. Left
    alone: a DAG that brings its own macros, filters or Jinja settings, a name that the template tests for,
    arguments that the operator does not render, and what a plugin may add to `macros`.
    See https://airflow.apache.org/docs/apache-airflow/stable/templates-ref.html

    ```python bad
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load {{ logical_date | to_day }}")
    ```

    ```python good
    from airflow import DAG
    from airflow.operators.bash import BashOperator

    with DAG("nightly", schedule=None):
        BashOperator(task_id="load", bash_command="load {{ logical_date | ds }}")
    ```

    Instead: Write what the template reference lists, or give the DAG `user_defined_macros`.
    """
    is_usual = has_usual_environment(workflow)
    for task in workflow.tasks.values() if "jinja_environment_kwargs" not in workflow.arguments else ():
        for argument, text in source.templates(task):
            if why := _problem(text, is_usual):
                span = source.template_span(task, argument, text)
                yield Finding(f"the template in `{argument}` of `{task.id}` does not render: {why}", span)


def _problem(text: str, is_usual: bool) -> str | None:
    plain = used(text)
    if plain is not None and not (is_usual and plain.filters - FILTERS):
        return _unknown(plain.names, text) if is_usual else None
    from jinja2 import nodes
    from jinja2.filters import FILTERS as OF_JINJA

    try:
        parsed = tree(text)
    except BadTemplate as error:
        return str(error)
    if not is_usual:
        return None
    asked = set()
    others = (nodes.Import, nodes.FromImport, nodes.Include, nodes.Extends)
    for one in parsed.find_all((nodes.Test, nodes.Filter, *others)):
        if not isinstance(one, nodes.Test | nodes.Filter):
            return None
        if isinstance(one, nodes.Filter) and one.name not in OF_JINJA and one.name not in FILTERS:
            return f"there is no filter `{one.name}`"
        if one.name in ("defined", "undefined", "default", "d") and isinstance(one.node, nodes.Name):
            asked.add(one.node.name)
    return _unknown(names(text) - asked, text)


def _unknown(taken: Collection[str], text: str) -> str | None:
    strange = sorted(set(taken) - CONTEXT - GLOBALS)
    if strange:
        return f"there is no `{strange[0]}` in the context"
    lookup = strange_lookup(text) if {"macros", "var"} & set(taken) else ""
    return f"there is no `{lookup}`" if lookup else None
