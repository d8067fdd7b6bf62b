"""The token endpoint beside the relay: OAuth2 client credentials, with the client's secret in the form.

product/adapter.md#token-request.
"""

from __future__ import annotations

import hmac
import json
import secrets
import ssl
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

LIFETIME_SECONDS = 3600
MAX_FORM_BYTES = 65536


class TokenEndpoint:
    """Answer token requests over TLS while the context is open.

    Args:
        client_id: The one client.
        client_secret: Its secret.
        context: A server's TLS context, for *host*.
        host: Where it listens; a loopback address.

    Attributes:
        url: What `token_endpoint` is set to; known at once.
    """

    def __init__(self, client_id: str, client_secret: str, context: ssl.SSLContext, host: str) -> None:
        self._client = (client_id.encode(), client_secret.encode())
        self._tokens: set[str] = set()
        self._server = _Server((host, 0), self, context)
        self.url = f"https://localhost:{self._server.server_port}/oauth2/token"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="mailwright-tokens", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def takes(self, token: str) -> bool:
        """Say whether *token* was handed out here."""
        return any(hmac.compare_digest(token.encode(), one.encode()) for one in tuple(self._tokens))

    def answer(self, form: dict[str, list[str]]) -> tuple[HTTPStatus, dict[str, Any]]:
        """Answer a token request."""
        if form.get("grant_type") != ["client_credentials"]:
            return HTTPStatus.BAD_REQUEST, {"error": "unsupported_grant_type"}
        given = [form.get(name, [""])[0].encode() for name in ("client_id", "client_secret")]
        if sum(hmac.compare_digest(*pair) for pair in zip(given, self._client, strict=True)) < len(given):  # both, always
            return HTTPStatus.UNAUTHORIZED, {"error": "invalid_client", "error_description": "no such client, or another secret"}
        token = secrets.token_urlsafe(24)
        self._tokens.add(token)
        return HTTPStatus.OK, {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_SECONDS}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], endpoint: TokenEndpoint, context: ssl.SSLContext) -> None:
        super().__init__(address, _Request)
        self.endpoint = endpoint
        # The handshake belongs into the request's thread: a client that says nothing must not hold the others up.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that breaks off is what this server is for."""


class _Request(BaseHTTPRequestHandler):
    timeout = 10
    server: _Server

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        size = min(int(length), MAX_FORM_BYTES) if length.isdigit() else 0
        status, answer = self.server.endpoint.answer(parse_qs(self.rfile.read(size).decode("utf-8", "replace")))
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""
