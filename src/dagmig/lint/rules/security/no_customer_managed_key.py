"""The rule ``no-customer-managed-key``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.machine.resources import own, place, resources
from dagmig.lint.machine.templates import log_groups, resource_span
from dagmig.lint.rule import Finding, machine_rule
from dagmig.lint.source import Subject

TYPE = "AWS::StepFunctions::StateMachine"  # AWS::Serverless::StateMachine has no property for a key


@machine_rule(Severity.INFO, is_default=False)
def no_customer_managed_key(subject: Subject) -> Iterator[Finding]:
    """The template encrypts a machine or its logs with a key of AWS.

    With a key of your own, a policy says who may read the data of executions and their logs, and
    CloudTrail who did. Machines of SAM are not judged, which has no property for it; of log groups those
    that the same template or Terraform file makes.
    See https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html

    ```yaml bad
    Resources:
      Machine:
        Type: AWS::StepFunctions::StateMachine
        Properties:
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
    ```

    ```yaml good
    Resources:
      Machine:
        Type: AWS::StepFunctions::StateMachine
        Properties:
          EncryptionConfiguration: {Type: CUSTOMER_MANAGED_KMS_KEY, KmsKeyId: !Ref Key}
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
    ```

    Instead: Give the machine an `EncryptionConfiguration`, and its log group a `KmsKeyId`.
    """
    if any(one.name == own(subject) for one in resources(subject, TYPE)) and _is_with_key_of_aws(subject):
        yield Finding("the machine is encrypted with a key of AWS", resource_span(subject))
    for group in log_groups(subject):
        if "KmsKeyId" not in group.properties:
            span = place(subject, group.pointer.rpartition("/")[0], True)
            yield Finding(f"the log group `{group.name}` is encrypted with a key of AWS", span)


def _is_with_key_of_aws(subject: Subject) -> bool:
    given = (subject.properties or {}).get("EncryptionConfiguration", {})
    is_written_out = isinstance(given, dict) and not any(key.startswith("Fn::") for key in given)
    return is_written_out and given.get("Type", "AWS_OWNED_KEY") == "AWS_OWNED_KEY"
