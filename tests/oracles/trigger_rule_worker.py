"""Run by Airflow's own Python: what ``TriggerRuleDep`` makes of every set of upstream states, as JSON.

``python trigger_rule_worker.py OUT.json``. Real is the class; task instances, tasks and the DAG run are
stand-ins that hold what it asks for. The output lists ``[rule, direct, setups, answer]``: ``direct`` are the
upstream tasks as ``[state, is setup]``, ``setups`` the states of setups further up; the answer is the state
it gives, else ``run`` or ``wait``.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections.abc import Iterator
from itertools import combinations_with_replacement, product
from pathlib import Path
from types import SimpleNamespace

warnings.simplefilter("ignore")
STATES = ("success", "failed", "upstream_failed", "skipped", None)
RETIRED = {"dummy", "none_failed_or_skipped"}  # an operator takes another name in their place
MOST = 4  # tasks directly before, and
MOST_SETUPS = 2  # setups before those


def answer(rule: str, direct: list, setups: list) -> str:
    from airflow.ti_deps.dep_context import DepContext
    from airflow.ti_deps.deps.trigger_rule_dep import TriggerRuleDep

    def task(name: str, is_setup: bool) -> SimpleNamespace:
        return SimpleNamespace(task_id=name, is_setup=is_setup, get_needs_expansion=lambda: False)

    near = [(task(f"d{i}", is_setup), state) for i, (state, is_setup) in enumerate(direct)]
    far = [(task(f"s{i}", True), state) for i, state in enumerate(setups)]
    given: list[str] = []
    ti = SimpleNamespace(
        map_index=-1,
        task=SimpleNamespace(
            trigger_rule=rule,
            upstream_list=[one for one, _ in near],
            upstream_task_ids={one.task_id for one, _ in near},
            is_teardown=False,
            get_upstreams_only_setups=lambda: [one for one, _ in far],
            get_closest_mapped_task_group=lambda: None,
        ),
        get_dagrun=lambda *args, **kwargs: None,
        set_state=lambda state, *args, **kwargs: given.append(str(getattr(state, "value", state))) or True,
    )
    finished = [
        SimpleNamespace(task_id=one.task_id, task=one, state=state, map_index=-1)
        for one, state in near + far
        if state is not None
    ]
    context = DepContext(flag_upstream_failed=True, finished_tis=finished)
    statuses = list(TriggerRuleDep()._get_dep_statuses(ti=ti, session=None, dep_context=context))
    return given[0] if given else "run" if all(status.passed for status in statuses) else "wait"


def cases(rules: list[str]) -> Iterator[tuple[str, list, list]]:
    for rule in rules:
        for count in range(MOST + 1):
            for states in combinations_with_replacement(STATES, count):
                yield rule, [(state, False) for state in states], []
        for state, count in product(STATES, range(1, MOST_SETUPS + 1)):
            for setups in combinations_with_replacement(STATES, count):
                yield rule, [(state, False)], list(setups)
        if rule == "all_done_setup_success":
            for count in range(1, MOST):
                yield from (
                    (rule, list(one), []) for one in product(product(STATES, (False, True)), repeat=count)
                )


def main(out: str) -> None:
    logging.disable(logging.CRITICAL)
    try:
        from airflow.task.trigger_rule import TriggerRule
    except ImportError:
        from airflow.utils.trigger_rule import TriggerRule

    rules = sorted({rule.value for rule in TriggerRule} - RETIRED)
    found = [[*case, answer(*case)] for case in cases(rules)]
    Path(out).write_text(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
