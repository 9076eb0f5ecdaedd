"""What moving many workflows takes: which convert as they are, what is to decide, which belong together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dagmig.diagnostics import Row
from dagmig.graph.model import Workflow
from dagmig.lint.declared import leans
from dagmig.pipeline import Converted


@dataclass(frozen=True, slots=True)
class Assessed:
    """One workflow of ``file``. ``rows`` are those that a person has to decide; ``size`` is the number of a
    DAG's tasks; ``makes`` and ``needs`` are what ties it to others: ids of DAGs, names of assets.
    """

    file: str
    id: str
    size: int
    rows: tuple[Row, ...] = ()
    makes: frozenset[str] = field(default=frozenset(), compare=False)
    needs: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def tasks(self) -> frozenset[str]:
        """The tasks with a row."""
        return frozenset(row.task for row in self.rows if row.task is not None)


@dataclass(frozen=True, slots=True)
class Reason:
    """What has to be decided in several places: ``said`` in the words of most of them."""

    construct: str
    said: str
    rows: int
    workflows: int


def assessed(file: str, one: Converted) -> Assessed:
    workflow = one.workflow or Workflow(one.id)
    rows = tuple(dict.fromkeys(row for row in one.report.rows if row.disposition.is_open))
    makes, needs = {f"dag {one.id}"}, set[str]()
    for said in leans(workflow):
        match said.kind:
            case "produces":
                makes.add(f"asset {said.name}")
            case "consumes":
                needs.add(f"asset {said.name}")
            case "triggers" | "waits":
                needs.add(f"dag {said.name}")
    return Assessed(file, one.id, len(workflow.tasks), rows, frozenset(makes), frozenset(needs))


def reasons(found: Iterable[Assessed]) -> list[Reason]:
    """The constructs with open rows, those of most workflows first."""
    said: dict[str, Counter[str]] = {}
    where: dict[str, set[tuple[str, str]]] = {}
    for one in found:
        for row in one.rows:
            said.setdefault(row.construct, Counter())[row.difference] += 1
            where.setdefault(row.construct, set()).add((one.file, one.id))
    made = [
        Reason(construct, words.most_common(1)[0][0], words.total(), len(where[construct]))
        for construct, words in said.items()
    ]
    return sorted(made, key=lambda one: (-one.workflows, -one.rows, one.construct))


def together(found: Sequence[Assessed]) -> Mapping[int, frozenset[int]]:
    """By the number of each workflow, those that start it, wait for it or share an asset, or do by others."""
    makers: dict[str, list[int]] = {}
    for number, one in enumerate(found):
        for name in one.makes:
            makers.setdefault(name, []).append(number)
    heads = list(range(len(found)))
    for number, one in enumerate(found):
        for name in one.needs:
            for maker in makers.get(name, ()):
                heads[_head(heads, number)] = _head(heads, maker)
    members: dict[int, set[int]] = {}
    for number in range(len(found)):
        members.setdefault(_head(heads, number), set()).add(number)
    return {n: frozenset(members[_head(heads, n)] - {n}) for n in range(len(found))}


def in_order(found: Sequence[Assessed], ties: Mapping[int, frozenset[int]]) -> list[int]:
    """The numbers of the workflows in the order to move them in.

    Those that belong together (``ties``) stay so; those with the fewest rows, then the smallest, are first.
    """
    weight = {
        number: (
            sum(len(found[n].rows) for n in (number, *others)),
            sum(found[n].size for n in (number, *others)),
            min((found[n].file, found[n].id) for n in (number, *others)),
        )
        for number, others in ties.items()
    }
    return sorted(
        ties, key=lambda n: (weight[n], len(found[n].rows), found[n].size, found[n].file, found[n].id)
    )


def _head(heads: list[int], number: int) -> int:
    while heads[number] != number:
        heads[number] = heads[heads[number]]
        number = heads[number]
    return number
