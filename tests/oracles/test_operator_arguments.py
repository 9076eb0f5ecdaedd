"""Every argument of every operator in the registry is known: translated, or left out for a stated reason.

The arguments are those of the operators' installed classes.
"""

from __future__ import annotations

import pytest

from dagmig.diagnostics import Report
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal
from dagmig.integrations import registry
from dagmig.integrations.base_arguments import BASE_ARGUMENTS


def test_every_argument_is_accounted_for(
    arguments: dict[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    unknown: dict[str, list[str]] = {}
    for integration in registry().integrations:
        for name in arguments[integration.operator]:
            report = Report()
            call = Call(integration.operator, {name: Literal("given")})
            integration.to_asl(Task("task", call), report)
            said = [
                row.difference for row in report.rows if row.difference.startswith(f"`{name}` is not part of")
            ]
            if name not in BASE_ARGUMENTS and any(": " not in difference for difference in said):
                unknown.setdefault(integration.operator, []).append(name)
    with capsys.disabled():
        print(f"\n{len(arguments)} operators, {sum(map(len, arguments.values()))} arguments")
    assert unknown == {}
