"""Functions that a DAG carries along, word for word, where a state of its machine calls an API on the web.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-api-gateway.html and
https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html say what the states return.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from dagmig.asl.lift.runtime import as_text

AwsGenericHook: Any = None  # Airflow's, where the DAG runs
HttpHook: Any = None  # of the HTTP provider
AWSRequest = SigV4Auth = URLLib3Session = AwsGenericHook  # botocore's


def call_api(given: Any) -> Any:
    """What an API of API Gateway answers to a request; a status that is an error is raised here."""
    place = [given["ApiEndpoint"], given.get("Stage", ""), given.get("Path", "")]
    url = "https://" + "/".join(part.strip("/") for part in place if part)
    if given.get("QueryParameters"):
        url += "?" + urlencode(given["QueryParameters"], doseq=True)
    headers = {"Content-Type": "application/json"} if "RequestBody" in given else {}
    for name, values in given.get("Headers", {}).items():
        headers[name] = ",".join(values) if isinstance(values, list) else values
    body = given.get("RequestBody")
    body = body if given.get("AllowNullValues") else without_nulls(body)
    request = AWSRequest(given["Method"], url, headers, json.dumps(body) if "RequestBody" in given else None)
    if given.get("AuthType", "NO_AUTH") != "NO_AUTH":
        keys = AwsGenericHook(client_type="sts").get_session().get_credentials()
        SigV4Auth(keys, "execute-api", place[0].split(".")[2]).add_auth(request)
    answer = URLLib3Session().send(request.prepare())
    if answer.status_code >= 400:
        error = {"Error": f"ApiGateway.{answer.status_code}", "Cause": answer.text}
        raise ValueError("the API has failed", error)
    return http_answer(answer)


def without_nulls(value: Any) -> Any:
    """A request's body without the fields that are null, which Step Functions does not send."""
    if isinstance(value, list):
        return [without_nulls(member) for member in value]
    if not isinstance(value, dict):
        return value
    return {key: without_nulls(member) for key, member in value.items() if member is not None}


def http_answer(response: Any) -> Any:
    """An answer from the web as Step Functions has it: the body as a value where it is JSON."""
    try:
        body = json.loads(response.text)
    except ValueError:
        body = response.text
    headers = {name: [value] for name, value in response.headers.items()}
    return {
        "Headers": headers,
        "ResponseBody": body,
        "StatusCode": response.status_code,
        "StatusText": getattr(response, "reason", ""),
    }


def http_checked(response: Any) -> bool:
    """Raise the error of Step Functions for an answer whose status is none of success."""
    code = response.status_code
    if not 200 <= code < 300:
        error = {"Error": f"States.Http.StatusCode.{code}", "Cause": response.text}
        raise ValueError("the service has failed", error)
    return True


def call_service(connection: str, given: Any) -> Any:
    """What a service on the web answers to an HTTP Task; a status that is none of success is raised here."""
    if ":connection/" in connection:  # the ARN of EventBridge's, of which Airflow's has the name
        connection = connection.split(":connection/")[1].split("/")[0]
    sent = {"params": given.get("QueryParameters"), "headers": given.get("Headers"), "timeout": 60}
    if "Form" in given:
        sent["data"] = given["Form"]
    elif "RequestBody" in given:
        sent["json"] = given["RequestBody"]
    session = HttpHook(http_conn_id=connection).get_conn()
    answer = session.request(given["Method"], given["ApiEndpoint"], **sent)
    http_checked(answer)
    return http_answer(answer)


def form_fields(body: Any, lists: str) -> Any:
    """The fields of a form; the members of a list each with their number, in brackets, or repeated."""
    found = []
    for name, value in body.items():
        if isinstance(value, list) and lists != "COMMAS":
            key = {"BRACKETS": f"{name}[]", "REPEAT": name}.get(lists)
            found += [(key or f"{name}[{n}]", as_text(member)) for n, member in enumerate(value)]
        else:
            text = ",".join(map(as_text, value)) if isinstance(value, list) else as_text(value)
            found.append((name, text))
    return found
