"""Secrets from a real OpenBao, whose API is Vault's, through the commands: both KV engines, every login, every refusal."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from baoserver import ROOT_TOKEN, BaoServer
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from mailserver import PASSWORD, USER, MailServer

from mailwright.base.errors import Unresolved
from mailwright.spec import load_spec
from mailwright.stores import Secrets, reading

if TYPE_CHECKING:
    from sites import MakeSite

    from commands import Run
    from mailwright.sandbox.ca import Authority

pytest.importorskip("hvac")
pytestmark = [pytest.mark.network, pytest.mark.usefixtures("no_trace")]
CANARY = "canary-c0ffee-horse"


@pytest.fixture(scope="module")
def bao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BaoServer]:
    with BaoServer(tmp_path_factory.mktemp("bao")) as server:
        server.call("POST", "sys/mounts/kv1", {"type": "kv", "options": {"version": "1"}})
        server.call("POST", "secret/data/mail/acme", {"data": {"password": CANARY, "port": 587}})
        server.call("POST", "secret/data/gone", {"data": {"password": CANARY}})
        server.call("DELETE", "secret/data/gone")
        server.call("POST", "kv1/mail/acme", {"password": f"{CANARY}-1"})
        rules = 'path "secret/data/mail/*" { capabilities = ["read"] }'
        server.call("POST", "sys/policies/acl/mail", {"policy": rules})
        yield server


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAUSE", 0.001)


def resolve(
    folder: Path, store: Mapping[str, Any], env: Mapping[str, str], reference: str = "$store{team/mail/acme#password}"
) -> str:
    path = folder / "email.json"
    path.write_text(json.dumps({"mailwright": 1, "stores": {"team": {"kind": "vault", **store}}}), encoding="utf-8")
    with Secrets(environment=env) as secrets:
        secret = secrets.of(load_spec(path))(reference)
    assert secret is not None
    return secret.reveal()


def refused(
    folder: Path, store: Mapping[str, Any], env: Mapping[str, str], reference: str = "$store{team/mail/acme#password}"
) -> str:
    with pytest.raises(Unresolved) as caught:
        resolve(folder, store, env, reference)
    assert CANARY not in str(caught.value)
    for value in env.values():
        assert value not in str(caught.value)
    return caught.value.message.removeprefix("the store `team` ")


ROOT = {"VAULT_TOKEN": ROOT_TOKEN}


def test_both_engines(bao: BaoServer, tmp_path: Path) -> None:
    store = {"address": bao.address}
    assert resolve(tmp_path, store, ROOT) == CANARY
    assert resolve(tmp_path, store, ROOT, "$store{team/mail/acme#port}") == "587"
    assert resolve(tmp_path, {**store, "mount": "kv1", "version": 1}, ROOT) == f"{CANARY}-1"
    assert resolve(tmp_path, {**store, "kind": "openbao"}, {"BAO_TOKEN": ROOT_TOKEN}) == CANARY


def test_where_the_token_comes_from(bao: BaoServer, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{ROOT_TOKEN}\n", encoding="utf-8")
    store = {"address": bao.address}
    assert resolve(tmp_path, {**store, "token_file": "token"}, {}) == CANARY
    assert resolve(tmp_path, {**store, "token_env": "OTHER"}, {"OTHER": ROOT_TOKEN, "VAULT_TOKEN": "wrong"}) == CANARY
    assert refused(tmp_path, store, {}) == "needs `token` for the login, and there is none"
    assert refused(tmp_path, {**store, "token_file": "nowhere"}, {}) == "needs a file that cannot be read: `token_file`"


def approle(bao: BaoServer) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a store whose login is an AppRole's, and the environment that the login needs."""
    store = bao.approle()
    secret_id = store.pop("secret_id")
    return {**store, "secret_id_env": "SECRET_ID"}, {"SECRET_ID": secret_id}


def test_approle(bao: BaoServer, tmp_path: Path) -> None:
    store, env = approle(bao)
    secret_id = env["SECRET_ID"]
    assert resolve(tmp_path, store, {"SECRET_ID": secret_id}) == CANARY
    assert bao.logins() == 0
    said = refused(tmp_path, store, {"SECRET_ID": "6f1d6f0c-52d4-9b1f-8a07-3f9c1de04b77"})
    assert said.startswith("refuses the login: it says: invalid role or secret ID")
    said = refused(tmp_path, {**store, "role_id": "wrong"}, {"SECRET_ID": secret_id})
    assert said.startswith("refuses the login")
    assert refused(tmp_path, store, {"SECRET_ID": secret_id}, "$store{team/other#p}").startswith("refuses the token")
    assert refused(tmp_path, {**store, "auth_mount": "nowhere"}, {"SECRET_ID": secret_id}).startswith("refuses the login")
    assert bao.logins() == 0


def test_a_token_of_a_login_is_revoked_at_the_end_of_a_run(bao: BaoServer, tmp_path: Path) -> None:
    """A token that was given stays; what is read after the end logs in anew, and a server that is gone by then is no error."""
    store, env = approle(bao)
    path = tmp_path / "email.json"
    path.write_text(json.dumps({"mailwright": 1, "stores": {"team": store}}), encoding="utf-8")
    secrets = Secrets(environment=env)
    resolve = secrets.of(load_spec(path))
    for _ in range(2):
        with secrets:
            assert resolve("$store{team/mail/acme#password}") is not None
            assert bao.logins() == 1
        assert bao.logins() == 0
    given = bao.call("POST", "auth/token/create", {"policies": ["mail"]})["auth"]["client_token"]
    assert resolve_with(tmp_path, bao, given) == resolve_with(tmp_path, bao, given) == CANARY
    with BaoServer(tmp_path) as other:
        store, env = approle(other)
        path.write_text(json.dumps({"mailwright": 1, "stores": {"team": {**store, "retries": 0}}}), encoding="utf-8")
        gone = Secrets(environment=env)
        with pytest.raises(Unresolved):
            gone.of(load_spec(path))("$store{team/mail/acme#password}")
        assert other.logins() == 1
    gone.close()


def resolve_with(folder: Path, bao: BaoServer, token: str) -> str:
    return resolve(folder, {"address": bao.address}, {"VAULT_TOKEN": token})


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token_of(key: rsa.RSAPrivateKey, claims: Mapping[str, Any]) -> str:
    """Return a JWT, signed with RS256 (RFC 7515, RFC 7519)."""
    now = int(time.time())
    parts = [{"alg": "RS256", "typ": "JWT"}, {"iat": now, "nbf": now - 5, "exp": now + 600, **claims}]
    signed = ".".join(_b64(json.dumps(part).encode()) for part in parts)
    return f"{signed}.{_b64(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _pem(key: rsa.RSAPrivateKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def test_jwt(bao: BaoServer, tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    bao.call("POST", "sys/auth/ci", {"type": "jwt"})
    bao.call("POST", "auth/ci/config", {"jwt_validation_pubkeys": [_pem(key)]})
    role = {"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["vault"], "token_policies": "mail"}
    bao.call("POST", "auth/ci/role/mail", role)
    jwt = token_of(key, {"sub": "pipeline", "aud": "vault"})
    store = {"address": bao.address, "auth": "jwt", "auth_mount": "ci", "role": "mail", "jwt_env": "JOB_JWT"}
    assert resolve(tmp_path, store, {"JOB_JWT": jwt}) == CANARY
    assert bao.logins() == 0
    other = token_of(key, {"sub": "pipeline", "aud": "another"})
    assert refused(tmp_path, store, {"JOB_JWT": other}).startswith("refuses the login: it says: error validating")
    assert refused(tmp_path, {**store, "role": "none"}, {"JOB_JWT": jwt}).startswith("refuses the login")


class _TokenReview(BaseHTTPRequestHandler):
    """What OpenBao asks a Kubernetes of: whether a pod's token is good (POST /apis/authentication.k8s.io/v1/tokenreviews)."""

    good = ""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        user = {"username": "system:serviceaccount:identity:mailwright", "uid": "u-1", "groups": ["system:serviceaccounts"]}
        good = asked["spec"]["token"] == self.good
        status = {"authenticated": good, **({"user": user} if good else {"error": "invalid bearer token"})}
        body = json.dumps({**asked, "status": status}).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def test_kubernetes(bao: BaoServer, tmp_path: Path, key: rsa.RSAPrivateKey, relay_authority: Authority) -> None:
    account = {"namespace": "identity", "serviceaccount": {"name": "mailwright", "uid": "u-1"}}
    jwt = token_of(
        key, {"iss": "kubernetes/serviceaccount", "sub": "system:serviceaccount:identity:mailwright", "kubernetes.io": account}
    )
    (tmp_path / "pod-token").write_text(jwt, encoding="utf-8")
    handler = type("Review", (_TokenReview,), {"good": jwt})
    with serving(handler) as host:
        bao.call("POST", "sys/auth/kubernetes", {"type": "kubernetes"})
        config = {"kubernetes_host": host, "kubernetes_ca_cert": relay_authority.ca_pem, "disable_local_ca_jwt": True}
        bao.call("POST", "auth/kubernetes/config", config)
        role = {
            "bound_service_account_names": "mailwright",
            "bound_service_account_namespaces": "identity",
            "token_policies": "mail",
        }
        bao.call("POST", "auth/kubernetes/role/mail", role)
        store = {"address": bao.address, "auth": "kubernetes", "role": "mail", "jwt_file": "pod-token"}
        assert resolve(tmp_path, store, {}) == CANARY
        assert bao.logins() == 0
        (tmp_path / "pod-token").write_text(token_of(key, {"sub": "other", "kubernetes.io": account}), encoding="utf-8")
        assert refused(tmp_path, store, {}).startswith("refuses the login")


def test_what_is_not_there(bao: BaoServer, tmp_path: Path) -> None:
    store = {"address": bao.address}
    assert refused(tmp_path, store, ROOT, "$store{team/mail/nobody#password}") == "has nothing there"
    assert refused(tmp_path, store, ROOT, "$store{team/gone#password}") == "has nothing there"
    assert refused(tmp_path, {**store, "mount": "nowhere"}, ROOT).startswith(("has nothing there", "refuses"))
    assert refused(tmp_path, store, ROOT, "$store{team/mail/acme#pass}") == "has no field `pass` there"
    assert refused(tmp_path, store, {"VAULT_TOKEN": "a-wrong-token"}).startswith("refuses the token, or to show what is there")


def test_a_server_that_is_not_there_or_something_else(tmp_path: Path) -> None:
    store = {"address": "http://127.0.0.1:9", "retries": 1}
    assert refused(tmp_path, store, ROOT) == "is not there: no connection"
    with serving(BaseHTTPRequestHandler) as address:
        without_tls = {"address": address.replace("http:", "https:"), "retries": 0}
        assert refused(tmp_path, without_tls, ROOT) == "does not speak TLS as this machine does"

    class Echo(BaseHTTPRequestHandler):
        """Repeats the token in its words; what it answers depends on the path."""

        requests = 0

        def do_GET(self) -> None:
            type(self).requests += 1
            said = f"bad token {self.headers['X-Vault-Token']}"
            if "slow" in self.path:
                time.sleep(3)
            code = 503 if "busy" in self.path else 403 if "bad" in self.path else 200
            body = b"<html>" if "html" in self.path else json.dumps({"errors": [said]}).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError):  # nobody waits for the slow one
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with serving(Echo) as address:
        store = {"address": address, "timeout": 30, "retries": 1}
        assert refused(tmp_path, store, ROOT, "$store{team/bad#p}") == (
            "refuses the token, or to show what is there; its words would repeat a secret"
        )
        before = Echo.requests
        assert refused(tmp_path, store, ROOT, "$store{team/busy#p}").startswith("is not able to answer now")
        assert Echo.requests == before + 2
        assert refused(tmp_path, store, ROOT, "$store{team/html#p}") == "has nothing there"
        assert (
            refused(tmp_path, {**store, "timeout": 1, "retries": 0}, ROOT, "$store{team/slow#p}") == "does not answer within 1 s"
        )


def test_a_certificate_that_does_not_verify(tmp_path: Path) -> None:
    import ssl

    from mailwright.sandbox.ca import Authority

    issued = Authority("stores CA").issue(["localhost", "127.0.0.1"])
    pem = tmp_path / "server.pem"
    pem.write_bytes(issued.private_key_and_cert_chain_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign, assignment]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        store = {"address": f"https://127.0.0.1:{server.server_address[1]}", "retries": 0}
        assert refused(tmp_path, store, ROOT) == "has a certificate that does not verify"
        assert refused(tmp_path, {**store, "ca_file": "nowhere.pem"}, ROOT) == "needs a file that cannot be read: `ca_file`"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def test_apply_and_verify(bao: BaoServer, make_site: MakeSite, relay: MailServer, relay_authority: Authority, run: Run) -> None:
    """From the store into the server's request and into the handshake, and nowhere else."""
    site = make_site("acme.example")
    bao.call("POST", "secret/data/mail/relay", {"data": {"password": PASSWORD}})
    bao.call("POST", "secret/data/mail/api", {"data": {"secret": site.server.client_secret}})
    team, secret_id = approle(bao)
    site.env |= secret_id
    sender = {
        "from_address": "no-reply@acme.example",
        "signature": "Acme",
        "reply_to": "help@acme.example",
        "hostname": "localhost",
        "port": relay.ports["submission"],
        "username": USER,
        "password": "$store{team/mail/relay#password}",
    }
    site.spec |= {"stores": {"team": team}, "tenants": {"acme.example": sender}}
    site.spec["api"]["client_secret"] = "$store{team/mail/api#secret}"
    for words in (("plan", "-o", "saved.plan"), ("apply", "-vvv", "--result", "results.json")):
        result = site(*words)
        assert (result.code, bao.logins()) == (0, 0), result.output
    assert site("apply", "--plan", "saved.plan").code == 0
    assert bao.logins() == 0
    stored = json.dumps(site.stored("acme.example"))
    assert PASSWORD in stored
    (site.folder / "relay.pem").write_text(relay_authority.ca_pem, encoding="ascii")
    checked = run(
        "verify", "spec.json", "--ca-file", "relay.pem", "--format", "json", "--require-auth", env=site.env, cwd=site.folder
    )
    assert checked.code == 0, checked.output
    assert checked.json["senders"][0]["client"]["authenticated"] is True
    assert PASSWORD not in checked.output
    assert bao.logins() == 0
    before = len(site.wrote())
    sender["password"] = "$store{team/mail/relay#pasword}"
    result = site("apply")
    assert result.code == 8
    assert "spec.json:1:" in result.stderr
    assert bao.logins() == 0
    assert len(site.wrote()) == before
