"""The pattern rules: more of what they must flag, and where they must stay silent."""

from __future__ import annotations

import pytest

from dagmig.lint.check import rules
from dagmig.lint.pattern import _beginning, compiled, pattern_specs
from dagmig.lint.rule import FixKind
from dagmig.lint.source import Source


def lines(rule: str, text: str) -> list[int]:
    """The lines one rule flags."""
    (found,) = [one for one in rules() if one.id == rule]
    return [diagnostic.span.line for diagnostic in found(Source(text, "dag.py", "dag"))]


IMPORTS = (
    "import boto3, httpx, requests, urllib\nimport airflow\nfrom airflow import models\n"
    "from airflow.models import Variable\n"
)
FLAGGED = [
    ("schedule-interval", "@dag(schedule_interval=None)\ndef d(): ..."),
    ("schedule-interval", "with airflow.DAG('d', schedule_interval='@daily') as d: pass"),
    ("schedule-interval", "dag = models.DAG('d', schedule_interval='@daily')"),
    ("dynamic-start-date", "DAG('d', start_date=days_ago(1))"),
    ("dynamic-start-date", "DAG('d', start_date=datetime.now() - timedelta(days=1))"),
    ("dynamic-start-date", "DAG('d', start_date=pendulum.today('UTC').add(days=-1))"),
    ("dynamic-start-date", "@dag(start_date=datetime.datetime.utcnow())\ndef d(): ..."),
    ("dynamic-start-date", "default_args = {'owner': 'me', 'start_date': datetime.today()}"),
    ("dynamic-start-date", "DAG('d', default_args={'start_date': timezone.utcnow()})"),
    ("dynamic-start-date", "BashOperator(task_id='x', start_date=days_ago(2))"),
    ("top-level-variable", "x = Variable.get('a', deserialize_json=True)"),
    ("top-level-variable", "with DAG('d'):\n  for t in Variable.get('a'): pass"),
    ("top-level-variable", "@dag(schedule=None)\ndef d():\n    x = Variable.get('a')"),
    ("top-level-variable", "x = models.Variable.get('a')"),
    ("top-level-network", "x = requests.get('https://a')"),
    ("top-level-network", "s3 = boto3.client('s3')"),
    ("top-level-network", "s3 = boto3.session.Session(profile_name='a').client('s3')"),
    ("top-level-network", "x = urllib.request.urlopen('https://a').read()"),
    ("top-level-network", "@airflow.decorators.dag\ndef d():\n    httpx.get('https://a')"),
    ("aws-keys-in-code", "x = {'aws_secret_access_key': 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYQZ1mP3kLd9'}"),
    ("aws-keys-in-code", "AWS_SECRET_ACCESS_KEY = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYQZ1mP3kLd9'"),
    ("aws-keys-in-code", "f(aws_access_key_id='AKIAIOSFODNN7EXAMPLE')"),
    ("aws-keys-in-code", "f(aws_secret_access_key='wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')"),
    ("top-level-variable", "import airflow.models\nx = airflow.models.Variable.get('a')"),
    ("aws-keys-in-code", "env = {'KEY': 'AKIAIOSFODNN7QWERTYU'}"),
    (
        "dynamic-start-date",
        "DEFAULT_ARGS = {'start_date': datetime.now()}\nDAG('d')",
    ),
    ("dynamic-start-date", "a = dict(start_date=datetime.now())\nDAG('d', default_args=a)"),
    ("dynamic-start-date", "Y = datetime.now() - timedelta(1)\nDAG('d', start_date=Y)"),
    (
        "dynamic-start-date",
        "Y = datetime.now()\nS = datetime.combine(Y, T)\na = {'start_date': S}\nDAG('d', default_args=a)",
    ),
    ("wildcard-iam-in-code", "P = {'Effect': 'Allow', 'Resource': '*', 'Action': ['*']}"),
    ("wildcard-iam-in-code", 'P = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}'),
    ("hardcoded-secret", "DB_PASSWORD = 'tr0ub4dor&3xK9'"),
    ("hardcoded-secret", "DB_PASS = 'tr0ub4dor&3xK9'\nf(password=DB_PASS)"),
    ("hardcoded-secret", "f(headers={'x': 'ghp_" + "a1B2" * 9 + "'})"),
]
SILENT = [
    ("schedule-interval", "client.create(schedule_interval=5)"),
    ("schedule-interval", "schedule_interval = '@daily'\nDAG('d', schedule=schedule_interval)"),
    ("schedule-interval", "DAG('d', params=dict(schedule_interval=1))"),
    ("dynamic-start-date", "DAG('d', start_date=datetime(2024, 1, 1))"),
    ("dynamic-start-date", "DAG('d', start_date=pendulum.datetime(2024, 1, 1, tz='UTC'))"),
    ("dynamic-start-date", "DAG('d', end_date=datetime.now())"),
    ("dynamic-start-date", "def f():\n    ce.get_cost(start_date=datetime.now())"),
    ("dynamic-start-date", "f({'start_date': datetime.now()})"),
    ("dynamic-start-date", "DAG('d', params={'start_date': datetime.now()})"),
    ("dynamic-start-date", "def test_it():\n    DAG('d', start_date=datetime.now())"),
    ("dynamic-start-date", "class A:\n    def f(self):\n        DAG('d', start_date=datetime.now())"),
    ("dynamic-start-date", "NOW = datetime.now()\nDAG('d', params={'now': NOW}, end_date=NOW)"),
    ("dynamic-start-date", "a = {'start_date': datetime.now()}\nDAG('d', params=a)"),
    ("dynamic-start-date", "x = y = datetime.now()\nx = datetime(2024, 1, 1)"),
    ("dynamic-start-date", "x = x2 = datetime.now()\nx2 = x\nx = x2\nDAG('d')"),
    ("top-level-variable", "def f():\n    return Variable.get('a')"),
    ("top-level-variable", "@task\ndef f():\n    return Variable.get('a')"),
    ("top-level-variable", "@dag()\ndef d():\n    @task\n    def f():\n        return Variable.get('a')"),
    ("top-level-variable", "PythonOperator(python_callable=lambda: Variable.get('a'))"),
    (
        "top-level-variable",
        "class O(BaseOperator):\n    def execute(self, context):\n        Variable.get('a')",
    ),
    ("top-level-variable", "if __name__ == '__main__':\n    print(Variable.get('a'))"),
    ("top-level-variable", "x = '{{ var.value.a }}'"),
    ("top-level-network", "def f():\n    return requests.get('https://a')"),
    ("top-level-network", "region = boto3.session.Session().region_name"),
    ("top-level-network", "@dag.task\ndef f():\n    return requests.get('https://a')"),
    ("top-level-network", "@dag.task()\ndef f():\n    return boto3.client('s3')"),
    ("top-level-variable", "@dag.task(retries=2)\ndef f():\n    return Variable.get('a')"),
    ("top-level-network", "async def f():\n    return boto3.client('s3')"),
    ("top-level-network", "import requests as r\nx = {}.get('requests')"),
    ("top-level-network", "x = settings.get('requests')\ny = session.client('s3')"),
    ("aws-keys-in-code", "f(aws_access_key_id=key, aws_secret_access_key=os.environ['AWS_SECRET'])"),
    ("aws-keys-in-code", "doc = {'id': 'AKIAIOSFODNN7EXAMPLE'}"),
    ("aws-keys-in-code", "f(aws_secret_access_key='yoursecretaccesskeyhere')"),
    ("aws-keys-in-code", "f(sha='0123456789012345678901234567890123456789')"),
    ("aws-keys-in-code", "f(aws_access_key_id='', aws_secret_access_key='test')"),
    ("aws-keys-in-code", "f(aws_secret_access_key='{{ conn.aws.password }}')"),
    ("wildcard-iam-in-code", "P = {'Effect': 'Deny', 'Action': '*', 'Resource': '*'}"),
    ("wildcard-iam-in-code", "P = {'Effect': 'Allow', 'Action': 's3:Get*', 'Resource': '*'}"),
    ("wildcard-iam-in-code", "P = {'Action': '*'}"),
    ("hardcoded-secret", "f(password=os.environ['PASSWORD'], token=Variable.get('token-1'))"),
    (
        "hardcoded-secret",
        "A = 'tr0ub4dor&3xK9'\nA = read()\nf(password=A)\nf(name=A, password=b)",
    ),
    ("hardcoded-secret", "f(password='{{ conn.a.password }}', api_key='<your key 1>')"),
    (
        "hardcoded-secret",
        "f(client_request_token='backup-2024-01', next_token='page_2_of_3', pwd='data/dir1')",
    ),
    ("hardcoded-secret", "Secret(deploy_type='env', secret='snowflake-conn-1', key='k1')"),
    ("hardcoded-secret", "f(api_key='MY_API_KEY_2', private_key='keys/prod-1.pem', secret_key='prod/db-1')"),
    ("hardcoded-secret", "f(credentials='gcp-creds-v2', api_key='prod.key.2')"),
    ("hardcoded-secret", "f(password=f'{prefix}-tr0ub4dor3')"),
    ("hardcoded-secret", "secret_name = 'tr0ub4dor&3xK9'\nf(secret_key_ref='db-1-credentials')"),
]


@pytest.mark.parametrize(("rule", "text"), FLAGGED)
def test_flagged_once(rule: str, text: str) -> None:
    assert len(lines(rule, f"{IMPORTS}{text}\n")) == 1


@pytest.mark.parametrize(("rule", "text"), SILENT)
def test_silent(rule: str, text: str) -> None:
    assert lines(rule, f"{IMPORTS}{text}\n") == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [case for case in FLAGGED if case[0].startswith("top-level") and "import" not in case[1]],
)
def test_names_of_something_else_are_silent(rule: str, text: str) -> None:
    assert lines(rule, f"import airflow\n{text}\n") == []


SPECS = {spec["id"]: spec for _, spec in pattern_specs()}
OF_PATTERNS = [(rule, IMPORTS + text) for rule, text in FLAGGED if rule in SPECS]
OF_PATTERNS += [(rule, spec["metadata"]["bad"]) for rule, spec in SPECS.items()]


@pytest.mark.parametrize(
    "spread", [("(", "(  # why\n    "), ("=", " = \\\n"), (">> [", ">> \\\n  ["), ("(", " (")]
)
@pytest.mark.parametrize(("rule", "text"), OF_PATTERNS)
def test_words_find_what_a_search_of_every_file_finds(rule: str, text: str, spread: tuple[str, str]) -> None:
    spec, source = SPECS[rule], Source(text.replace(*spread), "dag.py", "dag")
    with_words = compiled(spec, "python", FixKind.NONE, tuple(spec["metadata"].get("words", ())))
    assert list(with_words(source)) == list(compiled(spec, "python", FixKind.NONE)(source))


def test_positions_count_characters() -> None:
    (found,) = [rule for rule in rules() if rule.id == "schedule-interval"]
    (diagnostic,) = found(Source("x = 'é😀'; DAG('d', schedule_interval='é')\n", "dag.py", "dag"))
    assert (diagnostic.span.column, diagnostic.span.end_column) == (20, 37)
    assert diagnostic.fix is not None
    assert (diagnostic.fix.edits[0].start, diagnostic.fix.edits[0].end) == (19, 36)


@pytest.mark.parametrize(
    ("word", "beginning"),
    [
        ("schedule_interval", "schedule_interval"),
        (r"requests\.(?:get|post)\s*\(", "requests."),
        ("AKIA[A-Z0-9]{16}", "AKIA"),
        ("aws_(?i:access_key_id|session_token)", "aws_"),
        (r"\]\s*>>", "]"),
        (r"\bEffect", ""),
        ("ab?c", ""),
        ("abc*", ""),
        ("ab+", "ab"),
        ("ab{0,2}", ""),
        ("abc|def", ""),
        ("abc(?:x)|def", ""),
        ("abc[|]", "abc"),
        (r"abc\|", "abc"),
        ("(?i)abc", ""),
        ("", ""),
    ],
)
def test_what_each_match_of_a_word_begins_with(word: str, beginning: str) -> None:
    assert _beginning(word) == beginning
