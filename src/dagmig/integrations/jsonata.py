"""How texts are written in JSONata.

https://docs.jsonata.org/simple#examples: the escapes are those of JSON, and a single quote has none.
"""

from __future__ import annotations

import json


def quoted(text: str) -> str:
    """A JSONata string; JSONata knows JSON's escapes and no other."""
    inner = json.dumps(text, ensure_ascii=False)
    return inner if "'" in text or '"' in text else f"'{inner[1:-1]}'"
