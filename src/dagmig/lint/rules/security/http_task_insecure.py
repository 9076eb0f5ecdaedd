"""The rule ``http-task-insecure``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.asl.model import escape
from dagmig.diagnostics import Severity
from dagmig.lint.machine.calls import calls
from dagmig.lint.machine.values import is_expression, is_open
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject


@machine_rule(Severity.ERROR)
def http_task_insecure(subject: Subject) -> Iterator[Finding]:
    """An HTTP Task calls a plain `http://` address, or writes its credentials into the definition.

    HTTP Tasks call HTTPS only, and take credentials from an EventBridge connection: an `Authorization`
    header in the definition is there for everybody who may read it, and in every execution's history.
    See https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html

    ```json bad
    {"StartAt": "Call", "States": {
      "Call": {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": true,
        "Parameters": {"ApiEndpoint": "http://example.com/run", "Method": "POST",
          "Authentication": {"ConnectionArn": "arn:aws:events:eu-west-1:1:connection/example/1"}},
        "Retry": [{"ErrorEquals": ["States.Http.Socket"], "MaxAttempts": 3}]}}}
    ```

    ```json good
    {"StartAt": "Call", "States": {
      "Call": {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": true,
        "Parameters": {"ApiEndpoint": "https://example.com/run", "Method": "POST",
          "Authentication": {"ConnectionArn": "arn:aws:events:eu-west-1:1:connection/example/1"}},
        "Retry": [{"ErrorEquals": ["States.Http.Socket"], "MaxAttempts": 3}]}}}
    ```

    Instead: Call `https://`, and keep the credentials in an EventBridge connection.
    """
    for call in calls(subject):
        if call.resource.short != "http:invoke":
            continue
        endpoint, headers = call.value("ApiEndpoint"), call.value("Headers")
        at = f"{call.state.pointer}/{call.field}"
        if isinstance(endpoint, str) and endpoint.lower().startswith("http://"):
            yield Finding("an HTTP Task calls HTTPS only", subject.machine.locate(f"{at}/ApiEndpoint"))
        for name, value in headers.items() if isinstance(headers, dict) else ():
            is_literal = isinstance(value, str) and not is_open(value) and not is_expression(value)
            if name.lower() == "authorization" and is_literal:
                span = subject.machine.locate(f"{at}/Headers/{escape(name)}", True)
                yield Finding("the credentials stand in the definition", span)
