"""The items of a distributed Map: an ItemReader, an ItemBatcher, how many failures are tolerated.

https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dagmig.asl.lift import jsonata, jsonpath
from dagmig.asl.lift.document import Doc, Known, Scene, known, plain
from dagmig.asl.lift.expression import Inexpressible, literal, python, quote
from dagmig.asl.model import State

_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
_CLIENT = 'AwsGenericHook(client_type="s3").conn'
_EXECUTION = re.compile(r"(\$\$|context)\.Execution\b")
_READER_FIELDS = frozenset(
    {"InputType", "Transformation", "ManifestType", "CSVDelimiter", "CSVHeaderLocation", "CSVHeaders",
     "ItemsPointer", "MaxItems", "MaxItemsPath"}
)  # fmt: skip
TOLERANCE = ("ToleratedFailureCount", "ToleratedFailurePercentage")


def is_distributed(state: State) -> bool:
    """Whether the items are worked on in executions of their own."""
    processor = state.fields.get("ItemProcessor")
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    return isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED"


def asks_of_execution(state: State) -> bool:
    """Whether the states inside look at their execution, which is another one for each item."""
    return is_distributed(state) and bool(_EXECUTION.search(json.dumps(state.fields["ItemProcessor"])))


def read(state: State, scene: Scene) -> list[str]:
    """The statements that read ``items`` as the ItemReader says. Raises ``Inexpressible``."""
    reader = state.fields["ItemReader"]
    if not isinstance(reader, dict):
        raise Inexpressible("its ItemReader")
    config = reader.get("ReaderConfig", {})
    if not isinstance(config, dict):
        raise Inexpressible("its ReaderConfig")
    name = "Arguments" if state.query_language == "JSONata" else "Parameters"
    place = python(_filled(state, reader.get(name, {}), scene))
    for field in sorted(config.keys() - _READER_FIELDS):
        raise Inexpressible(f"`{field}` of its ItemReader")
    items = _items(str(reader.get("Resource")).rpartition(":::")[2], config)
    most = number(state, config, "MaxItems", scene)
    lines = [f"client = {_CLIENT}", f"place = {place}", f"items = {items}"]
    if most is None:
        return lines
    space = "" if most.isalnum() else " "  # as the formatter puts it
    return [*lines, f"items = items[:{space}{most}]"]


def _items(action: str, config: Mapping[str, Any]) -> str:
    """The expression of the items that a service has; with those in each of several files in turn."""
    if action == "s3:listObjectsV2" and config.get("Transformation", "NONE") == "NONE":
        return "s3_listed(client, place)"
    if action == "s3:listObjectsV2" and config["Transformation"] == "LOAD_AND_FLATTEN":
        return f"[row for file in s3_files(client, place) for row in {_in_file(config, 'file')}]"
    if action == "s3:getObject" and config.get("ManifestType") == "ATHENA_DATA":
        return f"[row for file in athena_files(client, place) for row in {_in_file(config, 'file')}]"
    if action == "s3:getObject":
        return _in_file(config, "place")
    raise Inexpressible(f"its ItemReader ({action})")


def _in_file(config: Mapping[str, Any], place: str) -> str:
    text = f"s3_text(client, {place})"
    match config.get("InputType"):
        case "CSV":
            names = config.get("CSVHeaders", []) if config.get("CSVHeaderLocation") == "GIVEN" else []
            delimiter = _DELIMITERS.get(config.get("CSVDelimiter", "COMMA"))
            if delimiter is None or not isinstance(names, list):
                raise Inexpressible("its CSV file")
            return f"csv_rows({text}, {literal(names)}, {quote(delimiter)})"
        case "JSONL":
            return f"json_lines({text})"
        case "JSON":
            return f"json_items({text}, {literal(_pointer(config.get('ItemsPointer', '')))})"
        case "PARQUET":
            return f"parquet_rows(client, {place})"
        case "MANIFEST" if place == "place" and config.get("ManifestType", "S3_INVENTORY") == "S3_INVENTORY":
            return "s3_inventory(client, place)"
    raise Inexpressible(f"its ItemReader ({config.get('InputType')})")


@dataclass(frozen=True, slots=True)
class Writer:
    """A ResultWriter: the expression of where it writes (empty: nowhere), and in what form."""

    place: str
    transformation: str
    kind: str

    def lines(self, given: str) -> list[str]:
        """The statements that return what the state does; ``results`` are those of the items in ``given``."""
        results = "results"
        if self.transformation == "NONE":
            results = f"with_details(run_id, {given}, results)"
        elif self.transformation == "FLATTEN":
            results = "flattened(results)"
        if not self.place:
            return [f"return {results}"]
        return [
            f"client = {_CLIENT}",
            f"place = {self.place}",
            f"return write_results(client, place, run_id, {results}, {quote(self.kind)})",
        ]


def writer(state: State, scene: Scene) -> Writer | None:
    """The ResultWriter of a distributed Map. Raises ``Inexpressible``."""
    found = state.fields.get("ResultWriter")
    if found is None:
        return None
    config = found.get("WriterConfig", {}) if isinstance(found, dict) else None
    place = found.get("Parameters", found.get("Arguments")) if isinstance(found, dict) else None
    if not isinstance(config, dict) or not (place or config):
        raise Inexpressible("its ResultWriter")
    transformation, kind = config.get("Transformation", "NONE"), config.get("OutputType", "JSON")
    if transformation not in ("NONE", "COMPACT", "FLATTEN") or kind not in ("JSON", "JSONL"):
        raise Inexpressible("its ResultWriter")
    return Writer(python(_filled(state, place, scene)) if place else "", transformation, kind.lower())


def _pointer(text: Any) -> list[str]:
    """The keys of a JSON pointer (RFC 6901)."""
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise Inexpressible("its ItemsPointer is no JSON pointer")
    return [key.replace("~1", "/").replace("~0", "~") for key in text.split("/")[1:]]


def batched(state: State, scene: Scene) -> str:
    """The statement that puts ``items`` into the batches of an ItemBatcher. Raises ``Inexpressible``."""
    batcher = state.fields["ItemBatcher"]
    if not isinstance(batcher, dict):
        raise Inexpressible("its ItemBatcher")
    shared = {"BatchInput": _filled(state, batcher["BatchInput"], scene)} if "BatchInput" in batcher else {}
    given = "{" + ", ".join(f"{quote(key)}: {python(doc)}" for key, doc in shared.items()) + "}"
    limits = [number(state, batcher, f"Max{what}PerBatch", scene) for what in ("Items", "InputBytes")]
    return f"items = batches(items, {', '.join(limit or 'None' for limit in limits)}, {given})"


def tolerated(state: State, scene: Scene) -> tuple[str, str] | None:
    """The expressions of how many, and of what percentage of the items may fail; None where none may.

    Raises ``Inexpressible``.
    """
    if not is_distributed(state):
        return None
    count, percentage = (number(state, state.fields, name, scene) for name in TOLERANCE)
    return None if count is None and percentage is None else (count or "0", percentage or "0")


def number(state: State, fields: Mapping[str, Any], name: str, scene: Scene) -> str | None:
    """The expression of a number that a field, or in JSONPath one with ``Path`` in its name, says."""
    doc: Doc
    if name in fields:
        doc = (
            _filled(state, fields[name], scene) if state.query_language == "JSONata" else Known(fields[name])
        )
    elif isinstance(path := fields.get(f"{name}Path"), str) and state.query_language != "JSONata":
        doc = jsonpath.resolve(path, scene)
    else:
        return None
    if known(doc) and (isinstance(plain(doc), bool) or not isinstance(plain(doc), (int, float))):
        raise Inexpressible(f"its {name}")
    return python(doc)


def _filled(state: State, given: Any, scene: Scene) -> Doc:
    fill = jsonata.template if state.query_language == "JSONata" else jsonpath.template
    return fill(given, scene)
