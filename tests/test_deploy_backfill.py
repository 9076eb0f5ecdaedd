"""``backfill.py`` of a bundle, run with a client that only writes down what it is asked."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta, timezone, tzinfo
from itertools import takewhile
from types import ModuleType, SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter

from dagmig.deploy import backfill
from dagmig.deploy.monthly import cron
from dagmig.deploy.schedule import Clock

UTC = timezone.utc
START, UNTIL = datetime(2024, 1, 31, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
ARN = "arn:aws:states:us-east-1:1:stateMachine:d"


class AlreadyExists(Exception):
    pass


class Client:
    """Executions run for ``length`` questions after them; names are kept."""

    exceptions = SimpleNamespace(ExecutionAlreadyExists=AlreadyExists)

    def __init__(self, length: int = 2) -> None:
        self.length, self.inputs = length, {}
        self.left: dict[str, int] = {}
        self.most = 0

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> dict[str, str]:
        assert stateMachineArn == ARN
        if name in self.inputs:
            raise AlreadyExists
        self.inputs[name] = json.loads(input)
        self.left[name] = self.length
        self.most = max(self.most, sum(1 for left in self.left.values() if left))
        return {"executionArn": name}

    def describe_execution(self, *, executionArn: str) -> dict[str, str]:
        self.left[executionArn] = max(0, self.left[executionArn] - 1)
        return {"status": "RUNNING" if self.left[executionArn] else "SUCCEEDED"}


def script(clock: Clock, at_once: int = 16, last: datetime | None = None) -> dict[str, Any]:
    """The names of the script's module."""
    text = backfill.script("d", clock, START, last, at_once)
    module: dict[str, Any] = {"__name__": "backfill"}
    exec(compile(text, "backfill.py", "exec"), module)
    module["time"] = SimpleNamespace(sleep=lambda _: None)
    return module


def by_cron(text: str, zone: tzinfo = UTC) -> Clock:
    return Clock((cron(text),), None, zone, False)


def run(monkeypatch: pytest.MonkeyPatch, module: dict[str, Any], client: Client, *arguments: str) -> None:
    boto3 = ModuleType("boto3")
    boto3.client = lambda name: client  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "boto3", boto3)
    monkeypatch.setattr(sys, "argv", ["backfill.py", ARN, *arguments])
    module["main"]()


def test_several_crons_are_due_once(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ("0 3 * * *", "0 */6 * * 1", "0 0 L * *")
    clock = Clock(tuple(map(cron, texts)), None, UTC, False)
    found = list(script(clock)["due"](START, UNTIL))
    each = [list(script(by_cron(text))["due"](START, UNTIL)) for text in texts]
    assert found == sorted({moment for one in each for moment in one})
    assert len(found) < sum(map(len, each))
    assert found == list(takewhile(lambda moment: moment <= UNTIL, clock.due(START)))
    client = Client()
    run(monkeypatch, script(clock), client, "--until", "2024-03-01")
    assert len(client.inputs) == sum(moment < datetime(2024, 3, 1, 1, tzinfo=UTC) for moment in found)


@pytest.mark.parametrize(
    "text", ["30 4 * * *", "0 3 1,15 * 1", "0 3 L * *", "0 3 * 1-6 L5", "0 3 * * 1#2,3#5", "*/40 4 29 2 *"]
)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_due_when_croniter_says(text: str, zone: str) -> None:
    found = list(script(by_cron(text, ZoneInfo(zone)))["due"](START, UNTIL))
    start = START.astimezone(ZoneInfo(zone)).replace(tzinfo=None) - timedelta(seconds=1)
    local = takewhile(lambda moment: moment.year < 2027, croniter(text, start).all_next(datetime))
    moments = (moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for moment in local)
    assert found == [moment for moment in moments if moment <= UNTIL]


def test_a_period_counts_from_the_first_run_wherever_it_begins() -> None:
    due = script(Clock((), timedelta(days=7), UTC, False))["due"]
    everything = list(due(START, UNTIL))
    assert everything[:2] == [START, START + timedelta(days=7)]
    for begin in (START + timedelta(days=1), START + timedelta(days=14), START - timedelta(days=3)):
        assert list(due(begin, UNTIL)) == [moment for moment in everything if moment >= begin]


def test_starts_each_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    client, module = Client(), script(by_cron("0 3 1 * *"))
    run(monkeypatch, module, client, "--until", "2024-04-15")
    assert list(client.inputs) == ["d-20240201T030000Z", "d-20240301T030000Z", "d-20240401T030000Z"]
    assert client.inputs["d-20240301T030000Z"] == {"scheduled_time": "2024-03-01T03:00:00Z"}
    run(monkeypatch, module, client, "--until", "2024-05-15")
    assert len(client.inputs) == 4


@pytest.mark.parametrize("at_once", [1, 3])
def test_no_more_at_once_than_said(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    client = Client(length=5)
    run(monkeypatch, script(by_cron("0 3 * * *"), at_once), client, "--until", "2024-02-20")
    assert client.most == at_once
    assert list(client.inputs) == sorted(client.inputs)
    assert len(client.inputs) == 20


def test_only_the_last_and_only_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client, module = Client(), script(by_cron("0 3 * * *"))
    run(monkeypatch, module, client, "--until", "2024-02-20", "--dry-run")
    assert not client.inputs
    assert len(capsys.readouterr().out.splitlines()) == 20
    run(monkeypatch, module, client, "--until", "2024-02-20", "--last")
    assert list(client.inputs) == ["d-20240219T030000Z"]


def test_nothing_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    last = datetime(2024, 2, 10, 3, tzinfo=UTC)
    run(monkeypatch, script(by_cron("0 3 * * *"), last=last), client, "--until", "2024-03-01")
    assert list(client.inputs)[-1] == "d-20240210T030000Z"
