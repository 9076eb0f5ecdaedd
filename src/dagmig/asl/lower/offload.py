"""``--offload s3://BUCKET/PREFIX``: generated functions keep large answers in S3 and hand on where they are.

Only answers that no state looks into: they are given whole to other generated functions, which fetch them.
https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dagmig.asl.lower import Product
from dagmig.asl.lower.data import references
from dagmig.asl.lower.obstacles import may_choose
from dagmig.asl.lower.setting import function_name
from dagmig.asl.lower.variables import RETURNED
from dagmig.diagnostics import Disposition, Report
from dagmig.graph.model import Task, Workflow
from dagmig.graph.query import mapped_group
from dagmig.graph.values import Entries, Function, Items, Output, Value
from dagmig.integrations.code import entry
from dagmig.integrations.context import asked, pulled
from dagmig.integrations.fragment import FunctionName

LARGE = 200_000  # bytes of JSON that a state is still given, which takes 256 KiB of all that it is given
GIVEN = ("op_args", "op_kwargs")
NOTED = Disposition.NOTED
PLACE = re.compile(
    r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[\w!*'()./-]*))?", re.ASCII
)
FETCHING = '''

def _dagmig_fetched(value):
    """What a state sends, with the answers in their places that other tasks have kept in S3."""
    if isinstance(value, list):
        return [_dagmig_fetched(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() != {{"dagmig:s3"}}:
        return {{name: _dagmig_fetched(item) for name, item in value.items()}}
    import json

    import boto3

    bucket, _, key = value["dagmig:s3"].partition("/")
    return json.loads(boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
'''
KEEPING = '''

def _dagmig_kept(answer):
    """An answer, or where it is in S3 if it has more than {large:,} bytes."""
    import hashlib
    import json

    data = json.dumps(answer).encode()
    if len(data) <= {large}:
        return answer
    import boto3

    bucket, key = {bucket}, {prefix} + hashlib.sha256(data).hexdigest() + ".json"
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=data)
    return {{"dagmig:s3": f"{{bucket}}/{{key}}"}}
'''
ENTRY = '''

_dagmig_run = {entry}


def {entry}(event, context):
    """As above, with large answers in S3."""
    return {answer}
'''
RUN = "_dagmig_run(_dagmig_fetched(event), context)"


@dataclass(frozen=True, slots=True)
class Store:
    """Where answers are kept; ``prefix`` is empty or ends with a slash."""

    bucket: str
    prefix: str = ""

    @classmethod
    def parse(cls, text: str) -> Store:
        """``s3://BUCKET`` or ``s3://BUCKET/PREFIX``; raises ``ValueError``."""
        found = PLACE.fullmatch(text)
        if found is None:
            raise ValueError("not of the form s3://BUCKET/PREFIX")
        prefix = (found["prefix"] or "").strip("/")
        return cls(found["bucket"], f"{prefix}/" if prefix else "")


def offloaded(workflow: Workflow, product: Product, store: Store, report: Report) -> dict[str, str]:
    """The functions' sources by file name, with those that may keep their answers in the store; a row for
    each that may not.
    """
    found = dict(product.functions)
    files = {name: f"{function_name(workflow, FunctionName(name))}.py" for name in workflow.tasks}
    generated = {name for name, file in files.items() if file in found}
    looked_at = dict(_looked_at(workflow, product, generated))
    for name in sorted(generated):
        task = workflow.tasks[name]
        function = task.argument("python_callable")
        if not isinstance(function, Function):
            continue
        keeping, answer = KEEPING, f"_dagmig_kept({RUN})"
        if name in looked_at:
            keeping, answer = "", RUN
            said = f"its answer is never kept in S3, as {looked_at[name]}: a state takes 256 KiB"
            report.row("offload", task.span, "", NOTED, said, task=name)
        named = {"bucket": f'"{store.bucket}"', "prefix": f'"{store.prefix}"', "entry": entry(function)}
        added = (FETCHING + keeping + ENTRY).format(large=LARGE, answer=answer, **named)
        found[files[name]] = found[files[name]].rstrip("\n") + "\n" + added
    place = f"s3://{store.bucket}/{store.prefix}"
    said = (
        f"answers of more than {LARGE:,} bytes are kept under {place}: the functions' "
        "roles need s3:PutObject and s3:GetObject there, and a lifecycle rule has to remove them"
    )
    report.row("offload", workflow.span, "", NOTED, said)
    return found


def _looked_at(workflow: Workflow, product: Product, generated: set[str]) -> Iterator[tuple[str, str]]:
    """The tasks whose answers something else than a function reads, or reads in part, and why."""
    for task in workflow.tasks.values():
        if may_choose(task):
            yield task.id, "it chooses which tasks run"
        if task.id in product.tasks and product.tasks[task.id].has_several:
            yield task.id, "the states around it look into it"
        if task.expand is not None or mapped_group(workflow, task.group) is not None:
            yield task.id, "the machine gathers what the instances answer"
        if asked(task).pushed:
            yield task.id, "it pushes keys of its own"
        if "." not in task.call.operator and task.id not in generated:  # a class of the DAG file
            found = (edge.upstream for edge in workflow.edges if edge.downstream == task.id)
            yield from ((name, f"{task.id} is sent it") for name in found)
        for output in _read_in_part(task, is_function=task.id in generated):
            yield output, f"the state of {task.id} looks into it"


def _read_in_part(task: Task, *, is_function: bool) -> Iterator[str]:
    """The tasks whose outputs a task reads, but not whole and as an argument of its function."""
    expanded = task.expand.arguments.values() if task.expand is not None else ()
    for name, value in task.call.arguments.items():
        whole = list(_whole(value)) if is_function and name in GIVEN else []
        for output in references(value):
            if output in whole:
                whole.remove(output)
            else:
                yield output.task
    for value in (*task.defaults.values(), *expanded):
        yield from (output.task for output in references(value))
    yield from (output.task for output in pulled(task) if output.key != RETURNED)


def _whole(value: Value) -> Iterator[Output]:
    match value:
        case Output(key="return_value", path=()):
            yield value
        case Items(items):
            for item in items:
                yield from _whole(item)
        case Entries(entries):
            for _, item in entries:
                yield from _whole(item)
