"""``python -m tests.oracles.config_keys --write``: the settings that Airflow 3 has elsewhere or not any more.

Asked is the table behind ``airflow config lint`` of the real Airflow 3 of ``setup.sh``; it is not run.
Left out are settings that are only wrong with one value, or have another default.
"""

from __future__ import annotations

import argparse
import ast
import json
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "src" / "dagmig" / "lint" / "moved_settings.json"
SOURCE = "airflow/lib/python3*/site-packages/airflow/cli/commands/config_command.py"
CONDITIONAL = {"default_change", "is_invalid_if", "remove_if_equals"}


def asked() -> dict[str, str]:
    (path,) = (ROOT / ".oracles").glob(SOURCE)
    return moved(path.read_text(encoding="utf-8"))


def moved(text: str) -> dict[str, str]:
    """``section/key`` -> where it is now, empty where nowhere."""
    return dict(sorted(_rows(ast.parse(text))))


def _rows(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ConfigChange"):
            continue
        given = {one.arg: one.value for one in node.keywords}
        if CONDITIONAL.isdisjoint(given):
            yield _name(given["config"]), _name(given["renamed_to"]) if "renamed_to" in given else ""


def _name(node: ast.expr) -> str:
    """``ConfigParameter("a", "b")`` -> ``a/b``."""
    if not isinstance(node, ast.Call):
        raise TypeError(ast.dump(node))
    return "/".join(str(ast.literal_eval(one)) for one in node.args)


def as_text(rows: dict[str, str]) -> str:
    return json.dumps(rows, indent=1) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.oracles.config_keys", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the table into the package")
    options = parser.parse_args()
    text = as_text(asked())
    if options.write:
        TABLE.write_text(text, encoding="utf-8")
    print(f"{len(json.loads(text))} settings")


if __name__ == "__main__":
    main()
