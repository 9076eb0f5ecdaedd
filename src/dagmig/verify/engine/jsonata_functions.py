"""The functions of JSONata as Step Functions has them: no ``$eval``, six of its own, virtual time.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#transforming-data-functions. A
list made by ``$range`` or ``$partition`` is a sequence: one member stands for itself (recorded on AWS).
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from random import Random
from typing import Any

from jsonata import Jsonata
from jsonata.functions import Functions
from jsonata.utils import Utils

from dagmig.verify.engine.digests import digest, uuid_of
from dagmig.verify.engine.sight import Run
from dagmig.verify.engine.times import nanoseconds

_STANDARD: Mapping[str, Any] = {
    name: value for name, value in Jsonata.static_frame.bindings.items() if name not in ("eval", "$")
}
LASTING = frozenset(_STANDARD) - {"random", "shuffle", "now", "millis"} | {
    "partition",
    "range",
    "hash",
    "parse",
}


def functions(run: Run) -> dict[str, Any]:
    """Every function an expression of this execution may call, by its name."""
    own = {
        "count": _count,
        "partition": _partition,
        "range": _range,
        "hash": _hash,
        "parse": _parse,
        "uuid": lambda: uuid_of(run.random),
        "random": lambda seed=None: (run.random if seed is None else Random(seed)).random(),
        "millis": run.millis,
        "now": lambda picture=None, zone=None: Functions.datetime_from_millis(run.millis(), picture, zone),
        "toMillis": _to_millis,
    }
    return {**_STANDARD, **{name: Jsonata.JLambda(function) for name, function in own.items()}}


def _count(value: Any) -> int:
    """``$count``; the library counts a null as nothing."""
    if value is None:
        return 0
    return len(value) if isinstance(value, list) else 1


def _hash(value: Any, algorithm: str) -> str:
    text = value if isinstance(value, str) else Functions.string(value, False)
    if text is None:
        raise ValueError("$hash of nothing")
    return digest(text, algorithm)


def _partition(items: list[Any], length: int) -> list[Any]:
    if isinstance(length, bool) or length <= 0:
        raise ValueError("$partition needs a positive length")
    step = int(length)
    parts = [list(items[start : start + step]) for start in range(0, len(items), step)]
    return Utils.create_sequence_from_iter(parts)  # type: ignore[no-any-return]


def _range(first: float, last: float, step: float) -> list[Any]:
    if not step:
        raise ValueError("$range needs a step that is not zero")
    number = max(0, int((last - first) // step) + 1)
    return Utils.create_sequence_from_iter(first + step * index for index in range(number))  # type: ignore[no-any-return]


def _parse(text: str) -> Any:
    return _known(json.loads(text))


def _known(value: Any) -> Any:
    match value:
        case None:
            return Utils.NULL_VALUE
        case dict():
            return {key: _known(item) for key, item in value.items()}
        case list():
            return [_known(item) for item in value]
    return value


def _to_millis(text: str | None, picture: str | None = None) -> int | None:
    """``$toMillis``; the library reads no ``Z`` before Python 3.11 and no fraction of seven digits."""
    if text is None or picture is not None:
        return Functions.datetime_to_millis(text, picture)  # type: ignore[no-any-return]
    if (moment := nanoseconds(text)) is not None:
        return moment // 1_000_000
    found = datetime.datetime.fromisoformat(text)
    zoned = found if found.tzinfo else found.replace(tzinfo=datetime.timezone.utc)
    return int(zoned.timestamp() * 1000)
