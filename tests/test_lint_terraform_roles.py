"""Roles that stand in a Terraform file beside their machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagmig.lint.check import check, rules
from dagmig.lint.source import Source

RULES = {rule.id: rule for rule in rules()}
MODULE = """
resource "aws_sfn_state_machine" "m" {
  name     = "m"
  role_arn = aws_iam_role.r.arn
  definition = jsonencode({ StartAt = "Send", States = { Send = {
    Type = "Task", Resource = "arn:aws:states:::sqs:sendMessage", End = true
    Parameters = { QueueUrl = "https://sqs.eu-west-1.amazonaws.com/1/work", MessageBody = "go" } } } })
}

resource "aws_iam_role" "r" {
  assume_role_policy = data.aws_iam_policy_document.trust.json
  # IN ROLE
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["states.amazonaws.com"]
    }
  }
}
"""
OWN = 'resource "aws_iam_role_policy" "p" {\n role = aws_iam_role.r.id\n policy = POLICY\n}\n'
ENCODED = (
    'jsonencode({ Statement = [{ Effect = "Allow", Action = ["ACTION"], Resource = aws_sqs_queue.q.arn }] })'
)
HERE = '<<EOF\n{"Statement": {"Effect": "Allow", "Action": "ACTION", "Resource": "*"}}\nEOF'
OF_DATA = "data.aws_iam_policy_document.d.json"
DATA = 'data "aws_iam_policy_document" "d" {\n STATEMENTS\n}\n'
ONE = 'statement {\n actions = ["ACTION"]\n resources = ["*"]\n}\n'
DYNAMIC = 'dynamic "statement" {\n for_each = var.all\n content {}\n}\n'
ATTACHED = """
resource "aws_iam_role_policy_attachment" "a" {
  role       = aws_iam_role.r.name
  policy_arn = ARN
}
"""
POLICY = 'resource "aws_iam_policy" "y" {\n policy = POLICY\n}\n'
BY_ARN = ATTACHED.replace("ARN", "aws_iam_policy.y.arn")


def found(rule: str, more: str, in_role: str = "", file: str = "main.tf") -> list[str]:
    text = MODULE.replace("# IN ROLE", in_role) + more
    return [one.message for one in check(Source(text, file, "machine"), (RULES[rule],)).found]


def with_data(*statements: str) -> str:
    return OWN.replace("POLICY", OF_DATA) + DATA.replace("STATEMENTS", "".join(statements))


@pytest.mark.parametrize(
    "text",
    [
        OWN.replace("POLICY", ENCODED),
        OWN.replace("POLICY", HERE),
        with_data(ONE),
        with_data(ONE.replace("ACTION", "logs:CreateLogDelivery"), ONE),
        POLICY.replace("POLICY", ENCODED) + BY_ARN,
        POLICY.replace("POLICY", OF_DATA) + DATA.replace("STATEMENTS", ONE) + BY_ARN,
    ],
)
def test_what_a_role_allows(text: str) -> None:
    assert found("iam-missing-permission", text.replace("ACTION", "sqs:SendMessage")) == []
    assert found("iam-missing-permission", text.replace("ACTION", "sqs:Send*")) == []
    (said,) = found("iam-missing-permission", text.replace("ACTION", "sqs:ReceiveMessage"))
    assert "does not allow `sqs:SendMessage`" in said


@pytest.mark.parametrize(
    ("text", "in_role"),
    [
        (OWN.replace("POLICY", "var.policy"), ""),
        (OWN.replace("POLICY", 'file("policy.json")'), ""),
        (OWN.replace("POLICY", ENCODED.replace('["ACTION"]', "local.actions")), ""),
        (OWN.replace("POLICY", ENCODED.replace('"Allow"', "var.effect")), ""),
        (OWN.replace("POLICY", "jsonencode({ Statement = concat(local.a, local.b) })"), ""),
        (OWN.replace("POLICY", ENCODED).replace("aws_iam_role.r.id", "each.value"), ""),
        (OWN.replace("POLICY", '<<EOF\n{"Statement": ${local.a}}\nEOF'), ""),
        (OWN.replace("POLICY", OF_DATA), ""),
        (with_data(DYNAMIC), ""),
        (with_data(ONE, DYNAMIC), ""),
        (with_data(ONE, "source_policy_documents = [var.more]\n"), ""),
        (with_data(ONE.replace('["ACTION"]', "var.actions")), ""),
        (ATTACHED.replace("ARN", '"arn:aws:iam::aws:policy/AmazonSQSFullAccess"'), ""),
        (ATTACHED.replace("ARN", "var.policy_arn"), ""),
        (OWN.replace("POLICY", ENCODED), 'managed_policy_arns = ["arn:aws:iam::aws:policy/X"]'),
        (OWN.replace("POLICY", ENCODED), 'inline_policy {\n name = "x"\n policy = "{}"\n}'),
    ],
)
def test_what_is_not_literal_is_not_judged(text: str, in_role: str) -> None:
    assert found("iam-missing-permission", text.replace("ACTION", "sqs:ReceiveMessage"), in_role) == []


def test_a_role_of_another_file_is_not_known() -> None:
    text = MODULE.replace('resource "aws_iam_role" "r"', 'resource "aws_iam_role" "other"')
    assert [*check(Source(text, "main.tf", "machine"), (RULES["iam-missing-permission"],)).found] == []


def test_what_another_role_may_do_is_not_the_machines() -> None:
    other = OWN.replace("POLICY", ENCODED).replace("aws_iam_role.r.id", "aws_iam_role.other.id")
    (said,) = found("iam-missing-permission", other.replace("ACTION", "sqs:SendMessage"))
    assert "sqs:SendMessage" in said


def test_other_files_of_the_module_may_give_it_more(tmp_path: Path) -> None:
    own = OWN.replace("POLICY", ENCODED).replace("ACTION", "sqs:ReceiveMessage")
    file = str(tmp_path / "main.tf")
    assert len(found("iam-missing-permission", own, file=file)) == 1
    (tmp_path / "other.tf").write_text('resource "x" "y" {\n role = aws_iam_role.r2.name\n}\n')
    assert len(found("iam-missing-permission", own, file=file)) == 1
    (tmp_path / "iam.tf").write_text(ATTACHED.replace("ARN", "var.arn"))
    assert found("iam-missing-permission", own, file=file) == []


@pytest.mark.parametrize(
    "text", [OWN.replace("POLICY", ENCODED), OWN.replace("POLICY", HERE), with_data(ONE)]
)
def test_findings_about_a_role_stand_there(text: str) -> None:
    whole = MODULE + text.replace("ACTION", "sqs:*")
    (one,) = check(Source(whole, "main.tf", "machine"), (RULES["iam-wildcard"],)).found
    line = whole.split("\n")[one.span.line - 1]
    assert "Effect" in line or "aws_iam" in line
    assert one.fix is None
