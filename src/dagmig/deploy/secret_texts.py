"""Secrets within a text: a command, a header, a URI, JSON, a template, SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from dagmig.lint.secrets import AWS_KEY, WORDS, is_secret, may_hold_a_secret
from dagmig.lint.written_secrets import in_uris

_END = r"[^\s\"'&;|$`]+)"
_VALUE = r"[\"']?(?P<value>" + _END
_PAIRS = (
    re.compile(r"(?<![\w-])-{0,2}(?P<name>[A-Za-z_][\w-]*)=" + _VALUE),
    re.compile(r"(?<![\w-])--(?P<name>[A-Za-z][\w-]*) +" + _VALUE),
    re.compile(r"[\"'](?P<name>[A-Za-z_][\w-]*)\\?[\"']\s*:\s*\\?[\"'](?P<value>[^\s\"'\\]+)\\?[\"']"),
    re.compile(r"(?<![\w-])(?P<name>[A-Za-z_]\w*)\s+=\s+[\"'](?P<value>[^\s\"']+)[\"']"),
    re.compile(r"(?<![\w-])(?P<name>[A-Za-z_][\w-]*): +[\"']?(?P<value>[^\s\"'&;|$`\\,]+)"),  # headers, YAML
    re.compile(r"(?i)\b(?P<name>password)\s+'(?P<value>[^\s']+)'"),  # of SQL
    re.compile(r"\b(?P<name>[Aa]uthorization)\\?[\"']?\s*:\s*\\?[\"']?(?P<value>\w+ [^\s\"'\\]+)"),
)
_PASSWORDS = (
    re.compile(r"(?<![\w-])(?:-u|--user)[ =]+[\"']?[^\s\"':]+:(?P<value>" + _END),
    re.compile(r"\b(?:mysql|mariadb)[\w-]* (?:[^|;&\n]* )?-p[\"']?(?P<value>" + _END),
    re.compile(r"\bsshpass -p *[\"']?(?P<value>" + _END),
    re.compile(r"(?i)\bidentified by '(?P<value>[^\s']+)'"),
)
_MAY_HAVE_PASSWORD = (" -u", "--user", " -p", "identified by")
_KEY_NAME = re.compile(
    r"(?:^|_)(?:account|encryption|shared_access|signing)_key$|(?:^|_)passphrase$|^fs_azure_account_key_"
)  # the last one is Hadoop's, with the account's host
_MORE_WORDS = ("account_key", "accountkey", "encryption_key", "passphrase", "shared_access", "signing_key")
_STRICT_NAME = re.compile(r"(?:passwd|pwd|api_?key|(?<!_page)_token|^token)$")
_HYPHENED = re.compile(r"[A-Za-z]+\d{0,2}(?:-(?:[A-Za-z]+\d{0,2}|\d{1,4}))+")  # which rules take for a name
_OPTION = re.compile(r"--?[A-Za-z][\w-]*")
_FERNET_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")
_DIGEST = re.compile(r"sha|hash|digest|checksum|md5", re.IGNORECASE)
_AUTHORIZATION = re.compile(r"(?:Bearer|Basic|Token|ApiKey) (?=\S*\d)[\w.~+/=:-]{8,}")


def may_hold_any(text: str) -> bool:
    """A cheap test of a whole file; False is certain but for a Fernet key that nothing names."""
    return _may_hold_one(text) or "://" in text or any(sign in text for sign in ('="', "='", " -p"))


def _may_hold_one(text: str) -> bool:
    """A cheap test; False is certain. Names in texts are written with `-` and `.`, too."""
    plain = re.sub(r"[-.]", "_", text.lower())
    return may_hold_a_secret(text) or any(word in plain for word in (*WORDS, *_MORE_WORDS))


def in_text(text: str) -> Iterator[tuple[str, str]]:
    """The secrets within a text, and what each is called."""
    yield from (("password", password) for password in in_uris(text))
    if AWS_KEY.search(text) and "EXAMPLE" not in text:
        yield from (("access_key", found[0]) for found in AWS_KEY.finditer(text))
    if _may_hold_one(text):
        for pattern in _PAIRS:
            for match in pattern.finditer(text):
                if is_given_secret(match["name"], match["value"]):
                    yield match["name"], match["value"]
    if any(sign in text.lower() for sign in _MAY_HAVE_PASSWORD):
        for pattern in _PASSWORDS:
            for match in pattern.finditer(text):
                if is_given_secret("password", match["value"]):
                    yield "password", match["value"]


def of_options(texts: Sequence[str | None]) -> Iterator[tuple[str, str]]:
    """The secrets of a command that is a list, as ``["--password", "abc123"]``; None is no text."""
    for option, given in pairwise(texts):
        if option is not None and given is not None and _OPTION.fullmatch(option):
            name = option.lstrip("-")
            if is_given_secret(name, given):
                yield name, given


def is_given_secret(name: str, text: str) -> bool:
    """As rules ask, and for names like ``PGPASSWORD``, for the keys that ``cryptography.fernet`` makes, for
    an authorization of any length, for keys of storage, for passwords such as `super-secret-1`.
    """
    plain = re.sub(r"[-.]", "_", name)  # as headers and Spark's settings are written
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()
    if _is_fernet_key(name, text) or (snake.endswith("authorization") and _AUTHORIZATION.fullmatch(text)):
        return True
    if snake.endswith("password") or _KEY_NAME.search(snake):
        plain = "password"
    is_strict = plain == "password" or _STRICT_NAME.search(snake) is not None
    return is_secret(plain, text.replace("-", "") if is_strict and _HYPHENED.fullmatch(text) else text)


def _is_fernet_key(name: str, text: str) -> bool:
    """32 bytes in the URL's base64, but for a digest; ``name`` says what it is given for."""
    if not _FERNET_KEY.fullmatch(text) or _DIGEST.search(name):
        return False
    return all(any(test(sign) for sign in text) for test in (str.isupper, str.islower, str.isdigit))
