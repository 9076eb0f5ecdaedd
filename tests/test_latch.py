"""``convert --join latch``: branches of a machine wait for each other by a table, run here with threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import combinations
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from dagmig.cli import main
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Call, Edge, Task, Workflow
from dagmig.pipeline import Converted, Lowering, airflow_to_asl
from dagmig.regions.fold import fold, unjoin
from dagmig.regions.unfold import unfold
from jsonata_run import Execution, Failed, Variables
from test_fold import closure

HEAD = """\
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.providers.amazon.aws.operators.sqs import SqsPublishOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import ShortCircuitOperator
from airflow.sdk import DAG

with DAG("d", schedule=None):
"""
NAMES = [f"t{i}" for i in range(8)]
PAIRS = [Edge(a, b) for a, b in combinations(NAMES, 2)]
orders = st.sets(st.sampled_from(PAIRS), max_size=16).map(frozenset)


@dataclass
class Table:
    """The items of the DynamoDB table, and who waits with which token."""

    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    woken: dict[str, threading.Event] = field(default_factory=dict)
    lock: Any = field(default_factory=threading.Lock)

    def update(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """UpdateItem, as far as it is used: ``SET`` with a condition that there is no ``st``."""
        with self.lock:
            item = self.items.setdefault(wanted["Key"]["pk"]["S"], {})
            if wanted.get("ConditionExpression") == "attribute_not_exists(st)" and "st" in item:
                raise Failed("DynamoDb.ConditionalCheckFailedException", "")
            old, names = dict(item), wanted["ExpressionAttributeNames"]
            for change in wanted["UpdateExpression"].removeprefix("SET ").split(", "):
                name, value = change.split(" = ")
                item[names.get(name, name)] = wanted["ExpressionAttributeValues"][value]
            return {"Attributes": old} if old and wanted.get("ReturnValues") == "ALL_OLD" else {}


class Threaded(Execution):
    """Branches run at once; a job takes a random time and notes when it started and ended."""

    def __init__(self, random: Random) -> None:
        super().__init__(self.act)
        self.random, self.table, self.noted = random, Table(), list[tuple[str, str]]()
        self.one = threading.Lock()

    def _enter(
        self, name: str, state: Mapping[str, Any], given: Any, variables: Variables
    ) -> tuple[Any, str | None]:
        if state["Type"] != "Parallel":
            return super()._enter(name, state, given, variables)
        with ThreadPoolExecutor(len(state["Branches"])) as pool:
            branches = [
                pool.submit(self._run, one, given, variables.new_child()) for one in state["Branches"]
            ]
            return [branch.result() for branch in branches], state.get("Next")

    def _context(self, name: str, state: Mapping[str, Any]) -> dict[str, Any]:
        return {**super()._context(name, state), "Task": {"Token": name}}

    def _jsonata(self, source: str, states: Mapping[str, Any], variables: Mapping[str, Any]) -> Any:
        with self.one:
            return super()._jsonata(source, states, variables)

    def act(self, resource: str, arguments: Any) -> Any:
        match resource.removeprefix("arn:aws:states:::"):
            case "aws-sdk:dynamodb:updateItem":
                return self.table.update(arguments)
            case "aws-sdk:dynamodb:updateItem.waitForTaskToken":
                token = arguments["ExpressionAttributeValues"][":value"]["S"]
                woken = self.table.woken.setdefault(token, threading.Event())
                self.table.update(arguments)
                assert woken.wait(20), f"{token}: nobody wakes it"
                return {}
            case "aws-sdk:sfn:sendTaskSuccess":
                self.table.woken[arguments["TaskToken"]].set()
                return {}
        self.noted.append(("start", arguments["JobName"]))
        time.sleep(self.random.choice([0, 0.002, 0.01]))
        self.noted.append(("end", arguments["JobName"]))
        return {}


def converted(body: str, *, drains: bool = False) -> Converted:
    (one,) = airflow_to_asl(HEAD + body, "d.py", Report(), lowering=Lowering(latches=True, drains=drains))
    return one


def of_edges(edges: frozenset[Edge]) -> str:
    tasks = [f'    {n} = GlueJobOperator(task_id="{n}", job_name="{n}")\n' for n in NAMES]
    return "".join([*tasks, *(f"    {e.upstream} >> {e.downstream}\n" for e in sorted(edges))])


def test_tasks_start_when_those_before_them_have_ended_whoever_comes_first() -> None:
    """A token is put down before it is signalled in some runs, and after that in others."""
    random, latches, awaited, passed = Random(5), 0, 0, 0
    while latches < 60:
        edges = frozenset(random.sample(PAIRS, 11))
        one = converted(of_edges(edges))
        if not any(row.construct == "latch" for row in one.report.rows):
            continue
        run = Threaded(random)
        run.run(one.machine)
        when = {noted: place for place, noted in enumerate(run.noted)}
        assert len(run.noted) == len(when) == 2 * len(NAMES)
        late = [e for e in edges if when["end", e.upstream] > when["start", e.downstream]]
        assert late == []
        latches += len(run.table.items)
        awaited += sum(woken.is_set() for woken in run.table.woken.values())
        passed += sum("tok" not in item for item in run.table.items.values())
    assert awaited > 5
    assert passed > 5


@given(orders)
def test_no_task_waits_for_one_that_it_does_not_depend_on(edges: frozenset[Edge]) -> None:
    made = Workflow("d", {n: Task(n, Call("x.Operator")) for n in NAMES}, edges)
    relation = closure(edges, NAMES)
    found = unjoin(made)
    if found is None:
        assert closure(unfold(fold(made, Report())), NAMES) == relation
        return
    region, left = found
    kept = unfold(region)
    assert closure(kept, NAMES) < relation
    assert closure(kept | frozenset(left), NAMES) == relation


CROSSED = """\
    a, b, c, d = ({}(task_id=x, {}) for x in "abcd")
    [a, b] >> c
    b >> d
"""
JOBS = CROSSED.format("GlueJobOperator", "job_name=x")


def latch_rows(one: Converted) -> list[tuple[Disposition, str]]:
    return [(row.disposition, row.difference) for row in one.report.rows if row.construct == "latch"]


def test_the_ledger_says_what_the_machine_needs() -> None:
    one = converted(JOBS)
    (first, said), (second, needs) = latch_rows(one)
    assert (first, said) == (Disposition.NOTED, "waits for a by the table dagmig-latch")
    assert second is Disposition.DECISION
    assert "the DynamoDB table dagmig-latch with the partition key pk" in needs
    assert "dynamodb:UpdateItem on it and states:SendTaskSuccess" in needs
    assert not [row for row in one.report.rows if row.construct in ("added-wait", "critical-path")]


@pytest.mark.parametrize(
    ("body", "drains", "reason"),
    [
        (JOBS, True, "with --on-failure drain"),
        (JOBS.replace("job_name=x", "job_name=x, trigger_rule='all_done'"), False, "a need not wait for"),
        (JOBS + "    c.as_teardown(setups=a)\n", False, "a need not wait for"),
        (
            '    a = ShortCircuitOperator(task_id="a", python_callable=print)\n'
            '    b, c, d = (GlueJobOperator(task_id=x, job_name=x) for x in "bcd")\n'
            "    [a, b] >> c\n    b >> d\n",
            False,
            "a may skip tasks",
        ),
        (CROSSED.format("BashOperator", "bash_command='exit 99'"), False, "a may skip tasks"),
        (
            '    a = SqsPublishOperator(task_id="a", sqs_queue="q", message_content="m")\n'
            '    b, d = (GlueJobOperator(task_id=x, job_name=x) for x in "bd")\n'
            '    c = GlueJobOperator(task_id="c", job_name="c", script_args={"--m": a.output})\n'
            "    [a, b] >> c\n    b >> d\n",
            False,
            "c reads what a returned",
        ),
    ],
)
def test_where_latches_would_not_do_waits_are_added(body: str, drains: bool, reason: str) -> None:
    one = converted(body, drains=drains)
    ((disposition, said),) = latch_rows(one)
    assert disposition is Disposition.NOTED
    assert said.startswith(f"none: {reason}")
    assert [row for row in one.report.rows if row.construct == "added-wait"]
    assert "waitForTaskToken" not in one.text


@pytest.mark.parametrize("empty", "abcd")
def test_a_task_that_only_orders_others_may_wait_and_be_waited_for(empty: str) -> None:
    jobs = JOBS.replace('"abcd"', f'"{"abcd".replace(empty, "")}"').replace(
        "a, b, c, d", ", ".join("abcd".replace(empty, ""))
    )
    one = converted(f'    {empty} = EmptyOperator(task_id="{empty}")\n{jobs}')
    run = Threaded(Random(1))
    run.run(one.machine)
    assert {task for _, task in run.noted} == {*"abcd"} - {empty}
    assert '"Next": null' not in one.text


def test_an_order_that_would_nest_too_deeply_has_no_latch() -> None:
    """Beside it is a comb: each task of a chain has a side task."""
    tasks = '    t = [GlueJobOperator(task_id=f"t{i}", job_name=f"{i}") for i in range(120)]\n'
    comb = "    for i in range(0, 118, 2):\n        t[i] >> [t[i + 1], t[i + 2]]\n"
    ((_, said),) = latch_rows(converted(JOBS + tasks + comb))
    assert said.startswith("none: the states would be nested too deeply")


def test_an_order_that_nests_has_no_latch(tmp_path: Any) -> None:
    file = tmp_path / "dag.py"
    file.write_text(HEAD + JOBS.replace("    b >> d\n", "    c >> d\n"), encoding="utf-8")
    plain, latched = (
        CliRunner().invoke(main, ["convert", str(file), "--to", "asl", "--join", join])
        for join in ("cut", "latch")
    )
    assert plain.exit_code == 0
    assert (plain.stdout, plain.stderr) == (latched.stdout, latched.stderr)


def test_a_latch_is_a_decision(tmp_path: Any) -> None:
    file = tmp_path / "dag.py"
    file.write_text(HEAD + JOBS, encoding="utf-8")
    result = CliRunner().invoke(main, ["convert", str(file), "--to", "asl", "--join", "latch"])
    assert result.exit_code == 1
    assert "updateItem.waitForTaskToken" in result.stdout
