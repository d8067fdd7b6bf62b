"""Secrets that programs read: the real ``sops`` with keys of age, and the real ``kubectl`` with a stand-in of the API server.

No cluster runs here: the stand-in answers what kubectl asks for a Secret (``GET /api/v1/namespaces/NS/secrets/NAME``), as the API's
reference has it, and a ``Status`` where there is none. What mailwright reads is what kubectl prints of it.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mailwright.base.errors import Unresolved
from mailwright.sandbox.ca import Authority
from mailwright.spec import load_spec
from mailwright.stores import Secrets, reading
from peers import program

pytestmark = pytest.mark.usefixtures("no_trace")
CANARY = "canary-c0ffee-horse"
PLAIN = {"acme": {"password": CANARY, "port": 587}, "beta.password": "b", "list": ["x"]}


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAUSE", 0.001)


def resolve(folder: Path, store: Mapping[str, Any], reference: str, env: Mapping[str, str]) -> str:
    path = folder / "email.json"
    path.write_text(json.dumps({"mailwright": 1, "stores": {"team": store}}), encoding="utf-8")
    secret = Secrets(environment={"PATH": os.environ["PATH"], "HOME": str(folder), **env}).of(load_spec(path))(reference)
    assert secret is not None
    return secret.reveal()


def refused(folder: Path, store: Mapping[str, Any], reference: str, env: Mapping[str, str]) -> str:
    with pytest.raises(Unresolved) as caught:
        resolve(folder, store, reference, env)
    assert CANARY not in str(caught.value)
    return caught.value.message.removeprefix("the store `team` ")


# SOPS


@pytest.fixture(scope="module")
def identity() -> tuple[str, str]:
    """Return a key of age: the public part and the private one."""
    x25519 = pytest.importorskip("pyrage").x25519
    key = x25519.Identity.generate()
    return str(key.to_public()), str(key)


@pytest.fixture
def encrypted(tmp_path: Path, identity: tuple[str, str]) -> Path:
    """Return a folder with files that sops encrypted: YAML, JSON and dotenv."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    sops = program("sops")
    for name, text in {
        "prod.yaml": json.dumps(PLAIN),
        "prod.json": json.dumps(PLAIN),
        "prod.env": f"PASSWORD={CANARY}\n",
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
        argv = [sops, "encrypt", "--age", identity[0], "--in-place", str(folder / name)]
        subprocess.run(
            argv, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)}, check=True, timeout=240, capture_output=True
        )
        assert CANARY not in (folder / name).read_text(encoding="utf-8")
    return folder


def store_of_sops(**more: Any) -> dict[str, Any]:
    return {"kind": "sops", "folder": "secrets", "binary": program("sops"), "timeout": 60, **more}


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("prod.yaml#acme.password", CANARY),
        ("prod.yaml#acme.port", "587"),
        ("prod.json#acme.password", CANARY),
        ("prod.json#beta.password", "b"),
        ("prod.env#PASSWORD", CANARY),
    ],
)
def test_sops(encrypted: Path, tmp_path: Path, identity: tuple[str, str], reference: str, value: str) -> None:
    assert resolve(tmp_path, store_of_sops(), f"$store{{team/{reference}}}", {"SOPS_AGE_KEY": identity[1]}) == value
    (tmp_path / "keys.txt").write_text(identity[1], encoding="utf-8")
    by_file = {"SOPS_AGE_KEY_FILE": str(tmp_path / "keys.txt")}
    assert resolve(tmp_path, store_of_sops(), f"$store{{team/{reference}}}", by_file) == value
    assert sorted(path.name for path in tmp_path.iterdir()) == ["email.json", "keys.txt", "secrets", "tmp"]


def test_sops_that_fails(encrypted: Path, tmp_path: Path, identity: tuple[str, str]) -> None:
    right = {"SOPS_AGE_KEY": identity[1]}
    said = refused(tmp_path, store_of_sops(), "$store{team/prod.yaml#acme.password}", {})
    assert said.startswith("cannot be read: its program ended with 128: it says: Failed to get the data key")
    assert refused(tmp_path, store_of_sops(), "$store{team/none.yaml#a}", right) == "has no such file"
    assert refused(tmp_path, store_of_sops(), "$store{team/prod.yaml#acme.pass}", right) == "has no field `acme.pass` there"
    assert refused(tmp_path, store_of_sops(), "$store{team/prod.yaml#list}", right) == "has something there that is no text"
    assert refused(tmp_path, store_of_sops(binary="no-sops"), "$store{team/prod.yaml#a}", right).startswith("needs the program")
    (encrypted / "plain.yaml").write_text(f"a: {CANARY}\n", encoding="utf-8")
    said = refused(tmp_path, store_of_sops(), "$store{team/plain.yaml#a}", right)
    assert said.startswith("cannot be read: its program ended with")
    (tmp_path / "outside.yaml").write_text("a: b\n", encoding="utf-8")
    (encrypted / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    assert "leads out of its folder" in refused(tmp_path, store_of_sops(), "$store{team/link.yaml#a}", right)


# kubectl

TOKEN = "token-of-the-tests-0815"


class _Api(BaseHTTPRequestHandler):
    """A stand-in of the API server: one Secret in one namespace, for whoever has the token."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._answer(401, self._status("Unauthorized", "Unauthorized", 401))
        elif path == "/api/v1/namespaces/identity/secrets/mail-acme":
            data = {"password": CANARY.encode() + b"\n", "blob": b"\xff\xfe"}
            metadata = {"name": "mail-acme", "namespace": "identity"}
            encoded = {name: base64.b64encode(value).decode() for name, value in data.items()}
            self._answer(200, {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": encoded})
        elif path == "/api/v1/namespaces/identity":  # asked for where a secret is not found
            self._answer(200, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "identity"}})
        elif path == "/api":
            self._answer(200, {"kind": "APIVersions", "versions": ["v1"]})
        elif path == "/apis":
            self._answer(200, {"kind": "APIGroupList", "apiVersion": "v1", "groups": []})
        elif path == "/api/v1":
            secrets = {
                "name": "secrets",
                "singularName": "secret",
                "namespaced": True,
                "kind": "Secret",
                "verbs": ["get", "list"],
            }
            self._answer(200, {"kind": "APIResourceList", "groupVersion": "v1", "resources": [secrets]})
        elif path.endswith("/forbidden"):
            words = 'secrets "forbidden" is forbidden: User "mailwright" cannot get resource "secrets"'
            self._answer(403, self._status("Forbidden", words, 403))
        else:
            self._answer(404, self._status("NotFound", f'secrets "{path.rpartition("/")[2]}" not found', 404))

    @staticmethod
    def _status(reason: str, message: str, code: int) -> dict[str, Any]:
        return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": reason, "code": code}

    def _answer(self, code: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def api_server(folder: Path) -> Iterator[None]:
    """Serve, with a kubeconfig for it in the folder."""
    authority = Authority("cluster CA")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Api)
    server.socket = authority.server_context(["127.0.0.1"]).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        kubeconfig(folder, f"https://127.0.0.1:{server.server_address[1]}", authority.ca_pem)
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def kubeconfig(folder: Path, server: str, ca_pem: str) -> None:
    ca = base64.b64encode(ca_pem.encode()).decode()
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server, "certificate-authority-data": ca}}],
        "users": [{"name": "good", "user": {"token": TOKEN}}, {"name": "bad", "user": {"token": "another"}}],
        "contexts": [{"name": name, "context": {"cluster": "c", "user": name}} for name in ("good", "bad")],
        "current-context": "bad",
    }
    (folder / "kubeconfig.yaml").write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.network
def test_kubectl(tmp_path: Path) -> None:
    store = {
        "kind": "kubernetes",
        "binary": program("kubectl"),
        "kubeconfig": "kubeconfig.yaml",
        "context": "good",
        "namespace": "identity",
        "timeout": 60,
        "retries": 0,
    }
    with api_server(tmp_path):
        assert resolve(tmp_path, store, "$store{team/mail-acme#password}", {}) == CANARY
        by_variable = {**store, "context": "good"}
        del by_variable["kubeconfig"]
        env = {"KUBECONFIG": str(tmp_path / "kubeconfig.yaml")}
        assert resolve(tmp_path, by_variable, "$store{team/mail-acme#password}", env) == CANARY
        assert refused(tmp_path, store, "$store{team/mail-acme#pass}", {}) == "has no field `pass` there"
        assert refused(tmp_path, store, "$store{team/mail-acme#blob}", {}) == "has something there that is no text"
        said = refused(tmp_path, store, "$store{team/other#password}", {})
        assert said.startswith(
            'cannot be read: its program ended with 1: it says: Error from server (NotFound): secrets "other" not found'
        )
        said = refused(tmp_path, {**store, "context": "bad"}, "$store{team/mail-acme#password}", {})
        assert (
            said == "cannot be read: its program ended with 1: it says: error: You must be logged in to the server (Unauthorized)"
        )
        said = refused(tmp_path, store, "$store{team/forbidden#p}", {})
        assert said.endswith(
            'Error from server (Forbidden): secrets "forbidden" is forbidden: User "mailwright" cannot get resource "secrets"'
        )
        assert refused(tmp_path, store, "$store{team/a/b#c}", {}) == "takes the name of a secret as its path"
        assert refused(tmp_path, store, "$store{team/--all#c}", {}) == "takes the name of a secret as its path"
    said = refused(tmp_path, store, "$store{team/mail-acme#password}", {})
    assert said.startswith("cannot be read: its program ended with 1: it says: ")
