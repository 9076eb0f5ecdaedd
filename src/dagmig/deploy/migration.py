"""``MIGRATION.md``: what a person does to move one workflow, and what is different afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dagmig.deploy.stack import Stack
from dagmig.diagnostics import Disposition, Row

DEPLOY = {
    "sam": "sam build && sam deploy --guided --capabilities CAPABILITY_IAM",
    "cloudformation": (
        "aws cloudformation package --template-file template.yaml --s3-bucket BUCKET --output-template-file "
        "packaged.yaml\naws cloudformation deploy --template-file packaged.yaml --stack-name {name} "
        "--capabilities CAPABILITY_IAM"
    ),
    "terraform": "terraform init && terraform apply",
}


def migration(stack: Stack, rows: Iterable[Row], kind: str, *, has_backfill: bool, untested: str = "") -> str:
    """The text; ``kind`` is that of the template, ``untested`` says why there is no test of the machine."""
    return "\n".join(_lines(stack, list(rows), kind, has_backfill, untested)) + "\n"


def _lines(stack: Stack, rows: list[Row], kind: str, has_backfill: bool, untested: str) -> Iterator[str]:
    yield f"# Moving {stack.name} to Step Functions"
    if stack.description:
        yield from ("", stack.description)
    yield from ("", "## Before", "")
    yield from decisions(rows, "the state machine", "the DAG")
    yield from ("", "## Deploy", "", "```sh", DEPLOY[kind].format(name=stack.name), "```", "")
    installs = [one.folder for one in stack.functions if one.requirements]
    if installs and kind != "sam":
        yield from ("Before that, what the functions need goes into their folders:", "", "```sh")
        yield from (f"pip install -r functions/{one}/requirements.txt -t functions/{one}" for one in installs)
        yield from ("```", "")
    if stack.parameters:
        yield from ("What the template asks for:", "", "| parameter | what it is |", "|---|---|")
        ids = stack.ids.parameters
        for name, about in sorted(stack.parameters.items()):
            yield f"| `{name if kind == 'terraform' else ids[name]}` | {about} |"
        yield ""
    if untested:
        yield f"There is no test of the state machine: {untested}."
    else:
        yield "`python -m pytest tests` runs the state machine here, with every call answered by the test."
    if has_backfill:
        yield from (
            "",
            "## After",
            "",
            "`python backfill.py ARN --dry-run` says which runs were missed; without",
        )
        yield "`--dry-run` it starts an execution for each. Switch the DAG off in Airflow before the first."
    yield from differences(rows)


def decisions(rows: Iterable[Row], result: str, source: str) -> Iterator[str]:
    """What a person has to decide before ``result`` does what ``source`` does."""
    still = [row for row in rows if row.disposition.is_open]
    if not still:
        yield f"Nothing has to be decided: {result} does what {source} does."
    yield from (f"- [ ] {_said(row)}" for row in still)


def differences(rows: Iterable[Row], where: str = "") -> Iterator[str]:
    """What is not the same, and need not be; nothing where all is."""
    noted = [row for row in rows if row.disposition is Disposition.NOTED]
    if noted:
        yield from ("", f"## What is different{where}", "")
        yield from (f"- {_said(row)}" for row in noted)


def _said(row: Row) -> str:
    task = f"`{row.task}`: " if row.task else ""
    return f"{task}{row.difference} ({row.construct}, line {row.source.line})"
