"""The fields of the Amazon States Language: which state has them, in which query language, of what type.

https://states-language.net/spec.html#state-type-table,
https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html and the pages of the states
beside it, https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from dagmig.asl.model import JSON

JSONPATH, JSONATA = "JSONPath", "JSONata"
STATE_TYPES = frozenset({"Task", "Parallel", "Map", "Pass", "Wait", "Choice", "Succeed", "Fail"})
NUMBER, INTEGER, TEXT, OBJECT, ARRAY, FLAG, PATH = (
    "a number",
    "a whole number",
    "a text",
    "an object",
    "a list",
    "true or false",
    "a path",
)
ANY = ""


@dataclass(frozen=True, slots=True)
class Field:
    """``kind`` is one of the names above; ``low`` and ``high`` are the bounds of a number, both included.

    ``language`` is empty for both. ``is_evaluated``: in a JSONata state a string of JSONata may stand there.
    """

    name: str
    kind: str = ANY
    language: str = ""
    low: float | None = None
    high: float | None = None
    is_evaluated: bool = False


MAX_SECONDS = 99_999_999  # https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html


def _path(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, PATH, JSONPATH) for name in names)


_COMMENT = (Field("Comment", TEXT),)
_COMMON = (Field("Type", TEXT), *_COMMENT, Field("QueryLanguage", TEXT))
_INPUT_OUTPUT = (*_path("InputPath", "OutputPath"), Field("Output", ANY, JSONATA, is_evaluated=True))
_ONWARD = (Field("Next", TEXT), Field("End", FLAG))
_ASSIGN = (Field("Assign", OBJECT, is_evaluated=True),)
_PARAMETERS = (Field("Parameters", ANY, JSONPATH),)
_RESULT_PATH = _path("ResultPath")
_WORK = (
    Field("ResultSelector", ANY, JSONPATH),
    Field("Retry", ARRAY),
    Field("Catch", ARRAY),
    *_RESULT_PATH,
)
_ARGUMENTS = (Field("Arguments", ANY, JSONATA, is_evaluated=True),)
_STATE: Mapping[str, tuple[Field, ...]] = {
    "Task": (
        *(*_COMMON, *_INPUT_OUTPUT, *_ONWARD, *_ASSIGN, *_PARAMETERS, *_WORK, *_ARGUMENTS),
        Field("Resource", TEXT),
        Field("Credentials", OBJECT, is_evaluated=True),
        Field("TimeoutSeconds", INTEGER, "", 1, MAX_SECONDS, is_evaluated=True),
        Field("HeartbeatSeconds", INTEGER, "", 1, MAX_SECONDS, is_evaluated=True),
        *_path("TimeoutSecondsPath", "HeartbeatSecondsPath"),
    ),
    "Parallel": (
        *(*_COMMON, *_INPUT_OUTPUT, *_ONWARD, *_ASSIGN, *_PARAMETERS, *_WORK, *_ARGUMENTS),
        Field("Branches", ARRAY),
    ),
    "Map": (
        *(*_COMMON, *_INPUT_OUTPUT, *_ONWARD, *_ASSIGN, *_PARAMETERS, *_WORK),
        Field("ItemProcessor", OBJECT),
        Field("Iterator", OBJECT),
        Field("ItemReader", OBJECT),
        Field("ItemSelector", ANY, is_evaluated=True),
        Field("ItemBatcher", OBJECT),
        Field("ResultWriter", OBJECT),
        Field("Items", ANY, JSONATA, is_evaluated=True),
        Field("Label", TEXT),
        Field("MaxConcurrency", INTEGER, "", 0, None, is_evaluated=True),
        Field("ToleratedFailurePercentage", NUMBER, "", 0, 100, is_evaluated=True),
        Field("ToleratedFailureCount", INTEGER, "", 0, None, is_evaluated=True),
        *_path("ItemsPath", "MaxConcurrencyPath", "ToleratedFailurePercentagePath"),
        *_path("ToleratedFailureCountPath"),
    ),
    "Pass": (
        *(*_COMMON, *_INPUT_OUTPUT, *_ONWARD, *_ASSIGN, *_PARAMETERS, *_RESULT_PATH),
        Field("Result", ANY, JSONPATH),
    ),
    "Wait": (
        *(*_COMMON, *_INPUT_OUTPUT, *_ONWARD, *_ASSIGN),
        Field("Seconds", INTEGER, "", 0, MAX_SECONDS, is_evaluated=True),
        Field("Timestamp", TEXT, is_evaluated=True),
        *_path("SecondsPath", "TimestampPath"),
    ),
    "Choice": (*_COMMON, *_INPUT_OUTPUT, *_ASSIGN, Field("Choices", ARRAY), Field("Default", TEXT)),
    "Succeed": (*_COMMON, *_INPUT_OUTPUT),
    "Fail": (
        *_COMMON,
        Field("Error", TEXT, is_evaluated=True),
        Field("Cause", TEXT, is_evaluated=True),
        *_path("ErrorPath", "CausePath"),
    ),
}
_RETRIER = (
    *_COMMENT,
    Field("ErrorEquals", ARRAY),
    Field("IntervalSeconds", INTEGER, "", 1, MAX_SECONDS),
    Field("MaxAttempts", INTEGER, "", 0, MAX_SECONDS),
    Field("BackoffRate", NUMBER, "", 1, None),
    Field("MaxDelaySeconds", INTEGER, "", 1, 31_622_400),
    Field("JitterStrategy", TEXT),
)  # https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error
_CATCHER = (
    *_COMMENT,
    Field("ErrorEquals", ARRAY),
    Field("Next", TEXT),
    *_RESULT_PATH,
    *_ASSIGN,
    Field("Output", ANY, JSONATA, is_evaluated=True),
)
_READER_CONFIG = (
    Field("InputType", TEXT),
    Field("Transformation", TEXT),
    Field("ManifestType", TEXT),
    Field("CSVHeaderLocation", TEXT),
    Field("CSVHeaders", ARRAY),
    Field("CSVDelimiter", TEXT),
    Field("ItemsPointer", TEXT),
    Field("MaxItems", INTEGER, "", 0, 100_000_000, is_evaluated=True),
    *_path("MaxItemsPath"),
)
_BATCHER = (
    Field("BatchInput", ANY, is_evaluated=True),
    Field("MaxItemsPerBatch", INTEGER, "", 1, None, is_evaluated=True),
    Field("MaxInputBytesPerBatch", INTEGER, "", 1, 262_144, is_evaluated=True),
    *_path("MaxItemsPerBatchPath", "MaxInputBytesPerBatchPath"),
)
_WRITER_CONFIG = (Field("Transformation", TEXT), Field("OutputType", TEXT))
_LEVEL = (*_COMMENT, Field("StartAt", TEXT), Field("States", OBJECT))
_PARTS: Mapping[str, tuple[Field, ...]] = {
    "machine": (
        *_LEVEL,
        Field("Version", TEXT),
        Field("TimeoutSeconds", INTEGER, "", 0, MAX_SECONDS),
        Field("QueryLanguage", TEXT),
    ),
    "retrier": _RETRIER,
    "catcher": _CATCHER,
    "ItemReader": (
        *_COMMENT, Field("Resource", TEXT), *_PARAMETERS, *_ARGUMENTS, Field("ReaderConfig", OBJECT),
    ),
    "ReaderConfig": _READER_CONFIG,
    "ItemBatcher": (*_COMMENT, *_BATCHER),
    "ResultWriter": (
        *_COMMENT, Field("Resource", TEXT), *_PARAMETERS, *_ARGUMENTS, Field("WriterConfig", OBJECT),
    ),
    "WriterConfig": _WRITER_CONFIG,
    "ProcessorConfig": (Field("Mode", TEXT), Field("ExecutionType", TEXT)),
}  # fmt: skip
REQUIRED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "Task": (("Resource",),),
    "Parallel": (("Branches",),),
    "Map": (("ItemProcessor", "Iterator"),),
    "Wait": (("Seconds", "SecondsPath", "Timestamp", "TimestampPath"),),
    "Choice": (("Choices",),),
    "retrier": (("ErrorEquals",),),
    "catcher": (("ErrorEquals",), ("Next",)),
    "ItemReader": (("Resource",),),
}  # of each group one has to be there
EXCLUSIVE: tuple[tuple[str, ...], ...] = (
    ("TimeoutSeconds", "TimeoutSecondsPath"),
    ("HeartbeatSeconds", "HeartbeatSecondsPath"),
    ("Seconds", "SecondsPath", "Timestamp", "TimestampPath"),
    ("MaxConcurrency", "MaxConcurrencyPath"),
    ("ToleratedFailurePercentage", "ToleratedFailurePercentagePath"),
    ("ToleratedFailureCount", "ToleratedFailureCountPath"),
    ("MaxItems", "MaxItemsPath"),
    ("MaxItemsPerBatch", "MaxItemsPerBatchPath"),
    ("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"),
    ("Error", "ErrorPath"),
    ("Cause", "CausePath"),
    ("ItemProcessor", "Iterator"),
    ("ItemSelector", "Parameters"),
    ("Next", "End"),
)  # of each group at most one may be there


@cache
def fields(of: str) -> Mapping[str, Field]:
    """The fields of a state's type, or of a part (``retrier``, ``ItemReader``, ...), by name."""
    return {field.name: field for field in (*_STATE.get(of, ()), *_PARTS.get(of, ()))}


@dataclass(frozen=True, slots=True)
class Part:
    """An object whose fields the language names: a state, or a part of one; ``of`` as for ``fields``."""

    of: str
    values: Mapping[str, JSON]
    pointer: str
    query_language: str


def parts(of: str, values: Mapping[str, JSON], pointer: str, language: str) -> Iterator[Part]:
    """A state and the parts of it whose fields the language names; not the states inside."""
    yield Part(of, values, pointer, language)
    for key, kind in (("Retry", "retrier"), ("Catch", "catcher")):
        members = values.get(key) if key in fields(of) else None
        for index, member in enumerate(members if isinstance(members, list) else ()):
            if isinstance(member, dict):
                yield Part(kind, member, f"{pointer}/{key}/{index}", language)
    if of == "Map":
        yield from _parts_of_map(values, pointer, language)


def _parts_of_map(values: Mapping[str, JSON], pointer: str, language: str) -> Iterator[Part]:
    for key, inner in (("ItemReader", "ReaderConfig"), ("ItemBatcher", ""), ("ResultWriter", "WriterConfig")):
        if isinstance(part := values.get(key), dict):
            yield Part(key, part, f"{pointer}/{key}", language)
            if isinstance(config := part.get(inner), dict):
                yield Part(inner, config, f"{pointer}/{key}/{inner}", language)
    processor = values.get("ItemProcessor")
    config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
    if isinstance(config, dict):
        yield Part("ProcessorConfig", config, f"{pointer}/ItemProcessor/ProcessorConfig", language)
