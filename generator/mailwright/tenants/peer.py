"""What the server says when it refuses: its code and its words, stripped of what was sent to it, and what they mean.

product/api.md#error-body, product/tenant-management.md#codes.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..base.errors import AuthenticationRefused, ExitCode, MailwrightError, PeerRefused
from ..verification.handshake import mask, printable
from .planning import Failure
from .transport import Answer

LONGEST = 400
"""Characters of a peer's words that are shown."""

_NOT_MODIFIED = 304
_WORDS = ("message", "description", "error", "error_description")

HINTS = {
    "NSM-65022": "a value is missing or not accepted; the server does not say which (product/api.md#validation):"
    " `mailwright validate` knows the rules",
    "NSM-60001": "the super tenant has no active publisher of this name: is the email adapter up on the nodes?",
    "NSM-65001": "the super tenant has no active publishers: is the email adapter up on the nodes?",
    "NSM-65010": "the server says so of a sender that does not exist",
    "NSM-65025": "the server could not remove the stored secrets; see its log",
    "NSM-60008": "applications still use the sender",
    "UE-10000": "the server does not take the form of the request: is the product version right?",
    "SE-50000": "the server broke on the request; see its log",
    "TM-60009": "the tenant exists",
    "TM-60013": "`create.owner` lacks something that the server wants",
    "TM-60015": "the tenant does not exist",
    "TM-60016": "`[tenant_mgt] tenant_deletion` is off",
    "TM-60017": "the domain does not match the server's pattern",
    "TM-60019": "the server's limit of tenants is reached",
    "TM-60021": "the tenant is there, but something after its creation failed; see the server's log",
}
STATUS_HINTS = {
    401: "credentials are per tenant: the application, or the administrator, must be this tenant's own"
    " (product/api.md#credentials-per-tenant)",
    403: "the application lacks a scope (product/api.md#scopes-7), or the credentials are another tenant's",
    404: "the server has no such API: are the URL and the product version right?",
    405: "so it answers for the super tenant, whose sender is `global`, in deployment.toml: does something on the way change the path?",
}


def spoken(answer: Answer, sent: Iterable[str]) -> str:
    """Return the code and the words of an answer that may be shown."""
    document = answer.json()
    if isinstance(document, dict):
        words = [str(document[name]) for name in ("code", *_WORDS) if isinstance(document.get(name), str)]
        text = ": ".join(dict.fromkeys(words))
    else:
        text = answer.body[:_LOOKED_AT].decode("utf-8", "replace")
    cut = len(text) >= _LOOKED_AT
    # Masked before it is cut to its length: what is left of a secret at a cut would not be known again.
    shown = mask(printable(text[:_LOOKED_AT]), sent)
    shown = (shown[:-_MARGIN] or shown) if cut else shown  # it may be hidden as a whole
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


_LOOKED_AT, _MARGIN = 4096, 16


def code_of(answer: Answer) -> str | None:
    """Return the product's error code."""
    document = answer.json()
    code = document.get("code") if isinstance(document, dict) else None
    return code if isinstance(code, str) and len(code) < 16 else None


def refusal(what: str, answer: Answer, sent: Iterable[str], *, hint: str | None = None) -> MailwrightError:
    """Return the error for an answer that is no success.

    Args:
        what: What was asked for, e.g. ``GET of the sender``.
        sent: The secrets that went with the request, the token included.
        hint: What to do, if that is known better than by the status.
    """
    code, words = code_of(answer), spoken(answer, sent)
    said = f": the server says: {words}" if words else ""
    message = f"{what}: HTTP {answer.status}{said}"
    if 300 <= answer.status < 400 and answer.status != _NOT_MODIFIED:
        hint = "redirects are not followed: --server must name the server itself"
    advice = hint or HINTS.get(code or "") or STATUS_HINTS.get(answer.status)
    error: MailwrightError
    if answer.status in (401, 403):
        error = AuthenticationRefused(message, hint=advice)
    else:
        error = PeerRefused(message, peer_said=words, hint=advice)
    error.status = answer.status
    return error


def failure_of(error: MailwrightError) -> Failure:
    """Return an error as the value that a tenant's plan or outcome holds."""
    return Failure(error.code, error.message, error.hint, error.status, ExitCode(error.exit_code))
