"""The operations of the server that provisioning uses: senders (product/api.md#v1, product/api.md#error-body), and tenants.

product/tenant-management.md#base.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

from ..base.errors import MailwrightError, PeerRefused
from ..product.paths import SUPER_TENANT, senders_path
from ..product.payloads import Names
from ..product.releases import Release
from ..rendering.payloads import SENDER_NAME
from .comparable import Comparable, observed
from .credentials import Credentials, Gate, Pass, Task
from .peer import code_of, refusal
from .transport import Answer, Transport, Unanswered

_NO_SENDER, _UNKNOWN_ON_PUT, _TENANT_EXISTS = "NSM-60006", "NSM-65010", "TM-60009"
_TENANTS = "/api/server/v1/tenants"
_PAGE = 100


class Moved(Exception):
    """The server is not as it was read, or it is not known what became of the request: read again, then decide.

    Attributes:
        error: What the request ended in.
        others: What somebody else did meanwhile, if the answer says so.
    """

    def __init__(self, error: MailwrightError, others: str | None = None) -> None:
        super().__init__(error)
        self.error, self.others = error, others


class TenantApi:
    """Operations on one server.

    Args:
        transport: The way to it.
        release: The product release.
        names: What fields and properties mean.
        task: What is to be done with senders.
    """

    def __init__(self, transport: Transport, release: Release, names: Names, task: Task) -> None:
        self.transport, self.release, self.names = transport, release, names
        self._gate = Gate(transport, release, task)

    async def log_in(self, domain: str, credentials: Credentials) -> None:
        """Buy the token that the next request for a tenant shows; raises as ``show`` does."""
        await self._gate.show(domain, credentials)

    # -- senders

    async def show(self, domain: str, version: str, credentials: Credentials) -> dict[str, Any] | None:
        """Return a tenant's sender as the server shows it, None if there is none. v1 shows the password.

        Raises:
            AuthenticationRefused, ConnectionFailed, TlsFailed, PeerRefused: with the server's words.
        """
        answer, sent = await self._call("GET", self._sender(domain, version), domain, credentials, repeatable=True)
        if answer.status == 404 and code_of(answer) == _NO_SENDER:
            return None
        if answer.status != 200:
            raise refusal("GET of the sender", answer, sent)
        return _sender_in(answer)

    async def read(self, domain: str, version: str, credentials: Credentials) -> Comparable | None:
        """Return a tenant's sender without its secrets, None if there is none; raises as ``show`` does."""
        document = await self.show(domain, version, credentials)
        return None if document is None else observed(document, version, self.names)

    async def create(
        self, domain: str, version: str, credentials: Credentials, body: Mapping[str, Any], secrets: tuple[str, ...]
    ) -> int:
        """Make a tenant's sender; return the status.

        Raises:
            Moved: there is one already, or no answer came, or one that is none of this API.
            MailwrightError: as ``show``.
        """
        path = self._sender(domain, version, name=False)
        answer, sent = await self._write("POST", path, domain, credentials, body)
        if answer.status == 409 or answer.status in (502, 503, 504):
            others = "somebody else made the sender meanwhile" if answer.status == 409 else None
            raise Moved(refusal("POST of the sender", answer, (*sent, *secrets)), others)
        return _stored("POST of the sender", answer, (*sent, *secrets), 201)

    async def replace(
        self, domain: str, version: str, credentials: Credentials, body: Mapping[str, Any], secrets: tuple[str, ...]
    ) -> int:
        """Replace a tenant's sender; return the status.

        Raises:
            Moved: there is none any more (the server says 400 NSM-65010), or the answer is none of this API.
            MailwrightError: as ``show``.
        """
        rest = {name: value for name, value in body.items() if name != "name"}  # the path says which (product/api.md#name)
        answer, sent = await self._write("PUT", self._sender(domain, version), domain, credentials, rest)
        if answer.status == 400 and code_of(answer) == _UNKNOWN_ON_PUT:
            raise Moved(refusal("PUT of the sender", answer, (*sent, *secrets)), "somebody else removed the sender meanwhile")
        return _stored("PUT of the sender", answer, (*sent, *secrets), 200)

    async def delete(self, domain: str, version: str, credentials: Credentials) -> int:
        """Remove a tenant's sender, which may be gone already; return the status."""
        answer, sent = await self._call("DELETE", self._sender(domain, version), domain, credentials, repeatable=True)
        if answer.status == 404 and code_of(answer) == _NO_SENDER:
            return answer.status
        return _done("DELETE of the sender", answer, sent, 204)

    # -- tenants

    async def tenant_exists(self, domain: str, credentials: Credentials) -> bool:
        """Say whether there is a tenant with this domain; *credentials* are the super tenant's."""
        path = f"{_TENANTS}/domain/{quote(domain, safe='')}"
        answer, sent = await self._call("HEAD", path, SUPER_TENANT, credentials, repeatable=True)
        if answer.status not in (200, 404):
            raise refusal("HEAD of the tenant", answer, sent, hint=_SUPER_HINT if answer.status in (401, 403) else None)
        return answer.status == 200

    async def create_tenant(self, body: Mapping[str, Any], credentials: Credentials, secrets: tuple[str, ...]) -> str | None:
        """Make a tenant; return what is to be said about it: 206 is a success that is not a full one.

        product/tenant-management.md#tm-60021.
        """
        answer, sent = await self._write("POST", _TENANTS, SUPER_TENANT, credentials, body)
        if answer.status in (502, 503, 504) or (answer.status == 400 and code_of(answer) == _TENANT_EXISTS):
            raise Moved(refusal("POST of the tenant", answer, (*sent, *secrets)))
        if answer.status == 206:
            return refusal("POST of the tenant", answer, (*sent, *secrets)).message
        _done("POST of the tenant", answer, (*sent, *secrets), 201)
        return None

    async def iter_tenants(self, credentials: Credentials) -> AsyncIterator[str]:
        """Yield the domain of every tenant but the super tenant, page by page (product/tenant-management.md#lists)."""
        offset = 0
        while True:
            path = f"{_TENANTS}?limit={_PAGE}&offset={offset}"
            answer, sent = await self._call("GET", path, SUPER_TENANT, credentials, repeatable=True)
            if answer.status != 200:
                raise refusal(
                    "GET of the list of tenants", answer, sent, hint=_SUPER_HINT if answer.status in (401, 403) else None
                )
            document = answer.json()
            tenants = document.get("tenants") if isinstance(document, dict) else None
            if not isinstance(document, dict) or not isinstance(tenants or [], list):
                raise PeerRefused("the server's answer is not a list of tenants")
            for tenant in tenants or []:
                if isinstance(tenant, dict) and isinstance(domain := tenant.get("domain"), str):
                    yield domain
            offset += len(tenants or [])
            total = document.get("totalResults")
            if not tenants or not isinstance(total, int) or offset >= total:
                return

    # -- how

    def _sender(self, domain: str, version: str, *, name: bool = True) -> str:
        path = senders_path(domain, version)
        return f"{path}/{SENDER_NAME}" if name else path

    async def _write(
        self, method: str, path: str, domain: str, credentials: Credentials, body: Mapping[str, Any]
    ) -> tuple[Answer, tuple[str, ...]]:
        data = json.dumps(body, ensure_ascii=False).encode()
        try:
            return await self._call(method, path, domain, credentials, body=data, repeatable=method == "PUT")
        except Unanswered as error:
            if method == "PUT":
                raise
            raise Moved(error) from None

    async def _call(
        self, method: str, path: str, domain: str, credentials: Credentials, *, body: bytes | None = None, repeatable: bool
    ) -> tuple[Answer, tuple[str, ...]]:
        """Send with the tenant's credentials; a token that the server does not take any more is bought anew, once."""
        held: Pass = await self._gate.show(domain, credentials)
        answer = await self._send(method, path, held, body, repeatable=repeatable)
        if answer.status == 401 and self._gate.drop(domain, credentials):
            held = await self._gate.show(domain, credentials)
            answer = await self._send(method, path, held, body, repeatable=repeatable)
        return answer, held.sent

    async def _send(self, method: str, path: str, held: Pass, body: bytes | None, *, repeatable: bool) -> Answer:
        headers = {"Authorization": held.header}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return await self.transport.send(method, path, headers=headers, body=body, repeatable=repeatable)


_SUPER_HINT = "tenants are the super tenant's: `api.super` names who may manage them (product/tenant-management.md#base)"


def _done(what: str, answer: Answer, sent: tuple[str, ...], wanted: int) -> int:
    if answer.status == wanted:
        return answer.status
    raise refusal(what, answer, sent)


def _stored(what: str, answer: Answer, sent: tuple[str, ...], wanted: int) -> int:
    """Return the status of a write whose answer shows the sender; a success that something on the way made up is none."""
    status = _done(what, answer, sent, wanted)
    try:
        _sender_in(answer)
    except PeerRefused as error:
        raise Moved(error) from None
    return status


def _sender_in(answer: Answer) -> dict[str, Any]:
    """Return the sender in an answer: that of the name which was asked for, and nothing else.

    product/api.md#v1, product/api.md#fields.

    The API's answers name the sender and not its tenant.

    Raises:
        PeerRefused: it is no sender, or another one.
    """
    document = answer.json()
    name = document.get("name") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(name, str):
        raise PeerRefused(
            "the server's answer is not a sender", hint="is this URL the Identity Server's own, with no login page before it?"
        )
    if name != SENDER_NAME:
        hint = f"{SENDER_NAME} was asked for: something between here and the server mixes answers up"
        raise PeerRefused("the server's answer is another sender", hint=hint)
    return document
