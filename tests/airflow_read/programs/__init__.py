"""Random DAG programs in the language the reader is to know: valid, bounded, the same for the same seed.

What they compute shows in the graph: in ids, edges, retries, which tasks there are, what Bash runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies

from airflow_read.programs import dags, imports
from airflow_read.programs.kinds import SAMPLES
from airflow_read.programs.rows import Row
from airflow_read.programs.statements import STATEMENTS
from airflow_read.programs.tasks import MODULE, TASK_STATEMENTS
from airflow_read.programs.writer import Writer

KEYWORD = re.compile(r"catchup|start_date|schedule=|default_args|tags")
MADE = re.compile(r"\bDAG\(|@dag\b")
MAIN = "orders.py"
BITS = 40  # of a program's number
PROBE = Row("BashOperator(task_id='see_' + <id>, bash_command=str(<any!>))")


@dataclass(frozen=True)
class Program:
    """Texts by path under the dags folder; ``main`` is the DAG file among them."""

    files: dict[str, str]
    main: str = MAIN


def write(random: Random) -> Program:
    """One DAG file."""
    writer = Writer(random, setting(MAIN))
    for _ in range(random.choice((0, 1, 2, 4, 8))):
        writer.add(STATEMENTS)
    for name in random.sample(("etl", "report", "ml"), random.choice((1, 1, 1, 2))):
        _dag(writer, name)
    while not any(MADE.search(statement) for statement in writer.statements):
        _dag(writer, "etl")
    body = "\n".join(writer.statements)
    return Program({MAIN: f"{imports.header(body, random)}\n{body}\n"})


def setting(path: str) -> dict[str, Any]:
    """What a module finds before its first line."""
    return {**imports.plain_names(), "__file__": f"/home/airflow/dags/{path}", "__name__": Path(path).stem}


def _dag(writer: Writer, name: str) -> None:
    random = writer.random
    way = random.choice(dags.WAYS)
    settings = _settings(random, way.opening)
    opening = way.opening.replace("NAME", name).replace("SETTING", settings)
    scope = {key: "nm" if kind == "id" else SAMPLES[kind] for key, kind in way.scope.items()}
    rows = [*TASK_STATEMENTS * 6, *(row for row in STATEMENTS if not row.top), *[PROBE] * 80]
    writer.block(
        opening, scope, way.enter, way.closing.replace("NAME", name), random.randint(3, 10), rows, way
    )


def _settings(random: Random, opening: str) -> str:
    """One or two further arguments of the DAG, none of them twice."""
    found = ""
    for setting in random.sample(dags.SETTINGS, random.choice((1, 1, 2))):
        if not set(KEYWORD.findall(setting)) & set(KEYWORD.findall(found + opening)):
            found += setting
    return found


def program(name: str) -> Program:
    """The program of a name: ``7/12``, or ``7/project/12`` for one of several files."""
    return write_project(Random(name)) if "project" in name else write(Random(name))


def names(seed: int) -> strategies.SearchStrategy[str]:
    """Names of programs, one in eight of several files; every number is a program of its own.

    Drawn bit by bit: among integers, hypothesis mixes constants of whatever local modules are loaded, so
    that the same test would draw other programs when other tests run beside it.
    """
    return strategies.tuples(*[strategies.booleans()] * BITS).map(lambda bits: _name(seed, bits))


def _name(seed: int, bits: tuple[bool, ...]) -> str:
    number = sum(bit << place for place, bit in enumerate(bits))
    return f"{seed}/{number}" if number % 8 else f"{seed}/project/{number}"


def write_project(random: Random) -> Program:
    """A DAG file with a package beside it that it imports from."""
    constants = Writer(random, setting("common/constants.py"), "_k")
    factory = Writer(random, setting("common/factory.py"), "_f", (constants,))
    main = Writer(random, setting(MAIN), "", (constants, factory))
    for writer, rows, count in ((constants, STATEMENTS, 3), (factory, [*STATEMENTS, *MODULE * 6], 5)):
        for _ in range(random.randint(1, count)):
            writer.add(rows)
    for _ in range(random.randint(0, 3)):
        main.add(STATEMENTS)
    while not any(MADE.search(statement) for statement in main.statements):
        _dag(main, "etl")
    texts = {module: "\n".join(writer.statements) for module, writer in
             (("constants", constants), ("factory", factory), ("main", main))}  # fmt: skip
    shared, made = (set(writer.exported(writer.known())) for writer in (constants, factory))
    own = random.choice(("from .constants import {}", "from common.constants import {}"))
    factory_text, factory_import = imports.importing(texts["factory"], shared, own)
    main_text, first = imports.importing(texts["main"], shared, random.choice(imports.STYLES), "constants")
    main_text, second = imports.importing(main_text, made, random.choice(imports.STYLES), "factory")
    init = random.choice(
        ("", "from common.factory import *\n", '"""What is common."""\nfrom . import constants\n')
    )
    return Program({
        MAIN: f"{imports.header(main_text, random)}{first}{second}\n{main_text}\n",
        "common/__init__.py": init,
        "common/constants.py": f"{imports.header(texts['constants'], random)}\n{texts['constants']}\n",
        "common/factory.py": f"{imports.header(factory_text, random)}{factory_import}\n{factory_text}\n",
    })  # fmt: skip
