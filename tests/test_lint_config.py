"""Configuration: which file counts, what it says, what is wrong with it, and where."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dagmig.lint import Options, lint_paths
from dagmig.lint.check import rules
from dagmig.lint.config import ConfigError, forget, nearest
from dagmig.lint.globs import Patterns, is_named, names_file
from dagmig.lint.plan import Plan, is_about, unknown, version
from dagmig.lint.rule import Category
from dagmig.lint.schema import faults, schema

MACHINE = (
    '{"StartAt": "Ask", "States": {"Ask": {"Type": "Choice",'
    ' "Choices": [{"Variable": "$.a", "IsNull": true, "Next": "Done"}]},'
    ' "Done": {"Type": "Succeed"}, "End": {"Type": "Succeed"}}}'
)
CODES = {"choice-no-default", "unreachable-state"}


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    forget()
    (tmp_path / "team").mkdir()
    for name in ("a.asl.json", "team/b.asl.json"):
        (tmp_path / name).write_text(MACHINE)
    return tmp_path


def found(**options: Any) -> set[tuple[str, str]]:
    return {(d.span.file, d.code) for d in lint_paths(["."], Options(**options))}


def both(codes: set[str]) -> set[tuple[str, str]]:
    return {(file, code) for file in ("a.asl.json", "team/b.asl.json") for code in codes}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", CODES),
        ('select = ["reliability"]', {"choice-no-default"}),
        ('ignore = ["reliability"]', {"unreachable-state"}),
        ('ignore = ["reliability"]\nextend-select = ["choice-no-default"]', CODES),
        ('select = ["correctness"]\nignore = ["unreachable-state"]', set()),
        ('select = ["unreachable-state"]\nextend-select = ["choice-no-default"]', CODES),
        ('preset = "security"', set()),
        ('preset = ["security", "recommended"]', CODES),
        ('preset = "migration"\nextend-select = ["unreachable-state"]', {"unreachable-state"}),
        ('[per-file-ignores]\n"*.json" = ["reliability", "correctness"]', set()),
        ('[per-file-ignores]\n"other/" = ["reliability", "correctness"]', CODES),
    ],
)
def test_selection(inside: Path, text: str, expected: set[str]) -> None:
    (inside / "dagmig.toml").write_text(text)
    assert {one for one in found() if one[1] in CODES} == both(expected)
    assert found(use_config=False) >= both(CODES)


def test_pyproject_counts_where_it_has_our_table(inside: Path) -> None:
    (inside / "team" / "pyproject.toml").write_text("[project]\nname = 'dagmig-dags'\n")
    (inside / "pyproject.toml").write_text('[tool.dagmig]\nselect = ["choice-no-default"]\n')
    assert found() == both({"choice-no-default"})
    (inside / "dagmig.toml").write_text('select = ["unreachable-state"]\n')
    forget()
    assert found() == both({"unreachable-state"})


def test_the_nearest_counts_alone(inside: Path) -> None:
    (inside / "dagmig.toml").write_text('select = ["choice-no-default"]')
    (inside / "team" / "dagmig.toml").write_text('ignore = ["choice-no-default"]')
    assert found() == {("a.asl.json", "choice-no-default"), ("team/b.asl.json", "unreachable-state")}


def test_options_stand_before_the_file(inside: Path) -> None:
    (inside / "dagmig.toml").write_text('select = ["choice-no-default"]\nignore = ["unreachable-state"]')
    assert found(select=("unreachable-state",)) == both({"unreachable-state"})
    assert found(extend_select=("unreachable-state",)) == both({"choice-no-default"})
    assert found(ignore=("choice-no-default",)) == set()
    assert found(presets=("recommended",)) == both(CODES)
    assert found(per_file_ignores=(("team/", ("reliability",)),)) == {("a.asl.json", "choice-no-default")}


def test_exclude_and_gitignore(inside: Path) -> None:
    (inside / "dagmig.toml").write_text('exclude = ["team/"]')
    assert {file for file, _ in found()} == {"a.asl.json"}
    assert {d.code for d in lint_paths(["team/b.asl.json"])} == CODES
    (inside / "dagmig.toml").unlink()
    (inside / ".gitignore").write_text("# mine\n*.asl.json\n!/team/*.json\n")
    forget()
    assert {file for file, _ in found()} == {"team/b.asl.json"}
    (inside / ".git").mkdir()
    assert {Path(d.span.file).name for d in lint_paths([inside / "team"])} == {"b.asl.json"}
    (inside / ".gitignore").write_text("*.asl.json\n")
    assert lint_paths([inside / "team"]) == []


WRONG = [
    ("selct = []", 1, 1, "unknown key 'selct'; did you mean 'select'?"),
    ("\n  jobs=3", 2, 3, "unknown key 'jobs'"),
    ('select = "all"', 1, 1, "'select' is a list"),
    (
        'select = ["no-retry",\n  "no-retrys"]',
        2,
        4,
        "no rule or category 'no-retrys'; did you mean 'no-retry'",
    ),
    ('preset = "strickt"', 1, 11, "'strickt' is none of recommended, strict"),
    ('preset = ["strict", "x"]', 1, 22, "'x' is none of"),
    ("target-airflow = 3", 1, 1, "'target-airflow' is a text"),
    ('target-airflow = "three"', 1, 19, "is the version of Airflow"),
    ('[per-file-ignores]\n"a.py" = ["nope"]', 2, 12, "'nope'"),
    ('[per-file-ignores]\n"a.py" = 1', 2, 1, "'a.py' is a list"),
    ("select = [", 1, 11, "not TOML"),
    ('state-name-pattern = "(a"', 1, 23, "'state-name-pattern' is no regular expression"),
    ("with-ruff = 1", 1, 1, "'with-ruff' is true or false"),
    ('rule-dirs = ["nowhere"]\nselect = ["x"]', 1, 1, "no such folder"),
]


@pytest.mark.parametrize(("text", "line", "column", "said"), WRONG)
def test_what_is_wrong_is_said_with_its_place(
    inside: Path, text: str, line: int, column: int, said: str
) -> None:
    (inside / "dagmig.toml").write_text(text)
    with pytest.raises(ConfigError) as raised:
        lint_paths(["."])
    assert said in raised.value.message
    assert (raised.value.line, raised.value.column) == (line, column)


def test_pattern_of_names(inside: Path) -> None:
    (inside / "dagmig.toml").write_text('select = ["state-name-pattern"]')
    assert found() == set()
    (inside / "team" / "dagmig.toml").write_text(
        'select = ["state-name-pattern"]\nstate-name-pattern = "[a-z]+"'
    )
    forget()
    assert found(use_cache=True) == {("team/b.asl.json", "state-name-pattern")}
    (inside / "team" / "dagmig.toml").write_text(
        'select = ["state-name-pattern"]\nstate-name-pattern = "[A-z]+"'
    )
    forget()
    assert found(use_cache=True) == set()


def test_place_in_pyproject(inside: Path) -> None:
    text = (
        '[tool.other]\nselct = 1\n[tool.dagmig]\nselct = ["x"]\n[tool.dagmig.per-file-ignores]\n"x" = ["y"]\n'
    )
    (inside / "pyproject.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"pyproject.toml:4:1: unknown key"):
        nearest(inside)


DOCUMENTS: list[Any] = [
    {},
    {"select": ["a"], "preset": "strict"},
    {"preset": ["strict", "security"], "per-file-ignores": {"*.py": ["a"]}, "with-ruff": True},
    {"target-airflow": "2.10.1", "exclude": ["a"], "baseline": "x", "project-root": "."},
    {"select": "a"},
    {"select": [1]},
    {"preset": "x"},
    {"preset": ["x"]},
    {"preset": 1},
    {"target-airflow": "3."},
    {"per-file-ignores": {"a": "b"}},
    {"with-ruff": "yes"},
    {"state-name-pattern": 5},
    {"other": 1},
    [],
]


def test_table_of_a_project_that_is_none(inside: Path) -> None:
    (inside / "pyproject.toml").write_text("[project]\nname = 'x'\n[tool]\ndagmig = 3\n")
    with pytest.raises(ConfigError) as refused:
        lint_paths(["."])
    assert str(refused.value).endswith("pyproject.toml:4:1: 'dagmig' is a table")


@pytest.mark.parametrize("document", DOCUMENTS, ids=json.dumps)
def test_our_reading_of_the_schema_is_jsonschema_s(document: Any) -> None:
    text = files("dagmig").joinpath("schemas/config.schema.json").read_text(encoding="utf-8")
    Draft202012Validator.check_schema(json.loads(text))
    expected = Draft202012Validator(json.loads(text)).is_valid(document)
    assert (not list(faults(document, schema()))) == expected


@pytest.mark.parametrize(
    ("line", "path", "is_folder", "expected"),
    [
        ("*.py", "a.py", False, True),
        ("*.py", "x/a.py", False, True),
        ("/*.py", "x/a.py", False, False),
        ("x/*.py", "x/a.py", False, True),
        ("x/*.py", "x/y/a.py", False, False),
        ("x/**/a.py", "x/a.py", False, True),
        ("x/**/a.py", "x/y/z/a.py", False, True),
        ("**/y", "x/y", True, True),
        ("x/**", "x/y/a.py", False, True),
        ("x/", "x", True, True),
        ("x/", "x", False, False),
        ("[ab].py", "a.py", False, True),
        ("[!ab].py", "a.py", False, False),
        ("a?.py", "ab.py", False, True),
        ("# a.py", "# a.py", False, False),
        (r"\#a.py", "#a.py", False, True),
        (r"\!a.py", "!a.py", False, True),
        ("a.py   ", "a.py", False, True),
        ("[", "[", False, False),
    ],
)
def test_patterns_of_git(line: str, path: str, is_folder: bool, expected: bool) -> None:
    assert is_named(path, is_folder, [Patterns.of("", [line])]) is expected


def test_later_patterns_and_nearer_files_stand() -> None:
    outer, inner = Patterns.of("/r/", ["*.py", "!keep.py"]), Patterns.of("/r/x/", ["keep.py", "!a.py"])
    assert is_named("/r/a.py", False, [outer, inner])
    assert not is_named("/r/keep.py", False, [outer, inner])
    assert is_named("/r/x/keep.py", False, [outer, inner])
    assert not is_named("/r/x/a.py", False, [outer, inner])


def test_a_folder_names_the_files_below() -> None:
    assert names_file("tests/", "tests/x/a.py")
    assert not names_file("tests/", "tests")
    assert not names_file("tests/*.py", "tests/x/a.json")


def test_versions() -> None:
    rule = rules()[0]
    about = {spec: _with(rule, airflow=spec) for spec in ("", ">=3", ">=2.4,<3", "<= 2.10")}
    for spec, told in [
        ("", "1.0 2.0 3.1"),
        (">=3", "3 3.0 3.1"),
        (">=2.4,<3", "2.4 2.11.1"),
        ("<= 2.10", "1.0 2.10 2.9"),
    ]:
        assert all(is_about(about[spec], version(one)) for one in told.split())
        assert is_about(about[spec], version(""))
    assert not is_about(about[">=3"], version("2.11"))
    assert not is_about(about[">=2.4,<3"], version("3.0"))
    with pytest.raises(ValueError, match="no range"):
        is_about(_with(rule, airflow="3"), version("3.0"))


def _with(rule: Any, **fields: Any) -> Any:
    from dataclasses import replace

    return replace(rule, **fields)


def test_presets() -> None:
    assert Plan().rules == tuple(rule for rule in rules() if rule.is_default)
    assert {r.category for r in Plan(presets=("security",)).rules} == {Category.SECURITY}
    assert {r.id for r in Plan(presets=("airflow3",)).rules} >= {"schedule-interval"}
    assert set(Plan(presets=("strict",)).rules) >= set(Plan().rules)
    assert "schedule-interval" not in {r.id for r in Plan(target_airflow="2.10").rules}
    assert unknown(["no-retry", "reliability"]) is None


def test_every_range_of_versions_is_one() -> None:
    for rule in rules():
        is_about(rule, version("3.0"))
