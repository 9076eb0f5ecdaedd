"""Machines inside other files: each finding stands where the user edits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from dagmig.diagnostics import Diagnostic
from dagmig.lint import Options, lint_paths
from dagmig.lint.check import check, kind_of
from dagmig.lint.embedded import Written, scalar, substituted
from dagmig.lint.files import Target
from dagmig.lint.source import Source

CHOICE = '{"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": true, "Next": "Stop"}]}'
MACHINE = '{"StartAt": "Ask", "States": {"Ask": CHOICE, "Stop": {"Type": "Succeed"}}}'.replace(
    "CHOICE", CHOICE
)
INDENTED = json.dumps(json.loads(MACHINE), indent=2)


def found(text: str, file: str) -> list[Diagnostic]:
    source = Source(text, file, kind_of(Target(file, True), text) or "")
    return [one for one in check(source).found if one.code != "iam-wildcard"]


def at(text: str, diagnostic: Diagnostic) -> str:
    """What is written at the place of a finding."""
    span = diagnostic.span
    lines = text.split("\n")
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]
    return "\n".join([lines[span.line - 1][span.column - 1 :], *lines[span.line : span.end_line]])


def indented(text: str, by: int) -> str:
    return "\n".join(" " * by + line for line in text.split("\n"))


def resource(properties: str, kind: str = "AWS::StepFunctions::StateMachine") -> str:
    """A CloudFormation template in YAML; ``properties`` are indented by six."""
    return f"Resources:\n  M:\n    Type: {kind}\n    Properties:\n{properties}\n"


def template(properties: object) -> str:
    kind = "AWS::StepFunctions::StateMachine"
    return json.dumps({"Resources": {"M": {"Type": kind, "Properties": properties}}}, indent=1)


YAML_TEXT = "Comment: é\nStartAt: Ask\nStates:\n  Ask:\n    Type: Choice\n    Choices:\n" + (
    "      - {Variable: $.a, IsNull: true, Next: Stop}\n  Stop: {Type: Succeed}"
)
CASES = {
    "object": ("t.yaml", resource("      Definition:\n" + indented(YAML_TEXT, 8)), "Ask"),
    "literal block": ("t.yaml", resource("      DefinitionString: |\n" + indented(INDENTED, 8)), '"Ask"'),
    "block of Sub": ("t.yml", resource("      DefinitionString: !Sub |-\n" + indented(INDENTED, 9)), '"Ask"'),
    "folded block": ("t.yaml", resource("      DefinitionString: >\n" + indented(INDENTED, 8)), '"Ask"'),
    "single quotes": ("t.yaml", resource(f"      DefinitionString: '{MACHINE}'"), '"Ask"'),
    "double quotes": ("t.yaml", resource(f"      DefinitionString: {json.dumps(MACHINE)}"), r"\"Ask\""),
    "long Sub": (
        "t.yaml",
        resource(
            "      DefinitionString:\n        Fn::Sub:\n          - |\n"
            + indented(INDENTED, 12)
            + "\n          - {A: b}"
        ),
        '"Ask"',
    ),
    "JSON text": ("t.json", template({"DefinitionString": INDENTED}), r"\"Ask\""),
    "JSON Sub": ("t.json", template({"DefinitionString": {"Fn::Sub": MACHINE}}), r"\"Ask\""),
    "Join, as CDK writes it": (
        "S.template.json",
        template(
            {
                "DefinitionString": {
                    "Fn::Join": [
                        "",
                        [
                            '{"StartAt":"Ask","States":{"Stop":{"Type":"Succeed","Comment":"',
                            {"Fn::GetAtt": ["F", "Arn"]},
                            f'"}},"Ask":{CHOICE}}}}}',
                        ],
                    ]
                }
            }
        ),
        r"\"Ask\"",
    ),
    "Join in YAML": (
        "t.yaml",
        resource(
            "      DefinitionString: !Join\n        - ''\n"
            """        - - '{"StartAt": "Ask", "States": {"Stop": {"Type": "Succeed", "Comment": "'\n"""
            "          - !Ref It\n"
            f"""          - '"}}, "Ask": {CHOICE}}}}}'"""
        ),
        '"Ask"',
    ),
    "variables outside of strings": (
        "t.yaml",
        resource(
            "      DefinitionString: !Sub |\n"
            + indented(INDENTED.replace('"States"', '"TimeoutSeconds": ${Limit},\n  "States"'), 8)
        ),
        '"Ask"',
    ),
    "Serverless Framework": (
        "serverless.yml",
        "service: a\nstepFunctions:\n  stateMachines:\n    one:\n      definition:\n"
        + indented(YAML_TEXT, 8),
        "Ask",
    ),
    "resources of Serverless": (
        "serverless.yml",
        "service: a\nresources:\n" + indented(resource(f"      DefinitionString: '{MACHINE}'"), 2),
        '"Ask"',
    ),
    "Terraform here-document": (
        "main.tf",
        'locals { a = "b" }\nresource "aws_sfn_state_machine" "m" {\n  name = "x"\n  definition = <<-EOF\n'
        + indented(INDENTED, 4)
        + "\n  EOF\n}\n",
        '"Ask"',
    ),
    "Terraform jsonencode": (
        "main.tf",
        """\
resource "aws_iam_role" "r" {}
resource "aws_sfn_state_machine" "m" {
  tags = { definition = "no" }
  definition = jsonencode({
    StartAt = "Ask" # the first
    States = {
      "Ask" = { Type = "Choice", Choices = [{ Variable = "$.a", IsNull = true, Next = "Stop" }] }
      Stop  = { Type = "Pass", End = true, Result : [1, 2.5, "${var.x}", lookup(var.y, "z"), null, "a\\"b"] },
    }
  })
}
""",
        '"Ask"',
    ),
}


@pytest.mark.parametrize(("file", "text", "written"), CASES.values(), ids=CASES)
def test_finding_stands_where_the_user_edits(file: str, text: str, written: str) -> None:
    (one,) = found(text, file)
    assert (one.code, at(text, one)) == ("choice-no-default", written)


@pytest.mark.parametrize(("file", "text", "written"), CASES.values(), ids=CASES)
def test_state_in_it_is_silenced(file: str, text: str, written: str) -> None:
    quote = r"\"" if written.startswith("\\") else '"'
    name = f"{quote}Comment{quote}"
    said = f"{quote}dagmig: ignore[choice-no-default] x{quote}"
    kind = 'Type": "Choice"' if '"Type": "Choice"' in text else r"Type\": \"Choice\""
    if "Type: Choice" in text:
        silenced = text.replace(
            "Type: Choice", "Type: Choice\nGAPComment: 'dagmig: ignore[choice-no-default] x'"
        )
        gap = " " * (len(text[: text.index("Type: Choice")].split("\n")[-1]))
        silenced = silenced.replace("GAP", gap)
    elif "Type = " in text:
        silenced = text.replace(
            'Type = "Choice"', 'Type = "Choice", Comment = "dagmig: ignore[choice-no-default] x"'
        )
    else:
        quoted = f"{quote}{kind}"
        assert quoted in text
        silenced = text.replace(quoted, f"{name}: {said}, {quoted}")
    assert found(silenced, file) == []


def test_text_that_is_no_json_is_said_at_its_place() -> None:
    text = resource("      DefinitionString: |\n" + indented(INDENTED.replace('"Choice",', '"Choice"'), 8))
    (one,) = found(text, "t.yaml")
    assert (one.code, text.split("\n")[one.span.line - 1].strip()) == ("unparsable-file", '"Choices": [')
    (one,) = found(text.replace("|\n", "!Sub |\n").replace('"$.a"', '"${A}"'), "t.yaml")
    assert one.code == "not-a-machine"


@pytest.mark.parametrize(
    "definition",
    [
        "local.definition",
        "jsonencode(local.x)",
        "<<EOF\n{",
        "jsonencode({ for",
    ],
)
def test_terraform_that_is_not_literal(definition: str) -> None:
    text = f'resource "aws_sfn_state_machine" "m" {{\n  definition = {definition}\n}}\n'
    assert [one.code for one in found(text, "main.tf")] == ["not-a-machine"]
    assert found(text.replace("sfn_state", "other"), "main.tf") == found(text, "main.tf")


@pytest.mark.parametrize("how", ['file("m.json")', 'templatefile("${path.module}/m.json", {})'])
def test_a_file_that_terraform_names_is_read(how: str, tmp_path: Path) -> None:
    text = f'resource "aws_sfn_state_machine" "m" {{\n  definition = {how}\n}}\n'
    is_surely_here = "path.module" in how  # else it may be the folder in which Terraform runs
    codes = ["missing-definition-file"] if is_surely_here else []
    assert [one.code for one in found(text, str(tmp_path / "main.tf"))] == codes
    (tmp_path / "m.json").write_text('{"StartAt": "A", "States": {"B": {"Type": "Succeed"}}}')
    assert "next-target-missing" in {one.code for one in found(text, str(tmp_path / "main.tf"))}


@pytest.mark.parametrize(
    "raw",
    [
        '"a\\u00e9\\n b\\"c"',
        "'it''s  x'",
        "plain  text",
        "|\n  a\n   b\n",
        ">-\n  a b\n  c\n\n  d",
        '"a\\\n  b \\ud83d\\ude00z"',
    ],
)
def test_every_character_of_a_scalar_has_its_place(raw: str) -> None:
    text = f"key: {raw}\n"
    node = yaml.compose(text).value[0][1]
    value = json.loads(raw) if "\\ud83d" not in raw and raw[0] == '"' else node.value
    if "\\ud83d" in raw:
        value = "ab 😀z"
    written = scalar(value, text, node.start_mark.index, node.end_mark.index)
    assert len(written.at) == len(value) + 1
    assert list(written.at) == sorted(written.at)
    for character, place in zip(value, written.at, strict=False):
        if not character.isspace() and character.isalpha() and character.isascii():
            assert text[place] == character


def test_variables_outside_of_strings() -> None:
    text = '{"a": ${N}, "b": "${N}", "c": ${M}, "d": ${O}}'
    whole = Written.slice(text, 0, len(text))
    values = {"N": "3", "M": {"Ref": "x"}, "O": True}
    assert json.loads(substituted(whole, values).text) == {"a": 3, "b": "${N}", "c": "${=M}", "d": True}
    after = substituted(whole, values)
    assert text[after.at[after.text.index('"d"')] :].startswith('"d"')


URI = "      DefinitionUri: {}\n      Role: !GetAtt R.Arn"
ROLE = """\
  R:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyDocument:
            Statement: {Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::a"}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "app").mkdir()
    monkeypatch.chdir(tmp_path / "app")
    return tmp_path / "app"


def sam(uri: str) -> str:
    return resource(URI.format(uri), "AWS::Serverless::StateMachine") + ROLE


def test_definition_in_its_own_file(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "m.asl.json").write_text(INDENTED)
    (folder / "t.yaml").write_text(sam("sub/m.asl.json"))
    (one,) = lint_paths(["t.yaml"])
    assert (one.code, one.span.file, one.span.line) == ("choice-no-default", "sub/m.asl.json", 4)
    assert lint_paths(["."], Options(use_cache=True)) == lint_paths(["."], Options(use_cache=True)) == [one]
    (folder / "sub" / "m.asl.json").write_text(MACHINE.replace('"Choices"', '"Default": "Stop", "Choices"'))
    assert lint_paths(["."], Options(use_cache=True)) == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("serverless.yml", "stepFunctions: {stateMachines: {a: {definition: '${file(m.asl.json)}'}}}"),
        ("t.yaml", sam("m.asl.json")),
        (
            "main.tf",
            'resource "aws_sfn_state_machine" "a" {\n  definition = file("${path.module}/m.asl.json")\n}',
        ),
    ],
)
def test_what_is_kept_is_not_about_other_files(folder: Path, file: str, text: str) -> None:
    (folder / "m.asl.json").write_text(INDENTED)
    (folder / file).write_text(text)
    for _ in range(2):
        (one,) = lint_paths([file], Options(use_cache=True))
        assert (one.code, one.span.file) == ("choice-no-default", "m.asl.json")
    (folder / "m.asl.json").unlink()
    for _ in range(2):
        (one,) = lint_paths([file], Options(use_cache=True))
        assert (one.code, one.span.file) == ("missing-definition-file", file)
    (folder / "m.asl.json").write_text(MACHINE.replace('"Choices"', '"Default": "Stop", "Choices"'))
    assert lint_paths([file], Options(use_cache=True)) == []


@pytest.mark.parametrize(
    "uri", ["s3://bucket/m.json", "../m.json", "!Ref Place", "!Sub '${Dir}/m.json'", "x.js"]
)
def test_definition_that_may_be_elsewhere(folder: Path, uri: str) -> None:
    (folder / "t.yaml").write_text(sam(uri))
    assert {one.code for one in lint_paths(["t.yaml"])} <= {"not-a-machine"}


def test_definition_in_a_file_that_is_uploaded(folder: Path) -> None:
    (folder / "m.asl.json").write_text(INDENTED)
    properties = "      DefinitionS3Location: {}\n      RoleArn: a"
    (folder / "t.yaml").write_text(resource(properties.format("m.asl.json")))
    (one,) = lint_paths(["t.yaml"])
    assert (one.code, one.span.file, one.span.line) == ("choice-no-default", "m.asl.json", 4)
    (folder / "t.yaml").write_text(resource(properties.format("{Bucket: b, Key: m.asl.json}")))
    assert {one.code for one in lint_paths(["t.yaml"])} == {"not-a-machine"}


def test_own_file_knows_the_role_of_the_template(folder: Path) -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::batch:submitJob.sync",
        "TimeoutSeconds": 9,
        "End": True,
    }
    task["Retry"] = [{"ErrorEquals": ["States.ALL"]}]
    (folder / "m.json").write_text(json.dumps({"StartAt": "a", "States": {"a": task}}, indent=1))
    (folder / "t.yaml").write_text(sam("m.json"))
    found = {(one.code, one.span.file) for one in lint_paths(["t.yaml"])}
    assert ("iam-sync-events-rule", "m.json") in found
    assert lint_paths(["m.json"]) == []


@pytest.mark.parametrize("uri", ["../m.json", "/etc/hostname", "link.json", "s3://bucket/m.json", "''"])
def test_no_file_outside_of_the_folder_is_read(folder: Path, uri: str) -> None:
    (folder.parent / "m.json").write_text(MACHINE)
    (folder / "link.json").symlink_to(folder.parent / "m.json")
    (folder / "t.yaml").write_text(sam(uri))
    assert {one.code for one in lint_paths(["t.yaml"])} <= {"definition-not-read", "not-a-machine"}


def test_own_file_with_variables(folder: Path) -> None:
    text = INDENTED.replace('"States"', '"TimeoutSeconds": ${Limit},\n  "States"')
    (folder / "m.asl.json").write_text(text)
    (folder / "t.yaml").write_text(sam("m.asl.json"))
    for paths in (["t.yaml"], ["m.asl.json"], ["."]):
        assert [(one.code, one.span.line) for one in lint_paths(paths)] == [("choice-no-default", 5)]


def test_comment_in_the_own_file_silences(folder: Path) -> None:
    text = YAML_TEXT.replace("Ask:\n", "Ask:  # dagmig: ignore[choice-no-default] known\n")
    (folder / "m.yaml").write_text(text)
    (folder / "t.yaml").write_text(sam("m.yaml"))
    assert lint_paths(["t.yaml"]) == lint_paths(["."]) == []


def test_fix_of_an_own_file_is_made_in_it(folder: Path) -> None:
    text = INDENTED.replace('"StartAt": "Ask"', '"StartAt": "Askk"')
    (folder / "m.asl.json").write_text(text)
    (folder / "t.yaml").write_text(sam("m.asl.json"))
    select = ("next-target-missing",)
    lint_paths(["t.yaml"], Options(select=select, fix=True, unsafe_fixes=True))
    assert (folder / "m.asl.json").read_text() == text
    lint_paths(["."], Options(select=select, fix=True, unsafe_fixes=True))
    assert (folder / "m.asl.json").read_text() == INDENTED
