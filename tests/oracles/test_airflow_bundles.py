"""Bundles for Airflow in real Airflow: their own test passes, their files are ones that Airflow reads."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.oracles import corpus

from dagmig.cli import main
from dagmig.deploy.airflow.requirements import distribution

TEMPLATES = Path(__file__).parents[1] / "airflow_templates"
MODULES = """\
import json
from importlib.metadata import distributions
found = {}
for one in distributions():
    name = one.metadata["Name"].lower()
    if name.startswith("apache-airflow-providers-"):
        for file in one.files or ():
            if file.parts[:2] == ("airflow", "providers") and file.name.endswith(".py"):
                found[".".join(file.with_suffix("").parts)] = name
print(json.dumps(found))
"""
CONNECTIONS = """\
import json, sys
from airflow.secrets.local_filesystem import load_connections_dict
found = load_connections_dict(sys.argv[1])
print(json.dumps({name: [one.conn_type, one.password, one.description] for name, one in found.items()}))
"""


def _python(airflow_python: Path, home: Path, *arguments: object) -> str:
    environment = {**os.environ, "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    command = [str(one) for one in (airflow_python, *arguments)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-1000:]
    return run.stdout


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("bundles")
    found = []
    for path in corpus.fixture_machines():
        name = path.parent.name if path.name == "machine.asl.json" else path.name.partition(".")[0]
        target = folder / name
        given = ["convert", str(path), "--to", "airflow", "--dag-id", name, "--bundle", str(target)]
        assert CliRunner().invoke(main, given).exit_code in (0, 1)
        found.append(target)
    for path in sorted(TEMPLATES.iterdir()):
        target = folder / f"template_{path.stem}"
        given = ["convert", str(path), "--to", "airflow", "--bundle", str(target)]
        assert CliRunner().invoke(main, given).exit_code in (0, 1)
        found.append(target)
    return found


def test_the_test_of_each_bundle_passes(airflow_python: Path, bundles: list[Path], tmp_path: Path) -> None:
    assert bundles
    tests = [bundle / "tests" for bundle in bundles]
    _python(airflow_python, tmp_path, "-m", "pytest", "-q", "--import-mode=importlib", *tests)


def test_the_test_of_a_bundle_fails_without_its_dag(
    airflow_python: Path, bundles: list[Path], tmp_path: Path
) -> None:
    test = tmp_path / "tests" / "test_dags.py"
    test.parent.mkdir()
    (tmp_path / "dags").mkdir()
    test.write_text((bundles[0] / "tests" / "test_dags.py").read_text())
    with pytest.raises(AssertionError, match="1 failed, 1 passed"):
        _python(airflow_python, tmp_path, "-m", "pytest", "-q", test)


def test_airflow_reads_the_connections(airflow_python: Path, bundles: list[Path], tmp_path: Path) -> None:
    files = [path for bundle in bundles if (path := bundle / "connections.yaml").exists()]
    assert files
    for file in files:
        read = json.loads(_python(airflow_python, tmp_path, "-c", CONNECTIONS, file).splitlines()[-1])
        assert all(kind and password is None and about for kind, password, about in read.values())


def test_each_module_of_a_provider_is_of_the_distribution_we_name(
    airflow_python: Path, tmp_path: Path
) -> None:
    modules = json.loads(_python(airflow_python, tmp_path, "-c", MODULES))
    assert len(modules) > 1000
    inner = "apache-airflow-providers-common-compat"  # a part of other providers, which no DAG imports
    wrong = {
        module: name
        for module, name in modules.items()
        if name != inner and f"apache-airflow-providers-{distribution(module)}" != name
    }
    assert wrong == {}
