"""Run by a Python with moto: an AWS that is only in memory, as a server.

Each line of the standard input is a job: ``"address"`` answers the server's, ``"forget"`` forgets everything,
``"seed"`` makes what is made up the same each time, and a list of calls ``[client, action, parameters]``
answers their answers; an error's is ``{"problem": text}``.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import warnings
from typing import Any

import boto3
import requests
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer
from recorded_calls import plain

REGION = "us-east-1"
SETTINGS = {"batch": {"use_docker": False}, "lambda": {"use_docker": False}}


JOBS = {"address": {}, "forget": {"reset": None, "config": SETTINGS}, "seed": {"seed?a=1": None}}


def done(address: str, job: Any) -> Any:
    if isinstance(job, list):
        return [called(address, *one) for one in job]
    for path, given in JOBS[job].items():
        requests.post(f"{address}/moto-api/{path}", json=given, timeout=10).raise_for_status()
    return address


def called(address: str, client: str, action: str, parameters: dict[str, Any]) -> Any:
    made = boto3.client(client, REGION, endpoint_url=address)
    method = next(name for name, one in made.meta.method_to_api_mapping.items() if one == action)
    try:
        answer = getattr(made, method)(**parameters)
    except ClientError as problem:
        return {"problem": str(problem)}
    return plain({name: one for name, one in answer.items() if name != "ResponseMetadata"})


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        os.environ[name] = "testing"
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    for line in sys.stdin:
        print(json.dumps(done(address, json.loads(line)), default=str), file=answers, flush=True)


if __name__ == "__main__":
    main()
