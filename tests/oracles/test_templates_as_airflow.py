"""Templates rendered by real Airflow 2 and 3, and by the JSONata that dagmig makes of them.

``python -m tests.oracles.test_templates_as_airflow --write`` puts what Airflow renders into the file of the
cases, and ``noted`` or ``refused`` where the machine says that it may do otherwise.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.templates import ASKED, FILE, NOTED, REFUSED, cases, execution, rendered, scene, variables

from dagmig.asl.lower.scene import Untranslatable
from dagmig.asl.lower.templates.statements import printed

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


# Alternatives end with ` ;`: T is a text, W a whole number, F a flag, L a list of texts, D a moment, P a
# format.
GRAMMAR = {
    "template": """
    {{ T }} ; {{ W }} ; {{ F }} ; a{{ T }}b{{ W }} ; {{ D }} ;
    {% if F %}{{ T }}{% else %}{{ W }}{% endif %} ;
    {% for x in L %}{{ loop.index }}{{ x | upper }} {% endfor %} ;
    {% set x = T %}{{ x }}{{ x | lower }} ;
    {% for x in L if x != T %}{{ x }}{% if not loop.last %},{% endif %}{% else %}{{ T }}{% endfor %} ;
    {% set x = D %}{{ x | ds }}{{ x.hour }} ; {{ T if F }} ; {%- if F -%} {{ T }} {%- endif %} ;
    """,
    "T": """
    ds ; ts ; params.text ; params.empty ; dag_run.conf.day ; 'a b' ; ti.xcom_pull('give') ; run_id ;
    (T | upper) ; (T | replace('-', '/')) ; (T ~ W) ; (T + T) ; (L | join('+')) ; (T if F else T) ;
    D.strftime('P') ; (D | ds) ; (T[:4]) ; (T or 'none') ; (T | default('q', true)) ; (W | string) ;
    (T | trim) ; macros.ds_add(ds, W) ; (L | first) ; (T[2:5]) ; (D | ts) ; D.isoformat() ;
    (T | capitalize) ; T.replace('a', T) ; T.split('-')[0] ; ('%s.%s' % (T, W)) ; '{}/{}'.format(W, T) ;
    (L | last) ; T.strip() ; macros.ds_format(ds, '%Y-%m-%d', 'P') ; (dag_run.conf.get('no') or T) ;
    (F | string) ; (D | ts_nodash) ; params.get('nope', T) ; (W | string).zfill(4) ;
    (D.date() | string) ; (T and T) ;
    """,
    "W": """
    params.size ; params.zero ; 4 ; -3 ; (ti.xcom_pull('number') | int) ; (dag_run.conf.limit | int) ;
    (W + W) ; (W * 2) ; (W - W) ; (W // 2) ; (W % 3) ; (T | length) ; (L | length) ; (T | int) ; D.day ;
    (W if F else W) ; D.month ; D.year ; (W | abs) ; (-W) ; (W or 7) ; (params.numbers | sum) ;
    (W % -2) ; (D - D).total_seconds() | int ; D.weekday() ; (F | int) ; (T | int(W)) ; D.hour ;
    """,
    "F": """
    params.flag ; true ; dag_run.conf.on ; (params.none is none) ; (W > W) ; (T == T) ; (not F) ;
    (F and F) ; (F or F) ; (T in L) ; (T is defined) ; (W is odd) ; (D < D) ; (W <= 3) ; ('0' in T) ;
    (L == L) ; T.startswith('2') ; (params.nope is defined) ; (W in [1, 3, W]) ; (T != T) ;
    (W < W < W) ; (T not in L) ; T.endswith('x') ; (params.map.k is string) ; (W is divisibleby 2) ;
    (D == D) ;
    """,
    "L": """
    params.list ; ds.split('-') ; ['x', ds] ; dag_run.conf.tables ; (L + L) ; T.split('-') ; [T, T] ;
    (L | map('upper') | list) ; ti.xcom_pull(['give', 'give']) ; params.map.keys() | list ; T.split() ;
    """,
    "D": """
    logical_date ; data_interval_end ; (D + macros.timedelta(days=W)) ;
    (D - macros.timedelta(hours=W)) ; D.add(days=W) ; D.subtract(hours=W, minutes=5) ;
    D.start_of('month') ; D.start_of('day') ; D.add(months=1) ; D.subtract(months=14) ;
    D.replace(day=1, hour=3) ; D.start_of('week') ; D.add(years=1) ;
    """,
    "P": """
    %Y-%m-%d ; %Y%m%dT%H%M%S ; %d.%m.%y ; %A %j ; [%H] ; %B %d, %I %p ;
    """,
}
NONTERMINAL = re.compile(r"\b[TWFLDP]\b")


def grown(kind: str, depth: int, random: Random) -> str:
    """An expression of a kind; at depth 0 one without others in it."""
    choices = [choice.strip() for choice in GRAMMAR[kind].split(" ;")[:-1]]
    if depth <= 0:
        choices = [choice for choice in choices if not NONTERMINAL.search(choice)]
    return NONTERMINAL.sub(lambda found: grown(found[0], depth - 1, random), random.choice(choices))


def templates_of(seed: int, count: int) -> list[str]:
    """Different templates of the grammar."""
    random = Random(seed)
    return sorted({grown("template", random.randint(1, 4), random) for _ in range(count)})


@pytest.mark.parametrize("version", ["2", "3"])
def test_random_templates(version: str, request: pytest.FixtureRequest) -> None:
    """Several hundred at a time, since starting Airflow is slow."""
    python = request.getfixturevalue("airflow_python" if version == "3" else "airflow2_python")
    templates = templates_of(0, 1000)
    different = []
    for template, text in zip(templates, airflow(python, templates), strict=True):
        said, doubt = attempt(template)
        if doubt != REFUSED and said != text and not (doubt == NOTED and text is not None):
            different.append((template, text, said))
    assert different == []


NATIVE = [
    "{{ params.size }}", "{{ params.list }}", "{{ params.map }}", "{{ params.flag }}", "{{ params.none }}",
    "{{ params.size + 1 }}", "{{ params.size > 2 }}", "n{{ params.size }}x", "{{ ds }}", "{{ run_id }}",
    "{{ ti.xcom_pull('rows') }}", "{{ ti.xcom_pull('rows')['files'] }}", "{{ ti.xcom_pull('give') }}",
    "{{ params.list | length }}", "{{ dag_run.conf }}", "{{ dag_run.conf.zeros }}", "{{ not params.flag }}",
    "{{ params.numbers + [4] }}", "{% for x in params.list %}{{ x }}{% endfor %}", "{{ ds.split('-') }}",
    "{{ dag_run.conf.on }}", "{{ {'a': params.size} }}", "{{ ds_nodash }}",
    "{{ params.size }}{{ params.size }}",
]  # fmt: skip


def test_native_objects(airflow_python: Path) -> None:
    """Texts that read as Python literals are the noted difference."""
    for template, value in zip(NATIVE, airflow(airflow_python, NATIVE, is_native=True), strict=True):
        said, doubt = rendered(template, is_native=True)
        is_noted = doubt == NOTED and isinstance(said, str) and not isinstance(value, str)
        assert said == value or is_noted


def test_the_reference_evaluator_says_the_same(node_modules: Path) -> None:
    """jsonata-python is a port; JSONata's own implementation has to agree."""
    sources: dict[str, str] = {}
    for template in [*(template for template, _, _ in cases()), *templates_of(1, 1000)]:
        with contextlib.suppress(Untranslatable):
            sources[template] = printed(template, scene([])).source
    states = {"input": {}, "context": execution().context}
    names = {**variables(), "states": states}
    jobs = [{"source": source, "names": names, "millis": 0} for source in sources.values()]
    run = subprocess.run(
        ["node", str(SCRIPT.with_name("jsonata_reference.cjs"))],
        input=json.dumps(jobs),
        env={**os.environ, "NODE_PATH": str(node_modules)},
        capture_output=True,
        text=True,
        check=True,
    )
    values = [value[0] if value else None for value in json.loads(run.stdout)]
    found = dict(zip(sources, values, strict=True))
    assert {template: attempt(template)[0] for template in sources} == found


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
