"""``python -m tests.oracles.service_spelling --write``: how botocore spells what machines have.

Needs what ``bash tests/oracles/setup.sh`` builds. A shape is ``{member: number of its shape}``, ``[number]``
for a list, ``[number, "map"]`` for a map; 0 stands for every shape in which nothing is spelled differently.
"""

from __future__ import annotations

import argparse
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from tests.oracles.service_catalogue import EPOCH, models

from dagmig.asl.services.spelling import PASCAL, SDK, SPELLINGS, of_sdk, pascal

BODY = "**"
Shapes = dict[str, dict[str, Any]]


def _inside(shape: dict[str, Any]) -> Iterator[str]:
    yield from (member["shape"] for member in shape.get("members", {}).values())
    yield from (shape[part]["shape"] for part in ("member", "value") if part in shape)


def _reached(shapes: Shapes, root: str) -> list[str]:
    found, waiting = [root], [root]
    while waiting:
        new = [name for name in dict.fromkeys(_inside(shapes[waiting.pop()])) if name not in found]
        found += new
        waiting += new
    return found


def _spelled(shapes: Shapes, root: str, client: str) -> str:
    """In which ways a shape is spelled otherwise: ``PASCAL``, ``SDK``, both or neither."""
    members = {name for one in _reached(shapes, root) for name in shapes[one].get("members", {})}
    is_pascal = any(pascal(name) != name for name in members)
    is_sdk = any(of_sdk(name, client) != pascal(name) for name in members)
    return PASCAL * is_pascal + SDK * is_sdk


class Trees:
    """The numbered shapes of one client."""

    def __init__(self, shapes: Shapes, client: str) -> None:
        self.shapes, self.client = shapes, client
        self.numbers: dict[str, int] = {}
        self.found: list[Any] = []

    def number(self, name: str) -> int:
        if name in self.numbers or not _spelled(self.shapes, name, self.client):
            return self.numbers.setdefault(name, 0)
        self.found.append(None)
        at = self.numbers[name] = len(self.found)
        shape = self.shapes[name]
        match shape["type"]:
            case "structure":
                members = sorted(shape["members"].items())
                self.found[at - 1] = {member: self.number(held["shape"]) for member, held in members}
            case "list":
                self.found[at - 1] = [self.number(shape["member"]["shape"])]
            case _:
                self.found[at - 1] = [self.number(shape["value"]["shape"]), "map"]
        return at


def maps(shapes: Shapes, root: str) -> list[str] | None:
    """The members whose value, or whose list's members, are maps.

    None where names do not tell, or JSON of any form is among them.
    """
    found: dict[str, set[bool]] = {}
    for one in _reached(shapes, root):
        if shapes[one].get("document"):
            return None
        for name, member in shapes[one].get("members", {}).items():
            held = shapes[member["shape"]]
            while held["type"] == "list":
                held = shapes[held["member"]["shape"]]
            if held["type"] in ("map", "structure"):
                found.setdefault(name, set()).add(held["type"] == "map")
            if held["type"] == "map" and shapes[held["value"]["shape"]]["type"] in ("map", "list"):
                inner = shapes[held["value"]["shape"]]
                if inner["type"] == "map" or shapes[inner["member"]["shape"]]["type"] in ("map", "list"):
                    return None
    if any(len(kinds) > 1 for kinds in found.values()):
        return None
    return sorted(name for name, kinds in found.items() if True in kinds)


def contents(shapes: Shapes, root: str, seen: tuple[str, ...] = ()) -> Iterator[str]:
    """The ways to bytes in what an action is given, as ``Records.*.Data``; none within maps.

    Those that end with ``**`` are the request's body.
    """
    shape = shapes[root]
    if root in seen:
        return
    if shape["type"] == "blob":
        yield BODY if shape.get("streaming") else ""
    inner = {pascal(name): one for name, one in shape.get("members", {}).items()}
    if shape["type"] == "list":
        inner = {"*": shape["member"]}
    for name, one in sorted(inner.items()):
        for way in contents(shapes, one["shape"], (*seen, root)):
            end = BODY if one.get("streaming") else way
            yield f"{name}.{end}" if end else name


def built() -> bytes:
    """The whole file: of each client what its actions are given, their answers' maps, the shapes, and the
    ways to bytes in what is given.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for client, model in sorted(models(), key=lambda pair: pair[0]):
            shapes = model["shapes"]
            trees = Trees(shapes, client)
            given, answers, bytes_in = {}, {}, {}
            for action, operation in sorted(model["operations"].items()):
                if "input" in operation and (number := trees.number(operation["input"]["shape"])):
                    given[action] = number
                if "input" in operation and (ways := [*contents(shapes, operation["input"]["shape"])]):
                    bytes_in[action] = ways
                output = operation.get("output", {}).get("shape")
                if output and (ways := _spelled(shapes, output, client)):
                    answers[action] = (maps(shapes, output), ways)
            if given or answers or bytes_in:
                text = json.dumps([given, answers, trees.found, bytes_in], separators=(",", ":"))
                archive.writestr(zipfile.ZipInfo(f"{client}.json", EPOCH), text, zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    if parser.parse_args().write:
        SPELLINGS.write_bytes(built())
    print(f"{SPELLINGS.name}: {SPELLINGS.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
