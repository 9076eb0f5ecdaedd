"""Hashes and random identifiers, the same in both query languages."""

from __future__ import annotations

import hashlib
import uuid
from random import Random

ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def digest(text: str, algorithm: str) -> str:
    """A hash in hexadecimal digits. Raises ``ValueError`` for an algorithm Step Functions does not have."""
    if algorithm not in ALGORITHMS:
        raise ValueError(f"{algorithm!r} is not one of {', '.join(ALGORITHMS)}")
    return hashlib.new(ALGORITHMS[algorithm], text.encode(), usedforsecurity=False).hexdigest()


def uuid_of(random: Random) -> str:
    """A version 4 UUID from the execution's own source of chance."""
    return str(uuid.UUID(int=random.getrandbits(128), version=4))
