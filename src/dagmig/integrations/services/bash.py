"""Bash commands: a generated Lambda function that runs the command as ``BashOperator`` does.

``BashOperator.execute`` and ``SubprocessHook.run_command`` say how: an exit code of 99 skips, another one but
0 fails, and the last line of the output is the result.
"""

from __future__ import annotations

import re
from typing import Any

from dagmig.diagnostics import Disposition, Report
from dagmig.graph import jinja
from dagmig.graph.model import Task
from dagmig.graph.values import Function, Literal, Opaque, Template, Value
from dagmig.integrations import Integration
from dagmig.integrations.asking import Asked
from dagmig.integrations.callables import EMPTY, OWN, callable_event, invoke
from dagmig.integrations.code import Bash, lambda_source
from dagmig.integrations.context import unwrapped
from dagmig.integrations.fragment import Fragment
from dagmig.integrations.table import account

NOTED, DECISION = Disposition.NOTED, Disposition.DECISION
ARGUMENTS = {"bash_command", "env", "append_env", "cwd", "skip_on_exit_code", "output_encoding"}
IN_IMAGE = frozenset(
    {
        ".", ":", "[", "[[", "base64", "basename", "bash", "break", "cat", "cd", "chmod", "comm",
        "continue", "cp", "curl", "cut", "date", "declare", "dirname", "do", "done", "echo", "egrep",
        "elif", "else", "env", "esac", "eval", "exec", "exit", "export", "expr", "false", "fgrep", "fi",
        "for", "function", "getopts", "grep", "head", "if", "in", "join", "let", "ln", "local", "ls",
        "md5sum", "mkdir", "mktemp", "mv", "od", "paste", "printf", "pwd", "python3", "read", "readlink",
        "realpath", "return", "rm", "rmdir", "sed", "seq", "set", "sh", "sha256sum", "shift", "shuf",
        "sleep", "sort", "source", "split", "stat", "sum", "tail", "tee", "test", "then", "time", "touch",
        "tr", "trap", "true", "type", "uname", "uniq", "unset", "until", "wait", "wc", "while", "yes",
    }
)  # fmt: skip
# bash, coreutils-single, grep, sed and curl-minimal of Amazon Linux 2023's minimal image
UNDECIDED = {"output_processor": "the last line of the output is the result as it is"}
BEFORE = ("if", "then", "elif", "else", "do", "while", "until", "!", "time", "exec")
_ASSIGNMENT = re.compile(r"\w+=\S*")
HOLE = "$hole"
_VARIABLE = re.compile(r"\$\{[^{}]*\}")
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|#[^\n]*", re.DOTALL)


def _to_asl(task: Task, report: Report) -> Fragment:
    task = unwrapped(task)
    is_callable = task.call.operator == "@task.bash"
    function = task.argument("python_callable") if is_callable else None
    account(task, ARGUMENTS | (OWN if is_callable else set()), {}, "a Lambda function", report, UNDECIDED)
    event, found = callable_event(task, report) if is_callable else ({}, Asked())
    command = task.argument("bash_command")
    if not is_callable and command is not None:
        event["command"] = command
        _look(task, command, report)
    elif is_callable:
        said = (
            "the command runs in Lambda's Amazon Linux: its programs must be in the function's image, "
            "and Jinja in what the callable returns is not rendered"
        )
        _row(task, DECISION, said, report)
    for name in ("env", "cwd"):
        if (value := task.argument(name)) not in EMPTY:
            event[name] = value
    has_code = isinstance(function, Function) and bool(function.source)
    source = "" if is_callable and not has_code else _source(task, function, found, report)
    skips = _skips(task, command)
    if not skips and task.argument("skip_on_exit_code") != Literal(None):
        said = "exit code 99 fails the state; in Airflow it skips the task"
        _row(task, NOTED, said, report, "skip_on_exit_code")
    return invoke(task, source, event, found, report, skips=skips)


def _source(task: Task, function: Value | None, found: Asked, report: Report) -> str:
    env, append = task.argument("env"), task.argument("append_env")
    keeps_env = env in (None, Literal(None)) or append == Literal(True)
    encoding = _known(task, "output_encoding", "utf-8", report)
    bash = Bash(_codes(task, report), str(encoding), keeps_env)
    return lambda_source(task.id, function if isinstance(function, Function) else None, found, bash)


def _codes(task: Task, report: Report) -> tuple[int, ...]:
    """The exit codes that skip the task."""
    match _known(task, "skip_on_exit_code", 99, report):
        case None:
            return ()
        case int(code):
            return (code,)
        case list() | tuple() | set() | frozenset() as codes if all(isinstance(code, int) for code in codes):
            return tuple(sorted(codes))
    _row(task, DECISION, "`skip_on_exit_code` is no exit code: 99 is used", report, "skip_on_exit_code")
    return (99,)


def _skips(task: Task, command: Value | None) -> bool:
    """Whether the command is likely to skip its task by an exit code: one is given, or it speaks of 99."""
    value = task.argument("skip_on_exit_code")
    if value is not None:
        return value != Literal(None)
    return isinstance(command, Literal) and "99" in str(command.value)


def _known(task: Task, name: str, default: Any, report: Report) -> Any:
    value = task.argument(name)
    if value is None:
        return default
    if isinstance(value, Literal):
        return value.value
    _row(task, DECISION, f"`{name}` is known only when the DAG runs: {default!r} is used", report, name)
    return default


def _look(task: Task, command: Value, report: Report) -> None:
    """Rows for what the command needs of the place where it runs."""
    text = command.value if isinstance(command, Literal) else None
    if isinstance(text, str) and text.endswith((".sh", ".bash")):
        _row(task, DECISION, "the command is a script file: put its text into the command", report)
    if isinstance(text, str) and "AIRFLOW_CTX_" in text:
        _row(task, DECISION, "Airflow's AIRFLOW_CTX_ variables are not set", report)
    said = "the command runs in Lambda's Amazon Linux, in an environment of its own"
    if not isinstance(text, str):
        _row(task, DECISION, f"{said}: its programs must be in the function's image", report)
        return
    names = sorted(_programs(text) - IN_IMAGE)
    missing = ", ".join("what Jinja prints there" if name == HOLE else f"`{name}`" for name in names)
    if missing:
        said = f"{said}: {missing} must be in the function's image"
    _row(task, DECISION if missing else NOTED, said, report)


def _programs(text: str) -> set[str]:
    """The words that stand where a command does, roughly: too many rather than too few."""
    parsed = jinja.parse(text)
    parts = parsed.parts if isinstance(parsed, Template) else (text,)
    plain = "".join(part if isinstance(part, str) else _hole(part) for part in parts)
    plain = _VARIABLE.sub("$variable", plain)
    found: set[str] = set()
    for inner in re.findall(r"\$\(([^()]*)\)|`([^`]*)`", plain):
        found |= _programs("".join(inner))
    for piece in re.split(r"\|\||&&|[;|\n(){}]|(?<![>&])&(?!>)", _QUOTED.sub("quoted", plain)):
        words = piece.split()
        while words and (
            _ASSIGNMENT.fullmatch(words[0]) or words[0] in ("if", "then", "else", "do", "while", "!")
        ):
            words = words[1:]
        if words and not words[0].startswith(("<", ">", "$(")):
            found.add(words[0])
    return found


def _hole(part: Value) -> str:
    """A word where Jinja prints something, nothing for its statements and comments."""
    return "" if isinstance(part, Opaque) and part.source.startswith(("{%", "{#")) else HOLE


def _row(
    task: Task, disposition: Disposition, said: str, report: Report, construct: str = "bash_command"
) -> None:
    report.row(construct, task.span, f"task:{task.id}", disposition, said, task=task.id)


bash = Integration(
    "airflow.providers.standard.operators.bash.BashOperator",
    (),
    _to_asl,
    None,
    (
        "@task.bash",
        "airflow.operators.bash.BashOperator",
        "airflow.operators.bash_operator.BashOperator",
        "airflow.operators.BashOperator",
    ),
    form="`lambda:invoke` of the generated source",
)
