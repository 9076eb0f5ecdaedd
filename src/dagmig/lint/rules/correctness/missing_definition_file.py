"""The rule ``missing-definition-file``."""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source


@source_rule(Severity.WARNING, ("machine",))
def missing_definition_file(source: Source) -> Iterator[Finding]:
    """A template names a file with its machine that cannot be read.

    The template cannot be packaged, and nothing of the machine is checked here. The name is relative to the
    template's folder. Looked at: names of `.json`, `.yaml` and `.yml` files in that folder or below it; not
    addresses (`s3://`), and not what a parameter or an expression gives.
    See https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html

    ```yaml bad
    Resources:
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          DefinitionUri: machines/ordr.asl.json
    ```

    ```yaml good
    Resources:
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
    ```

    Instead: Write the name as the file has it, from the folder of the template.
    """
    for name, span in source.unread.items():
        yield Finding(f"`{name}` cannot be read", span)
