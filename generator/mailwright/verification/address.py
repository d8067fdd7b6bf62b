"""Which texts the server's client takes as mail addresses: a bare address, or one in angle brackets behind a display name.

The rules are those of JavaMail 1.6's ``InternetAddress`` in its strict form; the adapter hands it ``from_address`` and ``reply_to``
before it connects (product/adapter.md#from-unparsable). Quoted local parts, comments, groups and routes are left open: nobody
writes them there on purpose.
"""

from __future__ import annotations

from ..base.patterns import pattern

_ATOM = r"[^\x00-\x20\x7f()<>@,;:\\\"\[\].]+"
_LABEL = r"(?:[^\W_]|-)+"
_DOMAIN = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[^\[\]\s]*\])"
_BARE = pattern(rf"{_ATOM}(?:\.{_ATOM})*\.?(?:(?<!\.)@{_DOMAIN})?")
_NAMED = pattern(r"(?:[^<>()\[\]:;,\"\\@]*|\s*\"[^\"\\]*\"\s*)<([^<>]*)>")
_OPEN = pattern(r"[()\[\]:;\"\\<>]")


def is_address(text: str) -> bool | None:
    """Tell whether the client takes *text* as one address; None where these rules do not reach."""
    text = text.strip(" \t\r\n")
    named = _NAMED.fullmatch(text)
    if _BARE.fullmatch(named.group(1) if named else text):
        return True
    return None if named is None and _OPEN.search(text) else False


def is_address_list(text: str) -> bool | None:
    """Tell whether the client takes *text* as addresses with commas between; it may be empty."""
    if '"' in text:
        return is_address(text)
    verdicts = {is_address(part) for part in text.split(",") if part.strip()}
    return False if False in verdicts else None if None in verdicts else True
