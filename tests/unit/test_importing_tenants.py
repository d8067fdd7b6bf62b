"""Senders of the API and files of the vendor's CLI become tenants of a spec, and render back to what they were."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mailwright.adoption.deployments import CannotImport
from mailwright.adoption.payloads import Variables, import_sender
from mailwright.adoption.tenant_spec import spec_document
from mailwright.base.places import Source
from mailwright.base.yaml_text import yaml_text
from mailwright.product.product import load_product
from mailwright.rendering.payloads import tenant_payload
from mailwright.sandbox.identity.senders import read_sender, represent
from mailwright.spec import make_spec
from mailwright.spec.yaml_reader import read_yaml
from products import parse_release
from sandbox_requests import BASIC, CLIENT, HTTP, SMTP, V1, entries

ACME = "acme.example"
KEY = {**HTTP, "authType": "API_KEY", "properties": entries(body='{"a": "{{body}}"}', apiKeyHeader="X-Key", apiKeyValue="k3y")}
NONE = {
    **HTTP,
    "authType": "NONE",
    "properties": entries(body="b", http_client_method="PUT", contentType="FORM", http_headers="A: b"),
}
MARKED = {**BASIC, "properties": BASIC["properties"] + entries(mailwright_owner="team", mailwright_secretVersion="3")}
PLAIN = {**BASIC, "properties": BASIC["properties"] + entries(mail_smtp_auth="false", mail_smtp_starttls_enable="true")}


def shown(body: dict[str, Any], version: str, release: str) -> dict[str, Any]:
    """Return what a server of a release shows of a sender."""
    product = parse_release(release)
    sender = read_sender(json.dumps(body).encode(), version, product, name=None, ignore_unknown=False)
    return represent(sender, version, product)


def payload_of(document: dict[str, Any], release: str) -> tuple[dict[str, Any], set[str]]:
    """Return the payload of a spec's one tenant, and what is secret in it."""
    spec = make_spec("spec.yaml", read_yaml(Source("spec.yaml", yaml_text(document))))
    (tenant,) = spec.tenants
    payload = tenant_payload(tenant, parse_release(release), owner=document.get("owner"))
    return payload.body, {place.name for place in payload.secrets}


def flat(body: dict[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in body.items() if name != "properties"}
    return {**fields, **{entry["key"]: entry["value"] for entry in body["properties"]}}


@pytest.mark.parametrize("body", [BASIC, CLIENT, HTTP, KEY, NONE, MARKED, PLAIN])
def test_a_sender_of_v2_there_and_back(body: dict[str, Any]) -> None:
    before = shown(body, "v2", "7.3.0")
    tenant = import_sender(ACME, before, "v2", Variables())
    assert (tenant.ignored, tenant.notes) == ((), ())
    document, said = spec_document([tenant], "7.3.0")
    after, secrets = payload_of(document, "7.3.0")
    assert (flat(after), said) == (flat(before), None)
    assert secrets == {entry["key"] for entry in body["properties"]} & load_product().payload_names.secret


@pytest.mark.parametrize("release", ["6.0.0", "7.1.0"])
def test_a_sender_of_v1_there_and_back_without_its_password(release: str) -> None:
    before = shown(V1, "v1", release)
    assert before["password"] == "v1-pass"
    tenant = import_sender(ACME, before, "v1", Variables())
    assert "v1-pass" not in repr(tenant) + json.dumps(tenant.sender)
    assert tenant.variables == ("MAILWRIGHT_ACME_EXAMPLE_PASSWORD",)
    after, secrets = payload_of(spec_document([tenant], release)[0], release)
    assert flat(after) == {name: value for name, value in flat(before).items() if name != "password"}
    assert secrets == {"password"}


def test_what_a_spec_cannot_say_is_named_without_its_value() -> None:
    body = {**V1, "colour": "c4nary", "properties": V1["properties"] + entries(clientSecret="c4nary", version="9", x="c4nary")}
    tenant = import_sender(ACME, body, "v1", Variables())
    assert tenant.ignored == ("clientSecret", "colour", "x")
    assert "c4nary" not in repr(tenant) + json.dumps(tenant.sender)


def test_a_password_that_is_a_mask_is_told() -> None:
    assert import_sender(ACME, {**V1, "password": "********"}, "v1", Variables()).notes == (
        "the password that the server holds is a mask",
    )
    assert "password" not in import_sender(ACME, {**SMTP, "properties": []}, "v1", Variables()).sender


def test_the_owner_mark_is_kept_where_there_is_one() -> None:
    marked, bare = (import_sender(domain, body, "v2", Variables()) for domain, body in ((ACME, MARKED), ("b.example", BASIC)))
    assert spec_document([marked], None)[0]["owner"] == "team"
    document, said = spec_document([marked, bare], None)
    assert "owner" not in document
    assert said
    assert marked.sender["secret_version"] == 3


def test_each_secret_has_a_variable_of_its_own() -> None:
    variables = Variables()
    names = [variables.name(domain, "password") for domain in ("a-b.example", "a.b.example", "a.b.example/o/1-2")]
    assert names == [
        "MAILWRIGHT_A_B_EXAMPLE_PASSWORD",
        "MAILWRIGHT_A_B_EXAMPLE_PASSWORD_2",
        "MAILWRIGHT_A_B_EXAMPLE_O_1_2_PASSWORD",
    ]


@pytest.mark.parametrize(
    "document",
    [
        {**BASIC, "fromAddress": "\ud800"},
        {**BASIC, "name": "SMSPublisher"},
        {**BASIC, "properties": {"a": 1}},
        {**BASIC, "properties": ["x"]},
    ],
)
def test_what_is_no_sender(document: dict[str, Any]) -> None:
    with pytest.raises(CannotImport):
        import_sender(ACME, document, "v2", Variables())


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip)


@given(st.fixed_dictionaries({"signature": TEXTS, "replyTo": TEXTS, "from": TEXTS, "host": TEXTS}))
def test_any_text_comes_through(texts: dict[str, str]) -> None:
    own = entries(mail_smtp_signature=texts["signature"], mail_smtp_replyTo=texts["replyTo"], userName="u", password="p")
    body = {**BASIC, "fromAddress": texts["from"], "smtpServerHost": texts["host"], "properties": own}
    before = shown(body, "v2", "7.3.0")
    after, _ = payload_of(spec_document([import_sender(ACME, before, "v2", Variables())], "7.3.0")[0], "7.3.0")
    assert flat(after) == flat(before)


# The command, with files of the vendor's CLI


def exported(body: dict[str, Any], mask: str) -> dict[str, Any]:
    """Return what the vendor's CLI writes of a sender: what v2 shows, and a mask for the secret.

    product/vendor-cli.md#masked-secrets.
    """
    document = shown(body, "v2", "7.3.0")
    return {**document, "properties": [*document["properties"], {"key": mask, "value": "********"}]}


@pytest.mark.parametrize("ending", ["yml", "json"])
def test_an_exported_file(run: Any, write: Callable[[str, str | bytes], Path], tmp_path: Path, ending: str) -> None:
    dump: Callable[[Any], str] = yaml.safe_dump if ending == "yml" else json.dumps
    file = write(f"EmailPublisher.{ending}", dump(exported(BASIC, "password")))
    result = run("import", file, "--tenant", ACME, "--product-version", "7.3.0")
    assert result.code == 0
    assert "***" not in result.output
    assert result.stderr == "acme.example: its secret is not here: set MAILWRIGHT_ACME_EXAMPLE_PASSWORD\n"
    spec = write("spec.yaml", result.stdout)
    assert run("validate", spec).code == 0
    assert yaml.safe_load(result.stdout)["tenants"][ACME]["password"] == "$env{MAILWRIGHT_ACME_EXAMPLE_PASSWORD}"


def test_an_http_provider_is_written_and_never_printed(
    run: Any, write: Callable[[str, str | bytes], Path], tmp_path: Path
) -> None:
    body = {**HTTP, "properties": HTTP["properties"] + entries(http_headers="Authorization: c4nary")}
    file = write("EmailPublisher.json", json.dumps(exported(body, "accessToken")))
    printed = run("import", file, "--tenant", ACME, "--product-version", "7.3.0")
    assert (printed.code, "c4nary" in printed.output) == (8, False)
    written = run("import", file, "--tenant", ACME, "--product-version", "7.3.0", "-o", tmp_path / "spec.yaml")
    assert (written.code, "c4nary" in written.output) == (0, False)
    assert run("validate", tmp_path / "spec.yaml").code == 0
    assert (tmp_path / "spec.yaml").stat().st_mode & 0o777 == 0o600
    for_all = run("import", file, "--tenant", ACME, "-o", tmp_path / "all.yaml").stderr
    assert "this needs HTTP providers, which came with 7.3.0 [7.2.0]\n" in for_all, "what holds for some releases names them"


def test_what_is_missing_or_odd_in_a_file_is_told(run: Any, write: Callable[[str, str | bytes], Path]) -> None:
    body = {
        **BASIC,
        "smtpServerHost": "{{HOST}}",
        "properties": [entry for entry in BASIC["properties"] if "reply" not in entry["key"]],
    }
    result = run("import", write("EmailPublisher.json", json.dumps(body)), "--tenant", ACME, "--product-version", "7.3.0")
    assert result.code == 0
    assert re.search(r"keyword of the vendor's CLI", result.stderr)
    assert re.search(r"tenants\.acme\.example.*reply_to|reply_to", result.stderr)
    assert "v2-pass" not in result.output


def test_refused_files_and_options(run: Any, write: Callable[[str, str | bytes], Path]) -> None:
    file = write("EmailPublisher.yml", yaml.safe_dump(exported(BASIC, "password")))
    for arguments, text in (
        ([file], "--tenant DOMAIN"),
        ([], "name a FILE, or --server URL"),
        ([write("x.yml", "a: 1\n"), "--tenant", ACME], "is not an email provider"),
        ([write("y.json", "{"), "--tenant", ACME], "y.json"),
        ([file, "--server", "https://localhost:1"], "--server and --api go without a FILE"),
        (["--server", "https://localhost:1"], "--server goes with --api SPEC"),
        (["--server", "https://localhost:1", "--keep-secrets", "-o", "x"], "--keep-secrets is for"),
        ([file, "--tenant", ACME, "--api", file], "--server and --api go without a FILE"),
        ([write("deployment.toml", "a = 1\n"), "--tenant", ACME], "--tenant goes with --server"),
    ):
        result = run("import", *arguments)
        assert (result.code, text in result.stderr) == (2, True), result.stderr
