"""``python bundle_kills.py FOLDER``: kills a program that writes a bundle at each of its steps.

Each kill is a process of its own, which ends itself by SIGKILL when it opens, makes, renames or removes
something for the n-th time, until one comes through. Prints a line of JSON for each: what is in the bundle.
With ``plain`` as well, the system cannot let two folders change places.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from dagmig.deploy import bundle

STEPS = ("open", "os.", "shutil.", "tempfile.")


def write(folder: Path, files: dict[str, str], number: int) -> bool:
    """Whether a process that is killed at this step comes through."""
    process = os.fork()
    if process == 0:
        left = number

        def count(event: str, _: object) -> None:
            nonlocal left
            if event.startswith(STEPS):
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        bundle.write_bundle(folder, files)
        os._exit(0)
    return os.waitpid(process, 0)[1] == 0


def held(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


def main(place: str, *options: str) -> None:
    if options:
        bundle.exchange = lambda one, other: False
    folder = Path(place) / "bundle"
    old, new = ({"a.txt": text, "b/c.txt": text, "b/d.txt": text} for text in ("old", "new"))
    done = False
    number = 0
    while not done:
        number += 1
        bundle.write_bundle(folder, old)
        done = write(folder, new, number)
        found = held(folder)
        found.pop(bundle.MANIFEST, None)
        print(json.dumps([found, done]))


if __name__ == "__main__":
    main(*sys.argv[1:])
