"""A program for each row of the tables: the construct alone, shown by what Bash runs or by the graph."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from airflow_read.programs import MAIN, Program, dags, imports, setting
from airflow_read.programs.expressions import EXPRESSIONS
from airflow_read.programs.kinds import PLAIN, is_kind
from airflow_read.programs.rows import Row
from airflow_read.programs.statements import STATEMENTS
from airflow_read.programs.tasks import MODULE, TASK_EXPRESSIONS, TASK_STATEMENTS
from airflow_read.programs.writer import Writer

SEEN = 'with DAG("etl") as dag:\n'


def singles() -> Iterator[tuple[str, Program]]:
    """The text of each row that can stand alone, and its program."""
    for kind, rows in EXPRESSIONS.items():
        for text in rows:
            yield from _made(text, Row(f"$v = {text}"), kind in PLAIN)
    for kind in ("t", "x", "lt", "dt_", "side"):
        for text in TASK_EXPRESSIONS[kind]:
            yield from _made(text, Row(f"$v = {text}"), False)
    for row in dict.fromkeys(STATEMENTS):
        yield from _made(row.text, row, True)
    for row in dict.fromkeys([*TASK_STATEMENTS, *MODULE]):
        yield from _made(row.text, row, False)
    for setting_text in dict.fromkeys(dags.SETTINGS):
        yield from _made(
            setting_text,
            Row(f'with DAG("set"{setting_text}) as $dag:\n    $t = EmptyOperator(task_id="a")'),
            True,
        )
    for way in dags.WAYS:
        writer = _writer(way.opening)
        opening = way.opening.replace("NAME", "etl").replace("SETTING", "")
        rows = [Row('$t = EmptyOperator(task_id="a")'), Row("$t = EmptyOperator(task_id='b', retries=2)")]
        scope = {name: "nm" for name, kind in way.scope.items() if kind == "id"}
        if writer.block(opening, scope, way.enter, way.closing.replace("NAME", "etl"), 1, rows, way):
            yield way.opening, _program(writer)


def _writer(text: str) -> Writer:
    writer = Writer(Random(text), setting(MAIN))
    writer.depth = 0
    return writer


def _made(text: str, row: Row, is_plain: bool) -> Iterator[tuple[str, Program]]:
    writer = _writer(text)
    if is_plain and writer.add([row]):
        _show(writer, row)
        yield text, _program(writer)
    if not is_plain:
        way = dags.WAYS[0]
        if writer.block('with DAG("etl") as $dag:', {}, way.enter, "", 1, [row], way):
            yield text, _program(writer)


def _show(writer: Writer, row: Row) -> None:
    """Have Bash run every value that the row left, and every expression it offers."""
    environment = writer.known()
    shown = [name for name, value in writer.exported(environment).items() if _is_plain(value)]
    for kind, _offer in row.offers:
        for offer in writer.offers[kind]:
            found = writer.filled_offer(kind, offer)
            shown += [found] if found else []
    lines = [
        f"    BashOperator(task_id='see_{number}', bash_command=str({text}))"
        for number, text in enumerate(shown)
    ]
    writer.statements.append(SEEN + "\n".join(lines or ["    pass"]))


def _is_plain(value: object) -> bool:
    return any(is_kind(kind, value) for kind in PLAIN)


def _program(writer: Writer) -> Program:
    body = "\n".join(writer.statements)
    return Program({MAIN: f"{imports.header(body, Random(0))}\n{body}\n"})
