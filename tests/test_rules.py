"""Every rule by its own examples: bad is flagged, good is clean, fix(bad) == good, the page is whole."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from dagmig.diagnostics import Diagnostic, Span
from dagmig.lint.check import check, default_rules, kind_of, rules
from dagmig.lint.files import Target
from dagmig.lint.fix import fixed
from dagmig.lint.installation import LOCAL_SETTINGS
from dagmig.lint.pattern import FOLDER
from dagmig.lint.rule import Example, FixKind, Rule
from dagmig.lint.source import Source

FILES = {"python": "dag.py", "json": "a.asl.json", "yaml": "t.yaml", "dockerfile": "Dockerfile"}
AST_GREP_KEYS = {"id", "language", "severity", "message", "note", "url", "metadata", "rule", "fix"} | {
    *("constraints", "utils", "transform")
}
ASKED_FOR = """
no-retries retry-delay-zero-or-missing-backoff catchup-implicit catchup-true-old-start dynamic-start-date
invalid-cron top-level-variable top-level-network hardcoded-secret aws-keys-in-code wildcard-iam-in-code
sensor-no-timeout dag-cycle duplicate-task-id duplicate-dag-id branch-join-trigger-rule schedule-interval
next-target-missing unreachable-state no-terminal-state task-no-timeout no-retry
lambda-transient-errors-unhandled lambda-unqualified choice-no-default iam-sync-events-rule iam-wildcard
"""
WITHOUT_EXAMPLE = {"definition-size", "variable-too-large", "file-not-named-asl"}  # in test_lint_machines.py
CASES = [
    pytest.param(rule, example, id=f"{rule.id}-{example.language}")
    for rule in rules()
    for example in rule.examples
]


def placed(rule: Rule, language: str, text: str) -> tuple[str, str]:
    """The file that an example would stand in, and its kind."""
    is_settings = language == "python" and rule.languages == {"installation"}
    file = LOCAL_SETTINGS if is_settings else FILES[language]
    return file, kind_of(Target(file, True), text) or "dag"


def found(rule: Rule, language: str, text: str) -> list[Diagnostic]:
    """What one rule and those that are on by default find in one file, the rules over a run among them."""
    file, kind = placed(rule, language, text)
    chosen = tuple(dict.fromkeys((*default_rules(), rule)))
    result = check(Source(text, file, kind, is_explicit=kind == "machine"), chosen)
    return [*result.found, *(d for one in chosen for d in one.over_run(result.declared))]


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_bad_is_flagged_by_this_rule_alone(rule: Rule, example: Example) -> None:
    assert {diagnostic.code for diagnostic in found(rule, example.language, example.bad)} == {rule.id}


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_bad_is_flagged_at_a_place_in_the_text(rule: Rule, example: Example) -> None:
    lines = example.bad.split("\n")
    for diagnostic in found(rule, example.language, example.bad):
        span = diagnostic.span
        assert 1 <= span.line <= span.end_line <= len(lines)
        assert 1 <= span.column <= len(lines[span.line - 1])
        assert (span.line, span.column) < (span.end_line, span.end_column)


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_good_is_clean(rule: Rule, example: Example) -> None:
    assert found(rule, example.language, example.good) == []


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_fix_of_bad_is_good(rule: Rule, example: Example) -> None:
    diagnostics = found(rule, example.language, example.bad)
    if rule.fix is FixKind.NONE:
        assert all(diagnostic.fix is None for diagnostic in diagnostics)
        return
    assert fixed(example.bad, diagnostics, unsafe=True) == example.good
    assert fixed(example.good, found(rule, example.language, example.good), unsafe=True) == example.good


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_page_is_whole(rule: Rule) -> None:
    assert rule.summary
    assert "\n" not in rule.summary
    assert len(rule.why) > 40
    assert rule.instead.endswith(".")
    assert rule.url.startswith("https://")
    if rule.id not in WITHOUT_EXAMPLE:
        kinds = {
            kind for e in rule.examples for kind in {placed(rule, e.language, t)[1] for t in (e.bad, e.good)}
        }
        assert kinds <= rule.languages
        assert rule.languages - kinds <= {"dag", "installation"}


def test_every_rule_asked_for_exists() -> None:
    assert {rule.id for rule in rules()} >= set(ASKED_FOR.split())


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*.yml")), ids=lambda path: path.stem)
def test_pattern_file_is_a_stock_ast_grep_rule(path: Path) -> None:
    """Only documented keys; ast_grep_py itself compiles the rule in the other tests."""
    spec = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(spec) <= AST_GREP_KEYS
    assert (spec["id"], spec["language"]) == (path.stem, "python")
    assert spec["severity"] in ("error", "warning", "info", "hint", "off")


def test_sgconfig_names_every_folder() -> None:
    config = yaml.safe_load((FOLDER / "sgconfig.yml").read_text(encoding="utf-8"))
    assert config["ruleDirs"] == sorted({path.parent.name for path in FOLDER.glob("*/*.yml")})


def test_crashing_rule_is_a_finding_and_the_others_go_on() -> None:
    def crash(source: Source) -> list[object]:
        raise KeyError(source.file)

    rule = rules()[0]
    broken = Rule(
        **{name: getattr(rule, name) for name in Rule.__dataclass_fields__}  # type: ignore[arg-type]
        | {"check": crash, "id": "broken", "languages": frozenset({"machine"})}
    )
    other = next(rule for rule in rules() if rule.id == "choice-no-default")
    text = '{"StartAt": "a", "States": {"a": {"Type": "Choice", "Choices": []}}}'
    result = check(Source(text, "a.asl.json", "machine"), (broken, other))
    assert [d.code for d in result.found] == ["rule-crashed", "choice-no-default"]
    assert result.found[0].span == Span("a.asl.json")
    assert "broken" in result.found[0].message
