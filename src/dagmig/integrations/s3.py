"""Places and listings in S3, as the operators of the amazon provider name and read them.

``S3Hook.get_s3_bucket_key`` and ``parse_s3_url``: a bucket and a key, or one URL in the key's place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from dagmig.diagnostics import Disposition, Report
from dagmig.graph import jinja
from dagmig.graph.model import Task
from dagmig.graph.values import Literal, Template, Value
from dagmig.integrations.fragment import Expression, Part

SDK = "arn:aws:states:::aws-sdk:s3:"
PAGE = "$states.result"
PAGE_SIZE = 500  # objects: a page of 1,000 may not fit into a state's 256 KiB
_URL = re.compile(r"s3[na]?://(?P<bucket>[^/]+)/+(?P<key>.*)", re.IGNORECASE | re.DOTALL)
_PATTERN = re.compile(r"[*?\[]")
Place = tuple[Any, Any]


def located(task: Task, key: str, bucket: str, report: Report) -> Place:
    """Bucket and key of the arguments named, as nodes of a fragment; an open row where there is no bucket."""
    named, value = task.argument(bucket), task.argument(key)
    if value is None:
        return named or Literal(None), Literal(None)
    return placed(task, value, named, report)


def placed(task: Task, value: Value, bucket: Value | None, report: Report) -> Place:
    """Bucket and key where the key is ``value``."""
    if bucket is not None and bucket != Literal(None):
        return bucket, value
    text = value.value if isinstance(value, Literal) else None
    if isinstance(text, str) and isinstance(jinja.parse(text), Literal):
        return _known(task, text, report)
    parts = jinja.parse(text) if isinstance(text, str) else value
    first = parts.parts[0] if isinstance(parts, Template) and parts.parts else None
    if isinstance(parts, Template) and isinstance(first, str):
        found = _URL.fullmatch(first)
        if found is not None:
            rest = parts.parts[1:] if not found["key"] else (found["key"], *parts.parts[1:])
            return Literal(found["bucket"]), Template(rest)
    pieces = ("$split(", value, ", '/')")
    from_third = ", function($part, $i) { $i > 2 }), '/')"
    return Expression.of(*pieces, "[2]"), Expression.of("$join($filter(", *pieces, from_third)


def _known(task: Task, url: str, report: Report) -> Place:
    if found := _URL.fullmatch(url):
        return Literal(found["bucket"]), Literal(found["key"])
    host, path = urlsplit(url).netloc, urlsplit(url).path.lstrip("/")
    if host.startswith("s3.") and "/" in path:
        bucket, _, key = path.partition("/")
        return Literal(bucket), Literal(key)
    if ".s3." in host:
        return Literal(host.partition(".s3.")[0]), Literal(path)
    said = f"`{url}` names no bucket"
    report.row("bucket", task.span, f"task:{task.id}", Disposition.DECISION, said, task=task.id)
    return Literal(""), Literal(url)


def copy_source(place: Place, version: Value | None) -> Any:
    """The ``CopySource`` of CopyObject: text for a URL (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html)."""
    if all(_is_plain(part) for part in (*place, version or Literal(""))):
        suffix = "" if version in (None, Literal(None)) else f"?versionId={_text(version)}"
        return f"{_text(place[0])}/{quote(_text(place[1]), safe='-._~/')}{suffix}"
    parts = [*_parts(place[0]), " & '/' & $encodeUrlComponent(", *_parts(place[1]), ")"]
    if version not in (None, Literal(None)):
        parts += [" & '?versionId=' & ", *_parts(version)]
    return Expression(tuple(parts))


def _is_plain(node: Any) -> bool:
    is_known = isinstance(node, Literal) and isinstance(node.value, (str, type(None)))
    return is_known and isinstance(jinja.parse(str(node.value)), Literal)


def _text(node: Any) -> str:
    return str(node.value)


def _parts(node: Any) -> tuple[Part, ...]:
    return node.parts if isinstance(node, Expression) else ("$string(", node, ")")


def listing(
    bucket: Any, prefix: Any, delimiter: Any = None, token: str = "", size: int = PAGE_SIZE
) -> dict[str, Any]:
    """The Task that lists one page of objects; ``token`` is JSONata for where it begins."""
    arguments = {"Bucket": bucket, "MaxKeys": size}
    for name, value in (("Prefix", prefix), ("Delimiter", delimiter)):
        if value not in (None, "", Literal(None), Literal("")):
            arguments[name] = value
    if token:
        arguments["ContinuationToken"] = Expression.of(token)
    return {"Type": "Task", "Resource": SDK + "listObjectsV2", "Arguments": arguments}


def turning() -> dict[str, Expression]:
    """The ``Assign`` that a loop over pages needs."""
    return {
        ":more": Expression.of(f"{PAGE}.IsTruncated"),
        ":token": Expression.of(f"$exists({PAGE}.NextContinuationToken) ? {PAGE}.NextContinuationToken : ''"),
    }


def prefix_of(pattern: str) -> str:
    """What every key that a wildcard pattern matches begins with."""
    return _PATTERN.split(pattern, maxsplit=1)[0]


def wildcard(pattern: str) -> str:
    """A pattern of Python's ``fnmatch`` as a JSONata regular expression."""
    found, position = "", 0
    while position < len(pattern):
        letter = pattern[position]
        end = pattern.find("]", position + 2)
        if letter == "[" and end > 0:
            inner = pattern[position + 1 : end].replace("\\", "\\\\").replace("/", "\\/")
            found += f"[^{inner[1:]}]" if inner[0] == "!" else f"[{inner}]"
            position = end
        else:
            found += {"*": ".*", "?": "."}.get(letter) or _escaped(letter)
        position += 1
    return f"/^{found}$/"


def _escaped(letter: str) -> str:
    return f"\\{letter}" if letter in r".^$+{}()|/\[]" else letter


def given(task: Task, parameters: Mapping[str, str]) -> dict[str, Value]:
    """The arguments that are given, by the API's names."""
    values = {parameter: task.argument(name) for name, parameter in parameters.items()}
    return {name: value for name, value in values.items() if value is not None and value != Literal(None)}
