"""The linter's ways of asking and telling: options, reports, baseline, suppression, fixes, watching."""

from __future__ import annotations

import json
import shutil
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import click
import pytest
from click.testing import CliRunner, Result

from dagmig.cli import main
from dagmig.cli.render.findings import excerpt
from dagmig.cli.watch import watched
from dagmig.diagnostics import Diagnostic, Edit, Fix, Report, Span
from dagmig.lint import Options, changes_of, lint_paths
from dagmig.lint.config import forget
from dagmig.lint.fix import changes
from dagmig.lint.sameness import difference

DAG = """\
from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG("nightly", schedule_interval="0 25 * * *", catchup=False):
    BashOperator(task_id="only", bash_command="echo hi", retries=2)
"""
CHOICE_RULE = '{"Variable": "$.a", "IsNull": true, "Next": "Ask"}'
MACHINE = f'{{"StartAt": "Ask", "States": {{\n  "Ask": {{"Type": "Choice", "Choices": [{CHOICE_RULE}]}}}}}}\n'


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    forget()
    (tmp_path / "dag.py").write_text(DAG)
    (tmp_path / "ask.asl.json").write_text(MACHINE)
    return tmp_path


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    result = CliRunner().invoke(main, arguments, input=None if stdin is None else BytesIO(stdin))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def rules_found(*arguments: str, stdin: bytes | None = None) -> list[str]:
    result = run("lint", "--format", "json", *arguments, stdin=stdin)
    return sorted(finding["rule"] for finding in json.loads(result.stdout)["findings"])


ALL = ["choice-no-default", "invalid-cron", "no-terminal-state", "schedule-interval"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), ALL),
        (("--preset", "security"), []),
        (("--preset", "airflow3"), ["schedule-interval"]),
        (("--preset", "security", "--extend-select", "invalid-cron"), ["invalid-cron"]),
        (("--target-airflow", "2.10"), ["choice-no-default", "invalid-cron", "no-terminal-state"]),
        (("--target-airflow", "3.0"), ALL),
        (("--per-file-ignores", "*.py:upgrade,scheduling"), ["choice-no-default", "no-terminal-state"]),
        (
            ("--per-file-ignores", "*.json:reliability", "--ignore", "upgrade"),
            ["invalid-cron", "no-terminal-state"],
        ),
        (("--jobs", "1"), ALL),
    ],
)
def test_which_rules(arguments: tuple[str, ...], expected: list[str]) -> None:
    for _ in ("cold", "warm"):
        assert rules_found(*arguments, ".") == expected


@pytest.mark.parametrize(
    "arguments",
    [
        ("lint",),
        ("lint", "--preset", "x", "."),
        ("lint", "--extend-select", "x", "."),
        ("lint", "--per-file-ignores", "x", "."),
        ("lint", "--per-file-ignores", "*.py:x", "."),
        ("lint", "--target-airflow", "three", "."),
        ("lint", "--rule-dir", "nowhere", "."),
        ("lint", "--stdin-filename", "a.py", "dag.py"),
        ("lint", "-"),
        ("lint", "--baseline", "none.json", "."),
        ("lint", "--jobs", "0", "."),
    ],
)
def test_wrong_usage_is_exit_2(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: ")


def test_wrong_configuration_is_exit_2_with_its_place(inside: Path) -> None:
    (inside / "dagmig.toml").write_text('\nselct = ["x"]\n')
    for command in ("lint", "baseline"):
        result = run(command, ".")
        assert result.exit_code == 2
        assert "dagmig.toml:2:1: unknown key 'selct'; did you mean 'select'?" in result.stderr
    assert run("lint", "--isolated", ".").exit_code == 1


def test_exit_zero() -> None:
    assert run("lint", "--exit-zero", ".").exit_code == 0


def test_text_shows_the_line_and_a_mark() -> None:
    assert run("lint", "--select", "upgrade", ".").stdout.splitlines() == [
        "dag.py:4:21: error schedule-interval `schedule_interval` was removed in Airflow 3: use `schedule`",
        '  4 | with DAG("nightly", schedule_interval="0 25 * * *", catchup=False):',
        "    |                     ^^^^^^^^^^^^^^^^^",
        "Found 1 error in 1 file; 1 can be mended with --fix.",
    ]


@pytest.mark.parametrize(
    ("line", "column", "end", "expected"),
    [
        ("\tab", 2, 3, ["  1 |  ab", "    |  ^"]),
        ("日本ab", 3, 4, ["  1 | 日本ab", "    |     ^"]),
        ("日本ab", 1, 3, ["  1 | 日本ab", "    | ^^^^"]),
        ("a\x1b[0m", 1, 99, ["  1 | a\\x1b[0m", "    | ^^^^^^^^"]),
        ("ab", 9, 9, ["  1 | ab", "    |   ^"]),
        ("", 1, 1, []),
        ("x" * 300, 200, 203, [f"  1 | ...{'x' * 100}...", f"    | {' ' * 43}^^^"]),
    ],
)
def test_excerpt(line: str, column: int, end: int, expected: list[str]) -> None:
    printed = excerpt(Diagnostic("a", "m", Span("f", 1, column, 1, end)), [line])
    assert [click.unstyle(one) for one in printed] == expected
    assert excerpt(Diagnostic("a", "m", Span("f", 2, column, 2, end)), [line]) == []


def test_jsonl() -> None:
    lines = run("lint", "--format", "jsonl", ".").stdout.splitlines()
    assert [json.loads(line) for line in lines] == json.loads(run("lint", "--format", "json", ".").stdout)[
        "findings"
    ]


def test_gitlab(inside: Path) -> None:
    issues = json.loads(run("lint", "--format", "gitlab", ".").stdout)
    assert {issue["check_name"] for issue in issues} == set(ALL)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    (one,) = [issue for issue in issues if issue["check_name"] == "schedule-interval"]
    assert (one["severity"], one["location"]) == (
        "major",
        {"path": "dag.py", "lines": {"begin": 4, "end": 4}},
    )
    (inside / "dag.py").write_text(f"# a line more\n{DAG}")
    moved = json.loads(run("lint", "--format", "gitlab", ".").stdout)
    assert [issue["fingerprint"] for issue in moved] == [issue["fingerprint"] for issue in issues]


def test_junit(inside: Path) -> None:
    (inside / "odd.asl.json").write_text(MACHINE.replace("Ask", "A<\\u0001"))
    suites = ElementTree.fromstring(run("lint", "--format", "junit", ".").stdout)
    (suite,) = suites
    assert suite.get("tests") == suite.get("failures") == str(len(suite)) == "6"
    assert {case.find("failure") is not None for case in suite} == {True}
    clean = ElementTree.fromstring(run("lint", "--format", "junit", "--preset", "security", ".").stdout)
    assert [case.find("failure") for case in clean[0]] == [None]


@pytest.mark.parametrize("paths", [(".",), ("ask.asl.json",), ("--preset", "security", ".")])
def test_sarif(paths: tuple[str, ...]) -> None:
    (ran,) = json.loads(run("lint", "--format", "sarif", *paths).stdout)["runs"]
    rules = ran["tool"]["driver"]["rules"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in ran["results"])


def test_statistics() -> None:
    assert run("lint", "--statistics", ".").stdout.splitlines()[2:] == [
        "| 1 | `choice-no-default` | warning | none |",
        "| 1 | `invalid-cron` | error | none |",
        "| 1 | `no-terminal-state` | error | none |",
        "| 1 | `schedule-interval` | error | safe |",
    ]


def test_diff_changes_nothing(inside: Path) -> None:
    result = run("lint", "--diff", "dag.py")
    assert result.exit_code == 1
    assert [line for line in result.stdout.splitlines() if line[:1] in "+-"] == [
        "--- dag.py",
        "+++ dag.py",
        '-with DAG("nightly", schedule_interval="0 25 * * *", catchup=False):',
        '+with DAG("nightly", schedule="0 25 * * *", catchup=False):',
    ]
    assert (inside / "dag.py").read_text() == DAG
    assert run("lint", "--diff", "ask.asl.json").exit_code == 0


def test_standard_input_stands_for_the_file() -> None:
    text = DAG.replace("25", "2").encode()
    assert rules_found("--stdin-filename", "dag.py", stdin=text) == ["schedule-interval"]
    assert rules_found("--stdin-filename", "no/such/dag.py", stdin=text) == ["schedule-interval"]
    assert rules_found("--stdin-filename", "dag.py", "-", stdin=text) == ["schedule-interval"]
    result = run("lint", "--stdin-filename", "dag.py", stdin=b"\n" + text)
    assert "dag.py:5:21: error schedule-interval" in result.stdout
    assert '  5 | with DAG("nightly"' in result.stdout
    assert "+with DAG" in run("lint", "--diff", "--stdin-filename", "dag.py", stdin=text).stdout
    assert run("lint", "--stdin-filename", "dag.py", stdin=b"\xff").exit_code == 2


def test_baseline_hides_what_is_known_however_it_moves(inside: Path) -> None:
    said = run("baseline", ".").stdout
    assert "dagmig-baseline.json: 4 findings in 2 files." in said
    assert "`dagmig lint --baseline dagmig-baseline.json`" in said
    baseline = ("--baseline", "dagmig-baseline.json")
    assert rules_found(*baseline, ".") == []
    (inside / "dag.py").write_text(f"# moved\n{DAG}")
    assert rules_found(*baseline, ".") == []
    (inside / "dag.py").write_text(f'{DAG}\ndag = DAG("other", schedule_interval=None)\n')
    result = run("lint", "--format", "json", *baseline, ".")
    assert [one["rule"] for one in json.loads(result.stdout)["findings"]] == ["schedule-interval"] * 2
    assert result.stderr == "dag.py: 2 findings of schedule-interval, 1 of them in the baseline\n"
    (inside / "ask.asl.json").write_text("{")
    assert rules_found(*baseline, "ask.asl.json") == ["unparsable-file"]


def test_baseline_of_the_configuration(inside: Path) -> None:
    (inside / "dagmig.toml").write_text('baseline = "known.json"\n')
    (inside / "sub").mkdir()
    shutil.move("dag.py", "sub/dag.py")
    assert run("baseline", ".").exit_code == 0
    assert list(json.loads((inside / "known.json").read_text())["files"]) == ["ask.asl.json", "sub/dag.py"]
    assert rules_found(".") == rules_found("sub/dag.py") == []
    assert run("baseline", ".").stdout.startswith(f"{inside}/known.json: 4 findings")
    for text in ("{", "[]", '{"version": 2}', '{"version": 1, "files": []}'):
        (inside / "known.json").write_text(text)
        assert run("lint", ".").exit_code == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("x = 1  # dagmig: ignore[invalid-cron] why", "x = 1"),
        ("x = 1  # dagmig: ignore[invalid-cron, no-retries] why", "x = 1"),
        ("x = 1  # noqa # dagmig: ignore[invalid-cron]", "x = 1  # noqa"),
        ("x = 1  # dagmig: ignore[invalid-cron]  # noqa", "x = 1"),
        ("x = 1\n# dagmig: ignore[invalid-cron]\ny = 2", "x = 1\ny = 2"),
        ("x = 1  # dagmig: ignore[no-such-rule]", "x = 1"),
        ("x = 1  # dagmig: ignore[duplicate-dag-id]", None),
        ("x = 1  # dagmig: ignore[AIR301]", None),
        ('x = "# dagmig: ignore[invalid-cron]"', None),
        ('"""\n# dagmig: ignore[invalid-cron]\n"""', None),
    ],
)
def test_unused_suppressions(inside: Path, old: str, new: str | None) -> None:
    (inside / "dag.py").write_text(f"{DAG}{old}\n")
    expected = ["unused-suppression"] if new is not None else []
    assert rules_found(
        "--select", "unused-suppression,invalid-cron,no-retries,duplicate-dag-id", "dag.py"
    ) == [
        "invalid-cron",
        *expected,
    ]
    run("lint", "--fix", "--select", "unused-suppression,invalid-cron,no-retries", "dag.py")
    assert (inside / "dag.py").read_text() == f"{DAG}{old if new is None else new}\n"


def test_a_name_whose_rule_did_not_run_is_not_unused(inside: Path) -> None:
    (inside / "dag.py").write_text(f"{DAG}x = 1  # dagmig: ignore[no-retries, invalid-cron]\n")
    assert rules_found("--select", "unused-suppression", "dag.py") == []
    run("lint", "--fix", "--select", "unused-suppression,no-retries", "dag.py")
    assert "# dagmig: ignore[invalid-cron]\n" in (inside / "dag.py").read_text()


YAML = "StartAt: A\nStates:\n  A:\n    Type: Choice\n    Choices: [{Variable: $.a, IsNull: true, Next: A}]\n"


def test_add_ignores_silences_what_can_be(inside: Path) -> None:
    (inside / "a.asl.yaml").write_text(YAML)
    ask = f'{{"Type":"Choice","Choices":[{CHOICE_RULE.replace("Ask", "A")}]}}'
    (inside / "b.asl.json").write_text(f'{{"StartAt":"A","Comment":"mine","States":{{"A":{ask}}}}}')
    before = json.loads((inside / "b.asl.json").read_text())
    result = run("lint", "--add-ignores", ".")
    assert (result.exit_code, rules_found(".")) == (0, [])
    assert result.stdout == "Silenced 8 of 8 findings.\n"
    assert "=False):  # dagmig: ignore[invalid-cron, schedule-interval]\n" in (inside / "dag.py").read_text()
    text = (inside / "b.asl.json").read_text()
    after = json.loads(text)
    assert after.pop("Comment") == "mine dagmig: ignore[no-terminal-state]"
    assert after["States"]["A"].pop("Comment") == "dagmig: ignore[choice-no-default]"
    assert after["States"] == before["States"]
    assert run("lint", "--add-ignores", ".").stdout == "Silenced 0 of 0 findings.\n"


def test_add_ignores_leaves_an_unused_comment_as_it_is(inside: Path) -> None:
    text = f"{DAG}x = 1  # dagmig: ignore[no-retries]\n"
    (inside / "dag.py").write_text(text)
    result = run("lint", "--add-ignores", "--select", "unused-suppression,no-retries", "dag.py")
    assert result.stdout == "Silenced 0 of 1 findings.\n"
    assert (inside / "dag.py").read_text() == text


def test_explain_says_what_may_be_meant() -> None:
    assert "did you mean 'no-retries'?" in run("explain", "no-retires").output


def test_add_ignores_says_where_no_comment_can_stand(inside: Path) -> None:
    (inside / "dag.py").write_text(
        'from airflow import DAG\ndag = DAG("a", \\\n    schedule_interval=None)\n'
    )
    assert run("lint", "--add-ignores", "dag.py").exit_code == 0
    (inside / "dag.py").write_text(
        'from airflow import DAG\ndag = DAG("a", schedule_interval=\\\n    None)\n'
    )
    result = run("lint", "--add-ignores", "--select", "upgrade", "dag.py")
    assert result.stderr == "warning: dag.py:2:16: schedule-interval cannot be silenced here\n"
    assert result.exit_code == 1


RULE = """\
id: no-print
language: python
message: use a logger, not print($A)
severity: error
rule: {pattern: print($A)}
fix: log.info($A)
"""


def test_rules_of_one_s_own(inside: Path) -> None:
    (inside / "mine").mkdir()
    (inside / "mine" / "one.yml").write_text(RULE)
    (inside / "mine" / "two.yaml").write_text(
        "id: no-pass\nlanguage: json\nmessage: no Pass\nrule: {kind: string, regex: '^\"Choice\"$'}\n"
    )
    (inside / "dag.py").write_text(f"{DAG}print(1)\n")
    assert rules_found("--rule-dir", "mine", ".") == sorted([*ALL, "no-pass", "no-print"])
    for name in ("custom", "no-print"):
        ignored = rules_found("--rule-dir", "mine", "--per-file-ignores", f"*.py:{name}", ".")
        assert ignored == sorted([*ALL, "no-pass"])
    (inside / "dagmig.toml").write_text('rule-dirs = ["mine"]\nselect = ["custom"]\n')
    forget()
    assert rules_found(".") == ["no-pass", "no-print"]
    assert rules_found("--select", "no-print", ".") == ["no-print"]
    page = run("explain", "no-print").stdout
    assert page.startswith("# no-print\n\nuse a logger") and "custom · error" in page
    assert "## Instead" not in page
    run("lint", "--unsafe-fixes", ".")
    assert (inside / "dag.py").read_text() == f"{DAG}log.info(1)\n"
    (inside / "mine" / "one.yml").write_text(RULE.replace("no-print", "never-print"))
    (inside / "dag.py").write_text(f"{DAG}print(1)\n")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: no-print", "id: no-retry", "there already is a rule 'no-retry'"),
        ("id: no-print\n", "", "an ast-grep rule has 'id'"),
        ("python", "cobol", "the language is python, json, yaml"),
        ("severity: error", "severity: bad", "the severity is"),
        ("message", "messages", "unknown key 'messages'; did you mean 'message'?"),
        ("pattern", "patern", "is no rule of ast-grep"),
        (RULE, "[1]", "an ast-grep rule is a mapping"),
        ("rule: {", "rule: {{", "one.yml:"),
    ],
)
def test_what_is_no_rule(inside: Path, old: str, new: str, said: str) -> None:
    (inside / "mine").mkdir()
    (inside / "mine" / "one.yml").write_text(RULE.replace(old, new))
    result = run("lint", "--rule-dir", "mine", ".")
    assert (result.exit_code, said in result.stderr) == (2, True), result.stderr


def edit(old: str, new: str, safe: bool = True, text: str = DAG) -> list[Diagnostic]:
    start = text.index(old)
    return [Diagnostic("x", "x", Span("dag.py"), fix=Fix((Edit(start, start + len(old), new),), safe))]


@pytest.mark.parametrize(
    ("old", "new", "is_kept"),
    [
        ("schedule_interval", "schedule", True),
        ('"only"', '"other"', False),
        ("    BashOperator", "    # BashOperator", False),
        ("retries=2", "retries=", False),
        ("retries=2", "retries=3", True),
    ],
)
def test_a_fix_that_changes_the_graph_is_left_out(old: str, new: str, is_kept: bool) -> None:
    notes = Report()
    both = [*edit(old, new), *edit("hi", "ho")]
    (change,) = changes(both, {"dag.py": DAG}, notes)
    assert change.new == (DAG.replace(old, new) if is_kept else DAG).replace("hi", "ho")
    assert len(list(notes)) == (0 if is_kept else 1)


def test_a_safe_fix_keeps_transitions() -> None:
    text = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}}}'
    other = text.replace('"Next": "B"', '"Next": "C"')
    assert difference(text, other, "a.asl.json", is_safe=False) == ""
    assert difference(text, other, "a.asl.json", is_safe=True)
    assert difference(text, text.replace('"B": {', '"D": {'), "a.asl.json", is_safe=False)
    assert difference(text, "{", "a.asl.json", is_safe=False)
    old = '{"StartAt": "M", "States": {"M": {"Type": "Map", "Iterator": INNER, "End": true}}}'.replace(
        "INNER", text
    )
    assert difference(old, old.replace("Iterator", "ItemProcessor"), "a.asl.json", is_safe=True) == ""
    assert difference(old, old.replace('"B"', '"C"'), "a.asl.json", is_safe=False)


def test_fixing_again_changes_nothing(inside: Path) -> None:
    run("lint", "--unsafe-fixes", ".")
    once = {path: path.read_bytes() for path in (inside / "dag.py", inside / "ask.asl.json")}
    run("lint", "--unsafe-fixes", ".")
    assert {path: path.read_bytes() for path in once} == once
    assert changes_of(["."], Options(unsafe_fixes=True)) == []


def test_a_file_that_changes_meanwhile_is_left_alone(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other(*_: object) -> str:
        (inside / "dag.py").write_text(f"# new\n{DAG}")
        return ""

    monkeypatch.setattr("dagmig.lint.fix.difference", other)
    result = run("lint", "--fix", "--select", "upgrade", "dag.py")
    assert (inside / "dag.py").read_text() == f"# new\n{DAG}"
    assert "warning: dag.py: changed while it was read, nothing is mended\n" in result.stderr


def test_watching_checks_again_after_a_change(inside: Path) -> None:
    seen: list[str] = []

    def pause(_: float) -> None:
        if len(seen) == 3:
            raise KeyboardInterrupt
        if len(seen) == 2:
            (inside / "dagmig.toml").write_text('select = ["upgrade"]\n')
        if len(seen) == 1:
            (inside / "dag.py").write_text(f"{DAG}\n")

    watched([Path()], lambda: seen.append(" ".join(rules_found("dag.py"))), pause)
    assert seen == ["invalid-cron schedule-interval"] * 2 + ["schedule-interval"]


def test_with_ruff(inside: Path) -> None:
    (inside / "dag.py").write_text(DAG + "from airflow.utils.dates import days_ago\ndays_ago(1)\n")
    found: list[Any] = json.loads(run("lint", "--format", "json", "--with-ruff", ".").stdout)["findings"]
    (one,) = [finding for finding in found if finding["rule"].startswith("AIR3") and finding["line"] == 7]
    assert (one["file"], one["severity"]) == ("dag.py", "error")
    assert [f["rule"] for f in found if (f["line"], f["column"]) == (4, 21)] == ["schedule-interval"]


def test_without_a_ruff_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    assert "no ruff is installed here" in run("lint", "--with-ruff", ".").stderr


def test_ten_thousand_findings_in_one_file(inside: Path) -> None:
    choices = [{"Variable": "$.a", "IsNull": True, "Next": "s0"}]
    states = {f"s{n}": {"Type": "Choice", "Choices": choices} for n in range(10_000)}
    (inside / "many.asl.json").write_text(json.dumps({"StartAt": "s0", "States": states}))
    result = run("lint", "--select", "choice-no-default", "many.asl.json")
    assert result.stdout.splitlines()[-1] == "Found 10000 warnings in 1 file."


@pytest.mark.parametrize("is_folder", [True, False])  # root writes into any folder
def test_cache_that_cannot_be_written(inside: Path, is_folder: bool) -> None:
    (inside / ".cache").mkdir(mode=0o500) if is_folder else (inside / ".cache").touch(0o400)
    assert rules_found(".") == ALL


def test_cache_of_another_version_is_not_read(inside: Path) -> None:
    assert rules_found(".") == ALL
    (folder,) = (inside / ".cache" / "dagmig").iterdir()
    for file in (folder / "results").glob("*.json"):
        nothing = {"found": [], "declared": [], "leans": {}}
        file.write_text(json.dumps(dict.fromkeys(json.loads(file.read_text()), nothing)))
    assert rules_found(".") == []
    folder.rename(folder.with_name("0" * 16))
    assert rules_found(".") == ALL


def test_order_does_not_depend_on_jobs(inside: Path) -> None:
    for number in range(50):
        (inside / f"{number}.asl.json").write_text(MACHINE + " " * number)
    outputs = {run("lint", "--no-cache", "--jobs", str(jobs), ".").stdout for jobs in (1, 2, 3)}
    assert len(outputs) == 1
    assert len(lint_paths(["."])) == 104
