"""``container.py``: calls a handler with what the state sends, and sends back what it returns.

``DAGMIG_EVENT`` is the event as JSON. With ``DAGMIG_TOKEN`` the answer goes to Step Functions, with
``DAGMIG_ANSWER`` to a place in S3.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html
"""

from __future__ import annotations

ENTRY_POINT = '''"""Runs the task in a container: calls its handler, and sends what that returns or raises."""

import json
import os
import sys
import threading
import traceback

HEARTBEAT = 60  # seconds
LIMITS = {"error": 256, "cause": 32768}  # characters that Step Functions takes


def main():
    event = json.loads(os.environ.get("DAGMIG_EVENT") or "{}")
    send, done = sender(), threading.Event()
    threading.Thread(target=beat, args=(send, done), daemon=True).start()
    try:
        from MODULE import ENTRY

        answer = {"result": ENTRY(event, None)}
    except BaseException as error:
        traceback.print_exc()
        cause = {"errorMessage": str(error), "errorType": type(error).__name__}
        answer = {"error": type(error).__name__, "cause": json.dumps(cause)}
    done.set()
    sys.stdout.flush()
    send(**answer)


def beat(send, done):
    """Say that the task is still at work, as long as it is."""
    while not done.wait(HEARTBEAT):
        send()


def sender():
    """What sends an answer, or without one a heartbeat."""
    import boto3

    token, place = os.environ.get("DAGMIG_TOKEN"), os.environ.get("DAGMIG_ANSWER")
    if token:
        states = boto3.client("stepfunctions")

        def send(**answer):
            if not answer:
                states.send_task_heartbeat(taskToken=token)
            elif "result" in answer:
                states.send_task_success(taskToken=token, output=json.dumps(answer["result"]))
            else:
                cut = {name: text[: LIMITS[name]] for name, text in answer.items()}
                states.send_task_failure(taskToken=token, **cut)

    elif place:
        bucket, _, key = place.removeprefix("s3://").partition("/")

        def send(**answer):
            if answer:
                body = json.dumps(answer).encode()
                boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=body)

    else:

        def send(**answer):
            if answer:
                print(json.dumps(answer))

    return send


if __name__ == "__main__":
    main()
'''


def entry_point(entry: str, module: str = "handler") -> str:
    """The text of ``container.py``, which calls ``entry`` of a module beside it."""
    return ENTRY_POINT.replace("MODULE", module).replace("ENTRY", entry)
