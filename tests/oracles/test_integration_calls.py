"""What the integrations call exists: AWS's actions, their parameters and answers, the words of its waiters,
and the IAM actions that a role needs for it.
"""

from __future__ import annotations

import json

import pytest
from tests.oracles.integration_calls import (
    Written,
    all_written,
    fragments,
    unknown_parameters,
    unknown_results,
    waiters,
    words,
)
from tests.oracles.service_catalogue import iam_actions, package

from dagmig.asl import resource as resources
from dagmig.asl.services import service
from dagmig.integrations import registry
from dagmig.lint.machine.iam.needs import needs
from dagmig.lint.source import Source

REVIEWED = {
    "EcsDeleteClusterOperator": "a cluster that is missing has the word INACTIVE",
    "GlueCrawlerRunOperator": "the waiter compares two fields; here they are one word",
    "GlueCrawlerOperator": "the waiter compares two fields; here they are one word",
    "NeptuneDeleteGraphOperator": "the waiter knows DELETING alone; all other words are failures",
    "NeptuneDeletePrivateGraphEndpointOperator": "the same",
    "RedshiftDeleteClusterSnapshotOperator": "the operator asks by itself, without a waiter",
}
ITS_OWN = ("http:invoke", "eks:runJob", "eks:call")  # permissions of another kind


@pytest.fixture(scope="module")
def states(arguments: dict[str, list[str]]) -> list[Written]:
    return list(all_written(arguments))


def test_every_parameter_is_the_api_s(states: list[Written], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        calls = {one.resource for one in states}
        print(f"\n{len(states)} states of {len(calls)} resources")
    assert {one.name: found for one in states if (found := unknown_parameters(one))} == {}


def test_every_path_into_an_answer_leads_somewhere(states: list[Written]) -> None:
    assert {one.name: found for one in states if (found := unknown_results(one))} == {}


def test_loops_end_with_the_words_of_the_waiters(arguments: dict[str, list[str]]) -> None:
    known: dict[str, list[tuple[set[str], set[str]]]] = {}
    for name, done, failed in waiters(package("airflow", "airflow/providers/amazon").parents[2]):
        known.setdefault(name, []).append((done - {"True"}, failed - {"True"}))
    different: dict[str, list[str]] = {}
    compared = set()
    for integration in registry().integrations:
        short = integration.operator.rpartition(".")[2]
        for fragment in fragments(integration, arguments[integration.operator]):
            found = words(fragment)
            asked = service(resources.parse(found[0]).service) if found else None
            if found is None or asked is None:
                continue
            choices = known.get(f"{asked.client}:{resources.parse(found[0]).action}", [])
            compared |= {short} if choices else set()
            if choices and not any(done <= found[1] and failed == found[2] for done, failed in choices):
                different[short] = sorted(found[1] | found[2])
    assert len(compared) > 40
    assert different.keys() == REVIEWED.keys()


def test_every_permission_is_an_iam_action(states: list[Written]) -> None:
    published = {f"{prefix}:{action}" for prefix, actions in iam_actions().items() for action in actions}
    unknown: dict[str, list[str]] = {}
    for resource in sorted({one.resource for one in states}):
        if resources.parse(resource).short in ITS_OWN:
            continue
        state = {"Type": "Task", "Resource": resource, "Arguments": {}, "End": True}
        machine = {"QueryLanguage": "JSONata", "StartAt": "a", "States": {"a": state}}
        (subject,) = Source(json.dumps(machine), "machine.asl.json", "machine").subjects
        found = [need.action for need in needs(subject)]
        wrong = [one for one in found if _lower(one) not in published]
        if not found or wrong:
            unknown[resource] = wrong
    assert unknown == {}


def _lower(action: str) -> str:
    """As the published list spells actions."""
    prefix, _, name = action.partition(":")
    return f"{prefix}:{name.lower()}"
