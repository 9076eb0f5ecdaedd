"""When two calls of an AWS API are the same: where service, action and parameters are.

Of parameters the names but for their case, texts of JSON as what they say, and none that are empty.
"""

from __future__ import annotations

import json
from typing import Any

Call = tuple[str, str, Any]
"""Service and action as botocore names them, and the parameters."""


def same(value: Any) -> Any:
    """Parameters in one spelling."""
    if isinstance(value, dict):
        if set(value) == {"Bucket", "Key", "VersionId"}:  # boto3 writes a CopySource so
            return f"{value['Bucket']}/{value['Key']}"
        made = {name.lower(): same(one) for name, one in value.items()}
        return {name: one for name, one in made.items() if one not in ({}, [], "", None)}
    if isinstance(value, list):
        return [same(one) for one in value]
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return same(json.loads(value))
        except ValueError:
            return value
    return value


def different(theirs: Any, ours: Any) -> list[str]:
    """The parameters in which two calls differ; an empty name where Airflow makes no such call."""
    if theirs is None:
        return [""]
    return sorted(name for name in {*theirs, *ours} if theirs.get(name) != ours.get(name))
