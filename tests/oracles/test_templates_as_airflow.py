"""Templates rendered by real Airflow 2 and 3, and by the JSONata that dagmig makes of them.

``python -m tests.oracles.test_templates_as_airflow --write`` puts what Airflow renders into the file of the
cases, and ``noted`` or ``refused`` where the machine says that it may do otherwise.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.templates import ASKED, FILE, NOTED, REFUSED, cases, rendered

SCRIPT = Path(__file__).with_name("render_templates.py")
AIRFLOW_3 = SCRIPT.parents[2] / ".oracles" / "airflow" / "bin" / "python"


def airflow(python: Path, templates: list[str], *, is_native: bool = False) -> list[Any]:
    """What an Airflow renders each template to; None where it fails."""
    asked = json.dumps({**ASKED, "templates": templates, "native": is_native})
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "AIRFLOW_HOME": home, "PYTHONWARNINGS": "ignore"}
        command = [str(python), str(SCRIPT)]
        run = subprocess.run(
            command, input=asked, env=environment, capture_output=True, text=True, check=False
        )
    assert run.returncode == 0, run.stderr[-2000:]
    return [answer.get("text") for answer in json.loads(run.stdout.splitlines()[-1])]


def test_airflow_3_renders_what_the_cases_say(airflow_python: Path) -> None:
    said = {template: text for template, text, _ in cases()}
    assert dict(zip(said, airflow(airflow_python, list(said)), strict=True)) == said


def test_airflow_2_renders_the_same(airflow2_python: Path) -> None:
    said = {template: text for template, text, _ in cases() if "execution_date" not in template}
    assert dict(zip(said, airflow(airflow2_python, list(said)), strict=True)) == said


TEXTS = ["ds", "ts", "params.text", "params.empty", "dag_run.conf.day", "'a b'", "ti.xcom_pull('give')"]
WHOLE = ["params.size", "params.zero", "4", "-3", "ti.xcom_pull('number') | int"]
FLAGS = ["params.flag", "true", "dag_run.conf.on", "params.none is none"]
LISTS = ["params.list", "ds.split('-')", "['x', ds]", "dag_run.conf.tables"]
DAYS = ["logical_date", "data_interval_end", "macros.datetime(2024, 2, 29, 3)"]
FORMATS = ["%Y-%m-%d", "%Y%m%dT%H%M%S", "%d.%m.%y", "%A %j", "[%H]"]


def _of(*layouts: str, **parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions of one of the layouts, with parts put in."""
    return st.builds(
        lambda layout, given: layout.format(**given), st.sampled_from(layouts), st.fixed_dictionaries(parts)
    )


def _grown(known: dict[str, st.SearchStrategy[str]]) -> dict[str, st.SearchStrategy[str]]:
    """Larger expressions of each kind."""
    texts = _of(
        "({t} | upper)", "({t} | replace('-', '/'))", "({t} ~ {w})", "({t} + {t})", "({l} | join('+'))",
        "({t} if {f} else {t})", "{d}.strftime('{p}')", "({d} | ds)", "({t}[:4])", "({t} or 'none')",
        "({t} | default('q', true))", "({w} | string)", "({t} | trim)", "macros.ds_add(ds, {w})",
        "({l} | first)", **known, p=st.sampled_from(FORMATS),
    )  # fmt: skip
    whole = _of("({w} + {w})", "({w} * 2)", "({w} - {w})", "({w} // 2)", "({w} % 3)", "({t} | length)",
                "({l} | length)", "({t} | int)", "{d}.day", "({w} if {f} else {w})", **known)  # fmt: skip
    flags = _of("({w} > {w})", "({t} == {t})", "(not {f})", "({f} and {f})", "({f} or {f})", "({t} in {l})",
                "({t} is defined)", "({w} is odd)", "({d} < {d})", "({w} <= 3)", "('0' in {t})",
                **known)  # fmt: skip
    lists = _of("({l} + {l})", "({t}.split('-'))", "({l} | map('upper') | list)", "[{t}, {t}]", **known)
    days = _of("({d} + macros.timedelta(days={w}))", "({d} - macros.timedelta(hours={w}))", **known)
    return {"t": texts, "w": whole, "f": flags, "l": lists, "d": days}


def _expressions(depth: int) -> dict[str, st.SearchStrategy[str]]:
    known = {"t": TEXTS, "w": WHOLE, "f": FLAGS, "l": LISTS, "d": DAYS}
    found: dict[str, st.SearchStrategy[str]] = {kind: st.sampled_from(parts) for kind, parts in known.items()}
    for _ in range(depth):
        grown = _grown(found)
        found = {kind: found[kind] | grown[kind] for kind in found}
    return found


EXPRESSIONS = _expressions(3)
TEMPLATES = _of(
    "{{{{ {t} }}}}", "{{{{ {w} }}}}", "{{{{ {f} }}}}", "a{{{{ {t} }}}}b{{{{ {w} }}}}", "{{{{ {d} }}}}",
    "{{% if {f} %}}{{{{ {t} }}}}{{% else %}}{{{{ {w} }}}}{{% endif %}}",
    "{{% for x in {l} %}}{{{{ loop.index }}}}{{{{ x | upper }}}} {{% endfor %}}",
    "{{% set x = {t} %}}{{{{ x }}}}{{{{ x | lower }}}}", **EXPRESSIONS,
)  # fmt: skip


@pytest.mark.parametrize("version", ["2", "3"])
def test_random_templates(version: str, request: pytest.FixtureRequest) -> None:
    """Several hundred at a time, since starting Airflow is slow."""
    found: list[str] = []

    @settings(max_examples=600, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(TEMPLATES)
    def collect(template: str) -> None:
        found.append(template)

    collect()
    python = request.getfixturevalue("airflow_python" if version == "3" else "airflow2_python")
    templates = sorted(set(found))
    different = []
    for template, text in zip(templates, airflow(python, templates), strict=True):
        said, doubt = attempt(template)
        if doubt != REFUSED and said != text and not (doubt == NOTED and text is not None):
            different.append((template, text, said))
    assert different == []


def attempt(template: str) -> tuple[Any, str]:
    """As ``rendered``; None where the machine fails when it runs."""
    try:
        return rendered(template)
    except Exception:
        return None, ""


def main() -> None:
    known = cases()
    texts = airflow(AIRFLOW_3, [template for template, _, _ in known])
    lines = []
    for (template, _, _), text in zip(known, texts, strict=True):
        said, doubt = attempt(template)
        case = [template, text, *([doubt] if doubt else [])]
        if text is not None and said != text and not doubt:
            sys.stderr.write(f"differs: {case}: {said!r}\n")
        lines.append(json.dumps(case, ensure_ascii=False))
    if "--write" in sys.argv:
        FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
