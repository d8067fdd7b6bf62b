"""What the stand-in refuses, with the product's codes and states; the sentences are this project's own.

product/api.md#error-body, product/tenant-management.md#codes.
"""

from __future__ import annotations

from typing import Any

from ...base.values import dataclass

SENTENCES = {
    "UE-10000": "The body is not as the API definition wants it",
    "SE-50000": "Unexpected server error",
    "NSM-60001": "There is no active publisher of this name in the super tenant",
    "NSM-60002": "A sender of this name exists",
    "NSM-60006": "There is no sender of this name",
    "NSM-65001": "There is no active publisher in the super tenant",
    "NSM-65010": "The sender cannot be updated",
    "NSM-65022": "Invalid input received for notification sender",
    "TM-60000": "The owner's email is empty",
    "TM-60002": "The owner's email is invalid",
    "TM-60004": "The domain is empty",
    "TM-60006": "The domain begins with a dot",
    "TM-60007": "The domain has characters that are not allowed",
    "TM-60009": "The domain exists",
    "TM-60010": "The limit is negative",
    "TM-60011": "The offset is negative",
    "TM-60012": "The owner is missing",
    "TM-60013": "A required parameter is missing",
    "TM-60014": "There is no tenant with this id",
    "TM-60015": "There is no tenant with this domain",
    "TM-60016": "Tenant deletion is not enabled",
    "TM-60017": "The domain does not match the pattern",
    "TM-60019": "The limit of tenants is reached",
    "TM-60020": "The owner id does not belong to the tenant",
    "TM-60021": "The tenant is there, but something after that failed",
    "TM-60022": "The filter is not of three parts",
    "TM-60023": "The filter's attribute is not supported",
    "TM-60024": "The filter's operation is not supported",
    "TM-65006": "Filtering is not supported",
}


@dataclass(eq=False)
class Refused(Exception):
    """A request that gets an error: with the product's body if there is a *code*, without one if not.

    Attributes:
        challenge: The value of WWW-Authenticate, if any.
        body: Another JSON body in place of the product's.
    """

    status: int
    code: str | None = None
    challenge: str | None = None
    body: dict[str, Any] | None = None

    def document(self, trace_id: str) -> dict[str, Any] | None:
        """Return the JSON body, or None for an empty one."""
        if self.code is None:
            return self.body
        sentence = SENTENCES[self.code]
        return {"code": self.code, "message": sentence, "description": f"{sentence}.", "traceId": trace_id}


def unauthorized() -> Refused:
    """No credentials, wrong ones, or another tenant's; the real body, the valve's, is not known (product/api.md#status-401)."""
    return Refused(401, challenge='Bearer realm="Identity Server"')


def forbidden() -> Refused:
    """The caller lacks the scope."""
    return Refused(403)
