"""Senders for the tests of `plan` and `apply`."""

from __future__ import annotations

from typing import Any

SECRET = "canary-5d2f9e-password"


def basic(number: int = 0, **changes: Any) -> dict[str, Any]:
    own = {
        "from_address": f"no-reply@t{number}.example",
        "hostname": "smtp.example.com",
        "port": 587,
        "username": f"user{number}",
        "password": "$env{MAILWRIGHT_PASSWORD}",
        "signature": f"Tenant {number}",
        "reply_to": f"help@t{number}.example",
    }
    return {**own, **changes}


OAUTH = {
    **{name: value for name, value in basic().items() if name not in ("username", "password")},
    "auth_type": "CLIENT_CREDENTIAL",
    "client_id": "mail-client",
    "client_secret": "$env{MAILWRIGHT_PASSWORD}",
    "token_endpoint": "https://login.example.com/token",
    "scopes": "smtp.send",
}
API_KEY = {"type": "API_KEY", "api_key_header": "X-Key", "api_key_value": "$env{MAILWRIGHT_PASSWORD}"}
HTTP = {
    "provider": "HTTP",
    "from_address": "no-reply@t0.example",
    "http": {"url": "https://mail.example.net/send?key=abc", "body": "{{body}}", "auth": API_KEY},
}
