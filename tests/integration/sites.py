"""A stand-in of the server with a spec beside it, and the commands run against both."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tenant_specs import SECRET

from commands import Result, Run
from mailwright.sandbox.identity import SandboxIs


class Site:
    """A server and a folder with a spec.

    Attributes:
        spec: The spec, written anew before every command.
        env: The environment variables of the commands.
    """

    def __init__(self, server: SandboxIs, folder: Path, run: Run) -> None:
        self.server, self.folder, self._run = server, folder, run
        self.env = {
            "MAILWRIGHT_PASSWORD": SECRET,
            "MAILWRIGHT_CLIENT_SECRET": server.client_secret,
            "MAILWRIGHT_ADMIN": server.admin_password,
        }
        self.spec: dict[str, Any] = {
            "mailwright": 1,
            "product": {"version": server.release.version},
            "api": {
                "client_id": server.client_id,
                "client_secret": "$env{MAILWRIGHT_CLIENT_SECRET}",
                "super": {"user": "admin", "password": "$env{MAILWRIGHT_ADMIN}"},
            },
            "tenants": {},
        }
        (folder / "ca.pem").write_text(server.ca_pem, encoding="ascii")

    def __call__(self, command: str, *arguments: str, server: str | None = None, env: Mapping[str, str] | None = None) -> Result:
        """Run a command on the spec; nothing secret may be in what it prints."""
        (self.folder / "spec.json").write_text(json.dumps(self.spec), encoding="utf-8")
        result = self._run(
            command,
            "spec.json",
            "--server",
            server or self.server.url,
            *(() if "--ca-file" in arguments else ("--ca-file", "ca.pem")),
            *arguments,
            env={**self.env, **(env or {})},
            cwd=self.folder,
        )
        for secret in self.env.values():
            assert secret not in result.output
        return result

    def plan(self, *arguments: str, **options: Any) -> dict[str, dict[str, Any]]:
        """Return the plan by domain."""
        result = self("plan", "--format", "json", *arguments, **options)
        return {item["domain"]: item for item in map(json.loads, result.stdout.splitlines())}

    def stored(self, realm: str) -> dict[str, Any]:
        """Return what the server holds of a tenant's sender."""
        sender: dict[str, Any] = self.server.stored()[realm]["EmailPublisher"]
        return sender

    def wrote(self) -> list[tuple[str, str]]:
        """Return the writes so far: method and tenant, tokens left out."""
        return [
            (request.method, request.tenant)
            for request in self.server.requests
            if request.method not in ("GET", "HEAD") and not request.path.endswith("/oauth2/token")
        ]


MakeSite = Callable[..., Site]
