"""A secret of a DAG is in nothing that is written, and what is written does the same with its value given."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from dagmig.cli import main
from dagmig.deploy.secret_code import without
from dagmig.deploy.secrets import of_code

SECRET = "tr0ub4dor-3xK9"
HEAD = """\
from airflow.sdk import DAG, task
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.providers.amazon.aws.operators.lambda_function import LambdaInvokeFunctionOperator
from airflow.providers.amazon.aws.operators.ecs import EcsRunTaskOperator
from acme import TeleportOperator
"""
CODE = {
    "constant": ('PASSWORD = "{s}"', "", "return PASSWORD"),
    "local": ("", "", 'password = "{s}"; return password'),
    "comment": ("", "", 'api_key = "{s}"; return api_key  # {s}'),
    "docstring": ('PASSWORD = "{s}"', "", '"""Not {s}."""; return PASSWORD'),
    "f-string": ('PASSWORD = "{s}"', "", "return f'{{1}}{s}{{2:>0}}'[1:-1]"),
    "bytes": ('PASSWORD = b"{s}"', "", "return PASSWORD.decode()"),
    "default": ("", 'token="{s}"', "return token"),
    "argv": ("", "", 'return ["--token", "{s}"][1]'),
    "text of json": ("", "", 'return \'{{"password": "{s}"}}\'[14:-2]'),
    "header": ("", "", 'given = {{"Authorization": "Bearer {s}-00"}}; return given["Authorization"][7:-3]'),
    "uri": ("", "", 'return "postgresql://etl:{s}@db/sales"[17:-9]'),
}


def dag_of(head: str, parameters: str, body: str) -> str:
    return f"""{head}
with DAG("etl", schedule=None):
    @task
    def go({parameters}):
        {body}
    go()
"""


MACHINE = {
    "payload": "LambdaInvokeFunctionOperator(task_id='a', function_name='f', "
    'payload=\'{{"password": "{s}"}}\')',
    "command": "BashOperator(task_id='a', bash_command='PGPASSWORD={s} psql -c \"select 1\"')",
    "template": "BashOperator(task_id='a', bash_command='curl --api-token {s} -d {{{{ ds }}}} https://x')",
    "user": "BashOperator(task_id='a', bash_command='curl -u me:{s} https://x')",
    "env": "BashOperator(task_id='a', bash_command='true', env={{'DB_PASSWORD': '{s}'}})",
    "kwargs": "PythonOperator(task_id='a', python_callable=print, op_kwargs={{'secret': '{s}'}})",
    "pair": "EcsRunTaskOperator(task_id='a', cluster='c', task_definition='t', "
    "overrides={{'containerOverrides': [{{'name': 'c', 'environment': ["
    "{{'name': 'API_KEY', 'value': '{s}'}}]}}]}})",
    "argv": "EcsRunTaskOperator(task_id='a', cluster='c', task_definition='t', "
    "overrides={{'containerOverrides': [{{'name': 'c', 'command': ['run', '--api-token', '{s}']}}]}})",
    "template's default": "LambdaInvokeFunctionOperator(task_id='a', function_name='f', "
    "payload='{{\"password\": \"{{{{{{{{ params.x or \\'{s}\\' }}}}}}}}\"}}')",
    "mysql": "BashOperator(task_id='a', bash_command='mysql -h h -p{s} -e \"select 1\"')",
    "sshpass": "BashOperator(task_id='a', bash_command='sshpass -p {s} ssh h')",
    "sql": "BashOperator(task_id='a', bash_command='psql -c \"create user u password \\'{s}\\'\"')",
    "header": "BashOperator(task_id='a', bash_command='curl -H \"X-Api-Key: {s}\" https://x')",
    "documentation": "TeleportOperator(task_id='a', doc_md='token: {s}')",
    "storage": "LambdaInvokeFunctionOperator(task_id='a', function_name='f', "
    'payload=\'{{"uri": "AccountName=a;AccountKey={s}"}}\')',
    "spark": "LambdaInvokeFunctionOperator(task_id='a', function_name='f', "
    'payload=\'{{"fs.s3a.secret.key": "{s}"}}\')',
    "hadoop": "LambdaInvokeFunctionOperator(task_id='a', function_name='f', "
    'payload=\'{{"fs.azure.account.key.me.dfs.core.windows.net": "{s}"}}\')',
    "untranslated": "TeleportOperator(task_id='a', password='{s}', doc_md='{s}')",
}
TOKENS = [
    "ghp_" + "a1B2" * 9,
    "dapi" + "0123456789abcdef" * 2,
    "AKIA" + "Q7RT" * 4,
    "ZmDfcTF7_60GrrY167zsiPd67pEvs0aGOv2oasOM1Pg=",
    "Bearer 0a1b2c3d",
]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], catch_exceptions=False)


def written(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def bundled(dag: str, folder: Path) -> tuple[dict[str, str], Result]:
    (folder / "project").mkdir()
    (folder / "project/dag.py").write_text(HEAD + dag)
    plain = run("convert", folder / "project/dag.py", "--to", "asl", "-o", folder / "plain/")
    result = run("convert", folder / "project/dag.py", "--to", "asl", "--bundle", folder / "out")
    files = {f"plain/{name}": text for name, text in written(folder / "plain").items()}
    files |= written(folder / "out")
    files["said"] = plain.output + plain.stderr + result.output + result.stderr
    return files, result


def check_nowhere(secret: str, files: dict[str, str]) -> None:
    assert [name for name, text in files.items() if secret in text] == []


def rows(files: dict[str, str]) -> list[tuple[str, str]]:
    found = json.loads(files["ledger.json"])["rows"]
    return [(row["disposition"], row["difference"]) for row in found if row["construct"] == "secret"]


@pytest.mark.parametrize("name", CODE)
def test_code_reads_its_secret_from_the_environment(name: str, tmp_path: Path) -> None:
    files, result = bundled(dag_of(*(part.format(s=SECRET) for part in CODE[name])), tmp_path)
    assert result.exit_code == 1
    check_nowhere(SECRET, files)
    template = yaml.safe_load(files["template.yaml"])
    (variable, reference), *others = template["Resources"]["EtlGoFunction"]["Properties"]["Environment"][
        "Variables"
    ].items()
    assert template["Parameters"][reference["Ref"]]["NoEcho"] is True
    assert any(disposition == "decision" and variable in said for disposition, said in rows(files))
    given = {"PATH": "/usr/bin:/bin", variable: SECRET} | {one: SECRET for one, _ in others}
    if name == "header":
        given[variable] = f"Bearer {SECRET}-00"
    done = subprocess.run(
        [sys.executable, "-c", "import handler; print(handler.handler({}, None))"],
        cwd=tmp_path / "out/functions/etl-go",
        env=given,
        capture_output=True,
        text=True,
    )
    assert done.stdout == f"{SECRET}\n", done.stderr


@pytest.mark.parametrize("name", MACHINE)
def test_a_parameter_stands_for_a_secret_in_the_machine(name: str, tmp_path: Path) -> None:
    files, _ = bundled(f'with DAG("etl", schedule=None):\n    {MACHINE[name].format(s=SECRET)}\n', tmp_path)
    check_nowhere(SECRET, files)
    if name in ("documentation", "untranslated"):
        return
    machine = files["statemachine/etl.asl.json"]
    template = yaml.safe_load(files["template.yaml"])
    substitutions = template["Resources"]["StateMachine"]["Properties"]["DefinitionSubstitutions"]
    (parameter, reference) = next(iter(substitutions.items()))
    assert f"${{{parameter}}}" in machine
    assert template["Parameters"][reference["Ref"]]["NoEcho"] is True
    assert [disposition for disposition, _ in rows(files)] == ["decision"]
    assert SECRET in json.dumps(json.loads(machine.replace(f"${{{parameter}}}", SECRET)))


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_is_known_by_its_form(token: str, tmp_path: Path) -> None:
    dag = dag_of("", "x", "return x").replace("go()", f'go("{token}")')
    dag = dag.replace("None)", f'None, description="{token}")')
    files, _ = bundled(dag, tmp_path)
    check_nowhere(token, files)


def test_a_carried_modules_secret_is_hidden_too(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project/util.py").write_text(f'def get(password="{SECRET}"):\n    return password\n')
    dag = dag_of("from util import get", "", "return get()")
    (tmp_path / "project/dag.py").write_text(HEAD + dag)
    run("convert", tmp_path / "project/dag.py", "--to", "asl", "--bundle", tmp_path / "out")
    files = written(tmp_path / "out")
    check_nowhere(SECRET, files)
    assert 'os.environ["SECRET_PASSWORD"]' in files["functions/etl-go/util.py"]
    assert yaml.safe_load(files["template.yaml"])["Parameters"]["SecretPassword"]["NoEcho"] is True
    assert len(rows(files)) == 1


def test_two_secrets_of_one_name_are_two_parameters(tmp_path: Path) -> None:
    dag = dag_of("", "", f'password = "{SECRET}"; return password, dict(password="{SECRET}-2")')
    files, _ = bundled(dag, tmp_path)
    check_nowhere(SECRET, files)
    assert {"SecretPassword", "SecretPassword2"} <= yaml.safe_load(files["template.yaml"])[
        "Parameters"
    ].keys()


WEAK = [
    'password = "super-secret-123"',
    'token = "my-token-42"',
    'given = {"DB_PASSWORD": "pg-pass-1"}',
    'command = "deploy --api-key my-key-2024"',
]


@pytest.mark.parametrize("line", WEAK)
def test_a_weak_secret_is_one(line: str) -> None:
    assert len(list(of_code(f"{line}\n", "dag.py"))) == 1


GOOD = [
    'secret = "prod-db-1"',
    'token = "{{ var.value.token }}"',
    'doc = "token: a text of 3 words, password: see below"',
    'PASSWORD = "{{ conn.db.password }}"',
    'PASSWORD = os.environ["PASSWORD"]',
    'token = "next_page_token"',
    'secret_name = "prod/db-1"',
    'url = "https://user:password@host/"',
    'command = "psql --password $PASSWORD"',
    'command = "--token-file /run/token1 --page-token abc12345"',
    'api_key = "example-key-123"',
    'sha256 = ["--page-token", "abc12345"]',
    'command = "mkdir -p /data/run1 && nc -p 8080"',
    'docs = {"token": "next_page_token", "password": "{{ var.value.p }}"}',
]


@pytest.mark.parametrize("line", GOOD)
def test_what_is_no_secret_stays(line: str) -> None:
    assert list(of_code(f"import os\n{line}\n", "dag.py")) == []


@pytest.mark.parametrize(
    "source",
    [
        'match x:\n    case "abc12345":\n        y = 1\n',
        "x = [\n",
        '"""abc12345"""\n',
        'x = f"{y!r:abc12345}"\n',
        'os = 1\nx = "abc12345"\n',
        'é = "é"; x = "é" "abc12345"\n',
        "x = rb'abc12345'\n",
        'from __future__ import annotations\nx: "abc12345" = 1\n',
    ],
)
def test_code_of_any_form_is_without_it(source: str) -> None:
    made = without(source, {"abc12345": "secret_key"})
    assert "abc12345" not in made.text
    if source != "x = [\n":
        compile(made.text, "made", "exec")


def test_code_does_the_same_with_its_secret_given() -> None:
    source = 'os = 1\nx = "é" "abc12345" + f"abc12345{os}", b"abc12345!"\n'
    made = without(source, {"abc12345": "secret_key"})
    os.environ["SECRET_KEY"] = "abc12345"
    try:
        before: dict[str, object] = {}
        after: dict[str, object] = {}
        exec(source, before)
        exec(made.text, after)
    finally:
        del os.environ["SECRET_KEY"]
    assert after["x"] == before["x"]


def test_a_pattern_that_cannot_be_a_name_is_said() -> None:
    source = 'match x:\n    case "abc12345":\n        y = 1\n'
    assert without(source, {"abc12345": "secret_key"}).left_out == {"abc12345"}
