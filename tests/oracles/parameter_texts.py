"""``python -m tests.oracles.parameter_texts --write``: which parameters of AWS's actions are text.

Of the actions that an integration makes an operator of, by botocore's service models (in Airflow's
environment). A parameter within others is named with the way to it: ``Entries.*.Detail``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from typing import Any

from tests.oracles.service_catalogue import models

from dagmig.asl import resource as resources
from dagmig.asl.services.optimized import called
from dagmig.asl.services.spelling import pascal
from dagmig.asl.services.texts import TEXTS
from dagmig.integrations import registry

DEEPEST = 6
TEXT = frozenset({"string", "timestamp", "blob"})  # a time and contents are text in a state machine


def wanted() -> dict[str, set[str]]:
    """The actions (``StartJobRun``) by botocore's name of the client."""
    found: dict[str, set[str]] = {}
    for integration in registry().integrations:
        for text in integration.resources if integration.to_airflow else ():
            if (held := called(resources.parse(text))) is not None:
                client, action = held
                found.setdefault(client, set()).add(action.name)
    return found


def texts(model: dict[str, Any], shape: str, depth: int = 0) -> Iterator[str]:
    """The ways to text in a shape."""
    held = model["shapes"][shape]
    if held["type"] in TEXT:
        yield ""
    if depth == DEEPEST:
        return
    inner = {pascal(name): one["shape"] for name, one in held.get("members", {}).items()}
    if held["type"] in ("list", "map"):
        inner = {"*": held["member" if held["type"] == "list" else "value"]["shape"]}
    for name, one in sorted(inner.items()):
        for way in texts(model, one, depth + 1):
            yield f"{name}.{way}" if way else name


def built() -> str:
    """The file: by client and action the ways, one action a line."""
    found: dict[str, dict[str, list[str]]] = {}
    actions = wanted()
    for client, model in models():
        for name in sorted(actions.get(client, ())):
            if (given := model["operations"][name].get("input")) is not None:
                found.setdefault(client, {})[name] = list(texts(model, given["shape"]))
    return json.dumps(found, separators=(",", ":")).replace("]},", "]},\n").replace("],", "],\n") + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    text = built()
    if parser.parse_args().write:
        TEXTS.write_text(text, encoding="utf-8")
    print(f"{TEXTS.name}: {len(text):,} bytes")


if __name__ == "__main__":
    main()
