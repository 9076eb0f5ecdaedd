"""What real Airflow operators call on AWS and what their machines call.

``python -m tests.oracles.compare_calls`` prints the table.

The machine runs in ``verify/engine``, the operator in Airflow; neither reaches a network. A call is the same
where service, action and parameters are: names of parameters but for their case, texts of
JSON as what they say, and without parameters that are empty. What else differs is in ``EXCUSED``.
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

from dagmig.asl.resource import parse
from dagmig.diagnostics import Report
from dagmig.pipeline import airflow_to_asl
from dagmig.verify.engine import Attempt, Outcome, compile_machine, run

WORKER = Path(__file__).with_name("calls_worker.py")
AWS = "airflow.providers.amazon.aws"
CASES: dict[str, tuple[str, str]] = {
    "LambdaInvokeFunctionOperator": (
        "operators.lambda_function",
        "function_name='f', payload='{\"a\": 1}', qualifier='live'",
    ),
    "GlueJobOperator": (
        "operators.glue",
        "job_name='j', script_args={'--day': '1'}, wait_for_completion=False",
    ),
    "BatchOperator": (
        "operators.batch",
        "job_name='n', job_queue='q', job_definition='d:1', parameters={'a': 'b'}, "
        "container_overrides={'command': ['ls']}, wait_for_completion=False",
    ),
    "EcsRunTaskOperator": (
        "operators.ecs",
        "cluster='c', task_definition='d', launch_type='FARGATE', "
        "overrides={'containerOverrides': [{'name': 'x', 'command': ['ls']}]}, "
        'network_configuration={"awsvpcConfiguration": {"subnets": ["s-1"], "assignPublicIp": "ENABLED"}}, '
        "wait_for_completion=False",
    ),
    "S3CopyObjectOperator": (
        "operators.s3",
        "source_bucket_name='a', source_bucket_key='k', dest_bucket_name='b', dest_bucket_key='l'",
    ),
    "S3CreateObjectOperator": ("operators.s3", "s3_bucket='b', s3_key='k', data='text', replace=True"),
    "S3DeleteObjectsOperator": ("operators.s3", "bucket='b', keys=['k', 'l']"),
    "S3ListOperator": ("operators.s3", "bucket='b', prefix='in/'"),
    "S3KeySensor": ("sensors.s3", "bucket_name='b', bucket_key='in/a'"),
    "SnsPublishOperator": (
        "operators.sns",
        "target_arn='arn:aws:sns:us-east-1:123456789012:t', message='hello', subject='s'",
    ),
    "SqsPublishOperator": (
        "operators.sqs",
        "sqs_queue='https://sqs.us-east-1.amazonaws.com/123456789012/q', "
        "message_content='hello', delay_seconds=5",
    ),
    "StepFunctionStartExecutionOperator": (
        "operators.step_function",
        "state_machine_arn='arn:aws:states:us-east-1:123456789012:stateMachine:m', "
        "name='e', state_machine_input={'a': 1}",
    ),
    "AthenaOperator": (
        "operators.athena",
        "query='select 1', database='d', output_location='s3://b/', sleep_time=0",
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
    "CloudFormationCreateStackOperator": (
        "operators.cloud_formation",
        "stack_name='s', cloudformation_parameters={'TemplateURL': 'https://t'}",
    ),
    "CloudFormationDeleteStackOperator": ("operators.cloud_formation", "stack_name='s'"),
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
    "DmsStartTaskOperator": (
        "operators.dms",
        "replication_task_arn='arn:aws:dms:us-east-1:123456789012:task:A'",
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
    "EventBridgeEnableRuleOperator": ("operators.eventbridge", "name='r'"),
    "EventBridgePutEventsOperator": (
        "operators.eventbridge",
        "entries=[{'Source': 's', 'DetailType': 'd', 'Detail': '{\"a\": 1}'}]",
    ),
    "GlacierCreateJobOperator": ("operators.glacier", "vault_name='v'"),
    "GlacierUploadArchiveOperator": (
        "operators.glacier",
        "vault_name='v', body='text', archive_description='d', account_id='-', "
        "checksum='982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1'",
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
    "RdsStartDbOperator": (
        "operators.rds",
        "db_identifier='d', db_type='instance', wait_for_completion=False",
    ),
    "RdsCreateDbSnapshotOperator": (
        "operators.rds",
        "db_type='instance', db_identifier='d', db_snapshot_identifier='s', wait_for_completion=False",
    ),
    "RedshiftDataOperator": (
        "operators.redshift_data",
        "sql='select 1', database='d', workgroup_name='w', wait_for_completion=False",
    ),
    "RedshiftPauseClusterOperator": ("operators.redshift_cluster", "cluster_identifier='c'"),
    "RedshiftToS3Operator": (
        "transfers.redshift_to_s3",
        "s3_bucket='b', s3_key='k', schema='s', table='t', unload_options=['CSV'], "
        "redshift_data_api_kwargs={'database': 'd', 'workgroup_name': 'w'}",
    ),
    "S3CreateBucketOperator": ("operators.s3", "bucket_name='b', region_name='us-east-1'"),
    "S3DeleteBucketOperator": ("operators.s3", "bucket_name='b'"),
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
    "SsmRunCommandOperator": (
        "operators.ssm",
        "document_name='AWS-RunShellScript', run_command_kwargs={'InstanceIds': ['i-1']}, "
        "wait_for_completion=False",
    ),
    "StepFunctionGetExecutionOutputOperator": (
        "operators.step_function",
        "execution_arn='arn:aws:states:us-east-1:123456789012:execution:m:e'",
    ),
}
EXCUSED = {
    ("EcsRunTaskOperator", "startedby"): "Airflow's mark on its tasks",
    ("S3CopyObjectOperator", "acl"): "`private`, as without it",
    ("S3CreateObjectOperator", "checksumalgorithm"): "boto3's checksum of an upload",
    ("S3ListOperator", "maxkeys"): "smaller pages, as a state holds 256 KiB",
    ("S3KeySensor", ""): "the key is listed: one that is missing is no error then, as of HeadObject",
    ("SnsPublishOperator", "messagestructure"): "one message for all protocols needs no JSON",
    ("SnsPublishOperator", "message"): "one message for all protocols needs no JSON",
    ("SnsPublishOperator", "targetarn"): "that of a topic, as TopicArn",
    ("SnsPublishOperator", "topicarn"): "that of a topic, in Airflow TargetArn",
    (
        "EmrTerminateJobFlowOperator",
        "",
    ): "the optimized call, which ends one cluster as TerminateJobFlows does",
    ("GlacierCreateJobOperator", "accountid"): "`-`, which boto3 sends where none is given",
    ("RedshiftDataOperator", "withevent"): "False, as without it",
    ("RedshiftToS3Operator", "withevent"): "False, as without it",
    ("S3ToRedshiftOperator", "withevent"): "False, as without it",
    (
        "S3CreateBucketOperator",
        "",
    ): "the operator looks first, and finds the bucket here; one that is there is no error",
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
OTHER = {"Contents": [{"Key": "in/a", "Size": 1}], "KeyCount": 1, "Payload": {}}
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
        return Outcome(ANSWERS.get(resource.action, OTHER))

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
    print("| operator | call of the machine | parameters |\n|---|---|---|")
    for operator, call, theirs, ours in rows():
        names = different(theirs, ours)
        said = [f"{name or 'another call'}: {EXCUSED.get((operator, name), 'NOT EXCUSED')}" for name in names]
        print(f"| {operator} | {call} | {'; '.join(said) or 'the same'} |")


if __name__ == "__main__":
    sys.exit(main())
