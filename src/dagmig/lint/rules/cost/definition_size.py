"""The rule ``definition-size``."""

from __future__ import annotations

import json
from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

LIMIT = 1_048_576


@machine_rule(Severity.ERROR)
def definition_size(subject: Subject) -> Iterator[Finding]:
    """The definition is larger than 1 MiB.

    Step Functions refuses it. Mostly a long text or a table stands in it that belongs into S3 or a
    parameter store.
    See https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html

    Instead: Split the machine, or keep the data elsewhere.
    """
    size = len(json.dumps(subject.machine.document, separators=(",", ":"), ensure_ascii=False).encode())
    if size > LIMIT:
        yield Finding(
            f"the definition has {size:,} bytes, {LIMIT:,} are allowed", subject.machine.locate("/StartAt")
        )
