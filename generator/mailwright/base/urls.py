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
_BEFORE_AT = pattern(r"(://).*@", re.DOTALL)
_LOGIN = pattern(r"[^\s\"'<>/@]*:[^\s\"'<>]*@")
_REST = pattern(r"(://[^?#]*)([?#])(.*)", re.DOTALL)
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
    return has_login(text) or bool(secret_parameters(text)) or ("://" not in text and _LOGIN.search(text) is not None)


def without_credentials(text: str) -> str:
    """Return a text, a URL or what may hold one, with nothing in it that can be a credential."""
    shown = _BEFORE_AT.sub(rf"\g<1>{HIDDEN}@", text)
    if "://" not in shown:
        return _LOGIN.sub(f"{HIDDEN}@", shown)
    return _REST.sub(lambda match: match[1] + match[2] + _parameters(match[3]), shown)


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
