"""Does a text look like a secret? Known forms of tokens, and values given for something secret."""

from __future__ import annotations

import re
from functools import lru_cache

TOKENS = re.compile(
    r"""
    \b(?:
        gh[pousr]_[A-Za-z0-9]{36,}                 # GitHub
      | github_pat_[A-Za-z0-9_]{50,}
      | glpat-[A-Za-z0-9_-]{20,}                   # GitLab
      | xox[abposr]-[A-Za-z0-9-]{20,}              # Slack
      | [sr]k_live_[A-Za-z0-9]{20,}                # Stripe
      | dapi[0-9a-f]{32}                           # Databricks
      | AIza[A-Za-z0-9_-]{35}                      # Google
      | SG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{30,} # SendGrid
    )
    | hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{20,}
    | -----BEGIN\ (?:[A-Z]+\ )?PRIVATE\ KEY-----
    """,
    re.VERBOSE,
)
AWS_KEY = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")
SECRET_NAME = re.compile(
    r"(?:^|[_-])(?:password|passwd|pwd|secret|secret_key|secret_access_key|client_secret|api_?key|"
    r"(?:access|auth|api|bearer|bot|refresh|secret|security)_token|token|private_key)$"
)
OTHER_TOKEN = re.compile(
    r"(?:^|[_-])(?:client|request|idempotency|next|page|pagination|continuation|continue|starting|task|"
    r"sync|state|cursor|marker|stop|eos|bos|pad|unk|mask)_token$"
)  # names of a place in a list, of a request, of a word: no secrets
PLACEHOLDER = re.compile(
    r"example|changeme|change_me|placeholder|dummy|redacted|your|xxx|test|sample|fake|mock|"
    r"[<>{}$*\s]|\.\.\.|^arn:|^[\w-]+:/|^/|\.\w{2,4}$",
    re.IGNORECASE,
)
NAME_OF_ONE = re.compile(
    r"[A-Za-z]+\d{0,2}(?:[-_./:]+(?:[A-Za-z]+\d{0,2}|\d{1,4}))+"
)  # prod/db-1, MY_API_KEY_2
SHORTEST = 8
IS_PASSWORD = re.compile(r"passw")
SHORTEST_PASSWORD = 6
SIGN = re.compile(r"[!@#%^&+=?]")
AUTHORIZATION = re.compile(r"(?:Bearer|Basic|Token) (?=\S*\d)[\w.~+/=-]{16,}")
WORDS = (
    "passw",
    "pwd",
    "secret",
    "authorization",
    "api_key",
    "apikey",
    "token",
    "private_key",
    "akia",
    "asia",
)
BEGINNINGS = (
    *(
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
        "glpat-",
        "xox",
        "k_live_",
        "dapi",
        "AIza",
        "SG.",
    ),
    *("hooks.slack.com", "PRIVATE KEY-----"),
)  # of which each text holds one that ``TOKENS`` matches


def may_hold_a_secret(text: str) -> bool:
    """A cheap test of a whole file; False is certain."""
    return speaks_of_secrets(text) or may_hold_a_token(text)


def speaks_of_secrets(text: str) -> bool:
    """Whether a text has a word that a name of a secret has, or how a key of AWS begins; False is certain."""
    lower = text.lower()
    return any(word in lower for word in WORDS)


def may_hold_a_token(text: str) -> bool:
    """A cheap test of a text of any length; False is certain."""
    return any(beginning in text for beginning in BEGINNINGS) and TOKENS.search(text) is not None


@lru_cache(maxsize=4096)
def may_name_a_secret(name: str) -> bool:
    """Whether something of this name may be given a secret; False is certain."""
    snake = _snake(name)
    return snake.endswith("authorization") or SECRET_NAME.search(snake) is not None


def _snake(name: str) -> str:
    """``apiKey`` and ``API_KEY`` as ``api_key``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def looks_like_a_token(text: str) -> bool:
    return TOKENS.search(text) is not None


def is_secret(name: str, text: str, *, aws: bool = True) -> bool:
    """Whether a text, given for ``name``, is a secret; ``aws`` counts AWS access keys too."""
    if looks_like_a_token(text):
        return True
    if aws and AWS_KEY.search(text) and "EXAMPLE" not in text:
        return True
    snake = _snake(name)
    if snake.endswith("authorization"):
        return AUTHORIZATION.fullmatch(text) is not None and "example" not in text.lower()
    if not SECRET_NAME.search(snake) or OTHER_TOKEN.search(snake):
        return False
    if PLACEHOLDER.search(text) or NAME_OF_ONE.fullmatch(text):
        return False
    has_digit, has_letter = any(map(str.isdigit, text)), any(map(str.isalpha, text))
    if IS_PASSWORD.search(snake):
        return len(text) >= SHORTEST_PASSWORD and has_letter and (has_digit or bool(SIGN.search(text)))
    return len(text) >= SHORTEST and has_digit and not text.isdigit()
