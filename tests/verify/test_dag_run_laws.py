"""What holds of every run of the model, whatever the DAG, the outcomes and the times: random ones, seeded."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from dagmig.graph.model import TriggerRule
from dagmig.verify.dag_run import admissible, is_admissible, program, run
from dagmig.verify.observed import Instance, Observed, Vector
from dagmig.verify.vectors import space
from verify.runs import shown, workflow

KINDS = ["", "", "", "", "=branch", "=circuit", "=circuit1"]
RULES = [rule.value for rule in TriggerRule] + ["all_success"] * 8
NEW = "all_done_min_one_success"  # not in Airflow 2
ORDERS = 12


def _dag(rng: random.Random) -> str:
    names = "abcdef"[: rng.randint(3, 6)]
    found = [name + rng.choice(KINDS) for name in names]
    found += [f"{name}:{rng.choice(RULES)}" for name in names]
    found += [f"{names[0]}~1"] if rng.random() < 0.3 else []
    found += [f"{a}>{b}" for i, b in enumerate(names) for a in names[:i] if rng.random() < 0.5]
    if rng.random() < 0.3:
        found += [f"m*{rng.choice([*names[:2], '2'])}", f"m>{names[-1]}", f"m:{rng.choice(RULES)}"]
    return " ".join(found)


def _timed(rng: random.Random, vector: Vector, like: Observed) -> Vector:
    durations: dict[Instance, float] = {one: round(rng.uniform(1, 9), 3) for one in like.instances}
    return replace(vector, durations=durations)


@pytest.mark.parametrize("airflow", [3, 2])
@pytest.mark.parametrize("seed", range(60))
def test_every_order(seed: int, airflow: int) -> None:
    """However long bodies take, the outcome is one that is admissible, and what must be before is before."""
    rng = random.Random(seed)
    text = _dag(rng)
    made = program(workflow(text if airflow >= 3 else text.replace(NEW, "all_done")), airflow)
    for vector in list(space(made).vectors(200, seed))[:: rng.randint(10, 20)]:
        allowed = admissible(made, vector, limit=3_000)
        assert all(is_admissible(made, vector, one.outcome()) for one in allowed.runs)
        for _ in range(ORDERS):
            found = run(made, _timed(rng, vector, allowed.runs[0]))
            assert allowed.is_complete
            assert allowed.allows(found.outcome()), shown(found)
            for one, before in found.before.items():
                started = found.instances[one].started
                ended = [found.instances[other].finished for other in before]
                assert all(end is not None and started is not None and end <= started for end in ended)
