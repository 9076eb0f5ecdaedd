"""``python -m tests.oracles.service_catalogue --write``: the actions of AWS's services that the linter ships.

Needs what ``bash tests/oracles/setup.sh`` builds: botocore's service models (in Airflow's environment) say
which actions there are and which parameters they take, cfn-lint's list of IAM actions which of them are
permissions.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.oracles.corpora import ORACLES

from dagmig.asl.services import CATALOGUE

EPOCH = (1980, 1, 1, 0, 0, 0)  # zip's first date, so that the file only changes with its contents
# https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
RENAMED = {"Equals": "EqualsValue"}


def package(environment: str, name: str) -> Path:
    (found,) = (ORACLES / environment).glob(f"lib/python*/site-packages/{name}")
    return found


def models() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every service's botocore name and newest model."""
    for folder in sorted(package("airflow", "botocore/data").iterdir()):
        versions = sorted(folder.glob("*/service-2.json.gz")) if folder.is_dir() else []
        if versions:
            yield folder.name, json.loads(gzip.decompress(versions[-1].read_bytes()))


def iam_actions() -> dict[str, set[str]]:
    """The IAM actions, in lower case, by service prefix."""
    place = package("validators", "cfnlint/data/AdditionalSpecs/Policies.json")
    document = json.loads(place.read_text(encoding="utf-8"))
    return {prefix: set(service["Actions"]) for prefix, service in document.items()}


def sdk_name(model: dict[str, Any]) -> str:
    """The service's name in ``aws-sdk:NAME:action``: AWS's SDK for Java names its packages like this."""
    name: str = model["metadata"]["serviceId"]
    return name.lower().replace(" ", "").replace("-", "")


def actions(model: dict[str, Any], permissions: set[str]) -> dict[str, str]:
    """By action ``parameters|results``; ``*`` marks what is required, ``!`` that it is no IAM action."""
    found = {}
    for name, operation in sorted(model["operations"].items()):
        given, results = (_members(model, operation.get(part)) for part in ("input", "output"))
        mark = "" if name.lower() in permissions else "!"
        found[name] = f"{','.join(given)}|{','.join(one.rstrip('*') for one in results)}{mark}"
    return found


def _members(model: dict[str, Any], reference: dict[str, Any] | None) -> list[str]:
    if reference is None:
        return []
    shape = model["shapes"][reference["shape"]]
    names = sorted(shape.get("members", {}))
    filled_in = {one for one in names if shape["members"][one].get("idempotencyToken")}  # by the SDK itself
    required = set(shape.get("required", ())) - filled_in
    return [f"{RENAMED.get(_pascal(one), _pascal(one))}{'*' * (one in required)}" for one in names]


def _pascal(name: str) -> str:
    return name[:1].upper() + name[1:]


def built() -> bytes:
    """The whole file: a zip of one JSON document for each service and an index of names and prefixes."""
    permissions = iam_actions()
    index: dict[str, list[str]] = {}
    members: dict[str, str] = {}
    for botocore_name, model in models():
        about = model["metadata"]
        prefixes = (about.get("signingName", ""), about["endpointPrefix"], botocore_name)
        prefix = next((one for one in prefixes if one in permissions), "")
        name = sdk_name(model)
        index[name] = [botocore_name, prefix]
        members[f"{name}.json"] = json.dumps(
            actions(model, permissions.get(prefix, set())), separators=(",", ":")
        )
    members["index.json"] = json.dumps(index, separators=(",", ":"))
    return packed(members)


def packed(members: dict[str, str]) -> bytes:
    """A zip of the files, that is the same for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in sorted(members.items()):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), text, zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    if parser.parse_args().write:
        CATALOGUE.write_bytes(built())
    print(f"{CATALOGUE.name}: {CATALOGUE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
