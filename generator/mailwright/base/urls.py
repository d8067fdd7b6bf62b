"""Credentials in URLs: finding them, and leaving them out of whatever is shown.

Hiding is coarse on purpose: what stands in front of an ``@`` and what a query or a fragment holds never shows, however the text around it is
broken. Finding is exact: a user name or a password in a text that is a URL, and parameters whose names say that they are secret.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_plus, urlsplit

from .patterns import pattern
from .secret import HIDDEN

_URL = pattern(r"\s*[A-Za-z][A-Za-z0-9+.-]*://")
# Also where the password holds a `/` that should have been written %2F: then what follows the colon is no port.
_USER = pattern(_URL.pattern + r"(?:[^/?#@]*@|[^/?#:@]*:(?![0-9]*(?:[/?#]|\Z))[^@]*@)")
_WORD = pattern(r"[^\s\"'<>]+")
_REST = pattern(r"[?#]")
_END = pattern(r"[\"']?\s*\Z")
_NAME = pattern(r"[A-Za-z0-9_.-]{1,40}\Z")
_SECRET_NAME = pattern(
    r"(?:(?:api|access|auth|app|client|shared|private|subscription|function|secret|sas)?[-_]?(?:key|token|secret|password|passwd|passphrase|pwd)"
    r"|pass|sig|signature|credentials?|code|apikey|x-(?:amz|goog)-(?:signature|credential|security-token))\Z",
    re.IGNORECASE,
)


def is_url(text: str) -> bool:
    """Say whether a text is, or begins like, a URL."""
    return _URL.match(text) is not None


def has_login(text: str) -> bool:
    """Say whether a text is a URL with a user name or a password in it."""
    return _USER.match(text) is not None


def secret_parameters(text: str) -> tuple[str, ...]:
    """Return the names of the parameters in a URL's query or fragment that are secrets by their names, as far as they have values."""
    if not is_url(text):
        return ()
    rest = re.split(r"[?#]", text, maxsplit=1)[1:]
    pairs = (pair.partition("=") for part in rest for pair in re.split(r"[&;?#]", part))
    names = ((unquote_plus(name).strip(), value.strip()) for name, _, value in pairs)
    return tuple(dict.fromkeys(name for name, value in names if value and _SECRET_NAME.match(name)))


def holds_credentials(text: str) -> bool:
    """Say whether a text is a URL, or the rest of one, with something secret in it."""
    return has_login(text) or bool(secret_parameters(text)) or ("://" not in text and without_credentials(text) != text)


def without_credentials(text: str) -> str:
    """Return a text, a URL or what may hold one, with nothing in it that can be a credential."""
    begin = text.find("://") + 3
    if begin < 3:
        return _WORD.sub(lambda match: _without_login(match[0]), text) if "@" in text else text
    at = text.rfind("@", begin)
    shown = text if at < 0 else f"{text[:begin]}{HIDDEN}{text[at:]}"
    rest = _REST.search(shown, begin)
    return shown if rest is None else shown[: rest.end()] + _parameters(shown[rest.end() :])


def _without_login(word: str) -> str:
    """Return a word without what stands around its first colon and in front of its last ``@``: one look, however long it is."""
    colon, at = word.find(":"), word.rfind("@")
    if not 0 <= colon < at:
        return word
    begin = max(word.rfind("/", 0, colon), word.rfind("@", 0, colon)) + 1
    return f"{word[:begin]}{HIDDEN}{word[at:]}"


def _parameters(text: str) -> str:
    """Return a query with names, as far as they are plain ones, and without values."""
    end = _END.search(text)
    assert end is not None
    pairs = text[: end.start()].split("&")
    names = [pair.partition("=")[0] if "=" in pair and _NAME.match(pair.partition("=")[0]) else None for pair in pairs]
    return "&".join(f"{name}={HIDDEN}" if name else HIDDEN for name in names) + end.group()


def without_login(text: str) -> tuple[str, str, str] | None:
    """Return a URL without its user information, and the user name and the password, decoded; None where that cannot be told."""
    try:
        parts = urlsplit(text.strip())
        if not parts.hostname:
            return None
        user, _, password = parts.netloc.rpartition("@")[0].partition(":")
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        parts.port  # noqa: B018  # raises where the password holds a `/`
    except ValueError:
        return None
    return bare, unquote_plus(user.replace("+", "%2B")), unquote_plus(password.replace("+", "%2B"))
