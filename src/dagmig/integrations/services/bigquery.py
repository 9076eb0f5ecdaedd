"""BigQuery over HTTP: jobs, and files of Cloud Storage that are loaded into a table.

https://cloud.google.com/bigquery/docs/reference/rest/v2/Job; ``operators/bigquery.py``,
``transfers/gcs_to_bigquery.py`` (``_use_existing_table``) and ``BigQueryHook`` of the google provider.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from dagmig.diagnostics import Report
from dagmig.graph.model import Task
from dagmig.graph.values import Items, Literal, Template, Value
from dagmig.integrations import Integration
from dagmig.integrations.bigquery import ARGUMENTS, Jobs, table_reference
from dagmig.integrations.fragment import Fragment, failing
from dagmig.integrations.google import DROPPED, UNDECIDED
from dagmig.integrations.rows import opened
from dagmig.integrations.spelling import given, is_dict, items, joined, members, sequence
from dagmig.integrations.table import account

GOOGLE = "airflow.providers.google.cloud."
FORM = "`http:invoke`, then a bounded loop that asks for the job's state"
ACTION = "jobs.insert"
LATE = {"result_timeout": "the state machine asks until the job has ended"}
LOAD = {
    "autodetect": ("autodetect", True),
    "create_disposition": ("createDisposition", "CREATE_IF_NEEDED"),
    "write_disposition": ("writeDisposition", "WRITE_EMPTY"),
    "ignore_unknown_values": ("ignoreUnknownValues", False),
    "source_format": ("sourceFormat", "CSV"),
}  # what is always sent, with its default
SENT = {
    "time_partitioning": "timePartitioning",
    "range_partitioning": "rangePartitioning",
    "schema_update_options": "schemaUpdateOptions",
    "max_bad_records": "maxBadRecords",
    "encryption_configuration": "destinationEncryptionConfiguration",
    "allow_jagged_rows": "allowJaggedRows",
}  # what is sent where it is given, and not empty
OF_CSV = {
    "field_delimiter": ("fieldDelimiter", ","),
    "skip_leading_rows": ("skipLeadingRows", None),
    "quote_character": ("quote", None),
    "allow_quoted_newlines": ("allowQuotedNewlines", False),
    "encoding": ("encoding", "UTF-8"),
}
PLACED = {"bucket", "source_objects", "destination_project_dataset_table", "schema_fields", "cluster_fields",
          "labels", "description", "src_fmt_configs", "extra_config"}  # fmt: skip
IGNORED = {"compression": "the operator sends it for external tables only"}
OTHERWISE = {
    "external_table": "a table over the files is not made",
    "force_delete": "the table is not deleted first",
    "max_id_key": "the greatest value of the column is not asked for",
    "schema_object": "the schema is not read from Cloud Storage",
    "schema_object_bucket": "the schema is not read from Cloud Storage",
}
CANNOT = ("external_table", "force_delete", "max_id_key", "schema_object")
NESTED = {"PARQUET": ("parquetOptions", ("enumAsString", "enableListInference", "mapTargetType"))}


def _insert(task: Task, report: Report) -> Fragment:
    nothing = {name for name in {**LATE, **UNDECIDED} if given(task, name) is None}
    account(task, {*ARGUMENTS, "configuration", "poll_interval", *nothing}, DROPPED, ACTION, report,
            {**LATE, **UNDECIDED})  # fmt: skip
    configuration = given(task, "configuration")
    is_file = isinstance(configuration, Literal) and isinstance(configuration.value, str)
    if configuration is None or is_file:
        return _refused(task, "configuration", "it is not a configuration that is known", report)
    return Jobs.of(task, report).run(configuration)


def _load(task: Task, report: Report) -> Fragment:
    known = {*ARGUMENTS, *LOAD, *SENT, *OF_CSV, *PLACED}
    open_ones = {**LATE, **UNDECIDED, **OTHERWISE}
    known |= {*CANNOT, *(name for name in open_ones if not _truth(task, name))}
    account(task, known, {**DROPPED, **IGNORED}, ACTION, report, open_ones)
    for name in CANNOT:
        if _truth(task, name):
            return _refused(task, name, OTHERWISE[name], report)
    table = given(task, "destination_project_dataset_table") or Literal("")
    is_known = isinstance(table, Literal) and "{{" not in str(table.value)
    is_whole = is_known and re.search(r":|\..*\.", str(getattr(table, "value", ""))) is not None
    jobs = Jobs.of(task, report, needs_default=not is_whole)
    try:
        found = _configuration(task, table_reference(table, jobs.through.part("project_id")))
    except ValueError as problem:
        return _refused(task, "configuration", str(problem), report)
    return jobs.run({"load": found}, "job_id")


def _configuration(task: Task, table: dict[str, Any]) -> dict[str, Any]:
    """``configuration.load``. Raises ``ValueError`` in words where it is not known."""
    kind = str(getattr(given(task, "source_format") or Literal("CSV"), "value", "")).upper()
    load: dict[str, Any] = {"sourceUris": _uris(task), "destinationTable": table}
    for name, (parameter, default) in LOAD.items():
        value = task.argument(name)
        load[parameter] = Literal(default) if value is None else value
    load["sourceFormat"] = Literal(kind)
    load |= {parameter: value for name, parameter in SENT.items() if (value := _truth(task, name))}
    if _names_partition(given(task, "destination_project_dataset_table")):
        found = load.get("timePartitioning", Literal({}))
        load["timePartitioning"] = {"type": Literal("DAY"), **dict(members(found))}
    if fields := _truth(task, "schema_fields"):
        load["schema"] = {"fields": fields}
    if fields := _truth(task, "cluster_fields"):
        load["clustering"] = {"fields": fields}
    properties = {name: value for name in ("labels", "description") if (value := _truth(task, name))}
    if properties:
        load["destinationTableProperties"] = properties
    return load | _of_format(task, kind) | _members(task, "extra_config")


def _of_format(task: Task, kind: str) -> dict[str, Any]:
    """``src_fmt_configs``, and what is of CSV (``_validate_src_fmt_configs``)."""
    given_ones = _members(task, "src_fmt_configs")
    parent, inner = NESTED.get(kind, ("", ()))
    nested = {name: given_ones.pop(name) for name in inner if name in given_ones}
    found: dict[str, Any] = {parent: nested} if nested else {}
    if kind != "CSV":
        return {**found, **given_ones}
    for name, (parameter, default) in OF_CSV.items():
        value = task.argument(name)
        sent = Literal(default) if value is None else value
        if sent != Literal(None):
            found[parameter] = sent
    return {**found, **given_ones}


def _names_partition(table: Value | None) -> bool:
    """Whether there is a `$` in the table's name."""
    parts = table.parts if isinstance(table, Template) else (getattr(table, "value", ""),)
    return any("$" in part for part in parts if isinstance(part, str))


def _members(task: Task, name: str) -> dict[str, Any]:
    value = given(task, name)
    if value is None:
        return {}
    if not is_dict(value):
        raise ValueError(f"`{name}` is not known")
    return dict(members(value))


def _uris(task: Task) -> Value:
    bucket, objects = given(task, "bucket") or Literal(""), given(task, "source_objects") or Literal("")
    is_list = isinstance(objects, Items) or isinstance(getattr(objects, "value", None), (list, tuple))
    return sequence(joined("gs://", bucket, "/", one) for one in (items(objects) if is_list else [objects]))


def _truth(task: Task, name: str) -> Value | None:
    """An argument that is not empty."""
    value = given(task, name)
    return None if isinstance(value, Literal) and not value.value else value


def _refused(task: Task, argument: str, said: str, report: Report) -> Fragment:
    opened(task, argument, f"{said}: the state fails when it is reached", report)
    return failing(f"Task {task.id} was not translated: {said}.")


def _integration(name: str, to_asl: Callable[[Task, Report], Fragment], *aliases: str) -> Integration:
    return Integration(GOOGLE + name, (), to_asl, None, aliases, FORM)


insert_job = _integration("operators.bigquery.BigQueryInsertJobOperator", _insert)
load = _integration(
    "transfers.gcs_to_bigquery.GCSToBigQueryOperator",
    _load,
    "airflow.contrib.operators.gcs_to_bq.GoogleCloudStorageToBigQueryOperator",
    "airflow.providers.google.cloud.operators.gcs_to_bigquery.GCSToBigQueryOperator",
)
