"""Functions that a DAG carries along, word for word, where a state calls the API of a cluster on EKS.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-eks.html says what the states are given and
return; the token is made as https://docs.aws.amazon.com/eks/latest/userguide/cluster-auth.html has it.
"""

from __future__ import annotations

import base64
import json
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import urlencode

from dagmig.asl.lift.sync import job_end
from dagmig.asl.lift.web import http_answer

AwsGenericHook: Any = None  # Airflow's, where the DAG runs
AWSRequest = RequestSigner = URLLib3Session = AwsGenericHook  # botocore's


def cluster_token(name: str) -> str:
    """The token with which the AWS connection signs in to a cluster on EKS."""
    hook = AwsGenericHook(client_type="sts")
    session, region = hook.get_session(), hook.conn.meta.region_name
    signer = RequestSigner("STS", region, "sts", "v4", session.get_credentials(), session.events)
    about = {
        "method": "GET",
        "url": f"{hook.conn.meta.endpoint_url}/?Action=GetCallerIdentity&Version=2011-06-15",
        "body": {},
        "headers": {"x-k8s-aws-id": name},
        "context": {},
    }
    url = signer.generate_presigned_url(about, operation_name="", expires_in=60, region_name=region)
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def asked_of_cluster(given: Any, method: str, path: str, query: Any = None, body: Any = None) -> Any:
    """The response of a cluster's API; a status that is an error is raised here."""
    url = given["Endpoint"].rstrip("/") + "/" + path.lstrip("/")
    url += "?" + urlencode(query, doseq=True) if query else ""
    headers = {"Authorization": "Bearer " + cluster_token(given["ClusterName"])}
    if body is not None:
        headers["Content-Type"] = "application/merge-patch+json" if method == "PATCH" else "application/json"
        body = body if isinstance(body, str) else json.dumps(body)
    with NamedTemporaryFile(suffix=".pem") as trusted:
        trusted.write(base64.b64decode(given["CertificateAuthority"]))
        trusted.flush()
        request = AWSRequest(method, url, headers, body).prepare()
        answer = URLLib3Session(verify=trusted.name).send(request)
    if answer.status_code >= 400:
        said = http_answer(answer)
        cause = json.dumps({name: said[name] for name in ("ResponseBody", "StatusCode", "StatusText")})
        raise ValueError("the cluster has refused", {"Error": f"EKS.{answer.status_code}", "Cause": cause})
    return answer


def call_cluster(given: Any) -> Any:
    """What the API of a cluster on EKS answers."""
    query, body = given.get("QueryParameters"), given.get("RequestBody")
    return http_answer(asked_of_cluster(given, given["Method"], given["Path"], query, body))


def start_cluster_job(given: Any) -> Any:
    """Start a Job on a cluster on EKS."""
    path = f"/apis/batch/v1/namespaces/{given.get('Namespace', 'default')}/jobs"
    return http_answer(asked_of_cluster(given, "POST", path, None, given["Job"]))


def cluster_job_to_end(given: Any) -> Any:
    """Run a Job on a cluster on EKS to its end; with its logs where they are asked for."""
    made = start_cluster_job(given)["ResponseBody"]["metadata"]
    path = f"/apis/batch/v1/namespaces/{made['namespace']}/jobs/{made['name']}"
    job = job_end(
        lambda: http_answer(asked_of_cluster(given, "GET", path))["ResponseBody"],
        cluster_job_status,
        ["Running"],
        ["Complete"],
    )
    if given.get("LogOptions", {}).get("RetrieveLogs"):
        job["logs"] = {"pods": cluster_logs(given, made["namespace"], made["name"])}
    return job


def cluster_job_status(job: Any) -> str:
    """How a Job stands: Complete, Failed, or else Running."""
    ends = [one["type"] for one in job.get("status", {}).get("conditions", []) if one["status"] == "True"]
    return next((end for end in ends if end in ("Complete", "Failed")), "Running")


def cluster_logs(given: Any, namespace: str, job: str) -> Any:
    """The logs of a Job's containers, by pod; as values where they are JSON, unless told otherwise."""
    options, path = given["LogOptions"], f"/api/v1/namespaces/{namespace}/pods"
    listed = http_answer(asked_of_cluster(given, "GET", path, {"labelSelector": f"job-name={job}"}))
    found: dict[str, Any] = {}
    for pod in listed["ResponseBody"]["items"]:
        pod_name, logs = pod["metadata"]["name"], {}
        for container in pod["spec"]["containers"]:
            query = {**options.get("LogParameters", {}), "container": container["name"]}
            try:
                answer = asked_of_cluster(given, "GET", f"{path}/{pod_name}/log", query)
            except ValueError as error:
                said = error.args[-1]
                logs[container["name"]] = {"error": said["Error"], "cause": said["Cause"]}
            else:
                log = answer.text if options.get("RawLogs") else http_answer(answer)["ResponseBody"]
                logs[container["name"]] = {"log": log}
        found[pod_name] = {"containers": logs}
    return found
