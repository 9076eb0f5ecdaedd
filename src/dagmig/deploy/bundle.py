"""The files of a bundle, and how they are written: all of them or none."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from dagmig.deploy.swap import exchange

MANIFEST = ".dagmig.json"
TEMPORARY, ASIDE = ".tmp", ".old"
ABANDONED = 3600  # seconds
CACHES = ("__pycache__", ".pytest_cache")  # what running the bundle's tests leaves
Files = Mapping[str, str]


class BundleError(ValueError):
    """A folder that holds what dagmig did not write; the argument says what."""


def write_bundle(folder: Path, files: Files) -> None:
    """Write the files (by path relative to ``folder``) in place of an earlier bundle there.

    Raises ``BundleError`` where the folder holds anything else, and ``OSError``.
    """
    _refuse_foreign(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _mend(folder)
    made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.", suffix=TEMPORARY))
    try:
        for name, text in {**files, MANIFEST: _manifest(files)}.items():
            place = made / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="\n")
        made.chmod(0o755)
        _put(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _mend(folder: Path) -> None:
    """Clear up after one that was killed: put back the bundle that it had put aside, remove what it left.

    What is not older than ``ABANDONED`` may be another's that still runs.
    """
    left = sorted(folder.parent.glob(f".{glob.escape(folder.name)}.*"), key=_changed)
    for place in left:
        if place.is_symlink() or place.suffix not in (TEMPORARY, ASIDE) or not place.is_dir():
            continue
        if time.time() - _changed(place) < ABANDONED:
            continue
        if place.suffix == ASIDE and not folder.exists():
            place.replace(folder)
        else:
            shutil.rmtree(place, ignore_errors=True)


def _changed(place: Path) -> float:
    try:
        return place.lstat().st_ctime
    except OSError:  # another has removed it
        return 0.0


def _put(made: Path, folder: Path) -> None:
    """Put one folder in the place of another, which is then in its."""
    if not folder.exists():
        made.replace(folder)
        return
    if exchange(made, folder):
        return
    aside = made.with_suffix(ASIDE)
    folder.replace(aside)
    try:
        made.replace(folder)
    except BaseException:  # also where the user stops it
        aside.replace(folder)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _manifest(files: Files) -> str:
    digests = {name: _digest(text.encode("utf-8")) for name, text in sorted(files.items())}
    return json.dumps({"version": 1, "files": digests}, indent=2) + "\n"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _refuse_foreign(folder: Path) -> None:
    if not folder.exists() and not folder.is_symlink():
        return
    if folder.is_symlink() or not folder.is_dir():
        raise BundleError(f"{folder} is not a folder")
    known = _known(folder)
    for place, inside, names in os.walk(folder):
        inside[:] = [name for name in inside if name not in CACHES]
        links = [name for name in inside if Path(place, name).is_symlink()]
        for name in sorted(names + links):
            path = Path(place, name)
            relative = path.relative_to(folder).as_posix()
            if relative == MANIFEST:
                continue
            if relative not in known:
                raise BundleError(f"{folder} holds {relative}, which dagmig did not write")
            if path.is_symlink() or _digest(path.read_bytes()) != known[relative]:
                raise BundleError(f"{path} was changed after dagmig wrote it: move the folder away first")


def _known(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / MANIFEST).read_bytes())["files"]
    except (OSError, ValueError, TypeError, KeyError):
        return {}
    return found if isinstance(found, dict) else {}
