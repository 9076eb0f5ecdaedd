"""Workflows as diagrams: Mermaid flowcharts and Graphviz digraphs, task groups as boxes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from dagmig.graph.model import Group, Task, Workflow


@dataclass(frozen=True, slots=True)
class Language:
    """How one diagram language writes a task and the brackets around a group."""

    node: Callable[[str, Task], str]
    opening: Callable[[int, Group], str]
    closing: str


def to_mermaid(workflows: Iterable[Workflow]) -> str:
    """One flowchart a workflow (mermaid.js.org/syntax/flowchart)."""
    return "\n".join(_mermaid(workflow) for workflow in workflows)


def to_dot(workflows: Iterable[Workflow]) -> str:
    """One digraph a workflow (graphviz.org/doc/info/lang.html)."""
    return "\n".join(_dot(workflow) for workflow in workflows)


def _mermaid(workflow: Workflow) -> str:
    names = {task: f"t{index}" for index, task in enumerate(sorted(workflow.tasks))}
    title = json.dumps(workflow.id or "unknown", ensure_ascii=False)
    lines = ["---", f"title: {title}", "---", "flowchart LR", *_nodes(workflow, MERMAID, names)]
    for edge in sorted(workflow.edges):
        label = f"|{_mermaid_text(edge.label)}|" if edge.label else ""
        lines.append(f"  {names[edge.upstream]} -->{label} {names[edge.downstream]}")
    return "\n".join(lines) + "\n"


def _mermaid_text(text: str) -> str:
    return '"' + text.replace("#", "#35;").replace('"', "#quot;") + '"'


def _dot(workflow: Workflow) -> str:
    names = {task: _dot_text(task) for task in workflow.tasks}
    lines = [f"digraph {_dot_text(workflow.id or 'unknown')} {{", "  rankdir=LR;", "  node [shape=box];"]
    lines += _nodes(workflow, DOT, names)
    for edge in sorted(workflow.edges):
        label = f" [label={_dot_text(edge.label)}]" if edge.label else ""
        lines.append(f"  {names[edge.upstream]} -> {names[edge.downstream]}{label};")
    return "\n".join([*lines, "}"]) + "\n"


def _dot_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _nodes(workflow: Workflow, language: Language, names: Mapping[str, str]) -> list[str]:
    """Every task, those of a group inside its brackets."""
    members: dict[str | None, list[Task]] = {}
    for _, task in sorted(workflow.tasks.items()):
        members.setdefault(task.group if task.group in workflow.groups else None, []).append(task)
    children: dict[str | None, list[Group]] = {}
    for _, group in sorted(workflow.groups.items()):
        children.setdefault(group.parent if group.parent in workflow.groups else None, []).append(group)
    numbers = {group: index for index, group in enumerate(sorted(workflow.groups))}

    def inside(parent: str | None, indent: str) -> list[str]:
        lines = [f"{indent}{language.node(names[task.id], task)}" for task in members.get(parent, ())]
        for group in children.get(parent, ()):
            lines.append(f"{indent}{language.opening(numbers[group.id], group)}")
            lines += [*inside(group.id, indent + "  "), f"{indent}{language.closing}"]
        return lines

    return inside(None, "  ")


MERMAID = Language(
    node=lambda name, task: f"{name}[{_mermaid_text(task.id)}]",
    opening=lambda number, group: f"subgraph g{number}[{_mermaid_text(group.id)}]",
    closing="end",
)
DOT = Language(
    node=lambda name, task: f"{name};",
    opening=lambda number, group: f"subgraph cluster_{number} {{ label={_dot_text(group.id)};",
    closing="}",
)
