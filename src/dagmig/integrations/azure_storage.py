"""Calls of Azure's storage services.

https://learn.microsoft.com/rest/api/storageservices/versioning-for-the-azure-storage-services
"""

from __future__ import annotations

from typing import Any

from dagmig.integrations.fragment import Expression
from dagmig.integrations.http import Connection, call

HEADERS = {
    "x-ms-version": "2021-12-02",
    "x-ms-date": Expression.of("$now('[FNn,*-3], [D01] [MNn,*-3] [Y0001] [H01]:[m01]:[s01] GMT')"),
}


def called(method: str, url: str | Expression, through: Connection, **more: Any) -> dict[str, Any]:
    """The state of a call; further arguments are those of ``http.call``."""
    state = call(method, url, through, **more)
    return {**state, "Arguments": {**state["Arguments"], "Headers": HEADERS}}
