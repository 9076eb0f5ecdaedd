"""Cases of the reader as text: ``== `` and the graph that is expected, then the lines of the file.

``bodies.txt`` holds what stands inside ``with DAG("d") as dag_:``, ``files.txt`` whole files, where graphs go
by DAG id (``d: a>b | e: x``).
"""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
MORE = """\
import pendulum
from airflow.sdk import Asset, AssetAlias, BaseOperator, BaseSensorOperator, Param, XComArg
from airflow.providers.standard.operators.python import BranchPythonOperator, PythonOperator
from airflow.providers.standard.operators.python import ShortCircuitOperator
from airflow.providers.standard.sensors.filesystem import FileSensor
from airflow.providers.standard.sensors.python import PythonSensor

"""


def bodies() -> list[tuple[str, str]]:
    """The files of ``bodies.txt`` without the harness's head, and the graph of their DAG ``d``."""
    return [(in_dag(body), expected) for expected, body in _read("bodies.txt")]


def files() -> list[tuple[str, dict[str, str]]]:
    """The files of ``files.txt``, and the graph of each DAG."""
    return [(body, _by_dag(expected)) for expected, body in _read("files.txt")]


def in_dag(body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.rstrip("\n").splitlines())
    return f'with DAG("d", start_date=datetime(2024, 1, 1)) as dag_:\n{lines}'


def _by_dag(expected: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in expected.split(" | ") if part)
    return {dag.strip(): graph.strip() for dag, _, graph in pairs}


def _read(name: str) -> list[tuple[str, str]]:
    text = (HERE / name).read_text(encoding="utf-8")
    found = []
    for case in text.split("\n== ")[1:]:
        expected, _, body = case.partition("\n")
        found.append((expected.strip(), body.rstrip("\n") + "\n"))
    return found
