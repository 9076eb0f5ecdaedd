"""Machines and what comes back of them through a DAG, run side by side under generated scripts.

``python -m tests.oracles.returned_runs [MACHINE ...]`` prints, for the machines of ``fixtures/machines``,
how many runs there were, how many were equal, equal by a row of either ledger, or different (``--details``:
which), and by which open rows.

Both run in ``verify/engine``; the Lambda functions beside the machine that has come back are really run, and
what they call through boto3 is answered by the same script as the states of the first machine
(``returned_worker``). What is tried is said in ``lifted_scripts``, what is equal in ``returned_comparison``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.oracles import asl_engines, corpora
from tests.oracles.lifted_comparison import Verdict
from tests.oracles.lifted_machines import Lifted
from tests.oracles.lifted_runs import details, environment, folders, of_machine, seeds, table
from tests.oracles.lifted_scripts import Run
from tests.oracles.returned_comparison import verdict
from tests.oracles.returned_machines import Returned, returned

WORKER = Path(__file__).with_name("returned_worker.py")


@dataclass(frozen=True)
class Compared:
    returned: Returned
    run: Run
    answer: Any
    verdict: Verdict

    @property
    def lifted(self) -> Lifted:
        return self.returned.lifted

    @property
    def given(self) -> Any:
        """The input of the machine that has come back."""
        return self.returned.given(self.run.input)


def machines(names: Iterable[str] = ()) -> list[Returned]:
    known = seeds()
    return [returned(one) for one in folders(names) if "not returned" not in known.get(one.name, {})]


def compared(asked: list[Returned], python: Path) -> list[Compared]:
    """Every run of every machine, in order. Raises ``CalledProcessError``."""
    planned = [(one, run) for one in asked for run in of_machine(one.lifted)]
    answers = in_worker(python, asked, planned)
    return [
        Compared(one, run, answer, verdict(one, run, answer))
        for (one, run), answer in zip(planned, answers, strict=True)
    ]


def in_worker(python: Path, asked: list[Returned], planned: list[tuple[Returned, Run]]) -> list[Any]:
    """What ``returned_worker`` says of each run. Raises ``CalledProcessError``."""
    with tempfile.TemporaryDirectory(prefix="dagmig-returned-") as folder:
        home = Path(folder)
        (home / "machines.json").write_text(json.dumps({one.name: one.for_worker for one in asked}))
        given = [
            {**asdict(run), "machine": one.name, "places": one.lifted.places, "given": one.given(run.input)}
            for one, run in planned
        ]
        (home / "runs.json").write_text(json.dumps(given))
        command = [python, WORKER, home / "machines.json", home / "runs.json", home / "out.jsonl"]
        subprocess.run(list(map(str, command)), env=environment(home), check=True, stdout=subprocess.DEVNULL)
        return [json.loads(line) for line in (home / "out.jsonl").read_text().splitlines()]


def in_localstack(found: list[Compared], localstack: asl_engines.LocalStack) -> tuple[int, list[str]]:
    """How many of the runs were tried in LocalStack's interpreter as well, what each Task did being known by
    now, and where one is another there. A script tells no items apart of a Map within a Map.
    """
    count, differences = 0, []
    for one in found:
        outcomes = one.answer.get("outcomes", [])
        document = one.returned.document
        if asl_engines.is_beyond_localstack(document) or any(len(items) > 1 for _, items, _ in outcomes):
            continue
        count += 1
        script: dict[str, list[Any]] = {}
        for state, items, entry in outcomes:
            script.setdefault(f"{state}@{items[-1]}" if items else state, []).append(entry)
        for difference in asl_engines.differences(document, script, one.given, localstack):
            differences.append(f"{one.returned.name}, {one.run.name}: {difference}")
    return count, differences


def summary(found: list[Compared]) -> str:
    """The table, and the open rows by which runs are equal: how many machines have one."""
    reasons: Counter[str] = Counter()
    for name in dict.fromkeys(one.returned.name for one in found):
        said = {row for one in found if one.returned.name == name for row in one.verdict.reasons}
        reasons.update(said)
    lines = [f"| {count} | {reason} |" for reason, count in reasons.most_common()]
    return "\n".join([table(found), "", "| machines | by a row |", "|--:|---|", *lines])


def main(arguments: list[str]) -> int:
    names = [one for one in arguments if not one.startswith("--")]
    found = compared(machines(names), corpora.python("3"))
    print(summary(found))
    if "--details" in arguments:
        print(details(found))
    return int(any(one.verdict.difference for one in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
