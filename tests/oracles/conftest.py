"""The environments the oracles live in: built by ``tests/oracles/setup.sh``, or named by variables.

A missing environment fails, and says how to build it; it never skips.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from tests.oracles import corpus

from dagmig.integrations import registry

ROOT = Path(__file__).resolve().parents[2]
ORACLES = ROOT / ".oracles"
SETUP = "bash tests/oracles/setup.sh"


def _environment(variable: str, default: Path) -> Path:
    path = Path(os.environ.get(variable) or default)
    if not path.exists():
        pytest.fail(f"{path} is missing: run `{SETUP}`, or set {variable}", pytrace=False)
    return path


@pytest.fixture(scope="session")
def airflow_python() -> Path:
    """A Python with real Airflow 3 and its providers installed."""
    return _environment("DAGMIG_AIRFLOW_PYTHON", ORACLES / "airflow" / "bin" / "python")


@pytest.fixture(scope="session")
def airflow2_python() -> Path:
    """A Python with real Airflow 2 and its providers installed."""
    return _environment("DAGMIG_AIRFLOW2_PYTHON", ORACLES / "airflow2" / "bin" / "python")


@pytest.fixture(scope="session")
def published_dags() -> Path:
    """The folder of the published DAG files that ``corpora.csv`` names."""
    return _environment("DAGMIG_CORPORA", ORACLES / "corpora")


@pytest.fixture(scope="session")
def validators_bin() -> Path:
    """The folder of the commands ``cfn-lint`` and ``statelint``."""
    return _environment("DAGMIG_VALIDATORS_BIN", ORACLES / "validators" / "bin")


@pytest.fixture(scope="session")
def deploy_python() -> Path:
    """A Python with moto, SAM's translator and a parser of Terraform's files."""
    return _environment("DAGMIG_DEPLOY_PYTHON", ORACLES / "deploy" / "bin" / "python")


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The folder that holds npm's ``asl-validator`` and ``jsonata``."""
    return _environment("DAGMIG_NODE_MODULES", ORACLES / "node" / "node_modules")


@pytest.fixture(scope="session")
def localstack_python() -> Path:
    """A Python with LocalStack's Step Functions interpreter installed."""
    return _environment("DAGMIG_LOCALSTACK_PYTHON", ORACLES / "localstack" / "bin" / "python")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it where the published machines or the recorded executions were not there to be tried."""
    if corpus.recordings() is None:
        terminalreporter.section("NO RECORDED EXECUTIONS", red=True)
        terminalreporter.line(
            f"Set {corpus.RECORDINGS_VARIABLE} to their folder; the ASL engine was not compared with AWS."
        )
    if corpus.machines_folder() is None:
        terminalreporter.section("NO PUBLISHED MACHINES", red=True)
        terminalreporter.line(
            f"Set {corpus.MACHINES_VARIABLE} to a folder of them; only the project's own fixtures were tried."
        )


GONE = {
    "airflow.providers.mysql.operators.mysql.MySqlOperator",
    "airflow.providers.postgres.operators.postgres.PostgresOperator",
    "airflow.providers.snowflake.operators.snowflake.SnowflakeOperator",
}
"""Of older versions of their providers: nobody can be asked for their arguments."""


@pytest.fixture(scope="session")
def arguments(airflow_python: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The arguments of every operator in the registry, as its installed class has them."""
    home = tmp_path_factory.mktemp("airflow")
    done = subprocess.run(
        [str(airflow_python), "-W", "ignore", str(Path(__file__).with_name("operator_arguments.py"))],
        input=json.dumps([integration.operator for integration in registry().integrations]),
        capture_output=True,
        text=True,
        check=True,
        cwd=home,
        env={**os.environ, "AIRFLOW_HOME": str(home)},
    )
    found: dict[str, list[str] | None] = json.loads(done.stdout[done.stdout.index('{"') :])
    assert {operator for operator, names in found.items() if names is None} == GONE
    return {operator: names or [] for operator, names in found.items()}
