"""The parts of README.md and rules/README.md that a command prints, and the names of the rules in the schema
of the configuration: test_architecture.py checks them. ``python tests/readme.py`` writes them anew.

A part stands between ``<!-- generated: dagmig COMMAND... -->`` (``generated on stderr:`` for the other
stream) and ``<!-- end -->``; what stands between is exactly what the command prints, run in the
repository, in a code fence where the part has one.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
DOCUMENTS = (README, ROOT / "rules" / "README.md")
SCHEMA = ROOT / "src" / "dagmig" / "schemas" / "config.schema.json"
PART = re.compile(
    r"(?P<head><!-- generated(?P<stderr> on stderr)?: dagmig (?P<command>[^\n]*?) -->\n+(?P<fence>```\w*\n)?)"
    r"(?P<body>(?:.*?\n)??)"
    r"(?P<tail>(?(fence)```\n)\n*<!-- end -->)",
    re.DOTALL,
)


def printed(command: str, is_stderr: bool) -> str:
    """What ``dagmig COMMAND`` prints on one stream; raises ``RuntimeError`` where it was called wrongly."""
    arguments = [sys.executable, "-m", "dagmig", *shlex.split(command)]
    run = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        raise RuntimeError(f"dagmig {command}: exit {run.returncode}\n{run.stderr}")
    return (run.stderr if is_stderr else run.stdout).strip("\n") + "\n"


def regenerated(text: str, output: Callable[[str, bool], str] = printed) -> str:
    """The README with each generated part as the command prints it today."""
    return PART.sub(
        lambda part: part["head"] + output(part["command"], bool(part["stderr"])) + part["tail"], text
    )


def commands(text: str) -> list[str]:
    """The commands of the generated parts, in order."""
    return [part["command"] for part in PART.finditer(text)]


def schema(text: str) -> str:
    """The schema of the configuration with the names that rules and categories have today."""
    document = json.loads(text)
    rows = json.loads(printed("rules --format json", False))["rules"]
    names = {row[key] for row in rows for key in ("rule", "category")}
    document["$defs"]["rule"]["enum"] = sorted(names)
    return json.dumps(document, indent=2) + "\n"


if __name__ == "__main__":
    for path in DOCUMENTS:
        path.write_text(regenerated(path.read_text(encoding="utf-8")), encoding="utf-8")
    SCHEMA.write_text(schema(SCHEMA.read_text(encoding="utf-8")), encoding="utf-8")
