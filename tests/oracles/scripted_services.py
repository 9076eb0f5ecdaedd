"""Used by Airflow's own Python: every client of boto3, answered by a script.

``Answers`` are those of a run that is written by hand, ``Scripted`` those of a generated one.
"""

from __future__ import annotations

import io
import json
import threading
import time
from collections import Counter
from datetime import datetime, timezone

ACCOUNT = "arn:aws:states:eu-central-1:123456789012"
MOMENT = datetime(2024, 1, 1, tzinfo=timezone.utc)
SENT = {"HTTPHeaders": {}, "HTTPStatusCode": 200, "RequestId": "r"}
KEYS = {"AccessKeyId": "a", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": MOMENT}
PAUSE = time.sleep  # which is not called otherwise
TRIES = 5  # of a client: botocore's legacy mode
TRANSPORT = "Lambda."
MOST_CALLS = 200
FINE = '"ResponseMetadata": {"HTTPStatusCode": 200}'
STARTED = {
    "StartJobRun": '{"JobRunId": "%s"}',
    "SubmitJob": '{"jobId": "%s", "jobName": "j"}',
    "RunTask": '{"tasks": [{"taskArn": "arn:aws:ecs:r:1:task/c/%s"}], "failures": []}',
    "StartQueryExecution": '{"QueryExecutionId": "%s"}',
    "RunJobFlow": f'{{"JobFlowId": "%s", {FINE}}}',
    "AddJobFlowSteps": f'{{"StepIds": ["%s"], {FINE}}}',
    "TerminateJobFlows": f'{{"of": "%s", {FINE}}}',
    "StartExecution": f'{{"executionArn": "%s", {FINE}}}',
}
"""What is answered to who starts a job of this name."""
NAMED = {"RunJobFlow": "ClusterId", "AddJobFlowSteps": "StepId"}
"""What of a state's result is the name of the job."""
BAD = ("FAILED", "STOPPED", "TIMEOUT", "ERROR", "CANCELLED", "ABORTED")
VARIABLE = "variable:"


def contains(whole: object, part: object) -> bool:
    if isinstance(whole, dict) and isinstance(part, dict):
        return all(key in whole and contains(whole[key], member) for key, member in part.items())
    return whole == part


def answer(answers: list, seen: list, name: str, arguments: object) -> object:
    """What a script answers to a call; of ``{"!then": [...]}`` the answers in turn, the last for ever.

    ``seen`` are the numbers of the entries that have answered so far.
    """
    number, found = next(
        (n, a) for n, (wanted, part, a) in enumerate(answers) if wanted == name and contains(arguments, part)
    )
    seen.append(number)
    if isinstance(found, dict) and "!then" in found:
        return found["!then"][min(seen.count(number), len(found["!then"])) - 1]
    return found


class Answers:
    """Stands for every client of boto3: notes each call and answers as the run's ``answers`` say."""

    def __init__(self, run: dict) -> None:
        self.answers = run["answers"]
        self.calls: list = []
        self.seen: list = []

    def begins(self, instance) -> None:
        pass

    def resumed(self, trigger) -> object:
        return None

    def variable(self, name: str) -> str:
        return name

    def call(self, client, operation: str, given: dict) -> dict:
        is_lambda = (client.meta.service_model.service_name, operation) == ("lambda", "Invoke")
        name, arguments = operation, given
        if is_lambda:
            name, arguments = given["FunctionName"].rpartition(":")[2], json.loads(given["Payload"])
        self.calls.append([name, arguments])
        said = answer(self.answers, self.seen, name, arguments)
        error = said.get("!error") if isinstance(said, dict) else None
        if error and threading.current_thread() is not threading.main_thread():
            PAUSE(0.1)  # the other threads have begun before one fails, as with calls that take time
        if is_lambda:
            return invoked(said, error)
        if error:
            raise client_error(error, operation)
        return said


def invoked(result: object, error: str | None, cause: str | None = None) -> dict:
    """What Lambda answers."""
    text = json.dumps(result) if error is None else cause
    text = text if text is not None else json.dumps({"errorType": error, "errorMessage": "said"})
    reply = {"StatusCode": 200, "Payload": io.BytesIO(text.encode()), "ResponseMetadata": SENT}
    return reply if error is None else {**reply, "FunctionError": "Unhandled"}


def client_error(code: str, operation: str) -> Exception:
    from botocore.exceptions import ClientError

    return ClientError({"Error": {"Code": code, "Message": "said"}}, operation)


def timeout(by: str) -> BaseException:
    """What is raised when a call's time is up: by ``within`` of the DAG, by Airflow, or by the client."""
    from airflow.sdk.exceptions import AirflowTaskTimeout
    from botocore.exceptions import ReadTimeoutError

    if by == "function":
        return ValueError("the time is over", {"Error": "States.Timeout", "Cause": ""})
    return AirflowTaskTimeout("Timeout") if by == "task" else ReadTimeoutError(endpoint_url="")


class TooLong(BaseException):
    """Nobody takes it for an error of a task."""


class Scripted(Answers):
    """Answers as the run's ``script`` says, by state and item."""

    def __init__(self, run: dict) -> None:
        self.script, self.places, self.store = run["script"], run["places"], run["store"]
        self.calls: list = []
        self.used: Counter = Counter()
        self.jobs: dict[str, dict] = {}
        self.place, self.task = ("", -1), None
        places = [one for held in self.places.values() for one in held]
        self.names = [one["by name"] for one in places if one.get("by name")]

    def begins(self, instance) -> None:
        self.place, self.task = (instance.task_id, instance.map_index), instance.task

    def resumed(self, trigger) -> object:
        """The event that ends a wait: for a job how it has ended."""
        key = getattr(trigger, "return_key", None)
        if key is None:
            return None
        last = next(reversed(self.jobs.values()))
        has_failed = "throw" in self.jobs.get(trigger.return_value, last) or self.said_bad()
        return {"status": "error" if has_failed else "success", key: trigger.return_value}

    def said_bad(self) -> bool:
        """Whether a state that asks for the task's work hears in the end that it has failed, or no answer."""
        asks = [one["state"] for one in self.places.get(self.place[0], []) if one["operation"] not in STARTED]
        for state in asks:
            entries = self.script.get(f"{state}@{self.place[1]}") or self.script.get(state) or [{}]
            heard = json.dumps(entries[-1])
            if any(f'"{word}"' in heard for word in BAD) or any("throw" in one for one in entries):
                return True
        return False

    def call(self, client, operation: str, given: dict) -> dict:
        service = client.meta.service_model.service_name
        if operation == "StartExecution" and given["stateMachineArn"].startswith(VARIABLE):
            return self.kept(given)
        found = [one for one in self.places.get(self.place[0], []) if is_of(one, service, operation, given)]
        if not found and service == "s3":
            return self.stored(operation)
        if not found:
            return self.ended(operation, given)
        (state,) = [one["state"] for one in found]
        for _ in range(TRIES):
            entry = self.entry(state, f"{service}:{operation}", given, found[0]["maps"])
            if not entry.get("throw", "").startswith(TRANSPORT):
                break
        return self.reply(operation, given, entry, found[0])

    def entry(self, state: str, name: str, given: object, maps: int = 0) -> dict:
        """What the next call of a state comes to; where one task has all the items of one of the ``maps`` it
        is in, each of these is told by its arguments.
        """
        item = self.place[1]
        if len(self.calls) > MOST_CALLS:
            raise TooLong
        if isinstance(given, dict):
            given = {key: one.decode() if isinstance(one, bytes) else one for key, one in given.items()}
        said = json.loads(json.dumps(given, default=str))
        self.calls.append([state, item, self.place[0], name, said])
        entries = self.script.get(f"{state}@{item}") if item >= 0 else None
        entries = entries or self.script.get(state) or [{}]
        key = (state, item, json.dumps(said, sort_keys=True) if maps > (item >= 0) else "")
        self.used[key] += 1
        entry = entries[min(self.used[key], len(entries)) - 1]
        if "throw" in entry and threading.current_thread() is not threading.main_thread():
            PAUSE(0.1)  # the other threads have begun before one fails, as with calls that take time
        return entry

    def reply(self, operation: str, given: dict, entry: dict, place: dict) -> dict:
        result, error = entry.get("return", {}), entry.get("throw")
        if error == "States.Timeout":
            raise timeout(place["timeout"])
        if operation == "Invoke":
            if error and error.startswith(TRANSPORT) and error != "Lambda.Unknown":
                raise client_error(error.removeprefix(TRANSPORT), operation)
            return invoked(result if place["function"] else result.get("Payload"), error, entry.get("cause"))
        if error and not (place["waits"] and error.startswith("States.")):
            raise client_error(error.partition(".")[2] or error, operation)
        if operation == "CancelSteps":
            return {"CancelStepsInfoList": [result["CancelStepsInfo"]]}
        return self.started(operation, entry, given) if operation in STARTED else result

    def started(self, operation: str, entry: dict, given: dict | None = None) -> dict:
        """A job, which ends as its entry says."""
        name = f"job-{len(self.jobs)}"
        name = f"{ACCOUNT}:execution:machine:{name}" if operation == "StartExecution" else name
        name = entry.get("return", {}).get(NAMED[operation], name) if operation in NAMED else name
        if operation == "TerminateJobFlows" and given is not None:
            name = given["JobFlowIds"][0]
        self.jobs[name] = {**entry, "operation": operation}
        return json.loads(STARTED[operation] % name)

    def ended(self, operation: str, given: dict) -> dict:
        """What becomes of a job."""
        text = json.dumps(given)
        entry = next((one for name, one in self.jobs.items() if f'{name}"' in text), {})
        failed = "throw" in entry
        word = "FAILED" if failed else "SUCCEEDED"
        up = "TERMINATED" if entry.get("operation") == "TerminateJobFlows" else "WAITING"
        listed = [{"Id": f"id of {name}", "Name": name} for name in self.names]
        return {
            "AssumeRole": {"Credentials": KEYS},
            "GetJob": {"Job": {"Name": "j"}},
            "GetJobRun": {"JobRun": {"JobRunState": word}},
            "DescribeJobs": {"jobs": [{"jobId": given.get("jobs", [""])[0], "status": word}]},
            "DescribeTasks": {"failures": [], "tasks": [container_task(failed)]},
            "GetQueryExecution": {"QueryExecution": {"Status": {"State": word}}},
            "DescribeCluster": {"Cluster": {"Status": {"State": "TERMINATED_WITH_ERRORS" if failed else up}}},
            "DescribeStep": {"Step": {"Status": {"State": "FAILED" if failed else "COMPLETED"}}},
            "ListInstanceFleets": {"InstanceFleets": listed},
            "ListInstanceGroups": {"InstanceGroups": listed},
            "DescribeExecution": entry.get("execution") or {"status": "SUCCEEDED", "output": "{}"},
        }[operation]

    def stored(self, operation: str) -> dict:
        """What is in S3."""
        if operation == "GetObject":
            return {"Body": io.BytesIO(self.store["object"].encode())}
        about = {"ETag": "e", "Size": 1, "StorageClass": "STANDARD", "LastModified": MOMENT}
        return {"Contents": [{"Key": key, **about} for key in self.store["listed"]], "IsTruncated": False}

    def variable(self, name: str) -> str:
        return VARIABLE + name

    def kept(self, given: dict) -> dict:
        """What stays in Step Functions is a machine in the task's documentation."""
        from dagmig.verify.engine import Attempt, Outcome, compile_machine, failure, run

        def outcome(attempt: Attempt) -> Outcome:
            entry = self.entry(attempt.state, attempt.resource, attempt.arguments)
            return (
                failure(entry["throw"], entry.get("cause")) if "throw" in entry else Outcome(entry["return"])
            )

        machine = json.loads(self.task.doc_json)
        trace = run(compile_machine(machine), json.loads(given["input"]), outcome)
        said = {"error": trace.error, "cause": trace.cause or ""}
        if trace.status == "SUCCEEDED":
            said = {"output": json.dumps(trace.output)}
        return self.started("StartExecution", {"execution": {"status": trace.status, **said}})


def is_of(place: dict, service: str, operation: str, given: dict) -> bool:
    is_same = (place["service"], place["operation"]) == (service, operation)
    return is_same and (place["function"] or place["named"]) in (None, given.get("FunctionName"))


def container_task(has_failed: bool) -> dict:
    return {
        "lastStatus": "STOPPED",
        "stoppedReason": "Essential container in task exited",
        "stopCode": "EssentialContainerExited",
        "containers": [{"name": "c", "lastStatus": "STOPPED", "exitCode": int(has_failed)}],
        "taskArn": "arn:aws:ecs:r:1:task/c/t",
    }
