"""``dagmig convert --to airflow --bundle``: what an Airflow installation needs around a DAG."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from dagmig.cli import main
from dagmig.deploy.airflow.requirements import distribution, requirements, unknown, versions
from dagmig.deploy.airflow.secrets import without_secrets
from dagmig.diagnostics import Report

ROOT = Path(__file__).resolve().parents[1]
MACHINE = {
    "StartAt": "Read",
    "States": {
        "Read": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "read"},
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}
PINNED = re.compile(r"apache-airflow(?:-providers-([a-z0-9-]+))?==([\d.]+)")


def convert(file: Path, *arguments: object) -> Result:
    given = ["convert", file, "--to", "airflow", *arguments]
    return CliRunner().invoke(main, [str(one) for one in given], catch_exceptions=False)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    path = tmp_path / "read_orders.asl.json"
    path.write_text(json.dumps(MACHINE))
    return path


@pytest.fixture
def bundle(machine: Path, tmp_path: Path) -> Path:
    assert convert(machine, "--bundle", tmp_path / "bundle").exit_code == 0
    return tmp_path / "bundle"


def test_the_files(bundle: Path) -> None:
    found = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    assert found == {
        ".dagmig.json", "MIGRATION.md", "connections.yaml", "dags/read_orders.py", "ledger.json",
        "requirements.txt", "tests/test_dags.py",
    }  # fmt: skip


def test_the_dag_is_the_one_without_a_bundle(bundle: Path, machine: Path) -> None:
    assert (bundle / "dags" / "read_orders.py").read_text() == convert(machine).stdout


def test_requirements_are_ranges_of_what_the_dag_imports(bundle: Path) -> None:
    lines = (bundle / "requirements.txt").read_text().splitlines()
    assert [line.partition(">=")[0] for line in lines] == [
        "apache-airflow",
        "apache-airflow-providers-amazon",
    ]
    for line in lines:
        low, high = re.fullmatch(r"[a-z-]+>=(\d+)\.\d+,<(\d+)", line).groups()
        assert int(high) == int(low) + 1


def test_connections_have_a_type_and_no_secret(bundle: Path) -> None:
    found = yaml.safe_load((bundle / "connections.yaml").read_text())
    assert found == {"aws_default": {"conn_type": "aws", "description": "Used by read_orders.Read"}}


def test_what_calls_aws_by_a_hook_has_a_connection(tmp_path: Path) -> None:
    given = {"TableName": "t", "Item": {"id": {"S": "1"}}}
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:putItem",
        "Parameters": given,
        "End": True,
    }
    machine = tmp_path / "put.asl.json"
    machine.write_text(json.dumps({"StartAt": "Put", "States": {"Put": state}}))
    convert(machine, "--bundle", tmp_path / "bundle")
    found = yaml.safe_load((tmp_path / "bundle" / "connections.yaml").read_text())
    assert found == {"aws_default": {"conn_type": "aws", "description": "Used by put.Put"}}


def test_an_http_connection_has_its_host(tmp_path: Path) -> None:
    arn = "arn:aws:events:eu-central-1:1:connection/rates/1"
    given = {
        "ApiEndpoint": "https://h.example.com/a",
        "Method": "GET",
        "Authentication": {"ConnectionArn": arn},
    }
    state = {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Parameters": given, "End": True}
    machine = tmp_path / "ask.asl.json"
    machine.write_text(json.dumps({"StartAt": "Ask", "States": {"Ask": state}}))
    convert(machine, "--bundle", tmp_path / "bundle")
    found = yaml.safe_load((tmp_path / "bundle" / "connections.yaml").read_text())
    assert found["rates"] == {
        "conn_type": "http",
        "host": "https://h.example.com",
        "description": "Used by ask.Ask",
    }


def test_a_dag_without_connections_has_no_file_of_them(tmp_path: Path) -> None:
    machine = tmp_path / "wait.asl.json"
    machine.write_text('{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}')
    assert convert(machine, "--bundle", tmp_path / "bundle").exit_code == 0
    assert not (tmp_path / "bundle" / "connections.yaml").exists()
    assert "connections" not in (tmp_path / "bundle" / "MIGRATION.md").read_text()


def test_the_dag_test_names_the_tasks(bundle: Path) -> None:
    tree = ast.parse((bundle / "tests" / "test_dags.py").read_text())
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    tasks = next(node.value for node in assigned if "TASKS" in ast.dump(node))
    assert ast.literal_eval(tasks) == {"read_orders": {"Read"}}


def test_the_ledger_names_the_folder(bundle: Path) -> None:
    assert json.loads((bundle / "ledger.json").read_text())["target"] == "dags"


def test_open_rows_are_to_be_decided(tmp_path: Path) -> None:
    machine = tmp_path / "loop.asl.json"
    states = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Task", "Resource": "x", "Next": "A"}}
    machine.write_text(json.dumps({"StartAt": "A", "States": states}))
    assert convert(machine, "--bundle", tmp_path / "bundle").exit_code == 1
    before = (tmp_path / "bundle" / "MIGRATION.md").read_text().partition("## Set up")[0]
    assert "- [ ] " in before
    assert "Nothing has to be decided" not in before


def test_a_bundle_is_written_again_after_its_tests_ran(bundle: Path, machine: Path) -> None:
    (bundle / "tests" / "__pycache__").mkdir()
    (bundle / "tests" / "__pycache__" / "test_dags.pyc").write_bytes(b"\0")
    assert convert(machine, "--bundle", bundle).exit_code == 0


def test_foreign_files_are_left_alone(bundle: Path, machine: Path) -> None:
    (bundle / "dags" / "mine.py").write_text("mine = 1\n")
    result = convert(machine, "--bundle", bundle)
    assert result.exit_code == 2
    assert "dags/mine.py" in result.stderr
    assert (bundle / "dags" / "mine.py").read_text() == "mine = 1\n"


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("airflow.sdk", ""),
        ("airflow.providers.amazon.aws.operators.s3", "amazon"),
        ("airflow.providers.cncf.kubernetes.operators.pod", "cncf-kubernetes"),
        ("airflow.providers.common.sql.operators.sql", "common-sql"),
        ("airflow.providers.microsoft.azure.operators.data_factory", "microsoft-azure"),
        ("airflow.providers.acme.operators.beam", None),
        ("boto3", "amazon"),
        ("acme.jobs", None),
    ],
)
def test_the_distribution_of_a_module(module: str, name: str | None) -> None:
    assert distribution(module) == name


def test_a_module_that_nobody_knows_is_no_requirement() -> None:
    text = "import json\nimport acme.jobs\nfrom airflow.sdk import DAG\n"
    assert unknown([text]) == ("acme",)
    assert [line.partition(">=")[0] for line in requirements([text])] == ["apache-airflow"]


def test_versions_are_those_of_the_oracles() -> None:
    text = (ROOT / "tests" / "oracles" / "requirements-airflow.in").read_text()
    pinned = {found[1] or "": found[2] for line in text.splitlines() if (found := PINNED.fullmatch(line))}
    assert versions() == pinned


SECRETS = ("tr0ub4dor-3xK9", "k3y98ahsd7ASD", "s3cr3tPw9", "ghp_0123456789abcdefghijABCDEFGHIJ012345")


def task(resource: str, field: str, **given: object) -> dict[str, object]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", field: given, "End": True}


@pytest.mark.parametrize(
    ("state", "written"),
    [
        (
            task("lambda:invoke", "Arguments", FunctionName="f", Payload={"password": SECRETS[0]}),
            '"password": "{{ var.value.secret_password }}"',
        ),
        (
            task("glue:startJobRun", "Arguments", JobName="j", Arguments={"--x-api-key": SECRETS[1]}),
            '"--x-api-key": "{{ var.value.secret_x_api_key }}"',
        ),
        (
            task(
                "glue:startJobRun", "Arguments", JobName="j", Arguments={"--db": f"pg://u:{SECRETS[2]}@db/x"}
            ),
            "pg://u:{{ var.value.secret_password_2 }}@db/x",
        ),
        (
            task("lambda:invoke", "Parameters", FunctionName="f", **{"Payload": {"token": SECRETS[3]}}),
            '"token": "{{ var.value.secret_token }}"',
        ),
        (
            task(
                "lambda:invoke", "Arguments", FunctionName="f", Payload="{% {'password': 'tr0ub4dor-3xK9'} %}"
            ),
            "secret_password",
        ),
        (
            task("sns:publish", "Arguments", TopicArn="t", Message=f"curl --password {SECRETS[0]}"),
            "secret_password",
        ),
    ],
)
@pytest.mark.parametrize("is_template", [False, True])
def test_secrets_are_copied_nowhere(
    state: dict[str, object], written: str, is_template: bool, tmp_path: Path
) -> None:
    language = {} if "Parameters" in state else {"QueryLanguage": "JSONata"}
    machine = {**language, "Comment": f"password={SECRETS[0]}", "StartAt": "A", "States": {"A": state}}
    path = tmp_path / ("template.json" if is_template else "m.asl.json")
    properties = {"Definition": machine}
    resource = {"Type": "AWS::Serverless::StateMachine", "Properties": properties}
    path.write_text(json.dumps({"Resources": {"Flow": resource}} if is_template else machine))
    result = convert(path, "--bundle", tmp_path / "bundle")
    texts = [one.read_text() for one in sorted((tmp_path / "bundle").rglob("*")) if one.is_file()]
    for secret in SECRETS:
        assert secret not in "\n".join([*texts, result.output])
    (dag,) = (tmp_path / "bundle" / "dags").iterdir()
    assert written in dag.read_text()
    assert "holds a secret" in result.output
    names = json.loads((tmp_path / "bundle" / "variables.json").read_text())
    assert names == {name: f"to be filled in: {name}" for name in names}
    assert result.exit_code == 1


def test_a_secret_that_no_task_reads_is_said(tmp_path: Path) -> None:
    choice = {"Variable": "$.x", "StringEquals": SECRETS[3], "Next": "B"}
    states = {"A": {"Type": "Choice", "Choices": [choice]}, "B": {"Type": "Succeed"}}
    path = tmp_path / "m.asl.json"
    path.write_text(json.dumps({"Comment": f"token={SECRETS[3]}", "StartAt": "A", "States": states}))
    result = convert(path)
    assert SECRETS[3] not in result.output
    assert "copied nowhere" in result.output


def test_what_is_filled_into_a_machine_is_a_variable() -> None:
    """Only where a Resource shows that something is filled in: elsewhere `${HOME}` may be meant as it is."""
    place = "arn:aws:lambda:${AWS::Region}:1:function:f"
    state = {"Type": "Task", "Resource": place, "Parameters": {"home": "${Home}"}, "End": True}
    made = without_secrets(
        json.dumps({"StartAt": "A", "States": {"A": state}}), "m.asl.json", report := Report(), "d"
    )
    assert made is not None
    assert "arn:aws:lambda:{{ var.value.AWS_Region }}:1:function:f" in made.text
    assert "{{ var.value.Home }}" in made.text
    assert set(made.variables) == {"AWS_Region", "Home"}
    said = {row.difference for row in made.report.rows if row.construct == "substitution"}
    assert said == {
        f"`${{{name}}}` is the Airflow Variable `{variable}`"
        for name, variable in (("AWS::Region", "AWS_Region"), ("Home", "Home"))
    }
    state["Resource"] = "arn:aws:lambda:eu-central-1:1:function:f"
    made = without_secrets(json.dumps({"StartAt": "A", "States": {"A": state}}), "m.asl.json", report, "d")
    assert made is not None
    assert "${Home}" in made.text


PAGES = {
    "StartAt": "Read",
    "States": {
        "Read": {**MACHINE["States"]["Read"], "Next": "More"},
        "More": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.Payload.more", "BooleanEquals": True, "Next": "Read"}],
            "Default": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}


def test_a_loop_that_stays_in_step_functions_is_in_the_bundle(tmp_path: Path) -> None:
    file = tmp_path / "pages.asl.json"
    file.write_text(json.dumps(PAGES))
    assert convert(file, "--loops", "machine", "--bundle", tmp_path / "bundle").exit_code == 1
    folder = tmp_path / "bundle" / "machines"
    kept = json.loads((folder / "pages_read.asl.json").read_text())
    assert (kept["StartAt"], set(kept["States"])) == ("Read", {"Read", "More", "Done"})
    (allowed,) = json.loads((folder / "pages_read.policy.json").read_text())["Statement"]
    assert allowed["Action"] == ["lambda:InvokeFunction"]
    assert allowed["Resource"] == ["arn:aws:lambda:*:*:function:read"]
    variables = json.loads((tmp_path / "bundle" / "variables.json").read_text())
    assert variables == {"pages_read_machine": "to be filled in: the ARN of machines/pages_read.asl.json"}
    assert "machines/pages_read.policy.json" in (tmp_path / "bundle" / "MIGRATION.md").read_text()
    assert convert(file, "-o", tmp_path / "dag.py").exit_code == 0


def test_what_is_filled_into_a_machine_that_stays_is_as_in_the_template(tmp_path: Path) -> None:
    file = tmp_path / "t.json"
    read = {**PAGES["States"]["Read"], "Resource": {"Fn::GetAtt": ["Fn", "Arn"]}}
    machine = {**PAGES, "States": {**PAGES["States"], "Read": read}}
    orders = {"Type": "AWS::Serverless::StateMachine", "Properties": {"Definition": machine}}
    resources = {"Fn": {"Type": "AWS::Lambda::Function"}, "Orders": orders}
    file.write_text(json.dumps({"Resources": resources}))
    found = convert(file, "--loops", "machine", "--bundle", tmp_path / "bundle")
    kept = json.loads((tmp_path / "bundle" / "machines" / "Orders_read.asl.json").read_text())
    assert kept["States"]["Read"]["Resource"] == "${Fn.Arn}"
    assert "and what its `${...}` stand for" in found.stderr
    assert "decision[substitution] Read_start: Airflow does not render `doc_json`" in found.stderr


def test_loops_is_for_machines(tmp_path: Path) -> None:
    file = tmp_path / "dag.py"
    file.write_text("from airflow.sdk import DAG\n\nwith DAG('d'):\n    pass\n")
    given = ["convert", str(file), "--to", "asl", "--loops", "machine"]
    found = CliRunner().invoke(main, given)
    assert (found.exit_code, "--loops is for --to airflow" in found.output) == (2, True)
