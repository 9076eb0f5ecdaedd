"""``python -m tests.oracles.integration_share``: how many tasks of published DAGs have an integration.

By provider: all tasks of its example DAGs, those of its own operators, and these operators, each counted
once; ``--details`` lists the operators without one.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.oracles.corpora import Corpus, corpora

from dagmig.airflow.read import read
from dagmig.diagnostics import Report
from dagmig.integrations import registry

PROVIDERS = {
    "amazon": "airflow.providers.amazon.",
    "databricks": "airflow.providers.databricks.",
    "microsoft-azure": "airflow.providers.microsoft.azure.",
    "cncf-kubernetes": "airflow.providers.cncf.kubernetes.",
}
COLUMNS = ("example DAGs of", "tasks", "with", "%", "own tasks", "with", "%", "own operators", "with", "%")


@dataclass
class Share:
    """The uses of operators, with and without an integration."""

    known: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)

    def of(self, prefix: str) -> Share:
        """Those whose names begin like this."""
        return Share(*(_begun(one, prefix) for one in (self.known, self.unknown)))

    @property
    def cells(self) -> list[str]:
        """Tasks, tasks with an integration, and their share."""
        known, unknown = self.known.total(), self.unknown.total()
        return [str(known + unknown), str(known), percent(known, known + unknown)]

    @property
    def distinct(self) -> list[str]:
        """The same for operators, each counted once."""
        known, both = len(self.known), len(self.known | self.unknown)
        return [str(both), str(known), percent(known, both)]


def _begun(found: Counter[str], prefix: str) -> Counter[str]:
    return Counter({name: number for name, number in found.items() if name.startswith(prefix)})


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "-"


def uses(corpus: Corpus) -> Iterator[str]:
    """The operator of every task."""
    for file in corpus.files:
        if file.suffix != ".py":
            continue
        for workflow in read(file.read_text(encoding="utf-8"), str(file), Report()):
            yield from (task.call.operator for task in workflow.tasks.values())


def share(provider: str) -> Share:
    """All tasks of a provider's example DAGs, of whatever year."""
    found = Share()
    for corpus in corpora():
        if corpus.name.startswith(f"{provider} "):
            for operator in uses(corpus):
                is_known = registry().for_operator(operator) is not None or operator.startswith("@")
                (found.known if is_known else found.unknown)[operator] += 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--details", action="store_true", help="the operators without an integration")
    is_detailed = parser.parse_args().details
    print("| " + " | ".join(COLUMNS) + " |")
    print("|---|" + "--:|" * (len(COLUMNS) - 1))
    for provider, prefix in PROVIDERS.items():
        found = share(provider)
        own = found.of(prefix)
        print("| " + " | ".join([provider, *found.cells, *own.cells, *own.distinct]) + " |")
        if is_detailed:
            for operator, number in own.unknown.most_common():
                print(f"{number:5} {operator}")


if __name__ == "__main__":
    main()
