"""Functions that a written DAG carries along, word for word, where a distributed Map reads its items from S3.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html says what the items are.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import Any


def s3_listed(client: Any, place: dict[str, Any]) -> list[Any]:
    """The objects that S3 lists, each with its properties as Step Functions has them."""
    pages = client.get_paginator("list_objects_v2").paginate(**place)
    found = [one for page in pages for one in page.get("Contents", [])]
    return [
        {
            "Etag": one["ETag"],
            "Key": one["Key"],
            "LastModified": int(one["LastModified"].timestamp()),
            "Size": one["Size"],
            "StorageClass": one["StorageClass"],
        }
        for one in found
    ]


def s3_text(client: Any, place: dict[str, Any]) -> Any:
    """The content of an object of S3."""
    return client.get_object(**place)["Body"].read().decode()


def s3_files(client: Any, place: dict[str, Any]) -> list[Any]:
    """The places of the objects that S3 lists, without those that stand for folders."""
    names = [one["Key"] for one in s3_listed(client, place) if not one["Key"].endswith("/")]
    return [{"Bucket": place["Bucket"], "Key": name} for name in names]


def athena_files(client: Any, place: dict[str, Any]) -> list[Any]:
    """The places of the files with a query's results, which a manifest of Athena's names one a line."""
    found = [line.strip().removeprefix("s3://") for line in s3_text(client, place).splitlines()]
    return [dict(zip(("Bucket", "Key"), name.split("/", 1), strict=True)) for name in found if name]


def csv_rows(text: str, names: list[str], delimiter: str) -> list[Any]:
    """The rows of a CSV file as objects; without names, its first row has them. All values are texts."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, escapechar="\\")
    header = names or next(rows, [])
    return [dict(zip(header, [*row, *[""] * len(header)], strict=False)) for row in rows if row]


def json_lines(text: str) -> list[Any]:
    """The values of a file that has one a line."""
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def json_items(text: str, pointer: list[str]) -> list[Any]:
    """The members of an array in a JSON file, or of an object as pairs of key and value."""
    value = json.loads(text)
    for key in pointer:
        value = value[int(key) if isinstance(value, list) else key]
    if isinstance(value, dict):
        return [{"Key": key, "Value": member} for key, member in value.items()]
    if not isinstance(value, list):
        raise ValueError("the file has neither an array nor an object there")
    return value


def s3_inventory(client: Any, place: dict[str, Any]) -> list[Any]:
    """The rows of an inventory of S3, whose manifest names its CSV files and what is in their columns."""
    manifest = json.loads(s3_text(client, place))
    bucket = manifest["destinationBucket"].rpartition(":")[2]
    names = [name.strip() for name in manifest["fileSchema"].split(",")]
    found = []
    for one in manifest["files"]:
        content = client.get_object(Bucket=bucket, Key=one["key"])["Body"].read()
        found += csv_rows(gzip.decompress(content).decode(), names, ",")
    return found


def parquet_rows(client: Any, place: dict[str, Any]) -> list[Any]:
    """The rows of a Parquet file as objects."""
    from pyarrow import parquet

    content = client.get_object(**place)["Body"].read()
    return list(parquet.read_table(io.BytesIO(content)).to_pylist())


def with_details(run_id: str, given: list[Any], outputs: list[Any]) -> list[Any]:
    """What items ended with as a ResultWriter has it; the DAG's run stands for the items' executions."""
    return [
        {
            "ExecutionArn": f"{run_id}:{number}",
            "Input": json.dumps(item),
            "InputDetails": {"Included": True},
            "Name": str(number),
            "Output": json.dumps(output),
            "OutputDetails": {"Included": True},
            "Status": "SUCCEEDED",
        }
        for number, (item, output) in enumerate(zip(given, outputs, strict=True))
    ]


def flattened(outputs: list[Any]) -> list[Any]:
    """Outputs with the members of lists in place of these."""
    return [one for output in outputs for one in (output if isinstance(output, list) else [output])]


def write_results(client: Any, place: dict[str, Any], run_id: str, results: list[Any], kind: str) -> Any:
    """Write results (``json`` or ``jsonl``) and a manifest to S3; where the manifest is."""
    bucket = place["Bucket"]
    folder = f"{place.get('Prefix', '').strip('/')}/{run_id}".lstrip("/")
    lines = [json.dumps(one) for one in results]
    content = ("\n".join(lines) if kind == "jsonl" else f"[{', '.join(lines)}]").encode()
    key = f"{folder}/SUCCEEDED_0.{kind}"
    client.put_object(Bucket=bucket, Key=key, Body=content)
    files = {"FAILED": [], "PENDING": [], "SUCCEEDED": [{"Key": key, "Size": len(content)}]}
    manifest = {"DestinationBucket": bucket, "MapRunArn": run_id, "ResultFiles": files}
    client.put_object(Bucket=bucket, Key=f"{folder}/manifest.json", Body=json.dumps(manifest).encode())
    details = {"Bucket": bucket, "Key": f"{folder}/manifest.json"}
    return {"MapRunArn": run_id, "ResultWriterDetails": details}


def batches(items: list[Any], most: int | None, most_bytes: int | None, shared: dict[str, Any]) -> list[Any]:
    """Items in batches of at most so many, and so many bytes as JSON, each with what all of them get."""
    found: list[Any] = []
    for item in items:
        is_full = bool(found) and most is not None and len(found[-1]) >= most
        if found and most_bytes is not None:
            text = json.dumps([*found[-1], item], separators=(",", ":"), ensure_ascii=False)
            is_full = is_full or len(text.encode()) > most_bytes
        if is_full or not found:
            found.append([])
        found[-1].append(item)
    return [{**shared, "Items": batch} for batch in found]
