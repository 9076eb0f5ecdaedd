"""The rule ``file-not-named-asl``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from dagmig.asl.load import is_machine
from dagmig.diagnostics import Severity
from dagmig.lint.rule import Finding, source_rule
from dagmig.lint.source import Source
from dagmig.lint.template import STATED_SUFFIXES


@source_rule(Severity.INFO, ("machine",), is_default=False)
def file_not_named_asl(source: Source) -> Iterator[Finding]:
    """A file is a state machine, and its name does not say so.

    Editors with the AWS Toolkit, and dagmig where it goes through folders, know a definition by
    `.asl.json`, `.asl.yaml` or `.asl.yml`. Templates and other files that hold a machine are not meant.
    See https://docs.aws.amazon.com/toolkit-for-vscode/latest/userguide/building-stepfunctions.html

    Instead: Rename the file: `orders.asl.json`.
    """
    if source.file.endswith(STATED_SUFFIXES) or source.language == "hcl":
        return
    for subject in source.subjects:
        machine = subject.machine
        is_whole = machine.file == source.file and not machine.locate("").pointer and subject.template is None
        if is_whole and is_machine(machine.document):
            name = PurePath(source.file).name
            yield Finding(
                f"`{name}` is a state machine: call it `.asl{PurePath(name).suffix}`",
                machine.locate("/StartAt", True),
            )
