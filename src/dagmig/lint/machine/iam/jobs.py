"""What ``.sync`` needs besides: to hear of a job's end, to ask for it, and to stop the job.

https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html and the page of
each service there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dagmig.lint.machine.calls import Call
from dagmig.lint.machine.iam.arns import resources, why_any
from dagmig.lint.machine.iam.need import HERE, Allowed, of_kind

_CODEBUILD_BATCH = "StepFunctionsGetEventForCodeBuildStartBuildBatchRule"
_SERVERLESS = "StepFunctionsGetEventsForEMRServerlessApplicationRule"
RULES: Mapping[str, str] = {
    "batch:submitJob": "StepFunctionsGetEventsForBatchJobsRule",
    "codebuild:startBuild": "StepFunctionsGetEventForCodeBuildStartBuildRule",
    "codebuild:startBuildBatch": _CODEBUILD_BATCH,
    "codebuild:retryBuildBatch": _CODEBUILD_BATCH,
    "ecs:runTask": "StepFunctionsGetEventsForECSTaskRule",
    "mediaconvert:createJob": "StepFunctionsGetEventsForMediaConvertJobRule",
    "sagemaker:createTrainingJob": "StepFunctionsGetEventsForSageMakerTrainingJobsRule",
    "sagemaker:createTransformJob": "StepFunctionsGetEventsForSageMakerTransformJobsRule",
    "sagemaker:createHyperParameterTuningJob": "StepFunctionsGetEventsForSageMakerTuningJobsRule",
    "sagemaker:createProcessingJob": "StepFunctionsGetEventsForSageMakerProcessingJobsRule",
    "sagemaker:createLabelingJob": "StepFunctionsGetEventsForSageMakerLabelingJobsRule",
    "states:startExecution": "StepFunctionsGetEventsForStepFunctionsExecutionRule",
    "elasticmapreduce:addStep": "StepFunctionsGetEventForEMRAddJobFlowStepsRule",
    "elasticmapreduce:createCluster": "StepFunctionsGetEventForEMRRunJobFlowRule",
    "elasticmapreduce:terminateCluster": "StepFunctionsGetEventForEMRTerminateJobFlowsRule",
    "emr-serverless:startJobRun": "StepFunctionsGetEventsForEMRServerlessJobRule",
    "emr-serverless:createApplication": _SERVERLESS,
    "emr-serverless:startApplication": _SERVERLESS,
    "emr-serverless:stopApplication": _SERVERLESS,
    "emr-serverless:deleteApplication": _SERVERLESS,
}
"""The EventBridge rule with which Step Functions hears of a job's end; the others it asks."""
TO_HEAR = ("events:PutTargets", "events:PutRule", "events:DescribeRule")
MADE_AT_ONCE = frozenset({"batch", "codebuild", "ecs", "states"})
"""Services whose rule is made with the machine, which cannot be created without."""
JOBS: Mapping[str, tuple[str, ...]] = {
    "athena:startQueryExecution": ("athena:GetQueryExecution", "athena:StopQueryExecution"),
    "batch:submitJob": ("batch:DescribeJobs", "batch:TerminateJob"),
    "bedrock:createModelCustomizationJob": (
        "bedrock:GetModelCustomizationJob",
        "bedrock:StopModelCustomizationJob",
    ),
    "codebuild:startBuild": ("codebuild:BatchGetBuilds", "codebuild:StopBuild"),
    "codebuild:startBuildBatch": ("codebuild:BatchGetBuildBatches", "codebuild:StopBuildBatch"),
    "codebuild:retryBuildBatch": ("codebuild:BatchGetBuildBatches", "codebuild:StopBuildBatch"),
    "databrew:startJobRun": ("databrew:ListJobRuns", "databrew:StopJobRun"),
    "ecs:runTask": ("ecs:DescribeTasks", "ecs:StopTask"),
    "eks:createCluster": ("eks:DescribeCluster", "eks:DeleteCluster"),
    "eks:createFargateProfile": ("eks:DescribeFargateProfile", "eks:DeleteFargateProfile"),
    "eks:createNodegroup": ("eks:DescribeNodegroup", "eks:DeleteNodegroup"),
    "eks:deleteCluster": ("eks:DescribeCluster",),
    "eks:deleteFargateProfile": ("eks:DescribeFargateProfile",),
    "eks:deleteNodegroup": ("eks:DescribeNodegroup",),
    "elasticmapreduce:addStep": ("elasticmapreduce:DescribeStep", "elasticmapreduce:CancelSteps"),
    "elasticmapreduce:createCluster": (
        "elasticmapreduce:DescribeCluster",
        "elasticmapreduce:TerminateJobFlows",
    ),
    "elasticmapreduce:terminateCluster": ("elasticmapreduce:DescribeCluster",),
    "emr-containers:deleteVirtualCluster": ("emr-containers:DescribeVirtualCluster",),
    "emr-containers:startJobRun": ("emr-containers:DescribeJobRun", "emr-containers:CancelJobRun"),
    "emr-serverless:createApplication": ("emr-serverless:GetApplication", "emr-serverless:DeleteApplication"),
    "emr-serverless:startApplication": ("emr-serverless:GetApplication", "emr-serverless:StopApplication"),
    "emr-serverless:stopApplication": ("emr-serverless:GetApplication",),
    "emr-serverless:deleteApplication": ("emr-serverless:GetApplication",),
    "emr-serverless:startJobRun": ("emr-serverless:GetJobRun", "emr-serverless:CancelJobRun"),
    "emr-serverless:cancelJobRun": ("emr-serverless:GetJobRun",),
    "glue:startJobRun": ("glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"),
    "mediaconvert:createJob": ("mediaconvert:GetJob", "mediaconvert:CancelJob"),
    **{
        f"sagemaker:create{job}": (f"sagemaker:Describe{job}", f"sagemaker:Stop{job}")
        for job in ("TrainingJob", "TransformJob", "ProcessingJob", "HyperParameterTuningJob", "LabelingJob")
    },
    "states:startExecution": ("states:DescribeExecution", "states:StopExecution"),
}
"""What asks for a job, and what stops it where the execution is stopped."""
ASKED_FOR = frozenset(
    {
        *("glue:GetJobRun", "athena:GetQueryExecution"),
        *("elasticmapreduce:DescribeCluster", "elasticmapreduce:DescribeStep"),
    }
)
"""Without these the end of a job is not noticed, as no event tells of it."""


def of_sync(call: Call) -> Iterator[Allowed]:
    """What waiting for the end of a call's job needs."""
    if not call.resource.pattern.startswith(".sync"):
        return
    short = call.resource.short
    if (rule := RULES.get(short)) is not None:
        arn = HERE % "events" + f"rule/{rule}"
        is_required = call.resource.service in MADE_AT_ONCE
        yield from (Allowed(action, (arn,), is_required=is_required) for action in TO_HEAR)
    for action in JOBS.get(short, ()):
        yield _of_job(call, action)


def of_listing(call: Call) -> Iterator[Allowed]:
    """The tags of SageMaker's jobs, which Step Functions looks at (the policies of its page allow it)."""
    if (call.resource.service, call.resource.kind) == ("sagemaker", "optimized"):
        actions = [action for action in JOBS.get(call.resource.short, ()) if ":Describe" in action]
        for action in actions:
            yield of_kind("sagemaker:ListTags", *resources(call, action))


def _executions(machine: str) -> str:
    """Those of a machine by its ARN; of any, where a template fills that in."""
    if ":stateMachine:" not in machine:
        return HERE % "states" + "execution:*"
    return f"{machine.replace(':stateMachine:', ':execution:')}:*"


def _of_job(call: Call, action: str) -> Allowed:
    is_required = action in ASKED_FOR
    if action.startswith("states:"):  # ``.sync`` knows whose execution it is
        machines = resources(call, "states:StartExecution")
        return of_kind(action, *dict.fromkeys(map(_executions, machines)))
    if action.startswith("athena:"):  # and in which group a query runs
        groups = resources(call, "athena:StartQueryExecution")
        return of_kind(action, *groups, is_required=is_required)
    if why := why_any(action):
        return Allowed(action, ("*",), why, is_required=is_required)
    return of_kind(action, *resources(call, action), is_required=is_required)
