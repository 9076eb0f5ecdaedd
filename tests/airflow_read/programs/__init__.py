"""Random DAG programs in the language the reader is to know: valid, bounded, the same for the same seed.

What they compute shows in the graph: in ids, edges, retries, which tasks there are, what Bash runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from hypothesis import strategies

from airflow_read.programs import dags, imports
from airflow_read.programs.kinds import SAMPLES
from airflow_read.programs.rows import Row
from airflow_read.programs.statements import STATEMENTS
from airflow_read.programs.tasks import TASK_STATEMENTS
from airflow_read.programs.writer import Writer

MAIN = "orders.py"
PROBE = Row("BashOperator(task_id='see_' + <id>, bash_command=str(<any!>))")


@dataclass(frozen=True)
class Program:
    """Texts by path under the dags folder; ``main`` is the DAG file among them."""

    files: dict[str, str]
    main: str = MAIN


def write(random: Random) -> Program:
    """One DAG file."""
    setting = {**imports.plain_names(), "__file__": f"/home/airflow/dags/{MAIN}", "__name__": "orders"}
    writer = Writer(random, setting)
    for _ in range(random.randint(2, 9)):
        writer.add(STATEMENTS)
    for name in random.sample(("etl", "report", "ml"), random.choice((1, 1, 1, 2))):
        _dag(writer, name)
    body = "\n".join(writer.statements)
    return Program({MAIN: f"{imports.header(body, random)}\n{body}\n"})


def _dag(writer: Writer, name: str) -> None:
    random = writer.random
    way = random.choice(dags.WAYS)
    settings = "".join(random.sample(dags.SETTINGS, random.choice((1, 1, 2))))
    opening = way.opening.replace("NAME", name).replace("SETTING", settings)
    scope = {key: "nm" if kind == "id" else SAMPLES[kind] for key, kind in way.scope.items()}
    rows = [*TASK_STATEMENTS * 6, *(row for row in STATEMENTS if not row.top), *[PROBE] * 80]
    writer.block(opening, scope, way.enter, way.closing.replace("NAME", name), random.randint(3, 10), rows, way)


def programs() -> strategies.SearchStrategy[Program]:
    """Hypothesis' own choice of programs."""
    return strategies.randoms(use_true_random=True).map(write)


def write_project(random: Random) -> Program:
    return write(random)
