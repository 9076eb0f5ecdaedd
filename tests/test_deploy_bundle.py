"""``dagmig convert --bundle``: what is written, what is refused, and that nothing is half-written."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from dagmig.asl.check import check
from dagmig.cli import main
from dagmig.deploy import bundle
from dagmig.deploy.names import LogicalIds
from dagmig.deploy.terraform import hcl

HEAD = """\
from datetime import datetime
from airflow.sdk import DAG, task
from airflow.providers.amazon.aws.operators.lambda_function import LambdaInvokeFunctionOperator
"""
DAG = """
with DAG("{id}", schedule="0 3 * * *", start_date=datetime(2024, 1, 1), catchup=True, tags=["b", "a"]):
    first = LambdaInvokeFunctionOperator(task_id="first", function_name="clean")
    first >> LambdaInvokeFunctionOperator(task_id="second", function_name="load")
"""
FIXTURES = Path(__file__).parents[1] / "fixtures" / "dags"
WHOLE = {
    ".dagmig.json",
    "MIGRATION.md",
    "backfill.py",
    "ledger.json",
    "template.yaml",
    "tests/cases.json",
    "tests/test_machine.py",
    "statemachine/etl.asl.json",
}


def run(*arguments: object) -> Result:
    given = ["convert", *map(str, arguments), "--to", "asl"]
    return CliRunner().invoke(main, given, catch_exceptions=False)


def written(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def dag(tmp_path: Path) -> Path:
    path = tmp_path / "dag.py"
    path.write_text(HEAD + DAG.format(id="etl"))
    return path


@pytest.mark.parametrize("kind", ["sam", "cloudformation"])
def test_holds_all_that_an_account_needs(dag: Path, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "out" / "bundle"
    result = run(dag, "--bundle", folder, "--template", kind)
    assert result.exit_code == 0, result.stderr
    found = written(folder)
    assert set(found) >= WHOLE
    template = yaml.safe_load(found["template.yaml"])
    kinds = {resource["Type"] for resource in template["Resources"].values()}
    assert kinds >= {"AWS::StepFunctions::StateMachine", "AWS::Scheduler::Schedule", "AWS::IAM::Role"}
    assert ("Transform" in template) == (kind == "sam")
    check(json.loads(found["statemachine/etl.asl.json"]))
    compile(found["backfill.py"], "backfill.py", "exec")
    assert json.loads(found["ledger.json"])["target"] == "statemachine/etl.asl.json"


def test_is_the_same_when_it_is_written_again(dag: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    assert run(dag, "--bundle", folder).exit_code == 0
    before = written(folder)
    assert run(dag, "--bundle", folder).exit_code == 0
    assert written(folder) == before
    assert sorted(tmp_path.iterdir()) == [folder, dag]


def test_leaves_nothing_of_an_earlier_bundle(dag: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    run(dag, "--bundle", folder)
    dag.write_text(HEAD + DAG.format(id="other"))
    run(dag, "--bundle", folder)
    names = {name for name in written(folder) if name.startswith("statemachine/")}
    assert names == {"statemachine/other.asl.json"}


def test_an_empty_folder_is_used(dag: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    assert run(dag, "--bundle", folder).exit_code == 0
    assert set(written(folder)) >= WHOLE


@pytest.mark.parametrize("name", ["notes.txt", "functions/a/own.py", ".git/config", "tests/own.py"])
@pytest.mark.parametrize("is_bundle", [True, False])
def test_foreign_files_are_kept(dag: Path, tmp_path: Path, name: str, is_bundle: bool) -> None:
    folder = tmp_path / "bundle"
    if is_bundle:
        run(dag, "--bundle", folder)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("mine")
    before = written(folder)
    result = run(dag, "--bundle", folder)
    assert result.exit_code == 2
    assert f"holds {name}, which dagmig did not write" in result.stderr
    assert written(folder) == before


def test_changed_files_are_kept(dag: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    run(dag, "--bundle", folder)
    (folder / "template.yaml").write_text("mine")
    result = run(dag, "--bundle", folder)
    assert result.exit_code == 2
    assert "was changed after dagmig wrote it" in result.stderr
    assert (folder / "template.yaml").read_text() == "mine"


@pytest.mark.parametrize("text", ["{", "[]", '{"files": []}', '{"files": {"notes.txt": 1}}', "\xff"])
def test_a_manifest_of_someone_else_allows_nothing(dag: Path, tmp_path: Path, text: str) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / bundle.MANIFEST).write_text(text, encoding="latin-1")
    (folder / "notes.txt").write_text("mine")
    assert run(dag, "--bundle", folder).exit_code == 2
    assert (folder / "notes.txt").read_text() == "mine"


def test_links_are_not_followed(dag: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "bundle").symlink_to(tmp_path / "elsewhere")
    assert run(dag, "--bundle", tmp_path / "bundle").exit_code == 2
    assert not list((tmp_path / "elsewhere").iterdir())
    inside = tmp_path / "inside"
    run(dag, "--bundle", inside)
    (inside / "linked").symlink_to(tmp_path / "elsewhere")
    result = run(dag, "--bundle", inside)
    assert result.exit_code == 2
    assert "holds linked" in result.stderr


def test_a_file_is_no_folder(dag: Path, tmp_path: Path) -> None:
    (tmp_path / "bundle").write_text("mine")
    result = run(dag, "--bundle", tmp_path / "bundle")
    assert result.exit_code == 2
    assert "is not a folder" in result.stderr
    result = run(dag, "--bundle", tmp_path / "bundle" / "inside")
    assert result.exit_code == 2
    assert (tmp_path / "bundle").read_text() == "mine"


def test_a_write_that_fails_leaves_the_old_bundle(
    dag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "bundle"
    run(dag, "--bundle", folder)
    before = written(folder)
    dag.write_text(HEAD + DAG.format(id="other"))
    for name, number in (("write_text", 3), ("replace", 1), ("replace", 2)):
        with monkeypatch.context() as patch:
            patch.setattr(bundle, "exchange", lambda one, other: False)  # as where the system cannot
            _fail(patch, name, number)
            result = run(dag, "--bundle", folder)
        assert result.exit_code == 2, (name, number)
        assert "cannot write" in result.stderr
        assert written(folder) == before, (name, number)
        assert sorted(tmp_path.iterdir()) == [folder, dag], (name, number)


def _fail(patch: pytest.MonkeyPatch, name: str, number: int) -> None:
    """The ``number``-th call of a method of paths fails, as on a full disk."""
    real, calls = getattr(Path, name), []

    def failing(self: Path, *arguments: object, **keywords: object) -> object:
        calls.append(self)
        if len(calls) == number:
            raise OSError(28, os.strerror(28), str(self))
        return real(self, *arguments, **keywords)

    patch.setattr(Path, name, failing)


def test_two_dags_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "dag.py"
    path.write_text(HEAD + DAG.format(id="a b") + DAG.format(id="A-B"))
    result = run(path, "--bundle", tmp_path / "bundle")
    assert result.exit_code == 2
    assert (
        f"two DAGs of {path}, `a b` and `A-B`, have one name here: choose one with --dag-id" in result.stderr
    )
    assert not (tmp_path / "bundle").exists()
    assert run(path, "--bundle", tmp_path / "bundle", "--dag-id", "a b").exit_code == 0


def test_two_dags_of_one_id_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "dag.py"
    path.write_text(HEAD + DAG.format(id="a") + DAG.format(id="a"))
    for more in ([], ["--dag-id", "a"]):
        result = run(path, "--bundle", tmp_path / "bundle", *more)
        assert result.exit_code == 2
        assert f"two DAGs of {path} are called `a`: rename one" in result.stderr
        assert not (tmp_path / "bundle").exists()


def test_several_dags_have_a_folder_each(tmp_path: Path) -> None:
    path = tmp_path / "dag.py"
    path.write_text(HEAD + DAG.format(id="one") + DAG.format(id="two"))
    assert run(path, "--bundle", tmp_path / "bundle").exit_code == 0
    found = set(written(tmp_path / "bundle"))
    assert found >= {"one/template.yaml", "two/template.yaml", "one/statemachine/one.asl.json"}
    assert (
        json.loads((tmp_path / "bundle/two/ledger.json").read_text())["target"] == "statemachine/two.asl.json"
    )


@pytest.mark.parametrize("name", ["../x", "../../etc/passwd", "/etc/x", "a/b", "..", "x\\y", "a" * 200])
def test_no_id_is_a_path(tmp_path: Path, name: str) -> None:
    """Ids that Airflow would refuse are no way out of the folder."""
    path = tmp_path / "dag.py"
    body = f"""
with DAG({name!r}, schedule="@daily", start_date=datetime(2024, 1, 1)):

    @task(task_id={name!r})
    def work():
        return 1

    work()
"""
    path.write_text(HEAD + body)
    home = tmp_path / "home"
    home.mkdir()
    result = run(path, "--bundle", home / "bundle")
    assert result.exit_code in (0, 1, 3), result.stderr
    assert {one.name for one in tmp_path.iterdir()} == {"dag.py", "home"}
    assert {one.name for one in home.iterdir()} <= {"bundle"}


def test_exit_codes(tmp_path: Path) -> None:
    path = tmp_path / "dag.py"
    path.write_text(HEAD + DAG.format(id="etl").replace('"0 3 * * *"', '"0 3 15W * *"'))
    assert run(path, "--bundle", tmp_path / "open").exit_code == 1
    path.write_text("def broken(:\n")
    assert run(path, "--bundle", tmp_path / "none").exit_code == 3
    assert not (tmp_path / "none").exists()


def outcome(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_machine_of_a_bundle_is_tested(tmp_path: Path) -> None:
    """Its success and each failing task; a machine that does something else fails the test."""
    folder = tmp_path / "bundle"
    run(FIXTURES / "orders" / "dag.py", "--bundle", folder)
    names = list(json.loads((folder / "tests/cases.json").read_text()))
    assert names == ["everything succeeds", *(f"{task} fails" for task in TASKS)]
    answer = outcome(folder)
    assert answer.returncode == 0, answer.stdout
    file = folder / "statemachine" / "orders.asl.json"
    machine = json.loads(file.read_text())
    file.write_text(json.dumps({**machine, "StartAt": "tell"}))
    assert outcome(folder).returncode == 1


TASKS = ("clean_customers", "clean_orders", "join", "tell")


def test_where_no_test_can_be_made_it_is_said(tmp_path: Path) -> None:
    run(FIXTURES / "databricks_job_trigger" / "dag.py", "--bundle", tmp_path / "bundle")
    assert not (tmp_path / "bundle" / "tests").exists()
    said = (tmp_path / "bundle" / "MIGRATION.md").read_text()
    assert "There is no test of the state machine: the work of run_databricks_job is not one call" in said
    assert "pytest" not in said


def linted(folder: Path) -> set[str]:
    """The findings about the machine's role and the template."""
    result = CliRunner().invoke(main, ["lint", "--format", "json", str(folder / "template.yaml")])
    found = json.loads(result.stdout)
    return {one["rule"] for one in found["findings"] if "iam" in one["rule"] or "template" in one["file"]}


def test_the_role_of_a_bundle_is_neither_too_narrow_nor_too_wide(tmp_path: Path) -> None:
    """By our own rules over templates, which find the machine and its role there."""
    folder = tmp_path / "bundle"
    run(FIXTURES / "orders" / "dag.py", "--bundle", folder)
    assert linted(folder) == set()
    template = folder / "template.yaml"
    template.write_text(template.read_text().replace("- sns:Publish", "- sns:Subscribe"))
    assert "iam-missing-permission" in linted(folder)


LITERAL = (
    HEAD
    + """
from airflow.providers.databricks.operators.databricks import DatabricksRunNowOperator

with DAG("d", schedule="@daily", start_date=datetime(2030, 1, 1), default_args={"email": ["a@example.com"]}):
    LambdaInvokeFunctionOperator(task_id="l", function_name="f", payload='{"name": "${user} %{x}"}')
    DatabricksRunNowOperator(task_id="run", job_id=1)
"""
)


def test_terraform_fills_in_parameters_and_nothing_else(tmp_path: Path) -> None:
    """What looks like a parameter in the DAG's own text stays, as ``file`` does not look into it."""
    path = tmp_path / "dag.py"
    path.write_text(LITERAL)
    folder = tmp_path / "bundle"
    run(path, "--bundle", folder, "--template", "terraform")
    text = (folder / "main.tf").read_text()
    (definition,) = [line.strip() for line in text.splitlines() if line.strip().startswith("definition =")]
    name = "databricks_default_host"
    assert definition.startswith("definition = replace(replace(file(")
    assert f'"$${{{name}}}", var.{name})' in definition
    assert "user" not in definition
    assert "${user}" in (folder / "statemachine" / "d.asl.json").read_text()
    assert 'variable "databricks_default_host"' in text
    assert 'start_date = "2029-12-31T23:59:59Z"' in text
    assert 'default = ["a@example.com"]' in text
    assert not (folder / "template.yaml").exists()
    assert "terraform apply" in (folder / "MIGRATION.md").read_text()
    result = CliRunner().invoke(main, ["lint", str(folder / "main.tf")])
    assert "error" not in result.stdout


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a${b}", '"a$${b}"'),
        ("100 %{if}", '"100 %%{if}"'),
        ('say "x"\\n', '"say \\"x\\"\\\\n"'),
        ("bell\x07", '"bell "'),
        ("é", '"é"'),
    ],
)
def test_no_text_is_an_expression_of_terraform(text: str, shown: str) -> None:
    assert hcl.expression(text) == shown


def test_what_is_filled_in() -> None:
    names = {"a": "var.a", "AWS::Region": "data.r"}
    assert hcl.filled("${a}", names) == "var.a"
    assert hcl.filled("x:${AWS::Region}:${a}:${b}", names) == '"x:${data.r}:${var.a}:$${b}"'


GOLDENS = ("template.yaml", "main.tf", "MIGRATION.md", "ledger.json")


@pytest.mark.parametrize("name", ["orders", "databricks_job_trigger"])
def test_goldens(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set DAGMIG_UPDATE_GOLDENS to write the files anew, and read the difference before you commit it."""
    monkeypatch.chdir(FIXTURES / name)
    for kind in ("terraform", "sam"):
        run("dag.py", "--bundle", tmp_path / kind, "--template", kind)
    for file in GOLDENS:
        kind = "terraform" if file == "main.tf" else "sam"
        text = (tmp_path / kind / file).read_text(encoding="utf-8")
        golden = FIXTURES / name / "bundle" / file
        if os.environ.get("DAGMIG_UPDATE_GOLDENS"):
            golden.parent.mkdir(exist_ok=True)
            golden.write_text(text, encoding="utf-8")
        assert golden.read_text(encoding="utf-8") == text


PYTHON = (
    HEAD
    + """
with DAG("etl", schedule="@daily", start_date=datetime(2024, 1, 1)):

    @task
    def work():
        return 1

    work()
"""
)


def test_the_readme_lists_the_files_of_a_bundle(tmp_path: Path) -> None:
    path = tmp_path / "dag.py"
    path.write_text(PYTHON)
    found = set()
    for kind in ("sam", "terraform"):
        run(path, "--bundle", tmp_path / kind, "--template", kind)
        found |= set(written(tmp_path / kind)) - {bundle.MANIFEST}
    text = (FIXTURES.parents[1] / "README.md").read_text(encoding="utf-8")
    part = text.partition("### All around the machine")[2].partition("A file with several")[0]
    named = {name for name in re.findall(r"`([^`\s]+\.\w+)`", part) if name != "dag.py"}
    shown = {re.sub(r"^functions/[^/]+/", "functions/NAME/", name).replace("/etl.", "/ID.") for name in found}
    assert shown == {
        "functions/NAME/requirements.txt" if name == "requirements.txt" else name for name in named
    }


MAIL = (
    HEAD
    + """
with DAG("etl", schedule=None, default_args={arguments}):
    LambdaInvokeFunctionOperator(task_id="first", function_name="clean")
"""
)


@pytest.mark.parametrize(
    ("arguments", "is_told"),
    [
        ({"email": ["a@example.com"]}, True),
        ({"email": "a@example.com", "email_on_failure": True}, True),
        ({"email": "a@example.com", "email_on_failure": False}, False),
        ({}, False),
    ],
)
def test_failures_are_told_where_airflow_tells_them(
    arguments: dict[str, object], is_told: bool, tmp_path: Path
) -> None:
    path = tmp_path / "dag.py"
    path.write_text(MAIL.replace("{arguments}", repr(arguments)))
    assert run(path, "--bundle", tmp_path / "bundle").exit_code == 0
    template = yaml.safe_load((tmp_path / "bundle" / "template.yaml").read_text())
    assert ("TellFailures" in template["Resources"]) == is_told
    rows = json.loads((tmp_path / "bundle" / "ledger.json").read_text())["rows"]
    assert any("AlarmTopic" in row["difference"] for row in rows) == is_told


ALIKE = """\
from airflow.sdk import DAG, task

with DAG("state", schedule="@daily"):
    for name in ("a-b", "a_b", "load2", "load_2", "machine"):
        @task(task_id=name)
        def one():
            return 1
        one()
"""


@pytest.mark.parametrize("kind", ["lambda", "ecs", "batch"])
def test_ids_of_tasks_that_are_called_alike_are_apart(kind: str, tmp_path: Path) -> None:
    """CloudFormation takes letters and digits only: ``a-b`` and ``a_b`` had one role, function and log."""
    (tmp_path / "dag.py").write_text(ALIKE)
    run(
        tmp_path / "dag.py",
        "--bundle",
        tmp_path / "out",
        "--template",
        "cloudformation",
        "--python-target",
        kind,
    )
    resources = yaml.safe_load((tmp_path / "out/template.yaml").read_text())["Resources"]
    kinds = [one["Type"] for one in resources.values()]
    made = {
        "lambda": "AWS::Lambda::Function",
        "ecs": "AWS::ECS::TaskDefinition",
        "batch": "AWS::Batch::JobDefinition",
    }
    assert kinds.count(made[kind]) == 5
    assert (
        kinds.count("AWS::IAM::Role") == (5 if kind == "lambda" else 10) + 2
    )  # the machine's, the scheduler's
    trusted = resources["StateMachineRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert trusted["Principal"] == {"Service": "states.amazonaws.com"}


def test_ids_do_not_lean_on_what_else_there_is() -> None:
    ids = LogicalIds.of(["a_b", "a-b", "kms_key_arn", "other"], ["a-b", "c"], ["task_a_definition_arn"])
    assert len({*ids.parameters.values()}) == 4
    assert ids.parameters["other"] == "Other"
    assert ids.parameters["kms_key_arn"] != "KmsKeyArn"
    assert ids.functions == {"a-b": "AB", "c": "C"}
    assert ids.containers == {"task_a_definition_arn": "TaskA"}
    assert LogicalIds.of(["a-b", "a_b"], [], []).parameters == {
        name: ids.parameters[name] for name in ("a-b", "a_b")
    }


def test_rights_that_only_the_code_knows_are_a_row(tmp_path: Path) -> None:
    path = tmp_path / "dag.py"
    body = """
with DAG("one", schedule=None):

    @task
    def go():
        import boto3

        return boto3.client("s3").list_buckets()

    go()
"""
    path.write_text(HEAD + body)
    assert run(path, "--bundle", tmp_path / "bundle").exit_code == 1
    rows = json.loads((tmp_path / "bundle/ledger.json").read_text())["rows"]
    (said,) = [row for row in rows if row["construct"] == "iam"]
    assert said["disposition"] == "decision"
    assert "`boto3`" in said["difference"]


@pytest.mark.parametrize("kind", ["sam", "terraform"])
def test_the_description_is_that_of_the_dag(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "dag.py"
    text = DAG.format(id="one").replace('DAG("one",', 'DAG("one", doc_md="# Sales\\n\\nof the *day*",')
    path.write_text(HEAD + text)
    run(path, "--bundle", tmp_path / "bundle", "--template", kind)
    found = written(tmp_path / "bundle")
    assert b"Sales of the *day*" in found["main.tf" if kind == "terraform" else "template.yaml"]
    rows = json.loads(found["ledger.json"])["rows"]
    assert [row["difference"] for row in rows if row["construct"] == "doc_md"] == [
        "the description of the template begins with it"
    ]
