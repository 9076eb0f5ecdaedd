"""What the functions of a bundle install and carry, by the files of the project around the DAG."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from dagmig.airflow.read.project import Project
from dagmig.cli import main
from dagmig.deploy.distributions import distribution
from dagmig.deploy.pins import pins

DAG = """\
from airflow.sdk import DAG, task
{head}
with DAG("etl", schedule=None):
    @task
    def work():
        {body}
    work()
"""


class Bundled:
    """A project with one DAG, and the bundle made of it."""

    def __init__(self, folder: Path) -> None:
        self.root, self.out = folder / "project", folder / "out"
        self.put("dags/dag.py", "")
        self.put(".git/HEAD", "")

    def put(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def convert(self, head: str, body: str) -> None:
        self.put("dags/dag.py", DAG.format(head=head, body=body))
        arguments = ["convert", str(self.root / "dags/dag.py"), "--to", "asl", "--bundle", str(self.out)]
        result = CliRunner().invoke(main, arguments, catch_exceptions=False)
        assert result.exit_code in (0, 1), result.output

    @property
    def requirements(self) -> list[str]:
        return self.text("requirements.txt").splitlines()

    def text(self, name: str) -> str:
        return (self.out / "functions/etl-work" / name).read_text(encoding="utf-8")

    def rows(self, construct: str = "imports") -> list[tuple[str, str]]:
        found = json.loads((self.out / "ledger.json").read_text(encoding="utf-8"))["rows"]
        return [(r["disposition"], r["difference"]) for r in found if r["construct"] == construct]


@pytest.fixture
def bundled(tmp_path: Path) -> Bundled:
    return Bundled(tmp_path)


def test_what_the_code_imports_is_installed_as_the_project_pins_it(bundled: Bundled) -> None:
    bundled.put("requirements.txt", "pandas==2.2.1  # why\nPyYAML>=6,<7\nboto3==1.34\n-r more.txt\n")
    bundled.put("more.txt", 'requests[socks]==2.31.0 ; python_version > "3.8" --hash=sha256:00\n')
    bundled.convert(
        "import json, os\nimport boto3\nimport pandas as pd\nimport yaml",
        "import requests; return [pd.DataFrame(), yaml, requests, json, os, boto3]",
    )
    assert bundled.requirements == ["pandas==2.2.1", "pyyaml>=6,<7", "requests[socks]==2.31.0"]
    assert {disposition for disposition, _ in bundled.rows()} == {"noted"}


def test_a_module_that_the_code_does_not_use_is_left_out(bundled: Bundled) -> None:
    bundled.convert("import pandas", "return 1")
    assert bundled.requirements == []
    assert bundled.rows() == []


def test_a_version_that_nobody_says_is_a_decision(bundled: Bundled) -> None:
    bundled.put("requirements.txt", "numpy\n")
    bundled.convert("import numpy\nfrom sklearn.svm import SVC", "return [numpy, SVC]")
    assert bundled.requirements == ["numpy", "scikit-learn"]
    assert bundled.rows() == [
        ("decision", "`numpy` is installed in its newest version: requirements.txt says none"),
        ("decision", "`scikit-learn` is installed in its newest version: no file of the project says which"),
    ]


def test_airflow_and_its_hooks_are_not_installed_but_said(bundled: Bundled) -> None:
    bundled.convert(
        "from airflow.providers.amazon.aws.hooks.s3 import S3Hook\nfrom airflow.models import Variable",
        "return [S3Hook(), Variable.get('x')]",
    )
    assert bundled.requirements == []
    said = " ".join(text for disposition, text in bundled.rows() if disposition == "decision")
    assert "a provider's hook" in said
    assert "Airflow itself" in said


def test_what_stands_for_airflow_in_the_function_needs_nothing(bundled: Bundled) -> None:
    bundled.convert("from airflow.exceptions import AirflowSkipException", "raise AirflowSkipException('x')")
    assert (bundled.requirements, bundled.rows()) == ([], [])


def test_a_namespace_that_many_packages_share_is_not_guessed(bundled: Bundled) -> None:
    bundled.convert("from google.cloud import storage, unheard_of", "return [storage, unheard_of]")
    assert bundled.requirements == ["google-cloud-storage"]
    assert (
        "decision",
        "no telling which package has `google.cloud.unheard_of`: add it to requirements.txt",
    ) in (bundled.rows())


def test_the_projects_own_modules_are_carried_with_what_they_import(bundled: Bundled) -> None:
    bundled.put("dags/helpers/__init__.py", "")
    bundled.put("dags/helpers/clean.py", "from .deep import double\n\n\ndef tidy(x):\n    return double(x)\n")
    bundled.put("dags/helpers/deep.py", "import arrow\n\n\ndef double(x):\n    return 2 * x\n")
    bundled.put("dags/helpers/unused.py", "import pandas\n")
    bundled.convert("from helpers.clean import tidy", "return tidy(21)")
    assert bundled.requirements == ["arrow"]
    folder = bundled.out / "functions/etl-work/helpers"
    assert sorted(path.name for path in folder.iterdir()) == ["__init__.py", "clean.py", "deep.py"]
    (bundled.out / "functions/etl-work/arrow.py").write_text("")
    run = "import handler; print(handler.handler({}, None))"
    done = subprocess.run(
        [sys.executable, "-c", run], cwd=folder.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout == "42\n"


def test_a_module_by_the_name_of_the_handler_is_not_carried(bundled: Bundled) -> None:
    bundled.put("dags/handler.py", "def go():\n    return 1\n")
    bundled.convert("from handler import go", "return go()")
    assert "def handler(event, _)" in bundled.text("handler.py")
    assert [text for disposition, text in bundled.rows() if disposition == "decision"] == [
        "the module `handler` of the project cannot be carried: put it into the function's folder"
    ]


def test_a_module_outside_of_the_root_is_not_read(bundled: Bundled, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("pandas==6.6.6\n")
    (tmp_path / "outside.py").write_text("import arrow\n")
    bundled.put("requirements.txt", "-r ../outside.txt\n")
    bundled.convert("import pandas\nimport outside", "return [pandas, outside]")
    assert bundled.requirements == ["outside", "pandas"]


def converted(bundled: Bundled, dag: str) -> None:
    bundled.put("dags/dag.py", dag)
    arguments = ["convert", str(bundled.root / "dags/dag.py"), "--to", "asl", "--bundle", str(bundled.out)]
    CliRunner().invoke(main, arguments, catch_exceptions=False)


def test_a_closure_that_cannot_be_carried_is_a_row(bundled: Bundled) -> None:
    dag = """\
from airflow.sdk import DAG, task
def make(factor):
    @task
    def work():
        return factor
    return work
with DAG("etl", schedule=None):
    make(3)()
"""
    converted(bundled, dag)
    said = ("decision", "the code uses `factor`, which the module does not define")
    assert said in bundled.rows("python-callable")


def test_a_name_of_the_dags_block_is_carried_without_the_dag(bundled: Bundled) -> None:
    dag = """\
from airflow.sdk import DAG, task
with DAG("etl", schedule=None):
    factor = 3

    def times(x):
        return x * factor

    @task
    def work():
        return times(2)
    work()
"""
    converted(bundled, dag)
    assert bundled.rows() == []
    run = "import handler; print(handler.handler({}, None))"
    folder = bundled.out / "functions/etl-work"
    done = subprocess.run([sys.executable, "-c", run], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout == "6\n"


def test_what_a_virtual_environment_names_is_installed(bundled: Bundled) -> None:
    dag = """\
from airflow.providers.standard.operators.python import PythonVirtualenvOperator
from airflow.sdk import DAG
def work():
    import polars, arrow
    return [polars, arrow]
with DAG("etl", schedule=None):
    PythonVirtualenvOperator(task_id="work", python_callable=work, requirements=["polars==1.9", "x>1"])
"""
    converted(bundled, dag)
    assert bundled.requirements == ["arrow", "polars==1.9", "x>1"]
    assert not any("`requirements`" in text for _, text in bundled.rows("argument-not-translated"))


def test_a_requirement_that_names_no_package_is_a_row(bundled: Bundled) -> None:
    dag = """\
from airflow.providers.standard.operators.python import PythonVirtualenvOperator
from airflow.sdk import DAG
def work():
    return 1
with DAG("etl", schedule=None, params={"p": "arrow"}):
    PythonVirtualenvOperator(
        task_id="work",
        python_callable=work,
        requirements=["# why", "x>1", "{{ params.p }}", "-r more.txt", "y @ https://me:passw0rd@host.example/y.whl"],
    )
"""
    converted(bundled, dag)
    assert bundled.requirements == ["x>1"]
    asked = [text.partition(" of the task's")[0] for kind, text in bundled.rows() if kind == "decision"]
    assert asked == ["`{{ params.p }}`", "`-r more.txt`", "`y @ https://host.example/y.whl`"]


def test_the_first_test_of_a_function_runs(bundled: Bundled) -> None:
    bundled.convert("", "return {'a': 1}")
    folder = bundled.out / "functions/etl-work"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_handler.py"]
    assert "1 passed, 1 skipped" in subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout
    path = folder / "test_handler.py"
    path.write_text(path.read_text().replace("ANSWER = ...", "ANSWER = {'a': 1}"))
    assert "2 passed" in subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout
    path.write_text(path.read_text().replace("ANSWER = {'a': 1}", "ANSWER = {'a': 2}"))
    assert "1 failed" in subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout


FORMS = {
    "pyproject.toml": '[project]\ndependencies = ["Some_Thing[x] == 1.2"]\n',
    "requirements.txt": "some.thing == 1.2\n",
    "constraints.txt": "some-thing===1.2\n",
    "uv.lock": '[[package]]\nname = "some-thing"\nversion = "1.2"\n',
    "poetry.lock": '[[package]]\nname = "some-thing"\nversion = "1.2"\n',
    "Pipfile.lock": '{"default": {"some-thing": {"version": "==1.2"}}}',
}


@pytest.mark.parametrize("name", FORMS)
def test_pins_are_read_from(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(FORMS[name])
    (tmp_path / "dag.py").write_text("")
    found = pins(Project.of(str(tmp_path / "dag.py"), str(tmp_path)), tmp_path)["some-thing"]
    assert found.is_exact
    assert found.versions.lstrip("=") == "1.2"


@pytest.mark.parametrize(
    ("said", "versions"),
    [("^1.2.3", ">=1.2.3,<2"), ("^0.3", ">=0.3,<0.4"), ("~1.2", ">=1.2,<1.3"), ("1.2", "==1.2"), ("*", "")],
)
def test_poetrys_versions_are_written_as_pip_has_them(said: str, versions: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[tool.poetry.dependencies]\nthing = "{said}"\n')
    (tmp_path / "dag.py").write_text("")
    assert pins(Project.of(str(tmp_path / "dag.py")), tmp_path)["thing"].versions == versions


@pytest.mark.parametrize(
    "text", ["\0", "[[[", "a==1 @ b", "git+https://u:p@h/x", "x @ https://h/x.whl", "-e ."]
)
@pytest.mark.parametrize("name", FORMS)
def test_what_is_no_pin_is_none(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "dag.py").write_text("")
    assert pins(Project.of(str(tmp_path / "dag.py"), str(tmp_path)), tmp_path) == {}


@pytest.mark.parametrize(
    ("module", "known", "name"),
    [
        ("yaml", (), "pyyaml"),
        ("psycopg2", ("psycopg2",), "psycopg2"),
        ("psycopg2", (), "psycopg2-binary"),
        ("google.cloud.pubsub_v1.types", (), "google-cloud-pubsub"),
        ("google.cloud.aiplatform", ("google-cloud-aiplatform",), "google-cloud-aiplatform"),
        ("google.cloud.aiplatform", (), None),
        ("my_package.sub", (), "my-package"),
    ],
)
def test_a_modules_distribution(module: str, known: tuple[str, ...], name: str | None) -> None:
    assert distribution(module, known) == name
