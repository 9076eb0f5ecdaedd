"""The program: ``dagmig``, or ``python -m dagmig``."""

from __future__ import annotations

import atexit
import os
import sys
import threading

from dagmig.cli import main


def program() -> None:
    """Run the command line, and end at once: to give back what was read, object by object, takes longer than
    to read some files.
    """
    try:
        main()
    except SystemExit as end:
        if isinstance(end.code, str) or threading.active_count() > 1:
            raise
        try:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None and not stream.closed:  # as the language server leaves it
                    stream.flush()
        except OSError:
            raise end from None  # Python says it
        atexit._run_exitfuncs()
        os._exit(end.code or 0)


if __name__ == "__main__":
    program()
