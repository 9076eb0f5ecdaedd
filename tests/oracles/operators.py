"""``python -m tests.oracles.operators --write``: the reader's table of operators, as both Airflows have them.

Needs what ``bash tests/oracles/setup.sh`` builds. ``operator_probe.py`` asks Airflow 3 and 2; what they do
not agree on is left out.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.oracles.corpora import python

from dagmig.airflow.read.operator_facts import TABLE

SCRIPT = Path(__file__).with_name("operator_probe.py")
VERSIONS = ("3", "2")
Probed = dict[str, dict[str, Any]]


def probed(airflow: str) -> Probed:
    """The answer of one Airflow; raises ``RuntimeError`` where it fails."""
    with tempfile.TemporaryDirectory() as work:
        out = Path(work) / "answer.json"
        command = [str(part) for part in (python(airflow), SCRIPT, out)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            raise RuntimeError(f"Airflow {airflow}: {run.stderr[-3000:]}")
        answer: Probed = json.loads(out.read_text(encoding="utf-8"))
        return answer


def asked() -> dict[str, Probed]:
    """What either says, by version."""
    with ThreadPoolExecutor(len(VERSIONS)) as pool:
        return dict(zip(VERSIONS, pool.map(probed, VERSIONS), strict=True))


def own_defaults(answers: dict[str, Probed]) -> dict[str, dict[str, Any]]:
    """By class name the defaults that are not those of every operator, delays in seconds."""
    rows = [(name.rpartition(".")[2], row) for answer in answers.values() for name, row in answer.items()]
    return {name: row["own"] for name, row in rows if row.get("own")}


def merged(answers: dict[str, Probed]) -> dict[str, dict[str, Any]]:
    """Rows by module and class."""
    found: dict[str, dict[str, Any]] = {}
    for name in sorted({name for answer in answers.values() for name in answer}):
        rows = {version: answer[name] for version, answer in answers.items() if name in answer}
        module, _, cls = ("", "", name) if name.startswith("@") else name.rpartition(".")
        found.setdefault(module, {})[cls] = _row(rows)
    return found


def _row(rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """An argument is a template where no version says otherwise, and plain likewise; then what only Airflow 3
    is sure of. ``texts`` are templates that the operator makes anew, so that Airflow sees no output in them.
    """
    found = _agreed(list(rows.values()))
    if "3" in rows:
        newer = _agreed([rows["3"]])
        found |= {f"{part} 3": newer[part] - names for part, names in found.items()}
    found["files"] = {ending for row in rows.values() for ending in row.get("files", ())}
    found["required"] = set.intersection(*(set(row.get("required", ())) for row in rows.values()))
    found["outputs"] = {name for row in rows.values() for name in row.get("outputs", ())}
    return {part: " ".join(sorted(names)) for part, names in found.items() if names}


def _agreed(rows: list[dict[str, Any]]) -> dict[str, set[str]]:
    without_edge, edges, mixed = (
        {name for row in rows for name in row.get(part, ())} for part in ("plain", "edges", "mixed")
    )
    fields = {name for row in rows for name in row["fields"]}
    plain = {name for row in rows for name in row.get("plain", ()) if name not in row["fields"]}
    return {
        "fields": (fields | edges) - plain - mixed,
        "plain": plain - fields - edges - mixed,
        "texts": (fields & without_edge) - plain - edges - mixed,
    }


def as_text(rows: dict[str, dict[str, Any]]) -> str:
    """JSON, a class a line."""
    modules = []
    for module, classes in rows.items():
        lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in classes.items())
        modules.append(f" {json.dumps(module)}: {{\n{lines}\n }}")
    return "{\n" + ",\n".join(modules) + "\n}\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.oracles.operators", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the table into the package")
    options = parser.parse_args()
    text = as_text(merged(asked()))
    if options.write:
        TABLE.write_text(text, encoding="utf-8")
    print(f"{len(json.loads(text))} modules, {text.count(chr(10))} lines, {len(text)} bytes")


if __name__ == "__main__":
    main()
