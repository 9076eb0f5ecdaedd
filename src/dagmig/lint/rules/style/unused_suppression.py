"""The rule ``unused-suppression``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, FixKind, marks_rule
from dagmig.lint.source import Source
from dagmig.lint.suppress import Mark, without


@marks_rule(Severity.WARNING, ("dag", "installation", "machine"), fix=FixKind.SAFE)
def unused_suppression(source: Source, unused: Iterable[tuple[Mark, tuple[str, ...]]]) -> Iterator[Finding]:
    """A comment silences a rule that finds nothing there.

    What it allowed has been mended or has moved, and the comment would hide the next fault of the same kind.
    Names of rules that did not run are left alone, and so are rules that look at all files of a run
    together. The fix takes the names out, and the comment where none is left; a `Comment` in YAML, or one
    that says more, is left for you to rewrite.
    See https://docs.astral.sh/ruff/rules/unused-noqa/

    ```python bad
    from airflow import DAG

    dag = DAG("daily", schedule="@daily", catchup=False)  # dagmig: ignore[invalid-cron] was a typing error
    ```

    ```python good
    from airflow import DAG

    dag = DAG("daily", schedule="@daily", catchup=False)
    ```

    ```json bad
    {
      "StartAt": "Done",
      "Comment": "dagmig: ignore[unreachable-state] reached by hand",
      "States": {"Done": {"Type": "Succeed"}}
    }
    ```

    ```json good
    {
      "StartAt": "Done",
      "States": {"Done": {"Type": "Succeed"}}
    }
    ```

    Instead: Remove the comment.
    """
    for mark, names in unused:
        said = ", ".join(f"`{name}`" for name in names)
        yield Finding(
            f"nothing is found here that {said} would silence", mark.span, without(source, mark, names)
        )
