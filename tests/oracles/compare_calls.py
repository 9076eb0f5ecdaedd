"""What real Airflow operators call on AWS and what their machines call, where moto cannot do it.

``python -m tests.oracles.compare_calls`` prints the table, with the operators that run against moto
(``on_moto``). Here the machine runs in ``verify/engine``, the operator in Airflow, and both are given made-up
answers. What differs is in ``EXCUSED``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.oracles import corpora
from tests.oracles.call_forms import Call, different, same
from tests.oracles.on_moto import both, cases, said, workers

from dagmig.asl.resource import parse
from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl
from dagmig.verify.engine import Attempt, Outcome, compile_machine, run

WORKER = Path(__file__).with_name("calls_worker.py")
AWS = "airflow.providers.amazon.aws"
CASES: dict[str, tuple[str, str]] = {
    "EcsRunTaskOperator": (
        "operators.ecs",
        "cluster='c', task_definition='d', launch_type='FARGATE', "
        "overrides={'containerOverrides': [{'name': 'x', 'command': ['ls']}]}, "
        'network_configuration={"awsvpcConfiguration": {"subnets": ["s-1"], "assignPublicIp": "ENABLED"}}, '
        "wait_for_completion=False",
    ),
    "AthenaSparkOperator": ("operators.athena_spark", "session_id='s', code_block='1', waiter_delay=1"),
    "AppflowRunBeforeOperator": (
        "operators.appflow",
        "flow_name='f', source='salesforce', source_field='Day', filter_date='2024-01-01T00:00:00+00:00', "
        "wait_for_completion=False",
    ),
    "AppflowRunDailyOperator": (
        "operators.appflow",
        "flow_name='f', source='salesforce', source_field='Day', filter_date='2024-01-01T00:00:00+00:00', "
        "wait_for_completion=False",
    ),
    "AppflowRunFullOperator": (
        "operators.appflow",
        "flow_name='f', source='salesforce', wait_for_completion=False",
    ),
    "AppflowRunOperator": ("operators.appflow", "flow_name='f', wait_for_completion=False"),
    "BedrockInvokeModelOperator": ("operators.bedrock", "model_id='m', input_data={'prompt': 'p'}"),
    "DmsModifyTaskOperator": (
        "operators.dms",
        "replication_task_arn='arn:aws:dms:us-east-1:123456789012:task:A', table_mappings={'rules': []}, "
        "wait_for_completion=False",
    ),
    "DmsReloadTablesOperator": (
        "operators.dms",
        "replication_task_arn='arn:aws:dms:us-east-1:123456789012:task:A', "
        "tables_to_reload=[{'SchemaName': 's', 'TableName': 't'}], wait_for_completion=False",
    ),
    "DmsStartReplicationOperator": (
        "operators.dms",
        "replication_config_arn='arn:aws:dms:us-east-1:123456789012:replication-config:A', "
        "replication_start_type='start-replication', wait_for_completion=False",
    ),
    "DmsStopReplicationOperator": (
        "operators.dms",
        "replication_config_arn='arn:aws:dms:us-east-1:123456789012:replication-config:A', "
        "wait_for_completion=False",
    ),
    "EmrAddStepsOperator": (
        "operators.emr",
        "job_flow_id='j-1', steps=[{'Name': 'n', 'ActionOnFailure': 'CONTINUE', "
        "'HadoopJarStep': {'Jar': 'command-runner.jar', 'Args': ['ls']}}]",
    ),
    "EmrContainerOperator": (
        "operators.emr",
        "name='n', virtual_cluster_id='v', execution_role_arn='arn:aws:iam::123456789012:role/r', "
        "release_label='emr-7.0.0-latest', job_driver={'sparkSubmitJobDriver': {'entryPoint': 's3://b/e'}}, "
        "client_request_token='t', wait_for_completion=False",
    ),
    "EmrServerlessStartJobOperator": (
        "operators.emr",
        "application_id='a', execution_role_arn='arn:aws:iam::123456789012:role/r', "
        "job_driver={'sparkSubmit': {'entryPoint': 's3://b/e'}}, configuration_overrides={}, name='n', "
        "client_request_token='t', wait_for_completion=False",
    ),
    "EmrTerminateJobFlowOperator": ("operators.emr", "job_flow_id='j-1'"),
    "GlacierCreateJobOperator": ("operators.glacier", "vault_name='v'"),
    "GlacierUploadArchiveOperator": (
        "operators.glacier",
        "vault_name='v', body='{\"a\":1}', archive_description='d', account_id='-', "
        "checksum='015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862'",
    ),
    "GlueCatalogBatchDeletePartitionOperator": (
        "operators.glue_catalog",
        "database_name='d', table_name='t', partitions_to_delete=[{'Values': ['1']}]",
    ),
    "GlueDataBrewStartJobOperator": ("operators.glue_databrew", "job_name='j', wait_for_completion=False"),
    "KinesisAnalyticsV2StartApplicationOperator": (
        "operators.kinesis_analytics",
        "application_name='a', run_configuration={'FlinkRunConfiguration': "
        "{'AllowNonRestoredState': True}}, wait_for_completion=False",
    ),
    "RedshiftToS3Operator": (
        "transfers.redshift_to_s3",
        "s3_bucket='b', s3_key='k', schema='s', table='t', unload_options=['CSV'], "
        "redshift_data_api_kwargs={'database': 'd', 'workgroup_name': 'w'}",
    ),
    "S3ToRedshiftOperator": (
        "transfers.s3_to_redshift",
        "s3_bucket='b', s3_key='k', schema='s', table='t', method='REPLACE', copy_options=['CSV'], "
        "redshift_data_api_kwargs={'database': 'd', 'workgroup_name': 'w'}",
    ),
    "SageMakerRegisterModelVersionOperator": (
        "operators.sagemaker",
        "image_uri='i', model_url='s3://m', package_group_name='g', package_desc='d'",
    ),
    "SageMakerStartPipelineOperator": (
        "operators.sagemaker",
        "pipeline_name='p', pipeline_params={'a': 'b'}",
    ),
}
EXCUSED = {
    ("EcsRunTaskOperator", "startedby"): "Airflow's mark on its tasks",
    (
        "EmrTerminateJobFlowOperator",
        "",
    ): "the optimized call, which ends one cluster as TerminateJobFlows does",
    ("GlacierCreateJobOperator", "accountid"): "`-`, which boto3 sends where none is given",
    ("RedshiftToS3Operator", "withevent"): "False, as without it",
    ("S3ToRedshiftOperator", "withevent"): "False, as without it",
    ("RedshiftToS3Operator", "sql"): "a role of the cluster's in place of credentials, without indentation",
    ("S3ToRedshiftOperator", "sqls"): "a role of the cluster's in place of credentials, without indentation",
}
"""Why a parameter differs, or (without a name) another action is called."""
FLOW = {
    "FlowName": "f",
    "DestinationFlowConfigList": [{"ConnectorType": "S3"}],
    "SourceFlowConfig": {"ConnectorType": "Salesforce"},
    "TriggerConfig": {"TriggerType": "OnDemand", "TriggerProperties": {}},
    "Description": "all of it",
    "Tasks": [
        {"TaskType": "Filter", "SourceFields": ["Old"], "ConnectorOperator": {"Salesforce": "LESS_THAN"}},
        {"TaskType": "Filter", "SourceFields": ["Day"], "ConnectorOperator": {"Salesforce": "PROJECTION"}},
    ],
}
ANSWERS: dict[str, Any] = {
    "describeFlow": FLOW,
    "describeReplicationTasks": {"ReplicationTasks": [{"Status": "stopped"}]},
    "describeReplications": {"Replications": [{"Status": "created"}]},
    "getCalculationExecution": {"Status": {"State": "COMPLETED"}},
    "describeStatement": {"Status": "FINISHED"},
    "startCalculationExecution": {"CalculationExecutionId": "c"},
    "batchExecuteStatement": {"Id": "i"},
    "executeStatement": {"Id": "i"},
}
"""What the machine is answered, by action."""
SERVICES = {
    "bedrock": "bedrock-runtime",
    "databasemigration": "dms",
    "eventbridge": "events",
    "redshiftdata": "redshift-data",
    "sfn": "stepfunctions",
    "states": "stepfunctions",
}  # as botocore calls them


def source(operator: str) -> str:
    module, arguments = CASES[operator]
    return (
        f"from airflow.sdk import DAG\nfrom {AWS}.{module} import {operator}\n"
        f"with DAG('d', schedule=None) as dag:\n    {operator}(task_id='t', {arguments})\n"
    )


def of_operators() -> dict[str, list[Call]]:
    """The calls of each operator in real Airflow. Raises ``CalledProcessError``."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cases.json"
        file.write_text(json.dumps({operator: source(operator) for operator in CASES}))
        command = [corpora.python("3"), WORKER, file]
        variables = {**os.environ, "AIRFLOW_HOME": folder}
        answer = subprocess.run(command, capture_output=True, text=True, env=variables, check=True)
    found = json.loads(answer.stdout)
    return {
        name: [(one, action, same(given)) for one, action, given in calls] for name, calls in found.items()
    }


def of_machine(operator: str) -> list[Call]:
    """The calls of the machine that an operator becomes."""
    report = Report()
    (one,) = airflow_to_asl(source(operator), "dag.py", report)
    found: list[Call] = []

    def call(attempt: Attempt) -> Outcome:
        resource = parse(attempt.resource)
        service = SERVICES.get(resource.service, resource.service)
        found.append((service, resource.action[:1].upper() + resource.action[1:], same(attempt.arguments)))
        return Outcome(ANSWERS.get(resource.action, {}))

    run(compile_machine(one.machine), {"logical_date": "2024-01-01T00:00:00Z"}, call)
    return found


def rows() -> list[tuple[str, str, Any, Any]]:
    """For each operator and call of its machine: the name of the call, the operator's parameters (None where
    it makes no such call) and the machine's.
    """
    theirs = of_operators()
    found = []
    for operator in CASES:
        for service, action, given in of_machine(operator):
            made = [one for other, called, one in theirs[operator] if (other, called) == (service, action)]
            nearest = given if given in made else (made[0] if made else None)
            found.append((operator, f"{service}:{action}", nearest, given))
    return found


def main() -> None:
    print("| operator | against | calls of the machine | parameters | left there | result |")
    print("|---|---|---|---|---|---|")
    with workers(*map(corpora.python, ("3", "moto", "localstack"))) as found:
        for operator in cases():
            print(f"| {operator} | moto | {' | '.join(said(operator, *both(operator, found)))} |")
    for operator, call, theirs, ours in rows():
        names = different(theirs, ours)
        why = [f"{name or 'another call'}: {EXCUSED.get((operator, name), 'NOT EXCUSED')}" for name in names]
        print(f"| {operator} | made-up answers | {call} | {'; '.join(why) or 'the same'} | | |")


if __name__ == "__main__":
    sys.exit(main())
