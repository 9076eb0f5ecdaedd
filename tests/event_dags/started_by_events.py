"""DAGs that begin by waiting, or that assets start."""

from datetime import datetime

from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.providers.amazon.aws.sensors.sqs import SqsSensor
from airflow.providers.standard.sensors.external_task import ExternalTaskSensor
from airflow.sdk import DAG, Asset

with DAG("objects", schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False):
    arrived = S3KeySensor(task_id="wait", bucket_key="s3://incoming/orders/*.csv", wildcard_match=True)
    load = GlueJobOperator(task_id="load", job_name="load-{{ ds }}", outlets=[Asset("s3://lake/orders")])
    arrived >> load

with DAG("messages", schedule="@continuous", start_date=datetime(2024, 1, 1), max_active_runs=1):
    queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
    body = "{{ ti.xcom_pull(task_ids='wait', key='messages')[0]['Body'] }}"
    SqsSensor(task_id="wait", sqs_queue=queue) >> GlueJobOperator(task_id="load", job_name=body)

with DAG("after", schedule="@daily", start_date=datetime(2024, 1, 1), catchup=False):
    wait = ExternalTaskSensor(task_id="wait", external_dag_id="objects")
    wait >> GlueJobOperator(task_id="report", job_name="report")

with DAG("made", schedule=[Asset("s3://lake/orders")]):
    GlueJobOperator(task_id="report", job_name="report")

with DAG("either", schedule=(Asset("s3://lake/customers/") | Asset("s3://lake/suppliers/day.csv"))):
    GlueJobOperator(task_id="report", job_name="report")
