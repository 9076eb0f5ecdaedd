"""The engine of the linter: suppression, selection, the cache, fixes, templates and roles."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import dagmig
from dagmig.airflow.read.project import Project, looked_at_once
from dagmig.diagnostics import Diagnostic, Edit, Fix, Report, Span
from dagmig.lint import Options, lint_paths
from dagmig.lint.cache import Cache
from dagmig.lint.check import Result, check, rules
from dagmig.lint.files import Target, targets
from dagmig.lint.fix import fixed, mend
from dagmig.lint.plan import Plan
from dagmig.lint.registry import NAME, Registry, _chosen, _entries
from dagmig.lint.secrets import is_secret
from dagmig.lint.source import Declared, Source
from dagmig.lint.templated import names
from dagmig.source import read_text

CHOICE = {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "End"}]}


def machine(**choice: object) -> str:
    states = {"Ask": {**CHOICE, **choice}, "End": {"Type": "Succeed"}}
    return json.dumps({"StartAt": "Ask", "States": states}, indent=2)


def codes(text: str, file: str = "a.asl.json") -> list[str]:
    return [d.code for d in check(Source(text, file, "machine")).found]


def test_machine_comment_silences_its_state_and_no_other() -> None:
    assert codes(machine()) == ["choice-no-default"]
    assert codes(machine(Comment="dagmig: ignore[choice-no-default] never else")) == []
    unused = "unused-suppression"
    assert codes(machine(Comment="dagmig: ignore[no-retry, choice-no-default] x")) == [unused]
    assert codes(machine(Comment="dagmig: ignore[no-retry] x")) == ["choice-no-default", unused]


def test_what_only_a_role_would_tell_is_not_unused() -> None:
    assert "unused-suppression" not in codes(machine(Comment="dagmig: ignore[iam-sync-events-rule] x"))


def test_comment_of_the_machine_silences_all_states() -> None:
    document = json.loads(machine()) | {"Comment": "dagmig: ignore[choice-no-default] known"}
    assert codes(json.dumps(document)) == []
    other = json.loads(machine())
    other["States"]["End"]["Comment"] = "dagmig: ignore[choice-no-default] elsewhere"
    assert codes(json.dumps(other)) == ["choice-no-default", "unused-suppression"]


def test_yaml_line_comment_silences() -> None:
    rule = "{{Variable: $.a, IsNull: true, Next: B}}"
    ends = "  B: {{Type: Succeed}}\n  E: {{Type: Succeed}}\n"
    text = f"StartAt: A\nStates:\n  A:{{}}\n    Type: Choice\n    Choices: [{rule}]\n{ends}"
    assert codes(text.format(""), "a.asl.yaml") == ["choice-no-default", "unreachable-state"]
    assert codes(text.format("  # dagmig: ignore[choice-no-default] x"), "a.asl.yaml") == [
        "unreachable-state"
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (Options(), {"choice-no-default", "no-retry", "task-no-timeout", "lambda-unqualified"}),
        (Options(select=("no-retry",)), {"no-retry"}),
        (Options(select=("security",)), {"lambda-unqualified", "hardcoded-account-region"}),
        (Options(ignore=("reliability",)), {"lambda-unqualified"}),
        (
            Options(select=("reliability",), ignore=("no-retry",)),
            {"choice-no-default", "task-no-timeout", "state-machine-no-timeout"},
        ),
    ],
)
def test_selection(tmp_path: Path, options: Options, expected: set[str]) -> None:
    document = json.loads(machine())
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:load"
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Ask"}]
    document["States"]["Load"] = {"Type": "Task", "Resource": arn, "Catch": catch, "Next": "Ask"}
    document["StartAt"] = "Load"
    (tmp_path / "a.asl.json").write_text(json.dumps(document))
    assert {d.code for d in lint_paths([tmp_path], options)} == expected


def test_unreadable_is_never_chosen_away(tmp_path: Path) -> None:
    (tmp_path / "a.asl.json").write_text("{")
    assert [d.code for d in lint_paths([tmp_path], Options(select=("no-retry",)))] == ["unparsable-file"]


def test_folders_and_links(tmp_path: Path) -> None:
    for name in ("b.json", "a.py", ".hidden/c.py", "node_modules/d.json", "sub/e.yaml", "sub/f.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path, target_is_directory=True)
    report = Report()
    found = [Path(t.path).relative_to(tmp_path).as_posix() for t in targets([tmp_path, tmp_path], report)]
    assert found == ["a.py", "b.json", "sub/e.yaml"]
    assert list(report) == []


def test_link_to_a_file_of_the_run_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "b.py").write_text("")
    (tmp_path / "dags" / "a.py").symlink_to("b.py")
    (tmp_path / "outside.py").write_text("")
    (tmp_path / "dags" / "c.py").symlink_to(tmp_path / "outside.py")
    found = [Path(target.path).name for target in targets([tmp_path / "dags"], Report())]
    assert found == ["b.py", "c.py"]


def test_missing_path_is_said(tmp_path: Path) -> None:
    report = Report()
    list(targets([tmp_path / "none", tmp_path / "none.py"], report))
    assert [d.code for d in report] == ["unparsable-file"]
    assert "unparsable-file" in {d.code for d in lint_paths([tmp_path / "none.py"])}


def test_fixes_are_applied_last_first_and_overlaps_once() -> None:
    def diagnostic(start: int, end: int, text: str, safe: bool = True) -> Diagnostic:
        return Diagnostic("x", "x", Span("f", 1, start + 1), fix=Fix((Edit(start, end, text),), safe))

    found = [
        diagnostic(0, 1, "AA"),
        diagnostic(2, 4, ""),
        diagnostic(3, 5, "no"),
        diagnostic(5, 6, "z", False),
    ]
    assert fixed("abcdef", found) == "AAbef"
    assert fixed("abcdef", found, unsafe=True) == "AAbez"


@pytest.mark.parametrize("data", [b"a\r\nb\r\n", b"\xef\xbb\xbfa\nb\n", b"a\nb", b"\xef\xbb\xbfa\r\nb"])
def test_mending_keeps_line_ends_and_byte_order_mark(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "x.py"
    file.write_bytes(data)
    found = [Diagnostic("x", "x", Span(str(file)), fix=Fix((Edit(2, 3, "new"),)))]
    assert mend(found, {str(file): read_text(file, Report()) or ""}, Report())
    assert file.read_bytes() == data.replace(b"b", b"new")


def test_mending_leaves_other_encodings_alone(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.write_bytes(b"# coding: latin-1\nx = '\xe9'\n")
    found = [Diagnostic("x", "x", Span(str(file)), fix=Fix((Edit(2, 3, "new"),)))]
    assert not mend(found, {str(file): read_text(file, Report()) or ""}, Report())
    assert file.read_bytes() == b"# coding: latin-1\nx = '\xe9'\n"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Cache.open(Options(use_cache=True))


def test_cache_gives_back_what_was_put_in(cache: Cache) -> None:
    fix = Fix((Edit(1, 2, "é"),), safe=False)
    found = Diagnostic("a", "m", Span("old.py", 1, 2, 3, 4, "/p"), hint="h", fix=fix)
    cache.put(Target("old.py", True), "text", Result((found,), (Declared("d", Span("old.py", 5)),)))
    result = cache.get(Target("new.py", True), "text")
    moved = replace(found, span=Span("new.py", 1, 2, 3, 4, "/p"))
    assert result == Result((moved,), (Declared("d", Span("new.py", 5)),))
    assert cache.get(Target("new.py", True), "other") is None
    assert cache.get(Target("new.asl.json", True), "text") is None


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"KEY": 1}', b'{"KEY": {"found": [1]}}']
)
def test_cache_that_holds_something_else_is_no_cache(cache: Cache, data: bytes) -> None:
    target = Target("a.py", True)
    cache.put(target, "text", Result())
    cache.save()
    assert cache.folder is not None
    (file,) = cache.folder.rglob("*.json")
    (key,) = json.loads(file.read_bytes())
    assert Cache(cache.folder).get(target, "text") == Result()
    file.write_bytes(data.replace(b"KEY", key.encode()))
    assert Cache(cache.folder).get(target, "text") is None


def test_cache_keeps_what_two_runs_put_in(cache: Cache) -> None:
    assert cache.folder is not None
    other = Cache(cache.folder)
    for number in range(40):
        (cache if number % 2 else other).put(Target("a.py", True), str(number), Result())
    cache.save()
    other.save()
    last = Cache(cache.folder)
    assert all(last.get(Target("a.py", True), str(number)) == Result() for number in range(40))


def test_cache_does_not_grow_for_ever(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dagmig.lint.store.MOST", 3)
    target = Target("a.py", True)
    for number in range(200):
        cache.put(target, str(number), Result())
        cache.save()
    assert cache.folder is not None
    kept = [len(json.loads(file.read_bytes())) for file in cache.folder.rglob("*.json")]
    assert kept == [3] * 16
    assert Cache(cache.folder).get(target, "199") == Result()
    assert Cache(cache.folder).get(target, "0") is None


def test_cache_that_cannot_be_written_is_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    (tmp_path / "a.asl.json").write_text(machine())
    found = lint_paths([tmp_path / "a.asl.json"], Options(use_cache=True))
    assert [d.code for d in found] == ["choice-no-default"]


def test_warm_run_finds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for number in range(60):  # enough for several processes
        (tmp_path / f"{number}.asl.json").write_text(machine(Comment=str(number)))
    options = Options(use_cache=True)
    cold = lint_paths([tmp_path], options)
    assert len(cold) == 60
    assert lint_paths([tmp_path], options) == cold == lint_paths([tmp_path], Options(jobs=1))


TEMPLATE = """\
Resources:
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionSubstitutions: {Queue: !Ref Queue}
      Definition:
        StartAt: Run
        States:
          Run:
            Type: Task
            Resource: !Sub "arn:${AWS::Partition}:states:::batch:submitJob.sync"
            TimeoutSeconds: 60
            Retry: [{ErrorEquals: [States.ALL]}]
            End: true
  Role:
    Type: AWS::IAM::Role
    Properties:
      MANAGED
      Policies:
        - PolicyDocument:
            Statement: {Effect: Allow, Action: ["batch:*"], Resource: "*"}
"""


def test_template_is_judged_at_its_own_lines() -> None:
    found = check(Source(TEMPLATE.replace("MANAGED", "Path: /"), "t.yaml", "machine")).found
    assert [(d.code, d.span.line) for d in found] == [("iam-sync-events-rule", 12), ("iam-wildcard", 22)]


def test_role_with_a_managed_policy_is_not_known_to_lack_anything() -> None:
    text = TEMPLATE.replace("MANAGED", "ManagedPolicyArns: [!Ref Other]")
    assert codes(text, "t.yaml") == ["iam-wildcard"]


def definition_string(text: str) -> str:
    properties = {"DefinitionString": {"Fn::Sub": text}}
    return json.dumps(
        {"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}
    )


def test_definition_string_is_read() -> None:
    text = definition_string(machine())
    silenced = definition_string(machine(Comment="dagmig: ignore[choice-no-default] x"))
    assert codes(silenced, "t.json") == []
    (found,) = check(Source(text, "t.json", "machine")).found
    assert found.code == "choice-no-default"
    assert (found.span.line, found.span.column) == (1, text.index(r"\"Ask\": {") + 1)


@pytest.mark.parametrize("events", [True, False])
def test_role_given_by_the_user(tmp_path: Path, events: bool) -> None:
    actions = ["ecs:RunTask", *(["events:*Rule", "events:PutTargets"] if events else [])]
    policy = {"Statement": [{"Effect": "Allow", "Action": actions, "Resource": "arn:aws:ecs:*:*:task/x"}]}
    task = {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "TimeoutSeconds": 9, "End": True}
    task["Retry"] = [{"ErrorEquals": ["States.ALL"]}]
    (tmp_path / "policy.json").write_text(json.dumps(policy))
    (tmp_path / "a.asl.json").write_text(json.dumps({"StartAt": "a", "States": {"a": task}}))
    found = lint_paths([tmp_path / "a.asl.json"], Options(role=tmp_path / "policy.json"))
    assert [d.code for d in found] == ([] if events else ["iam-sync-events-rule"])
    assert lint_paths([tmp_path / "a.asl.json"]) == []


def test_role_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text("{}")
    assert [d.code for d in lint_paths([], Options(role=tmp_path / "policy.json"))] == ["not-a-policy"]
    assert [d.code for d in lint_paths([], Options(role=tmp_path / "none.json"))] == ["unparsable-file"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("password", "tr0ub4dor&3xK9"),
        ("api_key", "q9W3-xZ81-mmP4-77aa"),
        ("clientSecret", "8f14e45fceea167a"),
        ("x", "ghp_" + "a1B2" * 9),
        ("", "dapi" + "0123456789abcdef" * 2),
        ("body", "-----BEGIN RSA PRIVATE KEY-----\nMIIE"),
        ("env", "AKIAIOSFODNN7QWERTYU"),
        ("password", "hunter2"),
        ("db_password", "SuperSecret123"),
        ("PASSWORD", "MyPassword!"),
        ("apiKey", "sk-1234567890abcdef"),
        ("auth_token", "secret-token-12345"),
        ("aws_secret_access_key", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYQZ1mP3kLd9"),
        ("Authorization", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.ZRrHA1JJJW8opsbCGfG"),
    ],
)
def test_is_a_secret(name: str, text: str) -> None:
    assert is_secret(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("password", "{{ conn.db.password }}"),
        ("password", "${PASSWORD}"),
        ("password", "$.password"),
        ("password", "{% $states.input.password %}"),
        ("password", "changeme"),
        ("secret", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-a1b2c3"),
        ("api_key", "https://example.com/key1"),
        ("token", "next"),
        ("sort_key", "customer-2024"),
        ("primary_key", "id_2024_01"),
        ("task_id", "get_password_1"),
        ("aws_conn_id", "aws_default_1"),
        ("env", "AKIAIOSFODNN7EXAMPLE"),
        ("secret_id", "prod/db-1"),
        ("token", "/var/run/secrets/1"),
        ("Authorization", "Bearer {% $token %}"),
        ("Authorization", "AWS4-HMAC-SHA256"),
        ("password", "db-password"),
        ("password", "prod/db/password-1"),
        ("secret", "20240101"),
        ("api_key", "my-api-key-123"),
        ("pad_token", "<pad1234>"),
        ("client_token", "a1b2c3d4e5f6"),
    ],
)
def test_is_no_secret(name: str, text: str) -> None:
    assert not is_secret(name, text)


def test_no_home_is_no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", home)
    (tmp_path / "a.asl.json").write_text(machine())
    assert [d.code for d in lint_paths([tmp_path], Options(use_cache=True))] == ["choice-no-default"]


def test_folders_are_looked_at_once_in_a_run_and_again_in_the_next(tmp_path: Path) -> None:
    dag = tmp_path / "nightly.py"
    dag.write_text("from airflow import DAG\nfrom mine import NAME\nDAG(NAME, schedule=None)\n")
    with looked_at_once():
        first = Project.of(str(dag), str(tmp_path))
        assert first is not None and first.find("mine") is None
        (tmp_path / "mine.py").write_text("NAME = 'nightly'\n")
        second = Project.of(str(dag), str(tmp_path))
        assert second is not None and second.find("mine") is None
    third = Project.of(str(dag), str(tmp_path))
    assert third is not None and third.find("mine") == tmp_path / "mine.py"


def test_a_rule_over_the_run_that_crashes_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(declared: object) -> list[object]:
        raise KeyError("id")

    (rule,) = [one for one in rules() if one.id == "duplicate-dag-id"]
    broken = replace(rule, check_run=crash)
    monkeypatch.setattr("dagmig.lint.registry.Registry.over_run", lambda *_: (broken,))
    (tmp_path / "a.py").write_text("from airflow import DAG\ndag = DAG('a', schedule=None)\n")
    assert [one.code for one in lint_paths([tmp_path])] == ["rule-crashed"]


def test_what_is_known_of_the_rules_is_what_they_are(tmp_path: Path) -> None:
    for _ in ("made", "kept"):
        for kind in ("dag", "machine"):
            expected = [rule for rule in rules() if rule.is_default and kind in rule.languages]
            _chosen.cache_clear()
            _entries.cache_clear()
            assert [r.id for r in Registry(str(tmp_path)).chosen(Plan(), kind)] == [r.id for r in expected]
    over_run = [rule.id for rule in rules() if rule.is_default and rule.check_run is not None]
    assert [rule.id for rule in Registry(str(tmp_path)).over_run(Plan())] == over_run
    for data in ("", "[]", "[[1]]", "{}", "null"):
        (tmp_path / NAME).write_text(data)
        _entries.cache_clear()
        _chosen.cache_clear()
        assert Registry(str(tmp_path)).chosen(Plan(select=("no-retry",)), "machine")


def test_a_file_that_went_away_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text("from airflow import DAG\n")
    gone = [Target(str(tmp_path / "b.py"), False), Target(str(tmp_path / "a.py"), False)]
    monkeypatch.setattr("dagmig.lint.run.targets", lambda *_: gone)
    (one,) = lint_paths([tmp_path])
    assert (one.code, one.message) == ("unparsable-file", "cannot be read: no such file")


def test_the_api_checks_files_again_and_again(tmp_path: Path) -> None:
    """A function of the name of a package is gone when the package is imported."""
    (tmp_path / "dag.py").write_text("from airflow import DAG\nDAG('d', schedule_interval=None)\n")
    for _ in range(2):
        assert [one.code for one in dagmig.check(tmp_path)] == ["schedule-interval"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{ ds }} {{ ti.xcom_pull('a') | upper }}", {"ds", "ti"}),
        ("{{ execution_date | ds }}", {"execution_date"}),
        ("{% if params.a %}{{ range(3) }}{% endif %}", {"params"}),
        ("{% for a in b %}{{ a }}{{ c }}{% endfor %}", {"b", "c"}),
        ("{% set a = ds %}{{ a }}", {"ds"}),
        ("{{ a if b else c }}{# d #}", {"a", "b", "c"}),
        ("{{ self.x() }}", set()),
        ("{{ a", set()),
    ],
)
def test_the_names_that_a_template_takes(text: str, found: set[str]) -> None:
    assert names(text) == found
