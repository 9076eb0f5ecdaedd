"""Functions that a written DAG carries along, word for word, where a condition of the machine needs them.

They keep Step Functions' rules for data of the wrong type or that is not there; each stands alone
but for the standard library.
"""

from __future__ import annotations

import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from dagmig.integrations.sdk_names import sdk_name

MISSING = object()
AwsGenericHook: Any = None  # Airflow's, where the DAG runs
boto3: Any = None  # of the amazon provider


def find(value: Any, *path: Any) -> Any:
    """The value at a path, or MISSING where there is nothing."""
    for key in path:
        if not isinstance(value, list if isinstance(key, int) else dict):
            return MISSING
        try:
            value = value[key]
        except LookupError:
            return MISSING
    return value


def find_field(value: Any, *path: Any) -> Any:
    """What a path of JSONata finds, or MISSING; a name that is asked of a list is asked of its members."""
    for number, key in enumerate(path):
        if isinstance(value, list) and isinstance(key, str):
            found = [one for member in value if (one := find_field(member, *path[number:])) is not MISSING]
            parts = [part for one in found for part in (one if isinstance(one, list) else [one])]
            return next((one[0] for one in (found, parts) if len(one) == 1), parts or MISSING)
        if isinstance(value, list) or isinstance(key, str):
            try:
                value = value[key]
            except (LookupError, TypeError):
                return MISSING
        elif key not in (0, -1):  # the number of a single value
            return MISSING
    return value


def items_of(value: Any) -> Any:
    """What a Map works on: the items of a list, or the members of an object with their names."""
    if isinstance(value, dict):
        return [{"Key": key, "Value": member} for key, member in value.items()]
    if not isinstance(value, list):
        raise ValueError("the items are neither a list nor an object")
    return value


def values_of(value: Any) -> Any:
    """What the items of a Map have in them: those of a list, or the values of an object."""
    items = items_of(value)
    return [one["Value"] for one in items] if isinstance(value, dict) else items


def where_set(*held: Any) -> Any:
    """Variables by name: of each ``[values, *names]`` those that the path which was taken has set."""
    return {name: values[name] for values, *names in held for name in names if name in values}


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def as_text(value: Any) -> str:
    """A value as JSONata writes it into a text: strings as they are, the rest as JSON."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        value = int(value)
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def timestamp(value: Any) -> datetime | None:
    """An RFC 3339 time with a capital T and Z or an offset; None for anything else."""
    form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?\d*(Z|[+-]\d\d:\d\d)"
    if not isinstance(value, str) or not (found := re.fullmatch(form, value)):
        return None
    fraction = (found[1] or "").ljust(7, "0") if found[1] else ""
    try:
        return datetime.fromisoformat(value[:19] + fraction + found[2].replace("Z", "+00:00"))
    except ValueError:
        return None


def matches(value: Any, pattern: str) -> bool:
    """StringMatches: a star stands for any text, a backslash takes the next character as it is."""
    parts = re.findall(r"\\(.)|(\*)|([^*\\])", pattern, re.DOTALL)
    form = "".join(".*" if star else re.escape(escaped or plain) for escaped, star, plain in parts)
    return isinstance(value, str) and re.fullmatch(form, value, re.DOTALL) is not None


def state_of(ti: Any, task_id: str) -> Any:
    """The state of a task of this run; in a mapped group, of its instance for the same item."""
    name = task_id if ti.map_index < 0 else f"{task_id}_{ti.map_index}"
    states = ti.get_task_states(dag_id=ti.dag_id, task_ids=[task_id], run_ids=[ti.run_id])
    return states.get(ti.run_id, {}).get(name)


def failed(ti: Any, task_ids: list[str], item: int | None) -> bool:
    """Whether one of these tasks of the run has failed for good; for one item where that is given."""
    found = ti.get_task_states(dag_id=ti.dag_id, task_ids=task_ids, run_ids=[ti.run_id])
    states = found.get(ti.run_id, {})
    names = states if item is None else [f"{task_id}_{item}" for task_id in task_ids]
    return any(states.get(name) == "failed" for name in names)


def failed_items(ti: Any, task_ids: list[str]) -> list[str]:
    """The numbers of the items of a Map of which one of these tasks has failed for good."""
    found = ti.get_task_states(dag_id=ti.dag_id, task_ids=task_ids, run_ids=[ti.run_id])
    states = found.get(ti.run_id, {})
    return sorted({name.rpartition("_")[2] for name in states if states[name] == "failed"})


def too_many_failed(ti: Any, task_ids: list[str], items: str, count: Any, percentage: Any) -> bool:
    """Whether more items of a Map have failed than it tolerates; ``items`` is the task that lists them."""
    number = len(failed_items(ti, task_ids))
    return bool(number > count and number * 100 > percentage * len(ti.xcom_pull(task_ids=items)))


def error_output(error: Any) -> Any:
    """What Step Functions says of an error: its name there, and its cause."""
    name, cause = type(error).__name__, str(error)
    details = error.args[-1] if error.args else None
    if name == "AirflowTaskTimeout":
        name = "States.Timeout"
    elif isinstance(details, dict) and "Payload" in details:  # a Lambda function's own exception
        cause = details["Payload"]
        name = json.loads(cause).get("errorType", "Lambda.Unknown")
    elif isinstance(details, dict) and "Error" in details:  # of an execution
        name, cause = details["Error"], details["Cause"]
    elif isinstance(response := getattr(error, "response", None), dict):  # an error of an AWS client
        name = response.get("Error", {}).get("Code", name)
    return {"Error": name, "Cause": cause}


def keep_error(context: Any) -> None:
    """Keep the error of a task that has failed for good, under the name that Step Functions gives it."""
    context["ti"].xcom_push(key="error", value=error_output(context["exception"]))


def client_as(role: str, service: str) -> Any:
    """The client of an AWS service that acts as a role."""
    hook = AwsGenericHook(client_type="sts")
    keys = hook.conn.assume_role(RoleArn=role, RoleSessionName="airflow")["Credentials"]
    return boto3.client(
        service,
        region_name=hook.conn.meta.region_name,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def invoke(function_name: str, payload: Any, client: Any = None, **others: Any) -> Any:
    """What a Lambda function answers; an exception of its own is raised here."""
    client = client or AwsGenericHook(client_type="lambda").conn
    reply = client.invoke(FunctionName=function_name, Payload=json.dumps(payload), **others)
    answer = reply["Payload"].read().decode()
    if "FunctionError" in reply:
        raise ValueError("the Lambda function has failed", {"Payload": answer})
    return json.loads(answer) if answer else {}


def retried(work: Any, retriers: Any) -> Any:
    """The answer of some work, which is done again after the errors that retriers name; none names all."""
    attempts = [0] * len(retriers)
    while True:
        try:
            return work()
        except Exception as error:
            name = error_output(error)["Error"]
            found = [n for n, one in enumerate(retriers) if not one["errors"] or name in one["errors"]]
            if not found or attempts[found[0]] >= retriers[found[0]]["attempts"]:
                raise
            one = retriers[found[0]]
            seconds = one["seconds"] * one["growth"] ** attempts[found[0]]
            time.sleep(min(seconds, one.get("limit", seconds)))
            attempts[found[0]] += 1


def invoked(function_name: str, payload: Any, client: Any = None, **others: Any) -> Any:
    """All that Lambda answers to a call of a function; an exception of its own is raised here."""
    client = client or AwsGenericHook(client_type="lambda").conn
    reply = client.invoke(FunctionName=function_name, Payload=json.dumps(payload), **others)
    answer = reply["Payload"].read().decode()
    if "FunctionError" in reply:
        raise ValueError("the Lambda function has failed", {"Payload": answer})
    about = reply["ResponseMetadata"]
    return {
        "ExecutedVersion": reply.get("ExecutedVersion"),
        "Payload": json.loads(answer) if answer else {},
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in about["HTTPHeaders"].items()},
            "HttpHeaders": about["HTTPHeaders"],
            "HttpStatusCode": about["HTTPStatusCode"],
        },
        "SdkResponseMetadata": {"RequestId": about["RequestId"]},
        "StatusCode": reply["StatusCode"],
    }


def within(seconds: Any, work: Any) -> Any:
    """The answer of some work that is given so many seconds."""
    over = threading.Event()
    pool = ThreadPoolExecutor(1)
    running = pool.submit(work)
    running.add_done_callback(lambda _: over.set())
    pool.shutdown(wait=False)
    if not over.wait(seconds):
        raise ValueError("the time is over", {"Error": "States.Timeout", "Cause": ""})
    return running.result()


def together(works: list[Any], most: Any = None) -> list[Any]:
    """What pieces of work return that are done at the same time, at most so many at once.

    Where one fails, no more of them begin, and ``stopped`` tells the others to do nothing more.
    """
    stopped = threading.Event()

    def done(work: Any) -> Any:
        try:
            return None if stopped.is_set() else work(stopped)
        except BaseException:
            stopped.set()
            raise

    with ThreadPoolExecutor(min(most or 40, len(works) or 1)) as pool:
        running = [pool.submit(done, work) for work in works]
    broken = [one for one in running if one.exception()]
    return [one.result() for one in broken or running]


def tolerant(works: list[Any], count: Any, percentage: Any, most: Any = None) -> list[Any]:
    """What those pieces of work return that do not fail, where not more of them fail than are tolerated."""
    stopped = threading.Event()
    failed: list[Any] = []

    def done(work: Any) -> list[Any]:
        try:
            return [] if stopped.is_set() else [work(threading.Event())]
        except Exception as error:
            failed.append(error)
            if len(failed) > count and len(failed) * 100 > percentage * len(works):
                stopped.set()
            return []

    with ThreadPoolExecutor(min(most or 40, len(works) or 1)) as pool:
        results = list(pool.map(done, works))
    if stopped.is_set():
        name = "States.ExceedToleratedFailureThreshold"
        raise ValueError("too many items have failed", {"Error": name, "Cause": str(failed[0])})
    return [one for result in results for one in result]


def as_json(value: Any) -> Any:
    """The answer of an AWS client as Step Functions has it: times and contents as text, no metadata."""
    if isinstance(value, dict):
        return {key: as_json(member) for key, member in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [as_json(member) for member in value]
    if hasattr(value, "read"):
        return value.read().decode()
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def in_sdk_case(value: Any, maps: tuple[str, ...], is_map: bool = False) -> Any:
    """The answer of an AWS client spelled as an SDK state has it; the keys of these maps stay as they are."""
    if isinstance(value, list):
        return [in_sdk_case(member, maps, is_map) for member in value]
    if not isinstance(value, dict):
        return value
    if is_map:
        return {key: in_sdk_case(member, maps) for key, member in value.items()}
    found = {}
    for key, member in value.items():
        name = "EqualsValue" if key.lower() == "equals" else sdk_name(key)
        found[name] = in_sdk_case(member, maps, key in maps)
    return found


def in_pascal_case(value: Any, maps: tuple[str, ...], is_map: bool = False) -> Any:
    """The answer of an AWS client spelled as Step Functions does; the keys of these maps stay as they are."""
    if isinstance(value, list):
        return [in_pascal_case(member, maps, is_map) for member in value]
    if not isinstance(value, dict):
        return value
    if is_map:
        return {key: in_pascal_case(member, maps) for key, member in value.items()}
    found = {}
    for key, member in value.items():
        name = "EqualsValue" if key.lower() == "equals" else key[:1].upper() + key[1:]
        found[name] = in_pascal_case(member, maps, key in maps)
    return found


def in_camel_case(value: Any, inner: Any) -> Any:
    """Parameters spelled as an AWS client takes them; ``inner`` are the members with objects of that kind."""
    if isinstance(value, list):
        return [in_camel_case(member, inner) for member in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for key, member in value.items():
        found[key[:1].lower() + key[1:]] = in_camel_case(member, inner[key]) if key in inner else member
    return found
