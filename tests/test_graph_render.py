"""``dagmig graph`` prints what a workflow holds: JSON by contract, Mermaid and DOT with groups as boxes."""

import json
from datetime import datetime, timedelta, timezone

import pytest

from dagmig.cli.render.diagram import to_dot, to_mermaid
from dagmig.cli.render.graph import describe, to_json
from dagmig.diagnostics import Diagnostic, Severity, Span
from dagmig.graph.model import Call, Edge, Expansion, Group, Policy, Task, TriggerRule, Workflow
from dagmig.graph.values import UNKNOWN, Items, Literal, New, Opaque


def workflow(**more: object) -> Workflow:
    tasks = {
        "b.load": Task(
            "b.load",
            Call("x.Load"),
            Policy(retries=2, retry_delay=timedelta(minutes=1), timeout=timedelta(hours=1)),
            TriggerRule.ALL_DONE,
            expand=Expansion("expand", {}),
            group="b",
            span=Span("dag.py", 7, 5),
        ),
        "a": Task("a", Call("x.Get"), span=Span("dag.py", 5, 5)),
    }
    values = {
        "id": "etl",
        "tasks": tasks,
        "edges": frozenset({Edge("a", "b.load", 'say "go"')}),
        "groups": {"b": Group("b")},
        "span": Span("dag.py", 3, 1),
    }
    return Workflow(**{**values, **more})


def test_json_follows_the_contract() -> None:
    arguments = {
        "schedule": Literal("@daily"),
        "catchup": Literal(True),
        "start_date": Literal(datetime(2024, 1, 1, tzinfo=timezone.utc)),
    }
    diagnostic = Diagnostic("unknown-value", "why", Span("dag.py", 9, 2), Severity.INFO)
    found = json.loads(to_json([workflow(arguments=arguments)], [diagnostic]))
    assert found == {
        "workflows": [
            {
                "id": "etl",
                "file": "dag.py",
                "line": 3,
                "schedule": "@daily",
                "catchup": True,
                "start_date": "2024-01-01T00:00:00+00:00",
                "max_active_runs": None,
                "complete": True,
                "tasks": [
                    {
                        "id": "a",
                        "operator": "x.Get",
                        "upstream": [],
                        "downstream": ["b.load"],
                        "group": None,
                        "trigger_rule": "all_success",
                        "retries": 0,
                        "retry_delay_seconds": 300.0,
                        "execution_timeout_seconds": None,
                        "mapped": False,
                        "setup": False,
                        "teardown": False,
                        "line": 5,
                    },
                    {
                        "id": "b.load",
                        "operator": "x.Load",
                        "upstream": ["a"],
                        "downstream": [],
                        "group": "b",
                        "trigger_rule": "all_done",
                        "retries": 2,
                        "retry_delay_seconds": 60.0,
                        "execution_timeout_seconds": 3600.0,
                        "mapped": True,
                        "setup": False,
                        "teardown": False,
                        "line": 7,
                    },
                ],
            }
        ],
        "diagnostics": [
            {
                "code": "unknown-value",
                "severity": "info",
                "message": "why",
                "file": "dag.py",
                "line": 9,
                "column": 2,
            }
        ],
    }


def test_what_is_left_to_the_installation_is_null() -> None:
    (found,) = json.loads(to_json([workflow()], []))["workflows"]
    assert (found["catchup"], found["max_active_runs"]) == (None, None)


def test_the_unknown_is_null() -> None:
    task = Task("a", Call("x.Get"), Policy(UNKNOWN, UNKNOWN, timeout=UNKNOWN), UNKNOWN)
    (found,) = json.loads(
        to_json(
            [workflow(id=None, tasks={"a": task}, edges=frozenset(), arguments={"catchup": Opaque("x()")})],
            [],
        )
    )["workflows"]
    assert (found["id"], found["catchup"]) == (None, None)
    unknown = ("retries", "retry_delay_seconds", "execution_timeout_seconds", "trigger_rule")
    assert [found["tasks"][0][key] for key in unknown] == [None] * 4


def test_start_date_may_stand_in_default_args() -> None:
    (found,) = json.loads(to_json([workflow(defaults={"start_date": Literal(datetime(2024, 1, 2))})], []))[
        "workflows"
    ]
    assert found["start_date"] == "2024-01-02T00:00:00"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, None),
        (Literal(None), None),
        (Literal("0 3 * * *"), "0 3 * * *"),
        (Literal(timedelta(hours=25)), "1 day, 1:00:00"),
        (New("airflow.sdk.Asset", (Literal("s3://b/k"),)), "Asset('s3://b/k')"),
        (
            Items((New("airflow.sdk.Asset", (Literal("a"),)), New("m.T", (), {"tz": Literal("UTC")}))),
            "[Asset('a'), T(tz='UTC')]",
        ),
        (Opaque("schedule()"), None),
    ],
)
def test_a_schedule_in_words(value: object, said: str | None) -> None:
    assert describe(value) == said


def test_mermaid_boxes_groups_and_escapes_labels() -> None:
    assert to_mermaid([workflow()]) == (
        "---\n"
        'title: "etl"\n'
        "---\n"
        "flowchart LR\n"
        '  t0["a"]\n'
        '  subgraph g0["b"]\n'
        '    t1["b.load"]\n'
        "  end\n"
        '  t0 -->|"say #quot;go#quot;"| t1\n'
    )


def test_dot_boxes_groups_and_escapes_labels() -> None:
    assert to_dot([workflow()]) == (
        'digraph "etl" {\n'
        "  rankdir=LR;\n"
        "  node [shape=box];\n"
        '  "a";\n'
        '  subgraph cluster_0 { label="b";\n'
        '    "b.load";\n'
        "  }\n"
        '  "a" -> "b.load" [label="say \\"go\\""];\n'
        "}\n"
    )
