"""Credentials in URLs: found, never shown, and no part of what import makes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mailwright.adoption.deployments import CannotImport
from mailwright.adoption.payloads import Variables, import_sender
from mailwright.base.secret import HIDDEN
from mailwright.base.urls import has_login, holds_credentials, secret_parameters, without_credentials, without_login

if TYPE_CHECKING:
    from commands import Run

Write = Callable[[str, str], Path]
CANARY = "cAnary4711"
LOGIN = f"https://zqmailer:{CANARY}@login.example.com/token"
QUERY = f"https://login.example.com/token?policy=zq&api_key={CANARY}"

LOGINS = {
    "https://u:p@h/x": True,
    "https://u@h": True,
    "HTTPS://u:p@h:443": True,
    "https://:p@h": True,
    "https://u:p/w@h/x": True,
    "https://u:p%40w@h": True,
    " https://u:p@h": True,
    "smtp://u:p@h:25": True,
    "https://h:8443/x@y": False,
    "https://h/x@y": False,
    "https://h?to=a@b": False,
    "https://[::1]:8443/": False,
    "a@b.example": False,
    "https://h:443": False,
    "": False,
}


@pytest.mark.timeout(20)  # seconds; a look that goes over a text again and again takes hours
@pytest.mark.parametrize("unit", [":", "@", "a:", ":@", "://", "a/", "?a=", "x"])
@pytest.mark.parametrize("ends", ["", "@", "?"])
def test_a_long_text_is_looked_at_once(unit: str, ends: str) -> None:
    for text in (unit * 100_000 + ends, ends + unit * 100_000):
        holds_credentials(text)
        assert len(without_credentials(text)) <= len(text) + len(HIDDEN)


@pytest.mark.parametrize("text", LOGINS)
def test_a_login_in_a_url(text: str) -> None:
    assert has_login(text) is LOGINS[text]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("https://h/?api_key=x&b=1", ("api_key",)),
        ("https://h/?apikey=x&access_token=y&sig=z", ("apikey", "access_token", "sig")),
        ("https://h/?X-Amz-Signature=x", ("X-Amz-Signature",)),
        ("https://h/#access_token=x", ("access_token",)),
        ("https://h/?code=x", ("code",)),
        ("https://h/?key=", ()),
        ("https://h/?p=B2C_1_x&monkey=1&tokens=2", ()),
        ("https://h/token=x", ()),
        ("?api_key=x", ()),
    ],
)
def test_a_secret_in_a_query(text: str, names: tuple[str, ...]) -> None:
    assert secret_parameters(text) == names


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://u:p@h/x?a=b&c", "https://‹…>@h/x?a=‹…>&‹…>"),
        ("'https://h/x?a=b'", "'https://h/x?a=‹…>'"),
        ("u:p@h", "‹…>@h"),
        ("https://h/x", "https://h/x"),
        ("a@b.example, c@d.example", "a@b.example, c@d.example"),
        ("Example: <a@b.example>", "Example: <a@b.example>"),
        ("smtp.example.com:587", "smtp.example.com:587"),
    ],
)
def test_what_is_shown_of_a_url(text: str, shown: str) -> None:
    assert without_credentials(text) == shown


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=4, max_size=20)


@given(words, words, words)
def test_no_part_of_a_login_or_of_a_query_is_shown(user: str, password: str, value: str) -> None:
    marks = (f"zu{user}", f"zp{password}", f"zv{value}")
    for code in (str, lambda text: quote(text, safe="")):
        who, secret, query = map(code, marks)
        shown = without_credentials(f"https://{who}:{secret}@mail.example.net/send?sig={query}")
        assert not any(mark in shown for mark in ("zu", "zp", "zv"))


@given(words, words)
def test_a_login_is_taken_out_and_decoded(user: str, password: str) -> None:
    url = f"https://{quote(user, safe='')}:{quote(password, safe='')}@h.example:8443/a?b=c"
    assert without_login(url) == ("https://h.example:8443/a?b=c", user, password)


DEPLOYMENT = """\
[output_adapter.email]
from_address = "a@example.com"
hostname = "h"
signature = "S"
reply_to = "a@example.com"
auth_type = "CLIENT_CREDENTIAL"
client_id = "c"
client_secret = "$secret{s}"
scopes = "x"
token_endpoint = "URL"

[output_adapter.email.custom_properties]
'mail.smtp.proxy.password' = "CANARY"

[secrets]
s = "QmFzZTY0"
""".replace("CANARY", CANARY)


def spec(url: str = "https://login.example.com/token", provider: str = "https://mail.example.net/send", **more: Any) -> str:
    sender = {"from_address": "a@example.com", "hostname": "h", "signature": "S", "reply_to": "a@example.com"}
    token = {"auth_type": "CLIENT_CREDENTIAL", "client_id": "c", "client_secret": "$secret{s}", "scopes": "x"}
    http = {"provider": "HTTP", "from_address": "a@b.example", "http": {"url": provider, "body": "{}"}}
    document = {
        "mailwright": 1,
        "product": {"version": "7.3.0"},
        "global": {**sender, **token, "token_endpoint": url},
        "tenants": {"b.example": http},
        **more,
    }
    return json.dumps(document)


def findings(run: Run, path: Path, *options: str) -> set[tuple[str, str]]:
    (file,) = run("validate", path, "--format", "json", "--select", "MW507,MW508", *options).json["files"]
    return {(finding["rule"], finding["path"]) for finding in file["findings"]}


def test_they_are_found_wherever_a_url_stands(run: Run, write: Write) -> None:
    text = spec(LOGIN, QUERY, environments={"prod": {"server": LOGIN}})
    assert findings(run, write("spec.json", text)) == {
        ("MW507", "global.token_endpoint"),
        ("MW508", "tenants.b.example.http.url"),
        ("MW507", "environments.prod.server"),
    }
    toml = write("deployment.toml", DEPLOYMENT.replace("URL", LOGIN))
    assert findings(run, toml, "--product-version", "7.3.0") == {("MW507", "output_adapter.email.token_endpoint")}
    payload = {"providerURL": LOGIN, "properties": [{"key": "tokenEndpoint", "value": QUERY}, {"key": "body", "value": LOGIN}]}
    found = findings(run, write("p.json", json.dumps(payload)), "--as", "tenant-sender-v2", "--product-version", "7.3.0")
    assert found == {("MW507", "providerURL"), ("MW508", "properties.tokenEndpoint")}


def test_a_secret_and_a_template_that_look_like_urls_are_none(run: Run, write: Write) -> None:
    http = {"url": "https://h", "body": LOGIN, "auth": {"type": "BASIC", "username": "u", "password": "x://a:b@c"}}
    document = json.loads(spec())
    document["tenants"]["b.example"]["http"] = http
    assert findings(run, write("spec.json", json.dumps(document))) == set()


def test_nothing_is_made_from_a_spec_with_a_login_in_a_url(run: Run, write: Write) -> None:
    for text in (spec(LOGIN), spec(provider=LOGIN)):
        path = write("spec.json", text)
        for command in (("render", path), ("merge", path, write("deployment.toml", ""))):
            done = run(*command)
            assert done.code == 2
            assert "MW507" in done.stderr
            assert CANARY not in done.output


@pytest.mark.parametrize("url", [LOGIN, QUERY, LOGIN.replace("://", ":/"), LOGIN.replace("zqmailer:", ""), f"h:{CANARY}@h"])
def test_no_output_shows_them(url: str, run: Run, write: Write, tmp_path: Path) -> None:
    toml = write("deployment.toml", DEPLOYMENT.replace("URL", url.replace("&", "&amp;")))
    path = write("spec.json", spec(url, url))
    clean = write("clean.json", spec())
    release = ("--product-version", "7.3.0")
    outputs = [
        run("validate", path, toml, *release, "--format", form).output for form in ("text", "json", "sarif", "gitlab", "junit")
    ]
    outputs += [run("effective", toml, *release, "--format", form).output for form in ("text", "json")]
    outputs += [run("effective", toml, *release, "--resolve-env").output, run("validate", toml, *release, "--diff").output]
    outputs += [run("merge", clean, toml, "--check", "--diff").output, run("import", toml).output]
    outputs += [run("verify", toml, *release, "--timeout", "0.1").output, run("render", path).output]
    assert CANARY not in "".join(outputs)
    # What was rendered is the user's own file; what differs from it is shown without them.
    if run("render", path, "-o", tmp_path / "out").code == 0:
        assert CANARY not in run("render", clean, "-o", tmp_path / "out", "--check").output


def test_the_canary_would_be_seen(run: Run, write: Write) -> None:
    toml = write("deployment.toml", DEPLOYMENT.replace("URL", LOGIN))
    assert LOGIN in run("effective", toml, "--product-version", "7.3.0", "--show-secrets").stdout


@pytest.mark.parametrize("url", [LOGIN, QUERY])
def test_import_of_a_deployment_puts_a_reference_in_their_place(url: str, run: Run, write: Write) -> None:
    done = run("import", write("deployment.toml", DEPLOYMENT.replace("URL", url.replace("&", "&amp;"))))
    assert done.code == 0, done.stderr
    made = yaml.safe_load(done.stdout)["global"]
    assert made["token_endpoint"] == "$keep{}"
    assert made["custom_properties"]["mail.smtp.proxy.password"] == "$keep{}"
    assert "token_endpoint" in done.stderr
    assert CANARY not in done.output


def sender(url: str, kind: str = "NONE", **properties: str) -> dict[str, Any]:
    entries = [{"key": key, "value": value} for key, value in {"body": "{}", **properties}.items()]
    return {
        "name": "EmailPublisher",
        "provider": "HTTP",
        "providerURL": url,
        "fromAddress": "a@b",
        "authType": kind,
        "properties": entries,
    }


def test_import_of_a_sender_moves_a_login_into_http_auth() -> None:
    tenant = import_sender("a.example", sender(LOGIN), "v2", Variables())
    assert tenant.sender["http"]["url"] == "https://login.example.com/token"
    password = "$env{MAILWRIGHT_A_EXAMPLE_PASSWORD}"
    assert tenant.sender["http"]["auth"] == {"type": "BASIC", "username": "zqmailer", "password": password}
    assert tenant.variables == ("MAILWRIGHT_A_EXAMPLE_PASSWORD",)
    assert any("BASIC" in note for note in tenant.notes)
    assert not any(CANARY in note for note in tenant.notes)


def test_where_something_else_logs_in_it_is_taken_out_and_said() -> None:
    tenant = import_sender("a.example", sender(LOGIN, "BEARER"), "v2", Variables())
    assert tenant.sender["http"]["url"] == "https://login.example.com/token"
    assert tenant.sender["http"]["auth"]["type"] == "BEARER"
    assert any("taken out" in note for note in tenant.notes)


@pytest.mark.parametrize("url", [QUERY, f"https://u:p/{CANARY}@h/x"])
def test_what_has_no_other_place_is_refused(url: str) -> None:
    with pytest.raises(CannotImport) as caught:
        import_sender("a.example", sender(url), "v2", Variables())
    assert CANARY not in str(caught.value)
    assert "header" in str(caught.value)
    assert holds_credentials(url)
