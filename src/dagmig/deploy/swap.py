"""Two folders that change places at once, so that nobody sees neither, also where the program is killed."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_HERE = -100  # AT_FDCWD of linux/fcntl.h: paths are relative to the working directory
_EXCHANGE = 2  # RENAME_EXCHANGE of linux/fs.h and RENAME_SWAP of macOS's stdio.h


def exchange(one: Path, other: Path) -> bool:
    """Let two folders of one disk change places; False where the system or the disk cannot.

    https://man7.org/linux/man-pages/man2/rename.2.html, renamex_np(2) of macOS.
    """
    try:
        library = ctypes.CDLL(None)
        if sys.platform == "darwin":
            return bool(library.renamex_np(os.fsencode(one), os.fsencode(other), _EXCHANGE) == 0)
        found = library.renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE)
    except (AttributeError, OSError, TypeError):  # there is no such function, or no such library
        return False
    return bool(found == 0)
