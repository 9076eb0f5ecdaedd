"""The source of a Lambda function: the code a task needs, word for word, and an entry point that runs it.

The event has ``args``, ``kwargs`` and ``context`` for a callable, ``command``, ``env`` and ``cwd`` for bash.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from dagmig.graph.values import Function
from dagmig.integrations.asking import DATES, EACH, ITEM, OBJECTS, STATE, Asked
from dagmig.integrations.aws_hook import HOOKS, is_client_only, stand_in
from dagmig.integrations.python_source import (
    Import,
    bound,
    imports,
    is_annotated,
    is_async,
    makes_sets,
    spaced,
)

EXCEPTIONS = {
    "AirflowException": "Exception",
    "AirflowSkipException": "AirflowException",
    "AirflowFailException": "AirflowException",
}
POKED = "PokeReturnValue"
STAND_INS = frozenset({*EXCEPTIONS, "get_current_context", POKED, *HOOKS})
EXCEPTION = '''class {name}({base}):
    """Stands for Airflow's exception of this name, which becomes the error's name in Step Functions."""
'''
CURRENT = '''CURRENT = {}


def get_current_context():
    """Stands for Airflow's function of this name."""
    return CURRENT
'''
POKE_RETURN_VALUE = '''class PokeReturnValue:
    """Stands for Airflow's class of this name."""

    def __init__(self, is_done, xcom_value=None):
        self.is_done, self.xcom_value = is_done, xcom_value

    def __bool__(self):
        return self.is_done
'''
SENSED = [
    'given = result.xcom_value if type(result).__name__ == "PokeReturnValue" else None',
    'result = {"is_done": bool(result), "xcom_value": given}',
]
INSTALL = """for module in {modules}:
    sys.modules[module] = types.ModuleType(module)
{names}"""
TASK_INSTANCE = '''class _TaskInstance:
    """The part of Airflow's task instance that the function uses."""

    def __init__(self, given):
        self.xcoms, self.pushed = {}, {}
        vars(self).update(given)

{pull}
    def xcom_push(self, key, value, **_):
        self.pushed[key] = value
'''
PULL = """    def xcom_pull(self, task_ids=None, key="return_value", **_):
        if isinstance(task_ids, (list, tuple)):
            return [self.xcom_pull(task, key) for task in task_ids]
        return self.xcoms.get(task_ids, {}).get(key)
"""
PULL_OF_ITEMS = """    def xcom_pull(self, task_ids=None, key="return_value", map_indexes=None, **_):
        if isinstance(task_ids, (list, tuple)):
            return [self.xcom_pull(task, key, map_indexes) for task in task_ids]
        found = self.xcoms.get(task_ids, {})
        if map_indexes is None:
            return found.get(key)
        if not isinstance(map_indexes, int):
            return [self.xcom_pull(task_ids, key, index) for index in map_indexes]
        if f"{key}@item" in found and map_indexes == self.map_index:
            return found[f"{key}@item"]
        given = found.get(f"{key}@each") or []
        return given[map_indexes] if 0 <= map_indexes < len(given) else None
"""
STATES = """
    def get_task_states(self, task_ids, **_):
        asked = [one for one in self.states if one["task"] in task_ids and one["state"] is not None]
        return {self.run_id: {one["name"]: one["state"] for one in asked}}
"""
BASH = '''def _bash(command, env, cwd):
    """Run a command as BashOperator does; its last line is the result."""
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        line = ""
        with subprocess.Popen(
            ["bash", "-c", command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=cwd or folder,
            env=env,
        ) as process:
            for raw in process.stdout:
                line = raw.decode({encoding}, errors="backslashreplace").rstrip()
                print(line)
        code = process.returncode
    if code in {skip}:
        raise AirflowSkipException(f"Bash command returned exit code {{code}}. Skipping.")
    if code != 0:
        raise AirflowException(f"Bash command failed. The command returned a non-zero exit code {{code}}.")
    return line
'''
CONDITION = '''def _goes_on(said, wanted, message):
    """Skip the task unless its condition says what is wanted (run_if, skip_if)."""
    if isinstance(said, tuple):
        said, message = said[0], said[1] or message
    if bool(said) is not wanted:
        raise AirflowSkipException(message)
'''
MODULES = ("asyncio", "datetime", "json", "os", "types")
ENTRIES = ("handler", "lambda_handler", "dagmig_handler")


@dataclass(frozen=True, slots=True)
class Bash:
    """How a command runs: the exit codes that skip, the output's encoding, and whether it keeps the
    function's own environment.
    """

    skip: tuple[int, ...] = (99,)
    encoding: str = "utf-8"
    keeps_env: bool = True


def lambda_source(
    task: str,
    function: Function | None,
    asked: Asked,
    bash: Bash | None = None,
    exits: tuple[int, ...] = (),
    *,
    is_sensor: bool = False,
    is_encoded: bool = True,
) -> str:
    """The module's text; ``entry`` is its entry point. Without ``function`` the event has the command.

    ``exits`` are the codes with which a callable that exits skips its task. ``is_sensor``: it answers whether
    what it waits for is there, and the value to hand on. Without ``is_encoded`` an answer that is no JSON is
    an error.
    """
    used = imports(function.source) if function else ()
    stood_in = [one for one in used if function and is_stood_in(one, function.source)]
    wanted = {"AirflowSkipException", "AirflowException"} if bash else set()
    wanted |= {name for one in stood_in for name in one.names}
    wanted |= {"AirflowSkipException"} if asked.conditions or exits else set()
    parts = [
        f'"""Runs the task {task}."""\n'.replace("\\", ""),
        "from __future__ import annotations\n" if function and is_annotated(function.source) else "",
        "import sys\nimport types\n" if stood_in else "",
        *_stand_ins(wanted, stood_in, function.source if function else ""),
        function.source.strip("\n") + "\n" if function else "",
        _task_instance(asked) if "ti" in asked.names else "",
        CONDITION if asked.conditions else "",
        BASH.format(skip=bash.skip, encoding=json.dumps(bash.encoding)) if bash else "",
        _handler(function, asked, bash, exits, is_sensor=is_sensor, is_encoded=is_encoded),
    ]
    return spaced(part for part in parts if part)


def _task_instance(asked: Asked) -> str:
    keys = {key for _, key in asked.pulled}
    is_of_items = any(key.endswith((EACH, ITEM)) for key in keys)
    made = TASK_INSTANCE.replace("{pull}", PULL_OF_ITEMS if is_of_items else PULL)
    return made + (STATES if STATE in keys else "")


def entry(function: Function | None) -> str:
    """The name of the module's entry point: one that the callable's code does not use itself."""
    taken = bound(function.source) if function else set()
    return next((name for name in ENTRIES if name not in taken), ENTRIES[-1])


def is_stood_in(one: Import, source: str) -> bool:
    """Whether the generated module carries all that an import from Airflow is used for in a source."""
    is_known = one.module.partition(".")[0] == "airflow" and bool(one.names) and one.read <= STAND_INS
    return is_known and (not one.read & HOOKS or is_client_only(source))


def _stand_ins(wanted: set[str], stood_in: list[Import], source: str) -> list[str]:
    """Classes by the names of Airflow's, and modules that hold them where the code imports them."""
    is_raised = any(name in wanted for name in EXCEPTIONS)
    named = [name for name in EXCEPTIONS if name in wanted or (is_raised and name == "AirflowException")]
    found = [EXCEPTION.format(name=name, base=EXCEPTIONS[name]) for name in named]
    for name in sorted(wanted & HOOKS):
        named.append(name)
        found.append(stand_in(name, source))
    if POKED in wanted:
        named.append(POKED)
        found.append(POKE_RETURN_VALUE)
    if "get_current_context" in wanted:
        named.append("get_current_context")
        found.append(CURRENT)
    if stood_in:
        modules = json.dumps(sorted({one.module for one in stood_in} | {"airflow"}))
        unused = sorted({name for one in stood_in for name in one.names} - {*named, "*"})
        lines = [*(f"{name} = {name}" for name in named), *(f"{name} = None" for name in unused)]
        names = "".join(f"    sys.modules[module].{line}\n" for line in lines)
        found.append(INSTALL.format(modules=modules, names=names))
    return found


def _handler(
    function: Function | None,
    asked: Asked,
    bash: Bash | None,
    exits: tuple[int, ...],
    *,
    is_sensor: bool,
    is_encoded: bool,
) -> str:
    """The entry point; what it imports, it imports itself, as the callable's module may use the names."""
    body = [*_context_lines(asked), *_condition_lines(asked)]
    if function is not None:
        called = f"result = {_call(function, asked)}"
        body += _exiting(called, exits) if exits else [called]
    if bash is not None:
        env = '{**os.environ, **event.get("env", {})}' if bash.keeps_env else 'event.get("env", {})'
        command = "result" if function else 'event["command"]'
        body.append(f'result = _bash({command}, {env}, event.get("cwd"))')
    if is_sensor:
        body += SENSED
    elif asked.pushed:
        body.append('result = {"return_value": result, **context["ti"].pushed}')
    is_set = function is not None and makes_sets(function.source)
    other = "lambda one: list(one) if isinstance(one, (set, frozenset)) else str(one)" if is_set else "str"
    default = f", default={other}" if is_encoded else ""  # else JSON has no form for it
    body.append(f"return json.loads(json.dumps(result{default}))")
    modules = [name for name in MODULES if any(f"{name}." in line for line in body)]
    lines = [*(f"import {name}" for name in modules), "", *body]
    doc = "Call the task's function with what the state sends." if function else "Run the task's command."
    text = "".join(f"    {line}\n" if line else "\n" for line in lines)
    return f'def {entry(function)}(event, _):\n    """{doc}"""\n{text}'


def _exiting(called: str, exits: tuple[int, ...]) -> list[str]:
    """As ``PythonVirtualenvOperator`` does with the exit code of its process."""
    message = 'f"Process exited with code {ended.code}. Skipping."'
    return [
        "try:",
        f"    {called}",
        "except SystemExit as ended:",
        f"    if ended.code in {exits}:",
        f"        raise AirflowSkipException({message}) from None",
        "    raise",
    ]


def _context_lines(asked: Asked) -> list[str]:
    if not asked.names:
        return ["context = {}"] if asked.conditions else []
    lines = ['context = {**event["context"]}']
    for name in sorted(asked.names & {*DATES}):
        lines.append(f'context["{name}"] = datetime.datetime.fromisoformat(context["{name}"])')
    for name in sorted(asked.names & OBJECTS.keys() - {"ti"}):
        lines.append(f'context["{name}"] = types.SimpleNamespace(**context["{name}"])')
    if "ti" in asked.names:
        lines.append('context["ti"] = context["task_instance"] = _TaskInstance(context["ti"])')
    if asked.is_current:
        lines.append("CURRENT.update(context)")
    return lines


def _condition_lines(asked: Asked) -> list[str]:
    return [
        f"_goes_on({one.function.name}(context), {one.runs_if}, {json.dumps(one.message)})"
        for one in asked.conditions
    ]


def _call(function: Function, asked: Asked) -> str:
    name = "task" if function.name == "<lambda>" else function.name
    given = '*event.get("args", [])'
    if asked.takes_rest and asked.names:
        given += ', **{**context, **event.get("kwargs", {})}'
    else:
        known = sendable(asked)
        given += "".join(f', {name}=context["{name}"]' for name in asked.by_name if name in known)
        given += ', **event.get("kwargs", {})'
    call = f"{name}({given})"
    return f"asyncio.run({call})" if is_async(function) else call


def sendable(asked: Asked) -> set[str]:
    """The names that are in the context sent."""
    return asked.names | ({"task_instance"} if "ti" in asked.names else set())
