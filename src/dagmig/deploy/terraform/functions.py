"""The functions of a bundle in Terraform.

https://registry.terraform.io/providers/hashicorp/archive/latest/docs/data-sources/file
"""

from __future__ import annotations

from collections.abc import Iterator

from dagmig.deploy.role import Statement
from dagmig.deploy.stack import Function
from dagmig.deploy.terraform.hcl import Block, Raw
from dagmig.deploy.terraform.parts import identifier, log, policy, role


def resources(function: Function) -> Iterator[Block]:
    """The function with its code, role and log."""
    label = identifier(function.folder)
    archive = f"data.archive_file.{label}"
    folder = f"${{path.module}}/functions/{function.folder}"
    yield Block(
        "data",
        ("archive_file", label),
        {
            "type": "zip",
            "source_dir": Raw(f'"{folder}"'),
            "output_path": Raw(f'"${{path.module}}/.{label}.zip"'),
        },
    )
    yield role(label, "lambda.amazonaws.com")
    writes = Statement(("logs:CreateLogStream", "logs:PutLogEvents"), ("${log}:*",))
    yield policy(label, [writes], {"log": f"aws_cloudwatch_log_group.{label}.arn"})
    yield log(label, f"/aws/lambda/{function.name}")
    given = {name: Raw(f"var.{parameter}") for name, parameter in function.environment.items()}
    yield Block(
        "resource",
        ("aws_lambda_function", label),
        {
            "function_name": function.name,
            "filename": Raw(f"{archive}.output_path"),
            "source_code_hash": Raw(f"{archive}.output_base64sha256"),
            "handler": f"handler.{function.entry}",
            "runtime": function.runtime,
            "memory_size": function.memory,
            "timeout": function.timeout,
            "role": Raw(f"aws_iam_role.{label}.arn"),
        },
        (Block("environment", (), {"variables": given}),) if given else (),
    )
