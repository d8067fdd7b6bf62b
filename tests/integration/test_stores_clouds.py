"""Secrets of clouds and of the keyring, through the real clients of each, against stand-ins on this machine.

AWS: boto3 against moto, and against an endpoint that refuses as the service's reference has it. Azure: its client over a transport that
answers as the REST reference has it, the challenge for a token included. Google: its client over gRPC against a server of the same service
definition. The keyring: the library with a backend of the test.
"""

from __future__ import annotations

import io
import json
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mailwright.base.errors import Unresolved
from mailwright.spec import load_spec
from mailwright.stores import Secrets, reading

pytestmark = [pytest.mark.network, pytest.mark.usefixtures("no_trace")]
CANARY = "canary-c0ffee-horse"


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAUSE", 0.001)


def resolve(folder: Path, store: Mapping[str, Any], reference: str, env: Mapping[str, str] | None = None) -> str:
    path = folder / "email.json"
    path.write_text(json.dumps({"mailwright": 1, "stores": {"team": store}}), encoding="utf-8")
    secret = Secrets(environment=env or {}).of(load_spec(path))(reference)
    assert secret is not None
    return secret.reveal()


def refused(folder: Path, store: Mapping[str, Any], reference: str, env: Mapping[str, str] | None = None) -> str:
    with pytest.raises(Unresolved) as caught:
        resolve(folder, store, reference, env)
    seen: BaseException | None = caught.value
    while seen is not None:
        assert CANARY not in repr(seen)
        seen = seen.__context__ or seen.__cause__
    return caught.value.message.removeprefix("the store `team` ")


# AWS


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """Return the variables of a caller, which boto3 finds in the process's own."""
    own = {
        "AWS_ACCESS_KEY_ID": "AKIATESTTESTTESTTEST",
        "AWS_SECRET_ACCESS_KEY": f"{CANARY}-of-the-caller",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    return own


def test_aws(aws: dict[str, str], tmp_path: Path) -> None:
    boto3 = pytest.importorskip("boto3")
    moto = pytest.importorskip("moto")
    store = {"kind": "aws", "region": "eu-central-1"}
    with moto.mock_aws():
        logging.disable()  # what the test itself asks
        client = boto3.client("secretsmanager", region_name="eu-central-1")
        client.create_secret(Name="mail/acme", SecretString=json.dumps({"password": CANARY}))
        arn = client.create_secret(Name="whole", SecretString=CANARY)["ARN"]
        client.create_secret(Name="binary", SecretBinary=b"\xff")
        logging.disable(logging.NOTSET)
        assert resolve(tmp_path, store, "$store{team/mail/acme#password}", aws) == CANARY
        assert resolve(tmp_path, store, "$store{team/whole}", aws) == CANARY
        assert resolve(tmp_path, store, f"$store{{team/{arn}}}", aws) == CANARY
        said = refused(tmp_path, store, "$store{team/none#p}", aws)
        assert said.startswith("has nothing there: it says: ResourceNotFoundException: Secrets Manager can't find")
        assert refused(tmp_path, store, "$store{team/mail/acme#pass}", aws) == "has no field `pass` there"
        assert refused(tmp_path, store, "$store{team/whole#p}", aws) == "has one text there, without fields"
        assert refused(tmp_path, store, "$store{team/binary}", aws) == "has something there that is no text"
        assert refused(tmp_path, {**store, "region": "moon-1"}, "$store{team/none}", aws)
    assert refused(tmp_path, {"kind": "aws"}, "$store{team/a}", aws).startswith(
        "cannot be asked: it says: You must specify a region"
    )
    assert refused(tmp_path, {**store, "profile": "none"}, "$store{team/a}", aws).startswith(
        "cannot be asked: it says: The config prof"
    )


class _Refusing(BaseHTTPRequestHandler):
    """Refuses by the name of the secret: as JSON 1.1, with the error's type, as Secrets Manager does."""

    asked: list[str]
    answers: Mapping[str, tuple[int, str, str]] = {
        "denied": (400, "AccessDeniedException", "User is not authorized to perform secretsmanager:GetSecretValue"),
        "login": (400, "InvalidRequestException", "the caller has IQoJb3-of-a-login"),
        "echo": (400, "InvalidRequestException", f"the caller has {CANARY}-of-the-caller"),
        "busy": (400, "ThrottlingException", "Rate exceeded"),
        "broken": (500, "InternalServiceError", "An error occurred"),
    }

    def do_POST(self) -> None:
        name = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["SecretId"]
        self.asked.append(name)
        if name == "slow":
            threading.Event().wait(3)
        code, kind, message = self.answers.get(name, (400, "ResourceNotFoundException", ""))
        body = json.dumps({"__type": kind, "Message": message}).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(BrokenPipeError):
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign, assignment]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def test_aws_that_refuses(aws: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("boto3")
    asked: list[str] = []
    with serving(type("Refusing", (_Refusing,), {"asked": asked})) as endpoint:
        store = {"kind": "aws", "region": "eu-central-1", "endpoint": endpoint, "timeout": 30, "retries": 1}
        said = refused(tmp_path, store, "$store{team/denied}", aws)
        assert said == "refuses: it says: AccessDeniedException: " + _Refusing.answers["denied"][2]
        assert refused(tmp_path, store, "$store{team/echo}", aws) == "refuses; its words would repeat a secret"
        profile = "[of-the-tests]\naws_access_key_id = AKIATEST\naws_secret_access_key = s3cret\naws_session_token = IQoJb3-of-a-login\n"
        (tmp_path / "credentials").write_text(profile, encoding="utf-8")
        said = refused(tmp_path, {**store, "profile": "of-the-tests"}, "$store{team/login}", aws)
        assert said == "refuses; its words would repeat a secret"
        for name in ("busy", "broken"):
            asked.clear()
            assert refused(tmp_path, store, f"$store{{team/{name}}}", aws).startswith("is not able to answer now: it says: ")
            assert asked == [name, name], "boto3 would repeat it on its own"
        assert refused(tmp_path, {**store, "timeout": 1, "retries": 0}, "$store{team/slow}", aws).startswith(
            ("is not there", "does not answer")
        )
    assert refused(tmp_path, store, "$store{team/any}", aws) == "is not there: no answer"
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    said = refused(tmp_path, store, "$store{team/any}")
    assert said == "needs credentials of AWS, and there are none"


# Azure


Reply = tuple[int, Mapping[str, Any]]


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], Reply]], list[str]]:
    """Return a function that has a vault answer by the path of a request; the result lists the requests."""
    identity, secrets = pytest.importorskip("azure.identity"), pytest.importorskip("azure.keyvault.secrets")
    from azure.core.credentials import AccessToken
    from azure.core.pipeline.transport import HttpTransport
    from azure.core.rest import HttpRequest
    from azure.core.rest._http_response_impl import HttpResponseImpl

    class Credential:
        def get_token(self, *_: Any, **__: Any) -> AccessToken:
            return AccessToken("a-bearer-token", 4102444800)

    def make(answer: Callable[[str], Reply]) -> list[str]:
        seen: list[str] = []

        class Transport(HttpTransport[Any, Any]):
            def open(self) -> None:
                pass

            def close(self) -> None:
                pass

            def __exit__(self, *_: Any) -> None:
                pass

            def sleep(self, duration: float) -> None:
                raise AssertionError("the client would repeat it on its own")

            def send(self, request: HttpRequest, **_: Any) -> Any:
                path = request.url.partition(".net")[2].partition("?")[0]
                seen.append(path)
                headers = {"Content-Type": "application/json"}
                if "Authorization" not in request.headers:
                    where = 'authorization="https://login.example/tenant", resource="https://vault.azure.net"'
                    code, body = 401, {"error": {"code": "Unauthorized", "message": "no token"}}
                    headers["WWW-Authenticate"] = f"Bearer {where}"
                else:
                    code, body = answer(path)  # type: ignore[assignment]
                content = json.dumps(body).encode()
                response = HttpResponseImpl(
                    request=request,
                    internal_response=io.BytesIO(),
                    status_code=code,
                    reason="",
                    content_type="application/json",
                    headers=headers,
                    stream_download_generator=lambda *_, **__: iter([content]),
                    block_size=4096,
                )
                response._content = content
                return response

        real = secrets.SecretClient
        monkeypatch.setattr(identity, "DefaultAzureCredential", Credential)
        monkeypatch.setattr(secrets, "SecretClient", lambda **options: real(transport=Transport(), **options))
        return seen

    return make


AZURE = {"kind": "azure", "address": "https://mail.vault.azure.net", "retries": 1}


def test_azure(azure: Callable[..., list[str]], tmp_path: Path) -> None:
    held = {"whole": CANARY, "json": json.dumps({"password": CANARY})}

    def answer(path: str) -> Reply:
        _, name, version = f"{path.strip('/')}/".split("/")[:3]
        if name in held:
            return 200, {
                "value": held[name],
                "id": f"https://mail.vault.azure.net/secrets/{name}/{version or 'v9'}",
                "attributes": {},
            }
        if name == "forbidden":
            return 403, {"error": {"code": "Forbidden", "message": "Caller is not authorized to perform action on resource"}}
        if name == "busy":
            return 503, {"error": {"code": "ServiceUnavailable", "message": "busy"}}
        return 404, {"error": {"code": "SecretNotFound", "message": f"A secret with (name/id) {name} was not found"}}

    seen = azure(answer)
    assert resolve(tmp_path, AZURE, "$store{team/whole}") == CANARY
    assert resolve(tmp_path, AZURE, "$store{team/json#password}") == CANARY
    assert resolve(tmp_path, AZURE, "$store{team/whole/v2}") == CANARY
    assert "/secrets/whole/v2" in seen
    said = refused(tmp_path, AZURE, "$store{team/none}")
    assert said == "has nothing there: it says: SecretNotFound: A secret with (name/id) none was not found"
    assert refused(tmp_path, AZURE, "$store{team/forbidden}").startswith("refuses: it says: Forbidden: Caller is not authorized")
    before = len(seen)
    assert refused(tmp_path, AZURE, "$store{team/busy}").startswith("refuses: it says: ServiceUnavailable")
    assert seen[before:].count("/secrets/busy/") + seen[before:].count("/secrets/busy") >= 2


def test_azure_with_a_certificate_that_does_not_verify(azure: Callable[..., list[str]], tmp_path: Path) -> None:
    azure_core, requests, urllib3 = (pytest.importorskip(name) for name in ("azure.core", "requests", "urllib3"))
    from ssl import SSLCertVerificationError

    def fails(_: str) -> Reply:
        """As azure-core wraps what requests wraps."""
        reason = urllib3.exceptions.SSLError(SSLCertVerificationError(1, "certificate verify failed"))
        error = requests.exceptions.SSLError(urllib3.exceptions.MaxRetryError(None, "/", reason))
        raise azure_core.exceptions.ServiceRequestError(error, error=error)

    azure(fails)
    assert refused(tmp_path, AZURE, "$store{team/whole}") == "has a certificate that does not verify"


def test_azure_without_a_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    identity = pytest.importorskip("azure.identity")
    from azure.core.exceptions import ClientAuthenticationError

    def refuse() -> Any:
        class Credential:
            def get_token(self, *_: Any, **__: Any) -> Any:
                raise ClientAuthenticationError(message="DefaultAzureCredential failed to retrieve a token\nand more")

        return Credential()

    secrets = pytest.importorskip("azure.keyvault.secrets")

    class Client:
        def __init__(self, credential: Any, **_: Any) -> None:
            self.get_secret = credential.get_token

    monkeypatch.setattr(identity, "DefaultAzureCredential", refuse)
    monkeypatch.setattr(secrets, "SecretClient", Client)
    said = refused(tmp_path, AZURE, "$store{team/x}")
    assert said == "refuses the login, or there is none: it says: DefaultAzureCredential failed to retrieve a token"


# Google


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Serve secrets over gRPC, by the service's own definition; yield the names that were asked for."""
    grpc, manager = pytest.importorskip("grpc"), pytest.importorskip("google.cloud.secretmanager")
    from concurrent.futures import ThreadPoolExecutor

    from google.cloud.secretmanager_v1.services.secret_manager_service.transports import SecretManagerServiceGrpcTransport
    from google.cloud.secretmanager_v1.types import AccessSecretVersionRequest, AccessSecretVersionResponse

    asked: list[str] = []
    held = {"whole": CANARY.encode(), "json": json.dumps({"password": CANARY}).encode(), "binary": b"\xff"}
    codes = {"denied": grpc.StatusCode.PERMISSION_DENIED, "busy": grpc.StatusCode.UNAVAILABLE}

    def access(request: Any, context: Any) -> Any:
        asked.append(request.name)
        name = request.name.split("/")[3]
        if name not in held:
            context.abort(codes.get(name, grpc.StatusCode.NOT_FOUND), f"Secret [{request.name}] is not to be had.")
        return AccessSecretVersionResponse(name=request.name, payload={"data": held[name]})

    method = grpc.unary_unary_rpc_method_handler(
        access,
        request_deserializer=AccessSecretVersionRequest.deserialize,
        response_serializer=AccessSecretVersionResponse.serialize,
    )
    service = grpc.method_handlers_generic_handler(
        "google.cloud.secretmanager.v1.SecretManagerService", {"AccessSecretVersion": method}
    )
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((service,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    real = manager.SecretManagerServiceClient
    monkeypatch.setattr(
        manager, "SecretManagerServiceClient", lambda: real(transport=SecretManagerServiceGrpcTransport(channel=channel))
    )
    try:
        yield asked
    finally:
        channel.close()
        server.stop(None).wait(60)


GOOGLE = {"kind": "google", "project": "platform-prod", "retries": 1}


def test_google(google: list[str], tmp_path: Path) -> None:
    assert resolve(tmp_path, GOOGLE, "$store{team/whole}") == CANARY
    assert resolve(tmp_path, GOOGLE, "$store{team/json/7#password}") == CANARY
    assert google == ["projects/platform-prod/secrets/whole/versions/latest", "projects/platform-prod/secrets/json/versions/7"]
    assert refused(tmp_path, GOOGLE, "$store{team/none}").startswith(
        "has nothing there: it says: Secret [projects/platform-prod/"
    )
    assert refused(tmp_path, GOOGLE, "$store{team/denied}").startswith("refuses the login, or to show what is there: it says: ")
    assert refused(tmp_path, GOOGLE, "$store{team/binary}") == "has something there that is no text"
    google.clear()
    assert refused(tmp_path, GOOGLE, "$store{team/busy}").startswith("is not able to answer now: it says: ")
    assert len(google) == 2, "the client would repeat it on its own"


def test_google_without_a_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = pytest.importorskip("google.cloud.secretmanager")
    from google.auth.exceptions import DefaultCredentialsError

    def none() -> Any:
        raise DefaultCredentialsError("Your default credentials were not found.")

    monkeypatch.setattr(manager, "SecretManagerServiceClient", none)
    monkeypatch.delenv("GRPC_VERBOSITY", raising=False)
    said = refused(tmp_path, GOOGLE, "$store{team/whole}")
    assert said.startswith("needs credentials of Google, and there are none that can be used: it says: Your default credentials")
    assert os.environ["GRPC_VERBOSITY"] == "NONE", "gRPC would write to stderr itself"


# the keyring


def test_the_keyring(tmp_path: Path) -> None:
    keyring = pytest.importorskip("keyring")
    from keyring.backend import KeyringBackend
    from keyring.backends import fail
    from keyring.errors import KeyringLocked

    class Backend(KeyringBackend):
        priority = 1  # type: ignore[assignment]

        def get_password(self, service: str, username: str) -> str | None:
            if service == "locked":
                raise KeyringLocked("the collection is locked")
            return {("smtp.example.com/mail", "acme"): CANARY}.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            raise AssertionError("nothing is written")

    before = keyring.get_keyring()
    try:
        keyring.set_keyring(Backend())
        assert resolve(tmp_path, {"kind": "keyring"}, "$store{team/smtp.example.com/mail/acme}") == CANARY
        assert refused(tmp_path, {"kind": "keyring"}, "$store{team/smtp.example.com/beta}") == "has nothing there"
        assert refused(tmp_path, {"kind": "keyring"}, "$store{team/acme}") == "takes SERVICE/USER as its path"
        said = refused(tmp_path, {"kind": "keyring"}, "$store{team/locked/acme}")
        assert said == "is locked: it says: the collection is locked"
        keyring.set_keyring(fail.Keyring())
        said = refused(tmp_path, {"kind": "keyring"}, "$store{team/a/b}")
        assert said == "is not there: this machine has no keyring that can be used"
    finally:
        keyring.set_keyring(before)
