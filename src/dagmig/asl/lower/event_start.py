"""``--trigger-from-sensor``: a DAG that begins by waiting for something is started by it, and waits no more.

An object in S3 and the end of another DAG's machine are events of EventBridge, a message comes by a Pipe:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html,
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-sqs.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from dagmig.asl.lower.variables import outputs_read
from dagmig.diagnostics import Disposition, Report, Span
from dagmig.graph import jinja
from dagmig.graph.model import Task, TriggerRule, Workflow
from dagmig.graph.query import SCHEDULE_ARGUMENTS, upstream
from dagmig.graph.values import Entries, Items, Literal, Output, RunContext, Template, Value
from dagmig.integrations.s3 import placed

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
GLOB = re.compile(r"[?\[\]]")  # of fnmatch, which patterns of EventBridge lack
OF_CLOCKS = (*SCHEDULE_ARGUMENTS, "catchup", "start_date", "end_date")
AFTER_SUCCESS = frozenset(
    {
        TriggerRule.ALL_SUCCESS,
        TriggerRule.ALL_DONE,
        TriggerRule.ALL_DONE_MIN_ONE_SUCCESS,
        TriggerRule.ALWAYS,
        TriggerRule.NONE_FAILED,
        TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
        TriggerRule.NONE_SKIPPED,
    }
)  # they run after a sensor that found what it waited for as they would without it
FIELDS = {
    "MessageId": "messageId",
    "ReceiptHandle": "receiptHandle",
    "Body": "body",
    "MD5OfBody": "md5OfBody",
    "Attributes": "attributes",
    "MessageAttributes": "messageAttributes",
}  # of a message, as boto3 and as a Pipe call them


@dataclass(frozen=True, slots=True)
class ObjectCreated:
    """``key`` is a key, or with ``*`` a pattern of some; empty for every object of the bucket."""

    bucket: str
    key: str = ""
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A queue by its name, URL or ARN, and how many messages come at once at the most."""

    queue: str
    size: int


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The machine of another DAG."""

    dag: str


Event = ObjectCreated | Message | Succeeded


class Refused(Exception):
    """Why a sensor goes on asking; the argument ends a sentence."""


def event_started(workflow: Workflow, report: Report) -> tuple[Workflow, tuple[Event, ...]]:
    """The workflow without its first task, and the event in place of it; as it is where it does not begin
    with one such sensor, which is said where it begins with one of several.
    """
    roots = [workflow.tasks[name] for name, before in upstream(workflow).items() if not before]
    sensors = [task for task in roots if _name(task) in SENSORS]
    if not sensors:
        return workflow, ()
    first = sensors[0]
    try:
        if len(roots) > 1:
            others = "several have to be there" if len(sensors) == len(roots) else "tasks run beside it"
            raise Refused(f"{others}, and one event cannot stand for all")
        event = _event(first, report)
        changed = _without(workflow, first)
    except Refused as error:
        said = f"it goes on asking, as {error}"
        report.row("trigger-from-sensor", first.span, f"task:{first.id}", DECISION, said, task=first.id)
        return workflow, ()
    said = f"{about(event)} starts the machine, once for each: there is no state, no timeout and no clock"
    report.row("trigger-from-sensor", first.span, "", NOTED, said, task=first.id)
    if isinstance(event, ObjectCreated):
        say_bucket(event, first.span, report)
    if isinstance(event, Message) and _read_by(workflow, first.id):
        said = "a body that is JSON may come as an object, where the sensor gave its text"
        report.row("trigger-from-sensor", first.span, "", DECISION, said, task=first.id)
    return changed, (event,)


def say_bucket(event: ObjectCreated, span: Span, report: Report) -> None:
    """What a bucket needs before it tells of its objects."""
    said = (
        f"switch on the notifications of the bucket {event.bucket} to EventBridge; an object that is there "
        "already starts nothing"
    )
    report.row("trigger-from-sensor", span, "", DECISION, said)


def _read_by(workflow: Workflow, sensor: str) -> bool:
    return any(name == sensor for task in workflow.tasks.values() for name, _ in outputs_read(task))


def about(event: Event) -> str:
    """What happens, in words."""
    match event:
        case ObjectCreated(bucket, key):
            return f"an object s3://{bucket}/{key}{'*' if event.is_prefix else ''}"
        case Message(queue, size):
            return f"{'a message' if size == 1 else f'a batch of 1 to {size} messages'} in {queue}"
        case Succeeded(dag):
            return f"the success of the machine {dag}"


def _name(task: Task) -> str:
    return task.call.operator.rpartition(".")[2] if task.call.operator.startswith("airflow.") else ""


def _event(task: Task, report: Report) -> Event:
    if task.expand is not None:
        raise Refused("it is mapped")
    return SENSORS[_name(task)](task, report)


def _text(value: Value | None, what: str) -> str:
    """A text that is known now. Raises ``Refused``."""
    text = value.value if isinstance(value, Literal) else None
    if not isinstance(text, str) or not text or not isinstance(jinja.parse(text), Literal):
        raise Refused(f"{what} is not one known text")
    return text


def _object(task: Task, report: Report) -> Event:
    for name in ("check_fn", "use_regex"):
        if task.argument(name) not in (None, Literal(None), Literal(False)):
            raise Refused(f"`{name}` decides which key will do")
    given = task.argument("bucket_key")
    if isinstance(given, Literal) and isinstance(given.value, list) and len(given.value) == 1:
        given = Literal(given.value[0])
    _text(given, "the key")
    bucket, key = placed(task, given or Literal(None), task.argument("bucket_name"), report)
    name, pattern = _text(bucket, "the bucket"), _text(key, "the key")
    is_wild = task.argument("wildcard_match") == Literal(True)
    if is_wild and GLOB.search(pattern):
        raise Refused(f"events are not matched by `{pattern}`")
    if not is_wild and "*" in pattern:
        raise Refused(f"an event's pattern takes the `*` of `{pattern}` for any text")
    return ObjectCreated(name, pattern)


def _message(task: Task, _: Report) -> Event:
    if task.argument("message_filtering") not in (None, Literal(None)):
        raise Refused("it chooses among the messages")
    if task.argument("delete_message_on_reception") == Literal(False):
        raise Refused("it leaves messages in the queue")
    size = task.argument("max_messages") or Literal(5)
    most = size.value if isinstance(size, Literal) else None
    if not isinstance(most, int) or not 1 <= most <= 10:
        raise Refused("the number of messages is not known")
    return Message(_text(task.argument("sqs_queue"), "the queue"), most)


def _success(task: Task, report: Report) -> Event:
    for name in ("external_task_id", "external_task_ids", "external_task_group_id"):
        if task.argument(name) not in (None, Literal(None)):
            said = "the whole run of the other DAG is waited for, as an event tells only of that"
            report.row(name, task.span, "", DECISION, said, task=task.id)
    allowed = task.argument("allowed_states")
    if allowed not in (None, Literal(None), Literal(["success"]), Literal([])):
        raise Refused("it waits for other states than success")
    dag = _text(task.argument("external_dag_id"), "the other DAG")
    for name in ("execution_delta", "execution_date_fn"):
        if task.argument(name) not in (None, Literal(None)):
            said = "the end of any run of the other DAG starts one of this, whatever their dates"
            report.row(name, task.span, "", DECISION, said, task=task.id)
    return Succeeded(dag)


SENSORS: dict[str, Callable[[Task, Report], Event]] = {
    "S3KeySensor": _object,
    "S3KeySensorAsync": _object,
    "SqsSensor": _message,
    "SQSSensor": _message,
    "ExternalTaskSensor": _success,
}


def _without(workflow: Workflow, sensor: Task) -> Workflow:
    """The workflow without its first task. Raises ``Refused``."""
    after = {edge.downstream for edge in workflow.edges if edge.upstream == sensor.id}
    for name in sorted(after):
        if workflow.tasks[name].trigger not in AFTER_SUCCESS:
            raise Refused(f"{name} runs by the rule {workflow.tasks[name].trigger}")
    tasks = {name: _fed(task, sensor) for name, task in workflow.tasks.items() if name != sensor.id}
    if not tasks:
        raise Refused("it is the only task")
    edges = frozenset(edge for edge in workflow.edges if edge.upstream != sensor.id)
    return without_clock(replace(workflow, tasks=tasks, edges=edges))


def _fed(task: Task, sensor: Task) -> Task:
    """The task with the event in place of what the sensor gave it."""
    if all(name != sensor.id for name, _ in outputs_read(task)):
        return task
    given = {name: _event_value(value, sensor.id) for name, value in task.call.arguments.items()}
    changed = replace(task, call=replace(task.call, arguments=given))
    if any(name == sensor.id for name, _ in outputs_read(changed)):
        raise Refused(f"{task.id} reads of it what an event does not have")
    return changed


def _event_value(value: Value, sensor: str) -> Value:
    match value:
        case Output(task, "messages", (int() as index, str() as name, *rest)) if task == sensor:
            return RunContext("dag_run.conf", (index, FIELDS.get(name, name), *rest))
        case Literal(str() as text) if jinja.has_jinja(text):
            parsed = jinja.parse(text)
            changed = _event_value(parsed, sensor) if isinstance(parsed, Template) else parsed
            return value if changed == parsed else changed
        case Template(parts):
            return Template(tuple(_part(part, sensor) for part in parts))
        case Items(items):
            return replace(value, items=tuple(_event_value(item, sensor) for item in items))
        case Entries(entries):
            return Entries(tuple((key, _event_value(held, sensor)) for key, held in entries))
    return value


def _part(part: str | Value, sensor: str) -> str | Value:
    return part if isinstance(part, str) else _event_value(part, sensor)


def without_clock(workflow: Workflow) -> Workflow:
    """The workflow as one that no clock starts."""
    arguments = {name: value for name, value in workflow.arguments.items() if name not in OF_CLOCKS}
    arguments["schedule"] = Literal(None)
    return replace(workflow, arguments=arguments)
