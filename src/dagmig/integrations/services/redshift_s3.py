"""Tables of Amazon Redshift loaded from and unloaded to Amazon S3, through the Data API.

``transfers/s3_to_redshift.py`` and ``transfers/redshift_to_s3.py``, whose statements these are. The operators
put the credentials of their worker into the statement; a machine names a role of the cluster's:
https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-authorization.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from dagmig.diagnostics import Report
from dagmig.graph import jinja
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal, Template, Value
from dagmig.integrations import Integration
from dagmig.integrations.fragment import Fragment, failing
from dagmig.integrations.http import Connection
from dagmig.integrations.rows import noted, opened
from dagmig.integrations.services.redshift_data import BATCH, EXECUTE, data
from dagmig.integrations.spelling import given, items, members
from dagmig.integrations.table import AWS_BASE, account

TRANSFERS = "airflow.providers.amazon.aws.transfers."
APPEND, REPLACE, UPSERT = "APPEND", "REPLACE", "UPSERT"
ROLE = "redshift_s3_role_arn"
CONNECTION = "redshift_conn_id"
DATA_API = "redshift_data_api_kwargs"
OWN = {CONNECTION, DATA_API, "autocommit"}
LOADED = {"table", "s3_bucket", "s3_key", "schema", "column_list", "copy_options", "method", "upsert_keys"}
UNLOADED = {"s3_bucket", "s3_key", "schema", "table", "select_query", "unload_options", "include_header",
            "parameters", "table_as_file_name"}  # fmt: skip
Statements = Callable[[Task], list[str]]


def _transfer(operator: str, known: set[str], statements: Statements, form: str) -> Integration:
    """An operator that makes statements, which run as those of RedshiftDataOperator."""

    def to_asl(task: Task, report: Report) -> Fragment:
        account(task, known | OWN, AWS_BASE, EXECUTE, report)
        try:
            found = statements(task)
        except ValueError as problem:
            opened(task, "sql", f"the statement is not known: {problem}", report)
            return failing(f"Task {task.id} was not translated: its statement is not known.")
        said = (
            f"the statement names the cluster's role ${{{ROLE}}}, in place of the worker's credentials: "
            "fill it in when deploying"
        )
        noted(task, "credentials", said, report)
        sql: list[str] | str = found if len(found) > 1 else found[0]
        arguments: dict[str, Value] = {"sql": Literal(sql), **_target(task, report)}
        fragment = data.to_asl(replace(task, call=Call(data.operator, arguments), defaults={}), report)
        return replace(fragment, outputs={})

    return Integration(operator, (), to_asl, form=form)


def _target(task: Task, report: Report) -> dict[str, Value]:
    """The arguments of RedshiftDataOperator that say where."""
    value = given(task, DATA_API)
    if value is not None and value != Literal({}):
        try:
            return _with_parameters(task, dict(members(value)))
        except ValueError as problem:
            opened(task, DATA_API, f"`{DATA_API}` is {problem}: say where the statement runs", report)
            return {}
    name = given(task, CONNECTION)
    text = name.value if isinstance(name, Literal) else None
    found = Connection(re.sub(r"\W", "_", str(text or "redshift_default"), flags=re.ASCII))
    cluster, database, user = map(found.part, ("cluster_identifier", "database", "db_user"))
    said = (
        f"the statement runs through the Data API, in a transaction of its own: fill in {cluster}, "
        f"{database} and {user} when deploying"
    )
    opened(task, CONNECTION, said, report)
    if given(task, "parameters") is not None:
        opened(task, "parameters", "they are not bound: the Data API's have names", report)
    return {
        "cluster_identifier": Literal(cluster),
        "database": Literal(database),
        "db_user": Literal(user),
    }


def _with_parameters(task: Task, found: Mapping[str, Value]) -> dict[str, Value]:
    if wrong := {"sql", "parameters"} & found.keys():
        raise ValueError(f"not to hold {' and '.join(sorted(wrong))}")
    parameters = given(task, "parameters")
    return {**found, **({"parameters": parameters} if parameters is not None else {})}


def _copy(task: Task) -> list[str]:
    table, method = _text(task, "table"), _text(task, "method", APPEND)
    schema = _text(task, "schema", "")
    destination = f"{schema}.{table}" if schema else table
    staging = f"#{table}" if method == UPSERT else destination
    columns = ", ".join(_texts(task, "column_list"))
    copy = _lines(
        f"COPY {staging}" + (f" ({columns})" if columns else ""),
        f"FROM 's3://{_text(task, 's3_bucket')}/{_text(task, 's3_key')}'",
        f"credentials 'aws_iam_role=${{{ROLE}}}'",
        *_texts(task, "copy_options"),
    )
    if method == APPEND:
        return [copy]
    if method == REPLACE:
        return ["BEGIN;", f"DELETE FROM {destination};", copy, "COMMIT"]
    if method != UPSERT:
        raise ValueError(f"`method` is none of {APPEND}, {REPLACE} and {UPSERT}")
    keys = _texts(task, "upsert_keys")
    if not keys:
        raise ValueError("the operator asks for the table's primary key: say it in `upsert_keys`")
    where = " AND ".join(f"{table}.{key} = {staging}.{key}" for key in keys)
    return [
        f"CREATE TABLE {staging} (LIKE {destination} INCLUDING DEFAULTS);",
        copy,
        "BEGIN;",
        f"DELETE FROM {destination} USING {staging} WHERE {where};",
        f"INSERT INTO {destination} SELECT * FROM {staging};",
        "COMMIT",
    ]


def _unload(task: Task) -> list[str]:
    table, schema = _text(task, "table", ""), _text(task, "schema", "")
    key = _text(task, "s3_key")
    if table and _is_true(task, "table_as_file_name", default=True):
        key = f"{key}/{table}_"
    query = _text(task, "select_query", "")
    if not query and not table:
        raise ValueError("there is neither a `table` nor a `select_query`")
    query = query or f"SELECT * FROM {f'{schema}.{table}' if schema else table}"
    query = re.sub(r"''(.+?)''", r"'\1'", query)  # as the operator undoes what is escaped
    options = list(_texts(task, "unload_options"))
    has_header = "HEADER" in (option.upper().strip() for option in options)
    if _is_true(task, "include_header", default=False) and not has_header:
        options.append("HEADER")
    unload = _lines(
        f"UNLOAD ($${query}$$)",
        f"TO 's3://{_text(task, 's3_bucket')}/{key}'",
        f"credentials 'aws_iam_role=${{{ROLE}}}'",
        *options,
    )
    return [unload]


def _lines(*lines: str) -> str:
    return "\n".join(lines) + ";"


def _text(task: Task, name: str, default: str | None = None) -> str:
    """An argument as text, with Jinja in it where it is known only when the DAG runs."""
    value = given(task, name)
    if value is None:
        if default is None:
            raise ValueError(f"`{name}` is not given")
        return default
    return _written(value, name)


def _texts(task: Task, name: str) -> list[str]:
    value = given(task, name)
    try:
        return [] if value is None else [_written(item, name) for item in items(value)]
    except ValueError:
        raise ValueError(f"`{name}` is not a list that is known") from None


def _written(value: Value, name: str) -> str:
    if isinstance(value, Literal):
        if not isinstance(value.value, str):
            raise ValueError(f"`{name}` is no text")
        return value.value
    try:
        return jinja.unparse(Template((value,)))
    except TypeError:
        raise ValueError(f"`{name}` is known only when the DAG runs") from None


def _is_true(task: Task, name: str, *, default: bool) -> bool:
    value = task.argument(name)
    if value is None:
        return default
    if not isinstance(value, Literal):
        raise ValueError(f"`{name}` is known only when the DAG runs")
    return bool(value.value)


def _form(word: str, resources: Iterable[str]) -> str:
    return f"{word} by {' or '.join(f'`{one}`' for one in resources)}, then a bounded loop"


load = _transfer(
    TRANSFERS + "s3_to_redshift.S3ToRedshiftOperator", LOADED, _copy, _form("`COPY`", (EXECUTE, BATCH))
)
unload = _transfer(
    TRANSFERS + "redshift_to_s3.RedshiftToS3Operator", UNLOADED, _unload, _form("`UNLOAD`", (EXECUTE,))
)
