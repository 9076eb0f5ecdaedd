"""The built wheel works where the repository is not: it carries the pattern rules and its type marker.

No network: the wheel goes into a new environment that borrows its dependencies from this one
(tests/oracles/test_install.py installs them from the registry).
"""

from __future__ import annotations

import subprocess
import sysconfig
import zipfile
from pathlib import Path

import pytest

from installed import ROOT, build, check_installed, new_environment


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("dist"))


def test_wheel_carries_every_rule(built: Path) -> None:
    names = set(zipfile.ZipFile(built).namelist())
    rules = {path.relative_to(ROOT / "rules").as_posix() for path in (ROOT / "rules").glob("*/*.yml")}
    assert rules
    assert names >= {f"dagmig/lint/patterns/{rule}" for rule in rules} | {"dagmig/py.typed"}
    assert not [name for name in names if not name.startswith(("dagmig/", "dagmig-"))]


def test_installed_wheel_lints(built: Path, tmp_path: Path) -> None:
    python = new_environment(tmp_path / "environment")
    command = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", built]
    subprocess.run(command, capture_output=True, check=True)
    own = next((tmp_path / "environment" / "lib").glob("python3*/site-packages"))
    (own / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    check_installed(python, tmp_path)
