"""``dagmig convert``: one file in, the other system's file out, with the ledger beside it."""

from __future__ import annotations

import errno
import re
import sys
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click

from dagmig import pipeline
from dagmig.asl.lower.offload import Store
from dagmig.cli.exits import Exit
from dagmig.cli.invalid import faults
from dagmig.cli.lowering import fallback, on_failure, python_target
from dagmig.cli.own import known, own_integrations
from dagmig.cli.project import project_root, say_no_dag
from dagmig.deploy.ledger import ledger as ledger_text
from dagmig.deploy.secrets import hidden
from dagmig.diagnostics import Disposition, Report, Row
from dagmig.integrations.running import Running
from dagmig.pipeline import Converted
from dagmig.regions.durations import INVALID, Duration, parse
from dagmig.source import UNREADABLE_CODES, read_text, write_text

SAID = UNREADABLE_CODES | {INVALID}  # why nothing was converted


@click.command(name="convert")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", type=click.Choice(["asl", "airflow"]), required=True, help="What to convert to.")
@click.option("-o", "--output", default="-", help="Where to write; a folder for several DAGs.")
@click.option("--ledger", type=click.Path(path_type=Path), help="Write the ledger here, as JSON.")
@click.option("--dag-id", help="To asl: the one DAG to convert. To airflow: the id of the new DAG.")
@on_failure
@click.option(
    "--durations",
    type=click.Path(path_type=Path),
    help="To asl: a CSV file of tasks and their seconds. Where dependencies don't nest, the waits that have "
    "to be added are chosen by it.",
)
@click.option(
    "--join",
    type=click.Choice(["cut", "latch"]),
    default="cut",
    show_default=True,
    help="To asl, where dependencies don't nest: add waits, or let the branches of a Parallel wait for each "
    "other by a DynamoDB table.",
)
@click.option(
    "--offload",
    metavar="S3-URI",
    help="To asl: where generated functions keep answers that are too large for a state (s3://BUCKET/PREFIX).",
)
@click.option(
    "--target-airflow",
    type=click.Choice(["2", "3"]),
    help="To asl: the version of Airflow the DAG runs on, which dates its runs. Without it 3 where the file "
    "imports airflow.sdk, else 2.",
)
@python_target
@fallback
@click.option(
    "--bundle",
    type=click.Path(path_type=Path),
    help="Write a folder with the result and all that is needed around it in an AWS account, or an "
    "installation of Airflow.",
)
@click.option(
    "--template",
    type=click.Choice(["sam", "cloudformation", "terraform"]),
    default="sam",
    show_default=True,
    help="To asl, with --bundle: the kind of template.",
)
@click.option(
    "--trigger-from-sensor",
    is_flag=True,
    help="To asl, with --bundle: a DAG that begins with a sensor (of an S3 key, a queue, another DAG), or is "
    "started by an asset, is started by an event in its place.",
)
@click.option(
    "--http-start",
    is_flag=True,
    help="To asl, with --bundle: add a route that starts the machine, as Airflow's REST API starts a DAG.",
)
@click.option(
    "--loops",
    type=click.Choice(["task", "machine"]),
    default="task",
    show_default=True,
    help="To airflow: a loop that is neither an operator that waits nor a sensor becomes one task, or stays "
    "in Step Functions, as a machine of its own that a task starts.",
)
@own_integrations
@project_root
def command(file: Path, to: str, output: str, ledger: Path | None, **given: Any) -> None:
    """Convert a DAG file to state machines, or a state machine to a DAG file.

    Exit 0: the result behaves as the source does (every row of the ledger is exact or noted).
    Exit 1: converted, with rows a person has to decide. Exit 2: usage. Exit 3: the input cannot be
    read, or is no valid state machine.
    """
    report = Report()
    with known(given["own"], file):
        converted = _convert(file, to, report, given)
    if not converted:
        _say(report, ())
        raise SystemExit(Exit.UNREADABLE)
    try:
        if given["bundle"] is not None:
            target = _bundle(converted, file, to, given, report)
        _say(report, [row for one in converted for row in one.report.rows])
        if given["bundle"] is None:
            target = _deliver(converted, output, to)
        if ledger is not None:
            write_text(ledger, ledger_text(file, target, converted))
    except OSError as error:
        if error.errno == errno.EPIPE:  # nobody reads on, which click knows how to end
            raise
        raise click.UsageError(
            f"cannot write {error.filename or given['bundle'] or output}: {error.strerror}"
        ) from error
    is_whole = not any(said.code == "definition-not-read" for said in report)
    is_open = any(one.report.has_open_rows for one in converted) or not is_whole
    raise SystemExit(Exit.OPEN if is_open else Exit.OK)


def _convert(file: Path, to: str, report: Report, options: dict[str, Any]) -> list[Converted]:
    text = read_text(file, report)
    if text is None:
        return []
    if (to == "asl") != file.name.endswith(".py"):
        wanted = "a Python file" if to == "asl" else "a JSON, YAML or Terraform file"
        raise click.UsageError(f"--to {to} converts {wanted}, and {file} is not one")
    for option in ("trigger_from_sensor", "http_start"):
        if options[option] and (to == "airflow" or options["bundle"] is None):
            raise click.UsageError(f"--{option.replace('_', '-')} is for --to asl with --bundle")
    if to == "asl" and options["loops"] != "task":
        raise click.UsageError("--loops is for --to airflow")
    for option in ("durations", "offload", "fallback"):
        if to == "airflow" and options[option] is not None:
            raise click.UsageError(f"--{option} is for --to asl")
    if to == "airflow":
        keeps = options["loops"] == "machine"
        return to_airflow(text, file, report, options["dag_id"] or "", keeps_loops=keeps)
    durations = None
    if options["durations"] is not None:
        durations = _durations(options["durations"], report)
        if any(diagnostic.code in SAID for diagnostic in report):
            return []
    lowering = pipeline.Lowering(
        drains=options["on_failure"] == "drain",
        durations=durations,
        latches=options["join"] == "latch",
        airflow=options["target_airflow"] and int(options["target_airflow"]),
        store=_store(options["offload"]),
        has_events=options["trigger_from_sensor"],
        running=Running(options["python_target"], options["fallback"] is not None),
    )
    dag_id, root = options["dag_id"], options["project_root"]
    found = pipeline.airflow_to_asl(text, str(file), report, dag_id, root, lowering)
    if not found and not any(diagnostic.code in SAID for diagnostic in report):
        say_no_dag(file, dag_id)
    return [hidden(one, text, str(file)) for one in found]


def to_airflow(
    text: str, file: Path, report: Report, dag_id: str, *, keeps_loops: bool = False
) -> list[Converted]:
    """Every machine of a file as a DAG; none, said in ``report``, where it cannot be read or has faults."""
    from dagmig.deploy.airflow.secrets import without_secrets
    from dagmig.deploy.airflow.template import holds_template, template_to_airflow

    if found_faults := faults(file):
        report.diagnostics.extend(found_faults)
        return []
    if holds_template(text, str(file)):
        found = template_to_airflow(text, str(file), report, dag_id, keeps_loops=keeps_loops)
        chosen = [one for one in found if one.id == dag_id] if dag_id and len(found) > 1 else found
        if found and not chosen:
            ids = ", ".join(sorted(one.id for one in found))
            raise click.UsageError(f"--dag-id {dag_id}: the file's state machines become {ids}")
        return chosen
    one = without_secrets(text, str(file), report, dag_id, keeps_loops=keeps_loops)
    return [one] if one else []


def _bundle(converted: list[Converted], file: Path, to: str, given: dict[str, Any], report: Report) -> str:
    """Write the bundle and return where."""
    from dagmig.deploy.airflow.files import files as airflow_files
    from dagmig.deploy.bundle import BundleError, write_bundle
    from dagmig.deploy.files import files

    folder, airflow = given["bundle"], given["target_airflow"]
    now = datetime.now(timezone.utc)
    try:
        if to == "airflow":
            found = airflow_files(converted, file, report)
        else:
            version, root = airflow and int(airflow), given["project_root"]
            has_route = given["http_start"]
            found = files(converted, file, given["template"], now, version, root, has_route=has_route)
        write_bundle(folder, found)
    except BundleError as error:
        raise click.UsageError(f"--bundle: {error}") from error
    return str(folder)


def _store(text: str | None) -> Store | None:
    try:
        return None if text is None else Store.parse(text)
    except ValueError as error:
        raise click.UsageError(f"--offload {text}: {error}") from error


def _durations(file: Path, report: Report) -> dict[str, Duration]:
    text = read_text(file, report)
    return parse(text, str(file), report) if text is not None else {}


def _file_name(text: str) -> str:
    """An id as the name of a file; an id comes from the input and may try to be a path."""
    return re.sub(r"[^\w.-]+", "_", text, flags=re.ASCII).strip("_.") or "unnamed"


def _say(report: Report, rows: Iterable[Row]) -> None:
    """Diagnostics and every row that is not exact, on stderr; a row a reader caused is said once."""
    said = {(diagnostic.span, diagnostic.message) for diagnostic in report}
    for diagnostic in report:
        click.echo(str(diagnostic), err=True)
    for row in rows:
        if row.disposition is not Disposition.EXACT and (row.source, row.difference) not in said:
            task = f"{row.task}: " if row.task else ""
            click.echo(f"{row.source}: {row.disposition}[{row.construct}] {task}{row.difference}", err=True)


def _deliver(converted: list[Converted], output: str, to: str) -> str:
    """Write the products and return where, as the ledger names it."""
    if output == "-":
        if len(converted) > 1:
            ids = ", ".join(sorted(one.id for one in converted))
            raise click.UsageError(
                f"the file defines several DAGs ({ids}): choose one with --dag-id, or give a folder with -o"
            )
        sys.stdout.write(converted[0].text)
        if functions := converted[0].functions:
            click.echo(
                f"{len(functions)} Lambda function(s) belong to this machine; -o PATH writes them too",
                err=True,
            )
        return "-"
    path, suffix = Path(output), ".asl.json" if to == "asl" else ".py"
    is_folder = len(converted) > 1 or path.is_dir() or output.endswith("/")
    if not is_folder:
        _write(converted[0], path)
        return str(path)
    taken: set[str] = set()
    for one in converted:
        _write(one, path / f"{_free(_file_name(one.id), taken)}{suffix}")
    return str(path)


def _free(name: str, taken: set[str]) -> str:
    """A file name that is not taken, in upper or lower case: ``name``, ``name-2`` ..."""
    found, number = name, 2
    while found.lower() in taken:
        found, number = f"{name}-{number}", number + 1
    taken.add(found.lower())
    return found


def _write(one: Converted, path: Path) -> None:
    write_text(path, one.text)
    stem = path.name.removesuffix(".json").removesuffix(".asl")
    taken: set[str] = set()
    for name, source in one.functions.items():
        free = _free(_file_name(name.removesuffix(".py")), taken)
        write_text(path.parent / f"{stem}.functions" / f"{free}.py", source)
