"""The mail client's properties as data: names that do nothing, values that it does not take."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from mailwright.product.mail_properties import listed
from mailwright.product.product import load_product
from mailwright.spec.references import SERVER_REFERENCE
from products import load_adapter, load_mail_properties, load_schema

if TYPE_CHECKING:
    from commands import Run

Write = Callable[[str, str], Path]
HEAD = "[output_adapter.email.custom_properties]\n"
SPEC = """\
mailwright: 1
product: {version: "7.3.0"}
global:
  from_address: a@example.com
  hostname: smtp.example.com
  username: u
  password: $secret{p}
  signature: S
  reply_to: a@example.com
  custom_properties: {PROPERTIES}
"""


def findings(run: Run, path: Path, *options: str) -> list[dict[str, Any]]:
    chosen = ("--product-version", "7.3.0", "--select", "MW105,MW002,MW309,MW407", "--format", "json")
    return run("validate", path, *chosen, *options).json["files"][0]["findings"]


def test_the_data_has_the_form_that_its_schema_says() -> None:
    Draft202012Validator(load_schema("mail-properties")).validate(load_product().data("mail-properties"))


def test_no_name_stands_there_twice() -> None:
    data = load_product().data("mail-properties")
    names = [entry["name"] for part in ("read", "without_effect") for entry in data[part]]
    assert len(names) == len(set(names))
    assert not set(names) & set(load_adapter().by_xml)
    assert set(data["spellings"].values()) <= load_mail_properties().known


def test_the_adapter_schema_holds_them() -> None:
    adapter = load_adapter()
    assert adapter.schema["properties"][adapter.table.name]["properties"] == listed(
        load_product().data("mail-properties"), SERVER_REFERENCE
    )


def test_every_example_and_default_is_a_value_that_is_taken() -> None:
    for name, node in listed(load_product().data("mail-properties"), SERVER_REFERENCE).items():
        check = Draft202012Validator(node)
        for value in (*node["examples"], str(node["examples"][0]), "$env{X}"):
            text = value.lower() if value in ("True", "False") else value
            assert check.is_valid(text), (name, text)


MEANT = {
    "mail.smtp.starttls.require": "mail.smtp.starttls.required",
    "mail.smtp.start.tls.required": "mail.smtp.starttls.required",
    "mail.smtp.connection.timeout": "mail.smtp.connectiontimeout",
    "mail.smtp.connectionTimeout": "mail.smtp.connectiontimeout",
    "mail.smtp.time.out": "mail.smtp.timeout",
    "mail.smtp.ssl.checkServerIdentity": "mail.smtp.ssl.checkserveridentity",
    "mail.smtp.ssl.check.server.identity": "mail.smtp.ssl.checkserveridentity",
    "mail.smtp.ssl.protocol": "mail.smtp.ssl.protocols",
    "mail.stmp.ssl.enable": "mail.smtp.ssl.enable",
    "mail.smtp.auth.mechanism": "mail.smtp.auth.mechanisms",
    "mail.smtp.auth.ntlm.disabled": "mail.smtp.auth.ntlm.disable",
    "smtp.timeout": "mail.smtp.timeout",
    "mail.smtps.ssl.trust": "mail.smtp.ssl.trust",
    "MAIL.DEBUG": "mail.debug",
}


@pytest.mark.parametrize("name", MEANT)
def test_a_misspelt_name_is_an_error_with_the_one_that_was_meant(name: str, run: Run, write: Write) -> None:
    value = {"mail.smtp.ssl.protocol": '"TLSv1.2"', "mail.smtp.auth.mechanism": '"PLAIN"', "mail.smtps.ssl.trust": '"h"'}.get(
        name
    )
    value = value or ("10" if "out" in MEANT[name] else "true")
    (finding,) = findings(run, write("deployment.toml", f"{HEAD}'{name}' = {value}\n"))
    assert (finding["rule"], finding["severity"], finding["line"]) == ("MW105", "error", 2)
    assert finding["hint"] == f"did you mean `{MEANT[name]}`?"
    assert finding["fixable"]
    (in_spec,) = findings(run, write("email.yaml", SPEC.replace("PROPERTIES", f'"{name}": {value}')))
    assert (in_spec["rule"], in_spec["hint"], in_spec["line"]) == ("MW105", finding["hint"], 10)


def test_the_fix_gives_it_the_right_name(run: Run, write: Write) -> None:
    path = write("deployment.toml", f"{HEAD}'mail.smtp.connection.timeout' = 10\n")
    run("validate", path, "--product-version", "7.3.0", "--fix")
    assert path.read_text() == f"{HEAD}'mail.smtp.connectiontimeout' = 10\n"


NOTHING = {
    "mail.smtp.bogus": ("the mail client does not know this property", "remove it"),
    "mail.imap.host": ("it is for reading mail", "remove it"),
    "mail.pop3s.timeout": ("it is for reading mail", "remove it"),
    "mail.smtps.bogus": ("the protocol smtp", "remove it"),
    "mail.smtps.host": ("the protocol smtp", "set `hostname`"),
    "mail.host": ("`mail.smtp.host` is asked first", "set `hostname`"),
    "mail.mime.charset": ("system property", "remove it"),
    "mail.smtp.socketFactory": ("must be a Java object", "did you mean `mail.smtp.socketFactory.class`?"),
    "mail.event.executor": ("every mail fails", "remove it"),
    "mail.smtp.username": ("does not know", "set `username`"),
}


@pytest.mark.parametrize("name", NOTHING)
def test_what_does_nothing_is_said_to_do_nothing(name: str, run: Run, write: Write) -> None:
    (finding,) = findings(run, write("deployment.toml", f"{HEAD}'{name}' = \"x\"\n"))
    assert finding["rule"] == "MW105"
    assert NOTHING[name][0] in finding["message"]
    assert finding["hint"].startswith(NOTHING[name][1])


@pytest.mark.parametrize("name", ["my.token", "header.X-Team", "mailing.list"])
def test_a_name_outside_the_mail_client_s_is_left_alone(name: str, run: Run, write: Write) -> None:
    assert findings(run, write("deployment.toml", f"{HEAD}'{name}' = \"x\"\n")) == []


VALUES = {
    "'mail.smtp.timeout' = '10s'": "waits forever",
    "'mail.smtp.timeout' = -1": "waits forever",
    "'mail.smtp.timeout' = 3000000000": "an integer from 0 to 2147483647",
    "'mail.smtp.sendpartial' = 'yes'": "true or false; the mail client treats anything else as false",
    "'mail.smtp.quitwait' = 'no'": "the mail client treats anything else as true",
    "'mail.smtp.quitwait' = 1": "true or false, not an integer",
    "'mail.smtp.socks.port' = 70000": "an integer from 1 to 65535",
    "'mail.smtp.auth.mechanisms' = 'PLAIN,LOGIN'": "separated by spaces",
    "'mail.smtp.dsn.ret' = 'HEADERS'": "FULL or HDRS",
    "'mail.smtp.ssl.protocols' = 'TLS1.2'": "every TLS handshake fails",
    "'minThread' = 4": "thread pool",
}


@pytest.mark.parametrize("line", VALUES)
def test_a_value_that_is_not_taken_is_told_with_what_happens(line: str, run: Run, write: Write) -> None:
    (finding,) = findings(run, write("deployment.toml", f"{HEAD}{line}\n"))
    assert finding["rule"] == "MW002"
    assert VALUES[line] in finding["message"]
    (in_spec,) = findings(run, write("email.yaml", SPEC.replace("PROPERTIES", line.replace(" = ", ": "))))
    assert in_spec["message"] == finding["message"]


DROPPED = {
    "mail.smtp.replyto": "did you mean `mail.smtp.replyTo`?",
    "mail.smtp.starttls.required": "set it for the whole server, in deployment.toml",
    "mail.smtp.starttls.require": "remove it: `mail.smtp.starttls.required`, which is probably meant, is set for the whole server",
    "mail.smtp.bogus": "remove it: the mail client does not know it either",
    "mail.imap.host": "remove it: it is for reading mail",
}


@pytest.mark.parametrize("name", DROPPED)
def test_a_payload_s_property_is_dropped_and_what_to_do_is_said(name: str, run: Run, write: Write) -> None:
    entries = {"userName": "u", "password": "p", "mail.smtp.signature": "A", "mail.smtp.replyTo": "a@b.example", name: "true"}
    payload = {
        "name": "EmailPublisher",
        "provider": "SMTP",
        "smtpServerHost": "h",
        "smtpPort": 25,
        "fromAddress": "a@b.example",
        "authType": "BASIC",
        "properties": [{"key": key, "value": value} for key, value in entries.items()],
    }
    (finding,) = findings(run, write("sender.json", json.dumps(payload)), "--as", "tenant-sender-v2")
    assert finding["rule"] == "MW407"
    assert finding["hint"].startswith(DROPPED[name])


def test_the_proxy_s_password_is_a_secret(run: Run, write: Write) -> None:
    path = write("deployment.toml", f"{HEAD}'mail.smtp.proxy.password' = 'zqcanary'\n'mail.smtp.socks.host' = 'h'\n")
    for command in (("validate",), ("effective",)):
        said = run(*command, path, "--product-version", "7.3.0")
        assert "zqcanary" not in said.stdout + said.stderr
