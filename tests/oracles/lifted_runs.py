"""Machines and the DAGs they become, run side by side under generated scripts.

``python -m tests.oracles.lifted_runs [MACHINE ...]`` prints, for the machines of ``fixtures/machines``, how
many runs there were, how many were equal, equal by a row of the ledger, or different (``--details``: which).

The machine runs in ``verify/engine`` and in LocalStack's interpreter, the DAG in real Airflow
(``fast_dag_runs``) with the clients of boto3 answered by the same script (``lifted_worker``). What is tried
is said in ``lifted_scripts``, what is equal in ``lifted_comparison``, what a row excuses in ``lifted_rows``.
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

import yaml
from tests.oracles import asl_engines, corpora, corpus
from tests.oracles.answers import kept_bytecode
from tests.oracles.lifted_comparison import Verdict, verdict
from tests.oracles.lifted_machines import Lifted, lifted
from tests.oracles.lifted_scripts import Run, runs

WORKER = Path(__file__).with_name("lifted_worker.py")
MACHINES = corpus.FIXTURES / "machines"
SEEDS = Path(__file__).with_name("lifted_seeds.yaml")
KINDS = ("equal", "by a row", "different")


@dataclass(frozen=True)
class Compared:
    lifted: Lifted
    run: Run
    verdict: Verdict


def seeds() -> dict[str, Any]:
    """By machine the data that cannot be made up; ``excluded``: why it is not run; ``not in LocalStack``: why
    it is not run there; ``not returned``: why not what comes back of it.
    """
    found: dict[str, Any] = yaml.safe_load(SEEDS.read_text(encoding="utf-8")) or {}
    return found


def machines(names: Iterable[str] = ()) -> list[Lifted]:
    return [lifted(folder) for folder in folders(names)]


def folders(names: Iterable[str] = ()) -> list[Path]:
    """Those of the machines that are run; only those named, where any is."""
    wanted, known = set(names), seeds()
    return [
        path.parent
        for path in sorted(MACHINES.glob("*/machine.asl.json"))
        if (not wanted or path.parent.name in wanted) and "excluded" not in known.get(path.parent.name, {})
    ]


def of_machine(one: Lifted) -> list[Run]:
    """The runs of a machine; not those of single items where a task works on all items."""
    found = runs(one.document, seeds().get(one.name, {}))
    single = {run.name: [name.rpartition("@")[0] for name in run.script if "@" in name] for run in found}
    return [run for run in found if all(map(one.is_mapped, single[run.name]))]


def compared(asked: list[Lifted], python: Path) -> list[Compared]:
    """Every run of every machine, in order. Raises ``CalledProcessError``."""
    planned = [(one, run) for one in asked for run in of_machine(one)]
    answers = in_airflow(python, asked, planned)
    return [
        Compared(one, run, verdict(one, run, answer))
        for (one, run), answer in zip(planned, answers, strict=True)
    ]


def in_airflow(python: Path, asked: list[Lifted], planned: list[tuple[Lifted, Run]]) -> list[Any]:
    """What ``lifted_worker`` says of each run. Raises ``CalledProcessError``."""
    with tempfile.TemporaryDirectory(prefix="dagmig-lifted-") as folder:
        home = Path(folder)
        (home / "dags").mkdir()
        for one in asked:
            (home / "dags" / f"{one.name}.py").write_text(one.text, encoding="utf-8")
        given = [{**asdict(run), "dag": one.dag_id, "places": one.places, "input": one.conf(run.input)}
                 for one, run in planned]  # fmt: skip
        (home / "runs.json").write_text(json.dumps(given))
        command = [python, WORKER, home / "dags", home / "runs.json", home / "out.jsonl"]
        subprocess.run(list(map(str, command)), env=environment(home), check=True, stdout=subprocess.DEVNULL)
        return [json.loads(line) for line in (home / "out.jsonl").read_text().splitlines()]


def in_localstack(asked: list[Lifted], localstack: asl_engines.LocalStack) -> tuple[int, list[str]]:
    """How many runs were tried in LocalStack's interpreter as well, and where one is another than in ours."""
    known, count, found = seeds(), 0, []
    for one in asked:
        if asl_engines.is_beyond_localstack(one.document) or "not in LocalStack" in known.get(one.name, {}):
            continue
        for run in of_machine(one):
            count += 1
            for difference in asl_engines.differences(one.document, run.script, run.input, localstack):
                found.append(f"{one.name}, {run.name}: {difference}")
    return count, found


def environment(home: Path) -> dict[str, str]:
    """That of a process of Airflow with a home of its own."""
    return {
        **kept_bytecode(),
        "AIRFLOW_HOME": str(home),
        "PYTHONPATH": str(corpus.ROOT / "src"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
    }


def table(found: list[Compared]) -> str:
    lines = ["| machine | runs | equal | by a row | different |", "|---|---|---|---|---|"]
    by_machine: dict[str, Counter[str]] = {}
    for one in found:
        by_machine.setdefault(one.lifted.name, Counter())[one.verdict.kind] += 1
    by_machine["all"] = sum(by_machine.values(), Counter())
    for name, counts in by_machine.items():
        numbers = [counts.total(), *(counts[kind] for kind in KINDS)]
        lines.append(f"| {' | '.join([name, *map(str, numbers)])} |")
    return "\n".join(lines)


def details(found: list[Compared]) -> str:
    """Each run that is not simply equal."""
    return "\n".join(
        f"{one.lifted.name}, {one.run.name}: {one.verdict.difference or '; '.join(one.verdict.rows)}"
        for one in found
        if one.verdict.kind != "equal"
    )


def main(arguments: list[str]) -> int:
    names = [one for one in arguments if not one.startswith("--")]
    found = compared(machines(names), corpora.python("3"))
    print(table(found))
    if "--details" in arguments:
        print(details(found))
    return int(any(one.verdict.difference for one in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
