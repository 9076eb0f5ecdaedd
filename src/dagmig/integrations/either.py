"""One operator whose argument says which of several calls it makes: the kind of a database, say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph.model import Call, Task
from dagmig.graph.values import Literal, Value
from dagmig.integrations import Integration, in_one_partition
from dagmig.integrations.fragment import Fragment
from dagmig.integrations.status import word


def either(argument: str, default: str | None, choices: Mapping[str, Integration]) -> Integration:
    """The integrations of one operator by the word of ``argument``; ``default`` is None where it must be
    given. The state says which it was.
    """
    first = next(iter(choices))

    def to_asl(task: Task, report: Report) -> Fragment:
        value = task.argument(argument)
        found = default if value in (None, Literal(None)) else _kind(value)
        if found not in choices:
            said = (
                f"`{argument}` is none of {', '.join(filter(None, choices))}, or not known: {first} is taken"
            )
            report.row(argument, task.span, f"task:{task.id}", Disposition.DECISION, said, task=task.id)
        return choices.get(found or first, choices[first]).to_asl(task, report)

    def to_airflow(resource: str, parameters: Mapping[str, Value], span: Span, report: Report) -> Call:
        wanted = in_one_partition(resource)
        kind, chosen = next((k, one) for k, one in choices.items() if wanted in one.resources)
        assert chosen.to_airflow is not None
        call = chosen.to_airflow(resource, parameters, span, report)
        said = {} if kind == default else {argument: Literal({"True": True, "False": False}.get(kind, kind))}
        return replace(call, arguments={**said, **call.arguments})

    resources = tuple(dict.fromkeys(resource for one in choices.values() for resource in one.resources))
    is_way_back = all(one.to_airflow is not None for one in choices.values())
    return replace(
        choices[first], resources=resources, to_asl=to_asl, to_airflow=to_airflow if is_way_back else None
    )


def _kind(value: Value) -> str | None:
    is_switch = isinstance(value, Literal) and isinstance(value.value, bool)
    return str(value.value) if is_switch and isinstance(value, Literal) else word(value)
