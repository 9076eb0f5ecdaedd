"""Runs machines in LocalStack's Step Functions interpreter, which calls the AWS at an address.

``python localstack_calls_worker.py ADDRESS CLIENTS``: ``CLIENTS`` is a JSON object, botocore's names of the
services that Step Functions calls otherwise. Each line of the standard input is a machine, each line written
``calls``, ``result`` (see ``recorded_calls``), ``status``, ``error`` and ``cause``. Nothing waits.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import localstack_worker as worker
from localstack_modules import SERVICE, module, services, unsupported
from recorded_calls import recording

INPUT = {"logical_date": "2024-01-01T00:00:00Z"}
WAITED = {
    ("athena", "start_query_execution"): ("get_query_execution", ("QueryExecutionId",)),
}
"""The jobs of services of which LocalStack has no ``.sync``: who tells of them, by what of the answer."""


def call_at(address: str, clients: dict[str, str]) -> None:
    """Whatever a Task calls is called there, as botocore's client does it."""
    import boto3

    def get_client(service: str) -> Any:
        return boto3.client(service, worker.REGION, endpoint_url=address)

    factory = SimpleNamespace(with_assumed_role=lambda **_: SimpleNamespace(get_client=get_client))
    module(f"{worker.ls.ASL}utils.boto_client").connect_to = factory
    services.StateTaskService._SERVICE_NAME_SFN_TO_BOTO_OVERRIDES.update(clients)
    conditions = module(f"{SERVICE}resource").ResourceCondition
    unsupported._SUPPORTED_INTEGRATION_PATTERNS.add(conditions.Sync)

    def resolver(
        self: Any, env: Any, resource_runtime_part: Any, normalised_parameters: Any, state_credentials: Any
    ) -> Callable[[], Any]:
        started = env.stack.pop()
        service = self._get_boto_service_name()
        asked, names = WAITED[service, self._get_boto_service_action()]

        def resolve() -> Any:
            answer = getattr(get_client(service), asked)(**{name: started[name] for name in names})
            answer.pop("ResponseMetadata")
            return answer

        return resolve

    unsupported.StateTaskServiceUnsupported._build_sync_resolver = resolver


def name_errors_as_aws() -> None:
    """By the classes of AWS's SDK for Java: ``Rds.DbInstanceNotFoundException``.

    https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html#use-awssdk-integ
    """
    kind = module(f"{SERVICE}state_task_service_aws_sdk").StateTaskServiceAwsSdk
    named = kind._normalise_exception_name

    def as_aws(service: str, error: Exception) -> str:
        found = re.sub(r"Fault(?=Exception$)", "", named(service, error))
        return re.sub(r"[A-Z]{2,}(?=[A-Z][a-z]|\b)", lambda word: word[0].capitalize(), found)

    kind._normalise_exception_name = staticmethod(as_aws)


def ran(machine: Any) -> dict[str, Any]:
    with recording() as recorded:
        ended = worker.run({"definition": machine, "script": {}, "input": INPUT})
    return {
        "calls": recorded.calls,
        "result": recorded.result,
        **{name: ended[name] for name in ("status", "error", "cause")},
    }


def main(address: str, clients: str) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        os.environ[name] = "testing"
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    worker.prepare()
    call_at(address, json.loads(clients))
    name_errors_as_aws()
    for line in sys.stdin:
        print(json.dumps(ran(json.loads(line)), default=str), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
