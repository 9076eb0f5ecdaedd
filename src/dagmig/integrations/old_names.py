"""Operators of Airflow's providers under names that whole modules of them had before.

In the amazon provider ``EKS...`` became ``Eks...``, and SageMaker's operators had a module each, as
``airflow.contrib`` of Airflow 1.10 had. The arguments are the same. What one operator was called is an alias
of its integration.
"""

from __future__ import annotations

OPERATORS = "airflow.providers.amazon.aws.operators."
SENSORS = "airflow.providers.amazon.aws.sensors."
CONTRIB = "airflow.contrib.operators."
AZURE = "airflow.providers.microsoft.azure.operators."
SAGEMAKER = {
    "endpoint": "SageMakerEndpointOperator",
    "endpoint_config": "SageMakerEndpointConfigOperator",
    "model": "SageMakerModelOperator",
    "processing": "SageMakerProcessingOperator",
    "training": "SageMakerTrainingOperator",
    "transform": "SageMakerTransformOperator",
    "tuning": "SageMakerTuningOperator",
}
EKS = ("CreateCluster", "CreateNodegroup", "CreateFargateProfile", "DeleteCluster", "DeleteNodegroup",
       "DeleteFargateProfile", "Pod")  # fmt: skip
PRESENT = {
    **{
        f"{OPERATORS}sagemaker_{name}.{cls}": f"{OPERATORS}sagemaker.{cls}" for name, cls in SAGEMAKER.items()
    },
    **{
        f"{CONTRIB}sagemaker_{name}_operator.{cls}": f"{OPERATORS}sagemaker.{cls}"
        for name, cls in SAGEMAKER.items()
    },
    **{f"{OPERATORS}eks.EKS{name}Operator": f"{OPERATORS}eks.Eks{name}Operator" for name in EKS},
    **{
        f"{SENSORS}eks.EKS{name}StateSensor": f"{SENSORS}eks.Eks{name}StateSensor"
        for name in ("Cluster", "FargateProfile", "Nodegroup")
    },
    **{
        f"{OPERATORS}redshift.{cls}": f"{OPERATORS}redshift_cluster.{cls}"
        for cls in ("RedshiftPauseClusterOperator", "RedshiftResumeClusterOperator")
    },
    f"{SENSORS}redshift.RedshiftClusterSensor": f"{SENSORS}redshift_cluster.RedshiftClusterSensor",
    f"{OPERATORS}step_function_start_execution.StepFunctionStartExecutionOperator": (
        f"{OPERATORS}step_function.StepFunctionStartExecutionOperator"
    ),
    **{
        f"{CONTRIB}azure_container_instances_operator.AzureContainerInstancesOperator": (
            f"{AZURE}container_instances.AzureContainerInstancesOperator"
        ),
        f"{AZURE}azure_container_instances.AzureContainerInstancesOperator": (
            f"{AZURE}container_instances.AzureContainerInstancesOperator"
        ),
        f"{AZURE}azure_batch.AzureBatchOperator": f"{AZURE}batch.AzureBatchOperator",
        f"{AZURE}adls_delete.ADLSDeleteOperator": f"{AZURE}adls.ADLSDeleteOperator",
        f"{AZURE}adls_delete.AzureDataLakeStorageDeleteOperator": f"{AZURE}adls.ADLSDeleteOperator",
    },
    **{
        f"airflow.operators.{module}.EmptyOperator": "airflow.operators.empty.EmptyOperator"
        for module in ("dummy", "dummy_operator")
    },
}
