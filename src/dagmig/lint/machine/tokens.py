"""The token of a task that waits for a callback.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token
"""

from __future__ import annotations

import re

# the token itself, or a part of the context object that holds it
TOKEN = re.compile(
    r"\$\$(?:\.Task(?:\.Token)?)?(?![.\w])|\$states(?:\.context(?:\.Task(?:\.Token)?)?)?(?![.\w])"
)
