"""The codes of the reader's diagnostics: what each says is not known, and what follows."""

from __future__ import annotations

from dataclasses import dataclass

from dagmig.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Kind:
    """A code of the reader's diagnostics: what is not known, and what follows. ``severity`` is the worst it
    is reported with.
    """

    code: str
    severity: Severity
    when: str
    follows: str


KINDS = (
    Kind(
        "assumed-default",
        Severity.INFO,
        "An environment variable or Airflow Variable with a default is read.",
        "The default counts, as where it is not set. A conversion lists it as a decision.",
    ),
    Kind(
        "duplicate-dag-id",
        Severity.WARNING,
        "Two DAGs of a file have one id.",
        "Airflow keeps any one of them. The graph has both, and they are marked as not complete.",
    ),
    Kind(
        "duplicate-task-id",
        Severity.ERROR,
        "Two tasks of a DAG have one id.",
        "Airflow refuses the file. The graph has the first task, and is marked as not complete.",
    ),
    Kind(
        "import-fails",
        Severity.WARNING,
        "A statement raises an exception that nothing in the file handles.",
        "Airflow shows an import error in place of the DAGs. They end at the statement here, and are marked "
        "as not complete.",
    ),
    Kind(
        "too-much-work",
        Severity.WARNING,
        "The file asks for more steps of evaluation, or deeper ones, than one file is given.",
        "What would come later is missing. The DAGs are marked as not complete.",
    ),
    Kind(
        "unknown-default-args",
        Severity.WARNING,
        "The `default_args` of a DAG, or some of them, are not known.",
        "Any argument that a task does not set itself may come from there: it is null, and rules about it "
        "say nothing.",
    ),
    Kind(
        "unknown-id",
        Severity.WARNING,
        "A dag_id, task_id or group_id is not known.",
        "The DAG's id is null; a task and its dependencies are missing; the tasks of a group have `unknown` "
        "in their ids. But for a dag_id, the DAG is marked as not complete.",
    ),
    Kind(
        "unknown-value",
        Severity.WARNING,
        "A value that the graph depends on is not known: what a loop goes over, whether a branch is taken, "
        "what a function of another package adds, a trigger rule. As info: start date, schedule, retries, "
        "labels.",
        "The message says what. Where tasks or dependencies may be missing or too many, the DAG is marked "
        "as not complete, and rules that need all of it say nothing.",
    ),
    Kind(
        "unparsable-file",
        Severity.ERROR,
        "The file is no text, no Python, or nested too deeply.",
        "Nothing of it is read; other files are. `graph` and `convert` exit with 3; `lint` has a finding.",
    ),
)
SEVERITIES = {kind.code: kind.severity for kind in KINDS}
