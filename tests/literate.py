"""Literate fixtures: a Markdown file a service or a shape, a `##` section a case, a fenced block a part.

A person writes the title, the prose and the DAG (```py); the rest is what dagmig makes of it:

    ```json            the machine
    ```source NAME     a generated Lambda function
    ```ledger          the rows that are not exact: disposition[construct] task: difference
    ```py back         the DAG file that the machine becomes
    ```ledger back     its rows that are not exact

A DAG marked ```py one-way has no way back; one marked ```py settles comes back in other words for the same,
and stays so from then on; ```py one-way drain and ```py one-way latch are
converted as with ``--on-failure drain`` and ``--join latch``.

``python -m tests.literate`` prints what would change, ``--write`` writes it too; read the
difference as you would read code.
"""

from __future__ import annotations

import difflib
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from dagmig.diagnostics import Disposition, Report
from dagmig.pipeline import Converted, Lowering, airflow_to_asl, asl_to_airflow

FOLDER = Path(__file__).parent.parent / "fixtures" / "integrations"
SHAPES = FOLDER.with_name("shapes")
WAYS = ("py", "py one-way", "py one-way drain", "py one-way latch", "py settles")
BLOCK = re.compile(r"^```(\w+)(?: ([^\n]*))?\n(.*?)^```$\n*", re.MULTILINE | re.DOTALL)
SECTION = re.compile(r"^## ", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """One section: ``prose`` with its title, the DAG, and the generated blocks by their info string."""

    id: str
    prose: str
    dag: str
    way: str = ""  # how it comes back: fully, "one-way" or "settles"; "drain" as the option of convert says
    blocks: dict[str, str] = field(default_factory=dict)

    @property
    def is_one_way(self) -> bool:
        return "one-way" in self.way

    @property
    def text(self) -> str:
        """The section as it stands in the file."""
        own = {f"py {self.way}".strip(): self.dag}
        fenced = [f"```{info}\n{body}```\n" for info, body in {**own, **self.blocks}.items()]
        return "\n".join([f"{self.prose}\n", *fenced])


def cases(path: Path) -> list[Case]:
    """The cases of one file, in order."""
    _, *sections = SECTION.split(path.read_text(encoding="utf-8"))
    return [case(path.stem, section) for section in sections]


def case(service: str, section: str) -> Case:
    """One section, taken apart."""
    found = {f"{kind} {words}".strip(): body for kind, words, body in BLOCK.findall(section)}
    prose = section[: section.index("```")].strip()
    info = next(info for info in found if info in WAYS)
    return Case(f"{service}: {prose.splitlines()[0]}", prose, found.pop(info), info[3:], found)


def generated(case: Case) -> dict[str, str]:
    """The blocks that dagmig makes of the case's DAG, by info string."""
    report = Report()
    lowering = Lowering(drains="drain" in case.way, latches="latch" in case.way)
    (forward,) = airflow_to_asl(case.dag, "dag.py", report, lowering=lowering)
    blocks = {"json": forward.text, "ledger": ledger(forward)}
    blocks |= {f"source {name}": text for name, text in sorted(forward.functions.items())}
    if not case.is_one_way:
        back = lifted(forward)
        blocks |= {"py back": back.text, "ledger back": ledger(back)}
    return {info: body for info, body in blocks.items() if body}


def lifted(forward: Converted) -> Converted:
    """The machine as a DAG again."""
    back = asl_to_airflow(forward.text, "machine.asl.json", Report(), forward.id)
    assert back is not None, "dagmig cannot read its own machine"
    return back


def ledger(converted: Converted) -> str:
    """The rows that are not exact, a line each."""
    lines = [
        f"{row.disposition}[{row.construct}] {row.task + ': ' if row.task else ''}{row.difference}\n"
        for row in converted.report.rows
        if row.disposition is not Disposition.EXACT
    ]
    return "".join(dict.fromkeys(lines))


def renewed(text: str) -> str:
    """The whole file with its generated blocks made anew."""
    head, *sections = SECTION.split(text)
    old = [case("", section) for section in sections]
    new = [Case(c.id, c.prose, c.dag, c.way, generated(c)) for c in old]
    return "\n## ".join([f"{head.strip()}\n", *(c.text for c in new)])


def main(arguments: list[str]) -> int:
    """Print the difference of every fixture; 1 where there is one and it is not written."""
    is_writing, is_stale = "--write" in arguments, False
    for path in (*sorted(FOLDER.glob("*.md")), *sorted(SHAPES.glob("*.md"))):
        old = path.read_text(encoding="utf-8")
        new = renewed(old)
        names = (f"{path.name} as it is", f"{path.name} as dagmig makes it")
        sys.stdout.writelines(
            difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), *names)
        )
        is_stale |= old != new
        if is_writing and old != new:
            path.write_text(new, encoding="utf-8")
    return int(is_stale and not is_writing)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
