"""``python -m tests.oracles.random_programs``: random programs as real Airflow and the reader see them.

Prints a table of how many are read exactly (``as code``: but for what Bash runs, kept as it is written), and
the differences by the first fact that differs, each with the smallest program that still shows it.
``--rows`` tries each construct alone; ``--keep DIR`` writes the programs that differ into a folder.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [path for path in (str(ROOT / "tests"), str(ROOT / "src")) if path not in sys.path]

from tests.oracles import facts  # noqa: E402
from tests.oracles.airflow_worker import Worker, worker  # noqa: E402
from tests.oracles.minimise import minimised  # noqa: E402

from airflow_read.programs import Program, program  # noqa: E402
from airflow_read.programs.single import singles  # noqa: E402

NAMED = re.compile(r"`[^`]*`")
NUMBERED = re.compile(r"\d+")
NOBODYS = "not_there_at_all"  # a package of which no reader can know whether it is installed
KINDS = ("exact", "as code", "with diagnostic", "silent", "refused")


@dataclass(frozen=True)
class Outcome:
    """One program as both see it; ``fact`` and ``detail`` are the first difference."""

    name: str
    program: Program
    kind: str
    dags: int = 0
    tasks: int = 0
    fact: str = ""
    detail: str = ""
    said: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the program does one thing or another by what is installed, so that no graph is the one."""
        return any(NOBODYS in text for text in self.program.files.values())

    @property
    def signature(self) -> tuple[str, str]:
        """What programs with the same cause have in common: the fact, or what was said."""
        if self.kind != "with diagnostic":
            return self.kind, self.fact
        return self.kind, NAMED.sub("`_`", NUMBERED.sub("", self.said[0].split(": ", 1)[-1]))


class Comparison:
    """Puts programs to Airflow and to the reader."""

    def __init__(self, airflow: Worker, folder: Path) -> None:
        self.airflow, self.folder = airflow, folder
        self.count = 0

    def outcome(self, name: str, program: Program) -> Outcome:
        self.count += 1
        root = self.folder / str(self.count) / "dags"
        for path, text in program.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        loaded = self.airflow.load(root / program.main, root)
        theirs = loaded["dags"]
        if loaded["errors"] or not theirs:
            return Outcome(name, program, "refused", detail="; ".join(loaded["errors"]) or "no DAG")
        tasks = sum(len(dag["tasks"]) for dag in theirs.values())
        kind, fact, detail, said = _judged(root / program.main, theirs)
        return Outcome(name, program, kind, len(theirs), tasks, fact, detail, tuple(said))

    def smallest(self, found: Outcome) -> Outcome:
        """The smallest program with the same first difference, each file of it made small."""
        best = found
        for path in sorted(found.program.files, key=lambda path: path == found.program.main):
            files = best.program.files
            same = partial(self._is_same, found, files, path)
            best = self.outcome(
                found.name, Program({**files, path: minimised(files[path], same)}, found.program.main)
            )
        return best

    def _is_same(self, found: Outcome, files: dict[str, str], path: str, text: str) -> bool:
        tried = self.outcome(found.name, Program({**files, path: text}, found.program.main))
        return tried.signature == found.signature


def _judged(file: Path, theirs: dict[str, Any]) -> tuple[str, str, str, list[str]]:
    try:
        mine, said = facts.ours(file)
    except Exception as error:
        return "silent", f"{type(error).__name__} in the reader", str(error)[:200], []
    found = list(facts.differences(theirs, mine))
    if not found:
        return "exact", "", "", said
    worse = [one for one in found if one[0] != facts.AS_CODE]
    if not worse:
        return "as code", *found[0], said
    first = worse[0]
    return "with diagnostic" if said else "silent", *first, said


def generated(options: argparse.Namespace) -> Iterator[str]:
    """The names of the programs asked for."""
    if options.only:
        yield from options.only
        return
    yield from (f"{options.seed}/{number}" for number in range(options.count))
    yield from (f"{options.seed}/project/{number}" for number in range(options.projects))


def table(outcomes: Iterable[Outcome]) -> str:
    """How many of what, a line each."""
    kept = list(outcomes)
    count = Counter(one.kind for one in kept)
    loaded = len(kept) - count["refused"]
    lines = [
        f"programs {loaded} ({count['refused']} more refused by Airflow), "
        f"DAGs {sum(one.dags for one in kept)}, tasks {sum(one.tasks for one in kept)}"
    ]
    lines += [f"{kind:>16} {count[kind]:6} {count[kind] / max(loaded, 1):7.1%}" for kind in KINDS[:4]]
    lines.append(f"{exact_share(kept):.1%} exact of those that do not hang on what is installed")
    return "\n".join(lines)


def exact_share(outcomes: Iterable[Outcome]) -> float:
    """How many are read exactly of the programs that Airflow loads and that are not ``is_open``."""
    loaded = [one for one in outcomes if one.kind != "refused" and not one.is_open]
    return sum(one.kind == "exact" for one in loaded) / max(len(loaded), 1)


def shown(found: Outcome) -> str:
    """One difference, with its program."""
    files = found.program.files
    text = "\n".join(
        f"# {path}\n{text.strip()}" if len(files) > 1 else text.strip() for path, text in files.items()
    )
    said = "".join(f"\n# said: {line.split(': ', 1)[-1]}" for line in found.said[:3])
    name = found.name.splitlines()[0]
    return f"# {name}: {found.kind}, {found.fact}: {found.detail[:300]}{said}\n{text}\n"


def main() -> None:
    options = _options()
    with (
        tempfile.TemporaryDirectory(prefix="dagmig-programs-") as name,
        worker(options.airflow_python) as airflow,
    ):
        comparison = Comparison(airflow, Path(name))
        if options.rows:
            _print_rows(comparison)
            return
        outcomes = [comparison.outcome(one, program(one)) for one in generated(options)]
        print(table(outcomes), flush=True)
        refused = Counter(one.detail[:100] for one in outcomes if one.kind == "refused")
        for reason, times in refused.most_common(options.refused):
            print(f"  refused {times:4}: {reason}")
        _print_differences(outcomes, comparison, options)


def _print_rows(comparison: Comparison) -> None:
    outcomes = [comparison.outcome(row, one) for row, one in singles()]
    print(table(outcomes))
    for one in outcomes:
        if one.kind != "exact":
            print(f"\n{shown(one)}")


def _print_differences(outcomes: list[Outcome], comparison: Comparison, options: argparse.Namespace) -> None:
    wanted = [one for one in outcomes if one.kind in options.kinds]
    for (kind, fact), times in sorted(Counter(one.signature for one in wanted).items(), key=lambda p: -p[1]):
        print(f"\n== {kind}: {fact}: {times}\n", flush=True)
        seen: set[str] = set()
        for one in [one for one in wanted if one.signature == (kind, fact)][: options.show]:
            small = comparison.smallest(one) if options.minimise else one
            text = NUMBERED.sub("", "".join(small.program.files.values()))
            if text not in seen:
                print(shown(small), flush=True)
            seen.add(text)
            if options.keep:
                _keep(one, options.keep / one.name.replace("/", "_"))


def _keep(one: Outcome, folder: Path) -> None:
    for path, text in one.program.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.oracles.random_programs", description=__doc__)
    default = os.environ.get("DAGMIG_AIRFLOW_PYTHON") or ROOT / ".oracles" / "airflow" / "bin" / "python"
    parser.add_argument("--airflow-python", type=Path, default=Path(default))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200, help="programs of one file")
    parser.add_argument("--projects", type=int, default=0, help="programs of several files")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="programs by name, as printed")
    parser.add_argument("--rows", action="store_true", help="instead: each construct of the tables alone")
    parser.add_argument("--show", type=int, default=5, help="programs printed for each fact")
    parser.add_argument("--refused", type=int, default=5, help="reasons printed why Airflow refused programs")
    parser.add_argument("--kinds", nargs="*", default=["silent"], choices=KINDS[1:4])
    parser.add_argument("--no-minimise", dest="minimise", action="store_false")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write the programs printed into DIR")
    return parser.parse_args()


if __name__ == "__main__":
    main()
