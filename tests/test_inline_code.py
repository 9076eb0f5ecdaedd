"""``lambda-as-glue``: Python in a template that does nothing but one call, and who calls it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dagmig.lint.check import check, rules
from dagmig.lint.inline_code import only_call
from dagmig.lint.source import Source

SEND = (
    "import boto3\ndef handler(event, context):\n    return boto3.client('sqs').send_message(QueueUrl='a')\n"
)
(GLUE,) = [rule for rule in rules() if rule.id == "lambda-as-glue"]


@pytest.mark.parametrize(
    ("code", "call"),
    [
        (SEND, "send_message"),
        (
            '"""Sends."""\nimport json, os\nimport boto3\nsqs = boto3.client("sqs")\n'
            "def handler(event, context):\n"
            '    text = json.dumps(event.get("a"))\n'
            '    sqs.send_message(QueueUrl=os.environ["Q"], MessageBody=text)\n'
            '    return {"ok": True}\n',
            "send_message",
        ),
        (SEND.replace("return", "if event: return"), ""),
        (SEND + "    boto3.client('sqs').purge_queue(QueueUrl='a')\n", ""),
        (SEND + "def other():\n    pass\n", ""),
        (SEND.replace("import boto3", "import boto3, requests"), ""),
        (SEND.replace("'a'", "'a' + event['b']"), ""),
        (SEND.replace("send_message(QueueUrl='a')", "meta"), ""),
        ("def handler(event, context):\n    return sorted(event)\n", ""),
        ("def handler(event, context:\n", ""),
        ("(" * 100_000, ""),
        ("\0", ""),
        ("", ""),
    ],
)
def test_only_call(code: str, call: str) -> None:
    assert only_call(code) == call


def flagged(task: dict[str, Any], **properties: Any) -> bool:
    definition = {"StartAt": "Tell", "States": {"Tell": {"Type": "Task", "End": True, **task}}}
    function = {"Runtime": "python3.13", "Code": {"ZipFile": SEND}}
    template = {
        "Resources": {
            "Fn": {"Type": "AWS::Lambda::Function", "Properties": function},
            "M": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {"Definition": definition, **properties},
            },
        }
    }
    return bool(check(Source(json.dumps(template), "t.json", "machine"), (GLUE,)).found)


INVOKE = "arn:aws:states:::lambda:invoke"


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ({"Resource": {"Fn::GetAtt": ["Fn", "Arn"]}}, True),
        ({"Resource": INVOKE, "Parameters": {"FunctionName": {"Ref": "Fn"}}}, True),
        ({"Resource": INVOKE, "Parameters": {"FunctionName": "${Name}"}}, True),
        ({"Resource": INVOKE, "Parameters": {"FunctionName": "${Other}", "Payload": {"Ref": "Fn"}}}, False),
        ({"Resource": INVOKE}, False),
        ({"Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": "Fn"}}, False),
        ({"Resource": "arn:aws:lambda:eu-west-1:1:function:FnOther"}, False),
    ],
)
def test_who_calls_it(task: dict[str, Any], expected: bool) -> None:
    names = {"Name": {"Ref": "Fn"}, "Other": {"Ref": "Elsewhere"}}
    assert flagged(task, DefinitionSubstitutions=names) == expected
