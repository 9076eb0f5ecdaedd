"""What makes a definition no state machine at all: Step Functions would not create it."""

from __future__ import annotations

from pathlib import Path

from dagmig.diagnostics import Diagnostic, Severity

RULES = (
    "choice-rule-shape",
    "duplicate-json-key",
    "duplicate-state-name",
    "intrinsic-syntax",
    "jsonata-syntax",
    "jsonpath-syntax",
    "missing-required-field",
    "mutually-exclusive-fields",
    "next-target-missing",
    "startat-missing",
    "transition-escapes-scope",
    "unknown-state-type",
    "wrong-field-type",
)


def faults(file: Path) -> list[Diagnostic]:
    """The linter's errors in a definition that keep it from being created; none where it can be converted."""
    from dagmig.lint import Options, lint_paths

    found = lint_paths([file], Options(select=RULES, use_config=False, use_baseline=False, jobs=1))
    return [one for one in found if one.severity is Severity.ERROR]
