"""Python callables: a generated Lambda function, invoked with the task's arguments and its context."""

from __future__ import annotations

from typing import Any

from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task
from dagmig.graph.values import Function, Literal
from dagmig.integrations import Integration
from dagmig.integrations.callables import DROPPED, OWN, callable_event, invoke
from dagmig.integrations.code import lambda_source
from dagmig.integrations.context import unwrapped
from dagmig.integrations.fragment import Fragment
from dagmig.integrations.python_source import gives_generator
from dagmig.integrations.table import account

NOTED = Disposition.NOTED
GENERATOR = (
    "it returns a generator, which no XCom can hold: the function fails, as the task does in Airflow, and "
    "nothing of it runs"
)
STANDARD = "airflow.providers.standard.operators.python."
SKIPPING = "skip_on_exit_code"
VENV_DROPPED = {
    **DROPPED,
    **dict.fromkeys(
        (
            "expect_airflow",
            "expect_pendulum",
            "index_urls",
            "index_urls_from_connection_ids",
            "inherit_env",
            "pip_install_options",
            "serializer",
            "system_site_packages",
            "use_dill",
            "use_cloudpickle",
            "venv_cache_path",
        ),
        "a Lambda function is an environment of its own",
    ),
}
VENV_UNDECIDED = {
    "env_vars": "set them in the function's configuration",
    "python": "the function's package must carry what that environment has",
    "python_version": "choose the function's runtime",
    "requirements": "the function's package must carry them",
    "skip_on_exit_code": "the exit code fails the state; in Airflow it skips the task",
    "string_args": "they are not sent",
}


def _to_asl(task: Task, report: Report) -> Fragment:
    account(task, OWN, DROPPED, "a Lambda function", report)
    return _invoked(task, report)


def _apart_to_asl(task: Task, report: Report) -> Fragment:
    exits = _exits(task)
    known = OWN | ({SKIPPING} if exits or task.argument(SKIPPING) == Literal(None) else set())
    account(task, known, VENV_DROPPED, "a Lambda function", report, VENV_UNDECIDED)
    return _invoked(task, report, exits)


def _exits(task: Task) -> tuple[int, ...]:
    """The exit codes that skip the task, where a function can tell them: 0 and 1 say more than an exit."""
    match task.argument(SKIPPING):
        case Literal(int() as code):
            codes: tuple[Any, ...] = (code,)
        case Literal(list() | tuple() | set() | frozenset() as several):
            codes = tuple(several)
        case _:
            return ()
    return tuple(sorted(codes)) if all(isinstance(code, int) and code > 1 for code in codes) else ()


def _invoked(task: Task, report: Report, exits: tuple[int, ...] = ()) -> Fragment:
    task = unwrapped(task)
    event, found = callable_event(task, report)
    function = task.argument("python_callable")
    source = ""
    if isinstance(function, Function) and function.source:
        fails = gives_generator(function) and task.argument("do_xcom_push") != Literal(False)
        if fails:
            report.row("python-callable", task.span, f"task:{task.id}", NOTED, GENERATOR, task=task.id)
        source = lambda_source(task.id, function, found, exits=exits, is_encoded=not fails)
    return invoke(task, source, event, found, report, skips=bool(exits))


python = Integration(
    STANDARD + "PythonOperator",
    (),
    _to_asl,
    None,
    (
        "@task",
        "airflow.operators.python.PythonOperator",
        "airflow.operators.python_operator.PythonOperator",
        "airflow.operators.PythonOperator",
    ),
    form="`lambda:invoke` of the generated source",
)
virtualenv = Integration(
    STANDARD + "PythonVirtualenvOperator",
    (),
    _apart_to_asl,
    None,
    (
        "@task.virtualenv",
        "airflow.operators.python.PythonVirtualenvOperator",
        "airflow.operators.python_operator.PythonVirtualenvOperator",
    ),
    form="`lambda:invoke` of the generated source",
)
external_python = Integration(
    STANDARD + "ExternalPythonOperator",
    (),
    _apart_to_asl,
    None,
    ("@task.external_python", "airflow.operators.python.ExternalPythonOperator"),
    form="`lambda:invoke` of the generated source",
)
