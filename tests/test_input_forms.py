"""``dagmig convert FILE --to airflow``: each form a machine may come in, and what is no such form.

A case is a file (with others beside it), the exit code, and texts that are in the DAGs, and in what is said.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from dagmig import to_airflow
from dagmig.cli import main
from dagmig.diagnostics import Report

TASK = '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "%s", "End": true}}}'
FILLED = TASK % "${Fn}"
SAM = """\
Resources:
  Fn: {Type: AWS::Lambda::Function, Properties: {}}
  Orders:
    Type: AWS::Serverless::StateMachine
    Properties:
      %s
"""
INLINE = "Definition: {StartAt: A, States: {A: {Type: Task, Resource: %s, End: true}}}"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(9)
)
TERRAFORM = 'resource "aws_sfn_state_machine" "orders" {\n  name       = "orders"\n  definition = %s\n}\n'
RULE = """\
  R:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 hour)
      Targets: [{Id: x, Arn: %s}]
"""
FRAMEWORK = "service: x\nstepFunctions:\n  stateMachines:\n    orders: %s\n"


TEXT = """\
Parameters: {Late: {Type: Number, Default: 7}}
Resources:
  Fn: {Type: AWS::Lambda::Function}
  Orders:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionSubstitutions: %s
      DefinitionString: '{"StartAt":"A","States":
        {"A":{"Type":"Task","Resource":"${fn}","Parameters":{%s},"End":true}}}'
"""
JOINED = """\
Parameters: {Stage: {Type: String}}
Resources:
  Fn: {Type: AWS::Lambda::Function}
  Orders:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString: !Join ['', ['{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"',
        {Ref: Fn}, '","Parameters":{"b":"', %s, '"},"End":true}}}']]
"""


@dataclass(frozen=True)
class Case:
    name: str
    file: str
    text: str
    exit: int
    dag: tuple[str, ...] = ()
    said: tuple[str, ...] = ()
    beside: dict[str, str] = field(default_factory=dict)


CASES = [
    Case("yaml", "m.asl.yaml", "StartAt: A\nStates:\n  A: {Type: Succeed}\n", 0, ('DAG("m"',)),
    Case("a placeholder for a function", "m.asl.json", FILLED, 0, ("var.value.Fn }}",), ("`${Fn}`",)),
    Case(
        "a placeholder in an ARN",
        "m.asl.json",
        '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish",'
        ' "Parameters": {"TopicArn": "arn:aws:sns:eu-west-1:1:t-${Stage}", "Message": "x"}, "End": true}}}',
        0,
        ("t-{{ var.value.Stage }}",),
        ("[substitution] `${Stage}`",),
    ),
    Case(
        "perhaps a placeholder",
        "m.asl.json",
        '{"StartAt": "A", "States": {"A": {"Type": "Fail", "Cause": "see ${HOME}"}}}',
        1,
        ("see ${HOME}",),
        ("decision[substitution] `${HOME}`",),
    ),
    Case("a function, in short", "t.yaml", SAM % (INLINE % "!GetAtt Fn.Arn"), 0, ("var.value.Fn_Arn }}",)),
    Case("a function as a list", "t.yaml", SAM % (INLINE % "!GetAtt [Fn, Arn]"), 0, ("var.value.Fn_Arn }}",)),
    Case("a function by Ref", "t.yaml", SAM % (INLINE % "!Ref Fn"), 0, ("var.value.Fn }}",)),
    Case("a function by Sub", "t.yaml", SAM % (INLINE % "!Sub '${Fn.Arn}'"), 0, ("var.value.Fn_Arn }}",)),
    Case(
        "other functions of CloudFormation",
        "t.yaml",
        SAM % "Definition: {StartAt: A, States: {A: {Type: Pass, Parameters: {a: !ImportValue shared,"
        " b: !Join ['-', [x, !Ref AWS::Region]]}, Next: B}, B: {Type: Task, End: true,"
        " Resource: 'arn:aws:states:::lambda:invoke', Parameters: {FunctionName: f, Payload.$: $}}}}",
        0,
        ("var.value.ImportValue_shared", "x-{{ var.value.AWS_Region }}"),
    ),
    Case(
        "a file",
        "t.yaml",
        SAM % "DefinitionUri: flow.asl.json\n      DefinitionSubstitutions: {Fn: !GetAtt Fn.Arn}",
        0,
        ("var.value.Fn }}",),
        beside={"flow.asl.json": FILLED},
    ),
    Case("a file that is not there", "t.yaml", SAM % "DefinitionUri: no.json", 3, said=("no such file",)),
    Case(
        "a file elsewhere", "t.yaml", SAM % "DefinitionUri: ../m.json", 3, said=("t.yaml:6:22", "outside of")
    ),
    Case("a file of the system", "t.yaml", SAM % "DefinitionUri: /etc/passwd", 3, said=("outside of",)),
    Case(
        "a file in S3",
        "t.yaml",
        SAM % "DefinitionUri: s3://b/k",
        3,
        said=("t.yaml:3:3: warning[definition-", "cannot be read here (it is in S3)"),
    ),
    Case(
        "a text in pieces",
        "t.json",
        json.dumps(
            {
                "Resources": {
                    "Orders": {
                        "Type": "AWS::StepFunctions::StateMachine",
                        "Properties": {
                            "DefinitionString": {
                                "Fn::Join": [
                                    "",
                                    [
                                        '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"',
                                        {"Fn::GetAtt": ["Fn", "Arn"]},
                                        '","End":true}}}',
                                    ],
                                ]
                            }
                        },
                    },
                    "Fn": {"Type": "AWS::Lambda::Function"},
                }
            }
        ),
        0,
        ("var.value.Fn_Arn }}",),
    ),
    Case("no machine", "t.yaml", "Resources:\n  T: {Type: AWS::SNS::Topic}\n", 3, said=("no state machine",)),
    Case("no resources", "t.yaml", "Description: x\n", 3, said=("t.yaml:1:1", "StartAt")),
    Case("resources that are none", "t.yaml", "Resources: []\n", 3, said=("no state machine",)),
    Case("properties that are none", "t.yaml", SAM % "5", 3, said=("t.yaml:3:3",)),
    Case(
        "substitutions that are none",
        "t.yaml",
        SAM % f"DefinitionSubstitutions: [1]\n      {INLINE % 'x'}",
        1,
    ),
    Case("an object of Python", "t.yaml", SAM % "Definition: !!python/object/apply:os.getcwd []", 3),
    Case("many aliases", "t.yaml", BOMB + SAM % (INLINE % "x"), 3, said=("too large",)),
    Case(
        "nested deeply",
        "t.json",
        '{"Resources": ' + "[" * 100_000 + "]" * 100_000 + "}",
        3,
        said=("nested too deeply",),
    ),
    Case("two documents", "t.yaml", "a: 1\n---\nb: 1\n", 3, said=("t.yaml:2:1",)),
    Case("empty", "t.json", "", 3, said=("t.json:1:1",)),
    Case(
        "a rule by Sub",
        "t.yaml",
        SAM % (INLINE % "!Ref Fn") + RULE % "!Sub 'arn:aws:x:${Orders.Name}'",
        1,
        ("schedule=timedelta(hours=1)",),
        ("t.yaml:10:7",),
    ),
    Case(
        "a rule for another",
        "t.yaml",
        SAM % (INLINE % "!Ref Fn") + RULE % "!Ref Others",
        0,
        ("schedule=None",),
    ),
    Case(
        "events that are none",
        "t.yaml",
        SAM % f"Events: [1]\n      {INLINE % '!Ref Fn'}",
        1,
        said=("`Events`",),
    ),
    Case(
        "an event without properties",
        "t.yaml",
        SAM % f"Events: {{S: {{Type: Schedule}}}}\n      {INLINE % '!Ref Fn'}",
        1,
        said=("without Properties",),
    ),
    Case("serverless", "serverless.yml", FRAMEWORK % f"{{{INLINE.lower() % 'x'}}}", 3),
    Case(
        "serverless, a function",
        "serverless.yml",
        FRAMEWORK
        % "{definition: {StartAt: A, States: {A: {Type: Task, Resource: !GetAtt [f, Arn], End: true}}}}",
        0,
        ("var.value.f_Arn }}",),
    ),
    Case(
        "serverless, a file",
        "serverless.yml",
        FRAMEWORK % "{definition: '${file(flow.json)}'}",
        0,
        ('DAG("orders"',),
        beside={"flow.json": FILLED},
    ),
    Case(
        "serverless, all in a file",
        "serverless.yml",
        "stepFunctions:\n  stateMachines: ${file(m.yml)}\n",
        3,
        said=("serverless.yml:2:3",),
    ),
    Case(
        "serverless, a machine in a file",
        "serverless.yml",
        FRAMEWORK % "${file(m.yml)}",
        3,
        said=("serverless.yml:4:5",),
    ),
    Case(
        "terraform, a text",
        "m.tf",
        TERRAFORM % f"<<EOF\n{TASK % '${aws_lambda_function.f.arn}'}\nEOF",
        0,
        ("var.value.aws_lambda_function_f_arn }}",),
    ),
    Case(
        "terraform, jsonencode",
        "m.tf",
        TERRAFORM % 'jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })',
        0,
        ('DAG("orders"',),
    ),
    Case(
        "terraform, a template file",
        "m.tf",
        TERRAFORM % 'templatefile("${path.module}/flow.json", { Fn = aws_lambda_function.f.arn })',
        0,
        ("var.value.Fn }}",),
        beside={"flow.json": FILLED},
    ),
    Case("terraform, a file", "m.tf", TERRAFORM % 'file("flow.json")', 0, beside={"flow.json": FILLED}),
    Case(
        "terraform, a file elsewhere",
        "m.tf",
        TERRAFORM % 'file("../flow.json")',
        3,
        said=("m.tf:3:", "outside of"),
    ),
    Case(
        "terraform, not literal",
        "m.tf",
        TERRAFORM % "local.x",
        3,
        said=("m.tf:3:16: warning[definition-not-read]",),
    ),
    Case(
        "an invalid machine in a template",
        "t.yaml",
        SAM % "Definition: {StartAt: A, States: {A: {Type: Pass, Next: Nowhere}}}",
        3,
        said=("error[next-target-missing]",),
    ),
    Case(
        "an invalid machine in Terraform",
        "m.tf",
        TERRAFORM % 'jsonencode({ StartAt = "A", States = { A = { Type = "Pass", Next = "B" } } })',
        3,
        said=("error[next-target-missing]",),
    ),
    Case(
        "terraform, a directive",
        "m.tf",
        TERRAFORM
        % (
            "<<EOF\n" + TASK.replace('"End"', '"Comment": "%%{ if true }a%%{ endif }", "End"') % "f" + "\nEOF"
        ),
        1,
        said=("a directive of Terraform",),
    ),
    Case(
        "one of two definitions",
        "t.json",
        json.dumps(
            {
                "Resources": {
                    "Orders": {
                        "Type": "AWS::StepFunctions::StateMachine",
                        "Properties": {"DefinitionString": {"Fn::If": ["Live", "{}", "{}"]}},
                    }
                }
            }
        ),
        3,
        said=("cannot be read here (it is what `Fn::If` gives)",),
    ),
    Case(
        "a number of attempts that is filled in",
        "t.yaml",
        SAM % "DefinitionUri: flow.json\n      DefinitionSubstitutions: {Fn: !GetAtt Fn.Arn, Max: !Ref Max}",
        1,
        said=("`MaxAttempts` of A is `${Max}`, which is not known here",),
        beside={
            "flow.json": FILLED.replace(
                '"End"', '"Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": ${Max}}], "End"'
            )
        },
    ),
    Case(
        "a schedule that calls the API",
        "t.yaml",
        SAM % (INLINE % "!Ref Fn") + "  S:\n    Type: AWS::Scheduler::Schedule\n    Properties:\n"
        "      ScheduleExpression: rate(1 hour)\n"
        "      Target: {Arn: 'arn:aws:scheduler:::aws-sdk:sfn:startExecution', Input: "
        '!Sub \'{"StateMachineArn": "${Orders.Arn}", "Input": "{\\"a\\": 1}"}\'}\n',
        0,
        ("schedule=timedelta(hours=1)", 'params={"a": 1}'),
    ),
    Case(
        "terraform, several machines, and an expression",
        "m.tf",
        TERRAFORM.replace("{\n", "{\n  for_each = toset(var.all)\n", 1)
        % 'jsonencode({ StartAt = "A", States = { A = { Type = "Task", Resource = aws_lambda_function.f.arn,'
        ' Parameters = { a = var.a ? "x" : "y" }, TimeoutSeconds = var.late, End = true } } })',
        1,
        said=(
            "decision[for_each]",
            "an expression of Terraform with texts in it",
            "`TimeoutSeconds` of A is `${var.late}`",
        ),
    ),
    Case("terraform, broken", "m.tf", TERRAFORM % "jsonencode({", 3, said=("m.tf:3:16",)),
    Case(
        "a number that is filled in",
        "t.yaml",
        TEXT % ("{fn: !GetAtt Fn.Arn, known: '5', late: !Ref Late}", '"known": ${known}, "late": ${late}'),
        0,
        ('payload=\'{"known": 5, "late": {{ var.value.late }}}\'',),
        ("[substitution] `${late}` is the Airflow Variable `late`",),
    ),
    Case(
        "a number that is filled in where Airflow renders text",
        "m.asl.json",
        '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:redshift:'
        'pauseCluster", "Parameters": {"ClusterIdentifier": ${Id}}, "End": true}}}',
        1,
        ("{{ var.value.Id }}",),
        ("what `Id` stands for is no text",),
    ),
    Case(
        "seconds that are filled in",
        "m.asl.json",
        '{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": ${Late}, "End": true}}}',
        1,
        (),
        ("a template fills in the number of seconds",),
    ),
    Case(
        "the name of a table",
        "m.asl.json",
        '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem",'
        ' "Parameters": {"TableName": "${Table}", "Key": {"id": {"S": "${Id}"}}}, "End": true}}}',
        0,
        ('TableName=Variable.get("Table")', 'Variable.get("Id")'),
        ("noted[substitution] `${Table}`",),
    ),
    Case(
        "functions between texts, in short",
        "t.yaml",
        JOINED % '!Ref Stage, \'","c":"\', !ImportValue shared, \'","d":"\', !Sub \'x-${AWS::Region}\'',
        0,
        (
            '"b": "{{ var.value.Stage }}", "c": "{{ var.value.ImportValue_shared }}"',
            '"d": "x-{{ var.value.AWS_Region }}"',
        ),
    ),
    Case(
        "functions between texts",
        "t.yaml",
        JOINED % '{Ref: Stage}, \'","c":"\', {\'Fn::ImportValue\': shared}, \'","d":"\', '
        "{'Fn::Sub': 'x-${AWS::Region}'}",
        0,
        (
            '"b": "{{ var.value.Stage }}", "c": "{{ var.value.ImportValue_shared }}"',
            '"d": "x-{{ var.value.AWS_Region }}"',
        ),
    ),
    Case(
        "what Sub leaves as it is",
        "t.yaml",
        TEXT.replace("DefinitionString: ", "DefinitionString: !Sub ").replace("${fn}", "${Fn.Arn}")
        % ("{}", '"a": "${!Literal}"'),
        0,
        ('"a": "${Literal}"',),
    ),
    Case(
        "terraform, what is meant as it is",
        "m.tf",
        TERRAFORM
        % (
            "<<EOF\n"
            + TASK.replace('"End"', '"Parameters": {"a": "$${keep}", "n": ${var.n}}, "End"')
            % "${aws_lambda_function.f.arn}"
            + "\nEOF"
        ),
        0,
        ('"a": "${keep}"', '"n": {{ var.value.var_n }}'),
    ),
    Case(
        "terraform, jsonencode and what is meant as it is",
        "m.tf",
        TERRAFORM
        % 'jsonencode({ StartAt = "A", States = { A = { Type = "Task", Resource = aws_lambda_function.f.arn,'
        ' Parameters = { a = "$${keep}", b = "x-${var.b}" }, End = true } } })',
        0,
        ('"a": "${keep}"', '"b": "x-{{ var.value.var_b }}"'),
    ),
    Case(
        "terraform, numbers for a template file",
        "m.tf",
        TERRAFORM
        % 'templatefile("${path.module}/flow.json", { fn = aws_lambda_function.f.arn, n = 3, m = var.m })',
        0,
        ('"n": 3, "m": {{ var.value.m }}',),
        beside={"flow.json": TASK.replace('"End"', '"Parameters": {"n": ${n}, "m": ${m}}, "End"') % "${fn}"},
    ),
    Case(
        "no states in a template",
        "t.yaml",
        SAM % "Definition: {StartAt: A, States: {}}",
        3,
        said=("error[next-target-missing]",),
    ),
    Case(
        "a branch without states",
        "t.yaml",
        SAM % "Definition: {StartAt: A, States: {A: {Type: Parallel, Branches: [{StartAt: B, States: {}}],"
        " End: true}}}",
        3,
        said=("error[next-target-missing]",),
    ),
    Case(
        "a state that is written twice",
        "m.asl.json",
        '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}, "A": {"Type": "Fail"}}}',
        3,
        said=("error[duplicate-json-key] `A` is written twice",),
    ),
    Case(
        "a schedule that is switched off beside another",
        "t.yaml",
        SAM
        % (
            "Events: {A: {Type: Schedule, Properties: {Schedule: 'cron(0 8 * * ? *)', Enabled: false}}, "
            "B: {Type: Schedule, Properties: {Schedule: 'cron(0 20 * * ? *)', Input: '{}'}}}\n      "
            + INLINE
            % "!Ref Fn"
        ),
        0,
        ('schedule="0 20 * * *"',),
        ("A, `cron(0 8 * * ? *)`, is switched off in the template, and left out",),
    ),
    Case(
        "a switch that nobody knows",
        "t.yaml",
        SAM
        % (
            "Events: {A: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 hour), Input: '{}',"
            " State: !If [Live, ENABLED, DISABLED]}}}\n      " + INLINE % "!Ref Fn"
        ),
        1,
        ("schedule=timedelta(hours=1)",),
        ("decision[schedule] whether it is switched on is not known here",),
    ),
    Case(
        "an input that is filled in",
        "t.yaml",
        SAM
        % (
            "Events: {A: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 hour),"
            ' Input: !Sub \'{"a": "${AWS::StackName}"}\'}}}\n      ' + INLINE % "!Ref Fn"
        ),
        1,
        (),
        ("a run of the DAG has no a in its input",),
    ),
    Case(
        "serverless, variables of the file",
        "serverless.yml",
        "custom: {rate: rate(1 hour), zone: Europe/Rome, flow: {StartAt: A, States: {A: {Type: Succeed}}}}\n"
        + FRAMEWORK
        % "{definition: '${self:custom.flow}', events: [{schedule: {rate: ['${self:custom.rate}'],"
        " enabled: '${self:custom.none, false}'}}]}",
        0,
        ("schedule=timedelta(hours=1)", "is_paused_upon_creation=True"),
    ),
    Case(
        "serverless, several expressions",
        "serverless.yml",
        FRAMEWORK % "{definition: {StartAt: A, States: {A: {Type: Succeed}}}, events: [{schedule: {"
        "timezone: Europe/Rome, method: scheduler, rate: ['cron(0 8 * * ? *)', 'cron(0 12 * * ? *)']}}]}",
        0,
        ('MultipleCronTriggerTimetable("0 8 * * *", "0 12 * * *", timezone="Europe/Rome")',),
        ("schedule0_2, `cron(0 12 * * ? *)`, is the DAG's schedule as well",),
    ),
    Case(
        "serverless, a variable that stands for itself",
        "serverless.yml",
        "custom: {a: '${self:custom}', b: '${self:custom}'}\n"
        + FRAMEWORK
        % "{definition: {StartAt: A, States: {A: {Type: Succeed}}}, "
        "events: [{schedule: '${self:custom.a}'}]}",
        1,
        (),
        ("starts nothing in Airflow",),
    ),
]


def convert(folder: Path, case: Case, *arguments: str) -> tuple[int, str, str]:
    for name, text in {**case.beside, case.file: case.text}.items():
        (folder / name).write_text(text, encoding="utf-8")
    given = ["convert", str(folder / case.file), "--to", "airflow", *arguments]
    result = CliRunner().invoke(main, given, catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_form(case: Case, tmp_path: Path) -> None:
    code, dag, said = convert(tmp_path, case)
    assert code == case.exit, said
    assert [text for text in case.dag if text not in dag] == []
    assert [text for text in case.said if text not in said] == []
    compile(dag, "dag.py", "exec")


def test_what_terraform_fills_into_a_file(tmp_path: Path) -> None:
    given = '{ Fn = aws_lambda_function.load.arn, Stage = "prod" }'
    text = TERRAFORM % f'templatefile("${{path.module}}/flow.json", {given})'
    flow = (
        '{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${Fn}",'
        ' "Parameters": {"stage": "${Stage}"}, "End": true}}}'
    )
    case = Case("", "m.tf", text, 0, beside={"flow.json": flow})
    assert convert(tmp_path, case, "--bundle", str(tmp_path / "bundle"))[0] == 0
    variables = json.loads((tmp_path / "bundle" / "variables.json").read_text())
    assert variables == {"Fn": "to be filled in: aws_lambda_function.load.arn", "Stage": "prod"}


def test_the_api_fills_in_variables_too(tmp_path: Path) -> None:
    file = tmp_path / "m.asl.json"
    file.write_text(TASK % "arn:aws:lambda:${AWS::Region}:1:function:x", encoding="utf-8")
    made = to_airflow(file, Report(), "m")
    assert made is not None
    assert "arn:aws:lambda:{{ var.value.AWS_Region }}:1:function:x" in made.text


def test_two_machines_of_one_name(tmp_path: Path) -> None:
    text = "Resources:\n" + "".join(
        f"  {name}:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n      Name: same\n"
        "      Definition: {StartAt: A, States: {A: {Type: Succeed}}}\n"
        for name in ("One", "Other")
    )
    code, _, said = convert(tmp_path, Case("", "t.yaml", text, 1), "-o", f"{tmp_path}/dags/")
    assert code == 1
    assert "decision[name]" in said
    assert {path.name for path in (tmp_path / "dags").iterdir()} == {"same.py", "same_2.py"}
    assert 'DAG("same_2"' in (tmp_path / "dags" / "same_2.py").read_text()


def test_one_machine_of_two_that_is_elsewhere(tmp_path: Path) -> None:
    text = SAM % (INLINE % "!Ref Fn") + "  Far: {Type: AWS::Serverless::StateMachine}\n"
    code, dag, said = convert(tmp_path, Case("", "t.yaml", text, 1))
    assert (code, "Far" in said, 'DAG("Orders"' in dag) == (1, True, True)


def test_the_run_is_asked_for_more_than_its_input(tmp_path: Path) -> None:
    """Params stand beside the run then; a function that reads none has none."""
    states = (
        "{A: {Type: Pass, Parameters: {x.$: $$.Execution.StartTime}, ResultPath: $.t, Next: C},"
        " C: {Type: Choice, Choices: [{Variable: $.day, StringEquals: x, Next: B}], Default: B},"
        " B: {Type: Task, Resource: !Ref Fn, End: true}}"
    )
    events = 'Events: {S: {Type: Schedule, Properties: {Schedule: rate(1 day), Input: \'{"day": "x"}\'}}}'
    text = SAM % f"{events}\n      Definition: {{StartAt: A, States: {states}}}"
    _, dag, said = convert(tmp_path, Case("", "t.yaml", text, 0))
    assert "def choose_c(params=None)" in dag, said
    assert "def make_a(dag_run=None)" in dag
