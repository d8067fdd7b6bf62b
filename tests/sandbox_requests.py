"""How tests talk to the stand-in: plain requests over TLS that trust its authority alone."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from mailwright.sandbox.identity import SandboxIs


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        return self.json["code"] if self.body else None


def basic(name: str, word: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{word}".encode()).decode()}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@dataclass
class Asker:
    """Ask a stand-in; as the administrator of the tenant in the path where no headers are given."""

    server: SandboxIs
    _context: ssl.SSLContext = field(init=False)

    def __post_init__(self) -> None:
        self._context = ssl.create_default_context(cadata=self.server.ca_pem)

    def __call__(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None, raw: bytes | None = None
    ) -> Answer:
        connection = http.client.HTTPSConnection("localhost", self.server.port, context=self._context, timeout=60)
        sent = dict(self.admin(path) if headers is None else headers)
        if body is not None:
            raw = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        try:
            connection.request(method, path, raw, sent)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def admin(self, path: str) -> dict[str, str]:
        domain = path.split("/")[2] if path.startswith("/t/") else "carbon.super"
        return basic(f"admin@{domain}", self.server.admin_password)

    def token_answer(self, domain: str, scopes: str = "", *, client: tuple[str, str] | None = None, **form: str) -> Answer:
        form = {"grant_type": "client_credentials", "scope": scopes, **form}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        headers |= basic(*(client or (self.server.client_id, self.server.client_secret)))
        return self("POST", f"/t/{domain}/oauth2/token", raw=urlencode(form).encode(), headers=headers)

    def token(self, domain: str, scopes: str = "", **form: str) -> str:
        return str(self.token_answer(domain, scopes, **form).json["access_token"])


def email(domain: str, version: str, *, organization: bool = False) -> str:
    return f"/t/{domain}{'/o' if organization else ''}/api/server/{version}/notification-senders/email"


def entries(**properties: str) -> list[dict[str, str]]:
    """Return properties as the API has them; an underscore in a keyword stands for a dot."""
    return [{"key": key.replace("_", "."), "value": value} for key, value in properties.items()]


HEADERS = entries(mail_smtp_signature="Acme", mail_smtp_replyTo="help@acme.example")
SMTP = {"smtpServerHost": "smtp.example.com", "smtpPort": 587, "fromAddress": "no-reply@acme.example"}
V1 = {**SMTP, "userName": "acme", "password": "v1-pass", "properties": HEADERS}
BASIC = {**SMTP, "authType": "BASIC", "properties": HEADERS + entries(userName="acme", password="v2-pass")}
CLIENT = {
    **SMTP,
    "authType": "CLIENT_CREDENTIAL",
    "properties": HEADERS
    + entries(clientId="c", clientSecret="s3cret", tokenEndpoint="https://login.example/token", scopes="mail"),
}
HTTP = {
    "provider": "HTTP",
    "providerURL": "https://mail.example.net/send",
    "fromAddress": "no-reply@acme.example",
    "authType": "BEARER",
    "properties": entries(body="{}", accessToken="t0ken"),
}
