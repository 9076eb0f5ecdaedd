"""``spark-submit`` as a job of EMR Serverless.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr-serverless.html; ``SparkSubmitOperator`` and
``SparkSubmitHook``, whose options are those of ``spark-submit``
(https://spark.apache.org/docs/latest/submitting-applications.html and .../configuration.html).
"""

from __future__ import annotations

import re
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration
from dagmig.integrations.fragment import MAIN, Expression, Fragment, Part
from dagmig.integrations.http import Connection
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.spelling import given, items, members
from dagmig.integrations.status import PREFIX
from dagmig.integrations.table import account

OPTIONS = {
    "files": "--files",
    "py_files": "--py-files",
    "archives": "--archives",
    "driver_class_path": "--driver-class-path",
    "jars": "--jars",
    "packages": "--packages",
    "exclude_packages": "--exclude-packages",
    "repositories": "--repositories",
    "executor_cores": "--executor-cores",
    "executor_memory": "--executor-memory",
    "driver_memory": "--driver-memory",
    "num_executors": "--num-executors",
    "java_class": "--class",
}
OWN = {*OPTIONS, "application", "application_args", "conf", "conn_id", "name", "env_vars"}
SERVERLESS = "EMR Serverless has no cluster manager of its own"
DROPPED = {
    "verbose": "a state prints nothing",
    "spark_binary": "EMR Serverless runs Spark",
    "status_poll_interval": "Step Functions waits by itself, at its own pace",
    "durable": "an execution does not lose its place when a worker is lost",
    "reconnect_on_retry": "an execution does not lose its place when a worker is lost",
    **dict.fromkeys(
        ("yarn_queue", "deploy_mode", "total_executor_cores", "track_driver_via_k8s_api",
         "yarn_track_via_rm_api", "yarn_rm_auth"),
        SERVERLESS,
    ),
}  # fmt: skip
UNDECIDED = {
    **dict.fromkeys(
        ("keytab", "principal", "proxy_user", "use_krb5ccache"), "EMR Serverless does not sign in by Kerberos"
    ),
    "properties_file": "put its settings into `conf`",
    "post_submit_commands": "nothing runs after the job",
    "openlineage_inject_parent_job_info": "nothing is added for OpenLineage",
    "openlineage_inject_transport_info": "nothing is added for OpenLineage",
}
NOTHING = (Literal(None), Literal(False), Literal(""))
ENVIRONMENT = ("spark.emr-serverless.driverEnv.", "spark.executorEnv.")
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./*-]+")


def _to_asl(task: Task, report: Report) -> Fragment:
    nothing = {name for name in UNDECIDED if task.argument(name) in NOTHING}
    account(task, {*OWN, *nothing}, DROPPED, "emr-serverless:startJobRun", report, UNDECIDED)
    value = given(task, "conn_id")
    name = str(value.value) if isinstance(value, Literal) else "spark_default"
    place = Connection(re.sub(r"\W", "_", name, flags=re.ASCII))
    application, role = place.part("application_id"), place.part("execution_role_arn")
    said = (
        f"the job runs on EMR Serverless, not where the connection `{name}` says: fill in {application} and "
        f"{role} when deploying, and put the application's files where that role reads them (S3)"
    )
    opened(task, "conn_id", said, report)
    submit: dict[str, Any] = {"EntryPoint": given(task, "application") or Literal("")}
    if (arguments := _arguments(task, report)) is not None:
        submit["EntryPointArguments"] = arguments
    if (parameters := _parameters(task, report)) is not None:
        submit["SparkSubmitParameters"] = parameters
    state = {
        "Type": "Task",
        "Resource": PREFIX + "emr-serverless:startJobRun.sync",
        "Arguments": {
            "ApplicationId": application,
            "ExecutionRoleArn": role,
            "JobDriver": {"SparkSubmit": submit},
            "Name": given(task, "name") or Literal("arrow-spark"),
        },
    }
    noted(task, "on_kill", "a stopped execution stops the job, as killing the task does", report)
    return Fragment({MAIN: state})


def _arguments(task: Task, report: Report) -> Any:
    """The application's arguments, which are texts."""
    value = given(task, "application_args")
    if value is None:
        return None
    try:
        return [Literal(str(one.value)) if isinstance(one, Literal) else one for one in items(value)]
    except ValueError as problem:
        opened(task, "application_args", f"they are not in the state: {problem}", report)
        return None


def _parameters(task: Task, report: Report) -> Any:
    """The options as one text: each is a text that a value follows."""
    words: list[tuple[str, Value]] = [
        (f"{option} ", value)
        for argument, option in OPTIONS.items()
        if (value := given(task, argument)) is not None and value != Literal("")
    ]
    for argument, prefixes in (("conf", ("",)), ("env_vars", ENVIRONMENT)):
        value = given(task, argument)
        try:
            pairs = members(value) if value is not None else []
        except ValueError as problem:
            opened(task, argument, f"it is not in the state: {problem}", report)
            continue
        words += [(f"--conf {prefix}{key}=", setting) for key, setting in pairs for prefix in prefixes]
    return _joined(words) if words else None


def _joined(words: list[tuple[str, Value]]) -> Value | Expression:
    if all(isinstance(value, Literal) for _, value in words):
        texts = (text + _quoted(value.value) for text, value in words if isinstance(value, Literal))
        return Literal(" ".join(texts))
    parts: list[Part] = []
    for number, (text, value) in enumerate(words):
        said = _quoted(value.value) if isinstance(value, Literal) else value
        before = f" {text}" if number else text
        if isinstance(said, str):
            parts += [" & " if parts else "", Literal(before + said)]
        else:
            parts += [" & " if parts else "", Literal(before), " & $string(", said, ")"]
    return Expression(tuple(part for part in parts if part != ""))


def _quoted(value: object) -> str:
    """A word as a shell reads it."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if _PLAIN.fullmatch(text) else "'" + text.replace("'", "'\\''") + "'"


spark_submit = Integration(
    "airflow.providers.apache.spark.operators.spark_submit.SparkSubmitOperator",
    (),
    _to_asl,
    None,
    ("airflow.contrib.operators.spark_submit_operator.SparkSubmitOperator",),
    "`emr-serverless:startJobRun.sync`",
)
