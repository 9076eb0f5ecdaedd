"""Run by a Python with botocore: what is called on AWS, as it is called.

The result of a task is handed to a Lambda function that is not there, ``RESULT``: its payload is kept, and
the call is neither made nor recorded.
"""

from __future__ import annotations

import io
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULT = "the-result"
DONE = {"HTTPStatusCode": 200, "RequestId": "r"}


class Recorded:
    """``calls``: service, action, parameters. ``result``: what ``RESULT`` was invoked with, None before."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, Any]] = []
        self.result: Any = None


@contextmanager
def recording() -> Iterator[Recorded]:
    """Everything that botocore calls meanwhile, as it is before it becomes a request."""
    from botocore.client import BaseClient

    recorded, call, convert = Recorded(), BaseClient._make_api_call, BaseClient._convert_to_request_dict

    def passed_on(client: Any, action: str, parameters: dict[str, Any]) -> Any:
        if action == "Invoke" and parameters["FunctionName"] == RESULT:
            recorded.result = json.loads(parameters["Payload"])
            return {"StatusCode": 200, "Payload": io.BytesIO(b"null"), "ResponseMetadata": DONE}
        return call(client, action, parameters)

    def converted(client: Any, api_params: Any, operation_model: Any, **named: Any) -> Any:
        service = client.meta.service_model.service_name
        recorded.calls.append((service, operation_model.name, plain(api_params)))
        return convert(client, api_params=api_params, operation_model=operation_model, **named)

    with (
        mock.patch.object(BaseClient, "_make_api_call", passed_on),
        mock.patch.object(BaseClient, "_convert_to_request_dict", converted),
    ):
        yield recorded


def plain(value: Any) -> Any:
    """Parameters, or an answer, as JSON has them."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if hasattr(value, "read"):
        return _unmoved(value)
    return value.decode() if isinstance(value, bytes) else value


def _unmoved(file: Any) -> Any:
    """What a file holds; where it can be read again, it will be."""
    if hasattr(file, "seekable") and not file.seekable():
        return plain(file.read())
    position = file.tell()
    found = plain(file.read())
    file.seek(position)
    return found
