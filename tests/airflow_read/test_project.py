"""Several files: modules of the project are read as the DAG file itself, and nothing outside of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from airflow_read.graphs import HEAD, shown
from dagmig.airflow.read import read
from dagmig.cli import main
from dagmig.diagnostics import Report, Span
from dagmig.lint import Options
from dagmig.lint.run import run

MINE = """\
class My(EmptyOperator):
    def __init__(self, **kw):
        super().__init__(retries=3, **kw)
"""
FACTORY = f"{HEAD}\ndef make(name):\n    return op(name)\n\n@task\ndef fetch():\n    pass\n"
PROJECTS = [
    ({"dags/common/factory.py": FACTORY}, "from common.factory import make", "make('a') >> make('b')", "a>b"),
    ({"dags/common/__init__.py": "NAME = 'a'\n"}, "import common", "op(common.NAME)", "a"),
    ({"dags/common/factory.py": FACTORY}, "from common import factory", "factory.fetch() >> op('b')",
     "fetch>b"),
    ({"plugins/ours.py": FACTORY}, "from ours import make", "make('a')", "a"),
    ({"include/names.py": "A = 'a'\n"}, "from include.names import A", "op(A)", "a"),
    (
        {"dags/p/__init__.py": "from .names import *\n", "dags/p/more.py": "B = 'a'\n",
         "dags/p/names.py": "from . import more\nA = more.B\n"},
        "import p", "op(p.A)", "a",
    ),
    ({"dags/one.py": "import two\nA = 'a'\n", "dags/two.py": "import one\nB = 'b'\n"}, "import one, two",
     "op(one.A + two.B)", "ab"),
    ({"dags/ops.py": HEAD + MINE},
     "from ops import My", "My(task_id='a')", "a"),
]  # fmt: skip


def test_a_dag_of_a_decorated_function_of_a_module_stands_nowhere_in_the_file(tmp_path: Path) -> None:
    module = f"{HEAD}\n\n\n@dag('d')\ndef make():\n    op('a')\n"
    path = project(
        tmp_path, {"dags/made.py": module}, "from airflow.sdk import DAG\nfrom made import make\nmake()\n"
    )
    (found,) = read(path.read_text(), str(path), Report())
    assert (found.id, found.span) == ("d", Span(str(path)))


def project(folder: Path, files: dict[str, str], text: str) -> Path:
    for name, content in {**files, "dags/orders.py": text, "pyproject.toml": ""}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder / "dags" / "orders.py"


def read_file(path: Path) -> tuple[str, Report]:
    report = Report()
    (found,) = read(path.read_text(), str(path), report)
    return shown(found, [d.code for d in report]), report


@pytest.mark.parametrize(("files", "imports", "body", "expected"), PROJECTS)
def test_modules_of_the_project(
    tmp_path: Path, files: dict[str, str], imports: str, body: str, expected: str
) -> None:
    path = project(tmp_path, files, f"{HEAD}{imports}\nwith DAG('d'):\n    {body}\n")
    assert read_file(path)[0] == expected


def test_a_module_that_is_not_there_is_a_name_from_elsewhere(tmp_path: Path) -> None:
    path = project(tmp_path, {}, f"{HEAD}from gone import make\nwith DAG('d'):\n    make('a')\n")
    assert read_file(path)[0] == "?unknown-value"


def test_a_module_that_cannot_be_parsed_is_said(tmp_path: Path) -> None:
    path = project(tmp_path, {"dags/bad.py": "def ("}, f"{HEAD}import bad\nwith DAG('d'):\n    op('a')\n")
    text, report = read_file(path)
    assert text == "a ?unknown-value"
    assert [d.span.line for d in report] == [HEAD.count("\n") + 1]


def test_nothing_outside_the_project_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("A = 'a'\n")
    path = project(tmp_path / "in", {}, f"{HEAD}import link\nwith DAG('d'):\n    op(link.A)\n")
    (path.parent / "link.py").symlink_to(tmp_path / "secret.py")
    assert read_file(path)[0] == "?unknown-id"


def test_what_another_file_makes_stands_where_this_one_asked(tmp_path: Path) -> None:
    path = project(
        tmp_path, {"dags/f.py": FACTORY}, f"{HEAD}from f import make\nwith DAG('d'):\n    make('a')\n"
    )
    report = Report()
    (found,) = read(path.read_text(), str(path), report)
    assert found.tasks["a"].span.line == HEAD.count("\n") + 3
    assert Path(found.tasks["a"].span.file) == path


def test_findings_are_kept_only_while_the_modules_stay_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    text = f"{HEAD}from names import CRON\nwith DAG('d', schedule=CRON, catchup=False):\n    op('a')\n"
    path = project(tmp_path / "in", {"dags/names.py": "CRON = '0 1 * * *'\n"}, text)

    def rules() -> list[str]:
        found = run([path], Options(use_cache=True), Report(), Report())
        return [one.code for one in found.diagnostics]

    assert rules() == rules() == []
    (path.parent / "names.py").write_text("CRON = '0 25 * * *'\n")
    assert rules() == rules() == ["invalid-cron"]
    (path.parent / "names.py").unlink()
    assert rules() == []


@pytest.mark.parametrize("command", [["graph"], ["lint", "--no-cache"], ["convert", "--to", "asl"]])
def test_commands_take_the_root_of_the_project(tmp_path: Path, command: list[str]) -> None:
    text = f"{HEAD}from names import NAME\nwith DAG('d', schedule=None):\n    op(NAME)\n    op(NAME)\n"
    path = project(tmp_path / "in" / "deep", {}, text)
    (tmp_path / "in" / "names.py").write_text("NAME = 'a'\n")
    without = CliRunner().invoke(main, [*command, str(path)])
    given = CliRunner().invoke(main, [*command, str(path), "--project-root", str(tmp_path / "in")])
    assert "is used twice" not in without.output
    assert "duplicate-task-id" in given.output


def test_an_assumed_default_is_a_decision(tmp_path: Path) -> None:
    text = f"{HEAD}import os\nwith DAG('d', schedule=None):\n    op(os.getenv('NAME', 'a'))\n"
    path = project(tmp_path, {}, text)
    ledger = tmp_path / "ledger.json"
    result = CliRunner().invoke(main, ["convert", "--to", "asl", str(path), "--ledger", str(ledger)])
    rows = json.loads(ledger.read_text())["rows"]
    assert result.exit_code == 1
    assert [row["disposition"] for row in rows if row["construct"] == "assumed-default"] == ["decision"]


DATA = {
    "dags/conf/names.json": '["a", "b"]',
    "dags/conf/names.yaml": "names: [a, b]\n",
    "dags/conf/names.txt": "a\nb\n",
}
READERS = [
    "import json\nfrom pathlib import Path\n"
    "NAMES = json.loads((Path(__file__).parent / 'conf' / 'names.json').read_text())",
    "import json, os\n"
    "with open(os.path.join(os.path.dirname(__file__), 'conf/names.json')) as f:\n    NAMES = json.load(f)",
    "import yaml\nfrom pathlib import Path\nwith (Path(__file__).parent / 'conf/names.yaml').open() as f:\n"
    "    NAMES = yaml.safe_load(f)['names']",
    "from pathlib import Path\nwith open(Path(__file__).parent / 'conf/names.txt') as f:\n"
    "    NAMES = [line.strip() for line in f]",
    "from pathlib import Path\nNAMES = (Path(__file__).parent / 'conf/names.txt').read_text().split()",
]


@pytest.mark.parametrize("reading", READERS)
def test_data_files_of_the_project(tmp_path: Path, reading: str) -> None:
    path = project(tmp_path, DATA, f"{HEAD}{reading}\nwith DAG('d'):\n    chain(*[op(n) for n in NAMES])\n")
    assert read_file(path)[0] == "a>b"


@pytest.mark.parametrize("place", ["../../secret.txt", "/etc/hostname", "gone.txt", "link.txt"])
def test_data_files_elsewhere_are_not_read(tmp_path: Path, place: str) -> None:
    (tmp_path / "secret.txt").write_text("a")
    reading = f"from pathlib import Path\nNAME = (Path(__file__).parent / {place!r}).read_text()"
    path = project(tmp_path / "in", {}, f"{HEAD}{reading}\nwith DAG('d'):\n    op(NAME)\n")
    (path.parent / "link.txt").symlink_to(tmp_path / "secret.txt")
    assert "?unknown-id" in read_file(path)[0].split()
