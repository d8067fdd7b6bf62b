"""schema/mail-properties.json against JavaMail itself: which properties it asks for, and what their values do on the wire."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailwright.product.product import load_product
from peers import ACTIVATION, JAVAMAIL, find, require
from products import load_adapter, load_mail_properties

SOURCE = Path(__file__).parent / "javamail" / "MailProperties.java"
TLS = "mail.smtp.starttls.enable=true\nmail.smtp.ssl.trust=*"
HERE = "127.0.0.1"


@dataclass(frozen=True)
class Sent:
    """One mail: how it ended, what the relay heard, and which properties were asked for."""

    outcome: str
    heard: str
    asked: frozenset[str]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require("java", "javac", "keytool", JAVAMAIL, ACTIVATION)
    folder = tmp_path_factory.mktemp("mail-properties")
    _run("javac", "-cp", str(JAVAMAIL), "-d", str(folder), str(SOURCE))
    options = "-alias relay -keyalg RSA -dname CN=relay.example.com -storetype PKCS12 -storepass changeit -validity 30"
    _run("keytool", "-genkeypair", "-keystore", str(folder / "relay.p12"), *options.split())
    return folder


def _run(command: str, *arguments: str) -> str:
    done = subprocess.run([str(find(command)), *arguments], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def send(folder: Path, *requests: str) -> list[Sent]:
    """Send a mail for each request: capabilities, a bar, properties."""
    classes = f"{folder}:{JAVAMAIL}:{ACTIVATION}"
    out = _run("java", "-XX:TieredStopAtLevel=1", "-cp", classes, "MailProperties", str(folder / "relay.p12"), *requests)
    found = []
    for line in out.splitlines():
        outcome, heard, asked = line.split("\t")
        found.append(Sent(outcome, heard, frozenset(asked.split())))
    assert len(found) == len(requests)
    return found


WAYS = (
    "AUTH LOGIN PLAIN,8BITMIME,DSN,CHUNKING,SMTPUTF8|",
    f"STARTTLS,AUTH PLAIN|{TLS}",
    f"STARTTLS,AUTH PLAIN|{TLS}\nmail.smtp.ssl.checkserveridentity=true",
    "TLS,AUTH PLAIN|mail.smtp.ssl.enable=true\nmail.smtp.ssl.trust=*",
    "TLS,AUTH PLAIN|mail.smtp.ssl.enable=true\nmail.smtp.ssl.socketFactory.class=com.sun.mail.util.MailSSLSocketFactory",
    "AUTH PLAIN|mail.smtp.sasl.enable=true",
    "AUTH NTLM|",
    "AUTH DIGEST-MD5|",
    "AUTH XOAUTH2|",
    "AUTH PLAIN|mail.smtp.socketFactory.class=javax.net.SocketFactory\nmail.smtp.socketFactory.port={port}",
    f"AUTH PLAIN|mail.smtp.proxy.host={HERE}\nmail.smtp.proxy.port={{port}}",
    f"AUTH PLAIN|mail.smtp.socks.host={HERE}\nmail.smtp.socks.port={{port}}",
    f"AUTH PLAIN|!mail.smtp.localhost\nmail.smtp.localaddress={HERE}",
    f"AUTH PLAIN|!mail.smtp.host\n!mail.smtp.from\nmail.host={HERE}",
    "AUTH PLAIN|test.to=to@example.com,refused@example.com",
    "AUTH PLAIN|mail.smtp.chunksize=100",
)


def test_the_list_is_what_the_mail_client_asks_for(program: Path) -> None:
    asked = frozenset[str]().union(*(sent.asked for sent in send(program, *WAYS)))
    data = load_product().data("mail-properties")
    known = {entry["name"] for entry in data["read"]}
    useless = {entry["name"] for entry in data["without_effect"]}
    measured_useless = {entry["name"] for entry in data["without_effect"] if entry["evidence"] == "R"}
    keys = set(load_adapter().by_xml)
    assert asked - known - useless - keys == set(), "JavaMail asks for properties that are not listed"
    assert known - asked == set(), "listed, and JavaMail never asks for it"
    # What only reading mail, a system property or another way of sending would ask for.
    assert useless & asked <= measured_useless


def test_a_property_of_another_name_is_not_asked_for(program: Path) -> None:
    names = (
        "mail.smtp.starttls.require",
        "mail.smtp.ssl.checkServerIdentity",
        "mail.smtp.connection.timeout",
        "mail.smtps.timeout",
    )
    (sent,) = send(program, "AUTH PLAIN|" + "\n".join(f"{name}=true" for name in names))
    assert sent.outcome == "sent"
    assert not sent.asked & {*names}
    assert all(name not in load_mail_properties().known for name in names)


@pytest.mark.parametrize("text", ["yes", "1", " true", "on", ""])
def test_any_other_text_for_a_truth_value_counts_as_its_default(program: Path, text: str) -> None:
    off, on, ehlo = send(
        program,
        f"AUTH PLAIN|mail.smtp.auth={text}",
        f"AUTH PLAIN|mail.smtp.ehlo={text}",
        "AUTH PLAIN|mail.smtp.ehlo=FALSE",
    )
    assert "AUTH" not in off.heard
    assert "EHLO" in on.heard
    assert "HELO client.example.com" in ehlo.heard
    assert "EHLO" not in ehlo.heard


EFFECTS = {
    "a time-out that is no number is none": ("AUTH PLAIN|mail.smtp.timeout=10s", "sent", ""),
    "a port that is no number is the usual one": (f"|mail.smtp.socks.host={HERE}\nmail.smtp.socks.port=abc", "port: 127.0.0.1, 1080", ""),
    "the proxy's too": (f"|mail.smtp.proxy.host={HERE}\nmail.smtp.proxy.port=abc", "port: 127.0.0.1, 80;", ""),
    "a port out of range fails": ("|mail.smtp.port=70000", "port out of range:70000", ""),
    "the proxy's fails as well": (f"|mail.smtp.proxy.host={HERE}\nmail.smtp.proxy.port=70000", "port out of range:70000", ""),
    "commas between mechanisms leave none": (
        "AUTH PLAIN|mail.smtp.auth.mechanisms=PLAIN,LOGIN",
        "No authentication mechanisms supported by both server and client",
        "",
    ),
    "an unknown mechanism is passed over": ("AUTH PLAIN|mail.smtp.auth.mechanisms=NOPE plain", "sent", "AUTH PLAIN"),
    "DSN goes out as it stands": ("DSN|mail.smtp.auth=no\nmail.smtp.dsn.ret=foo\nmail.smtp.dsn.notify=bar", "sent", "RET=foo"),
    "an unknown TLS version fails": (f"STARTTLS,AUTH PLAIN|{TLS}\nmail.smtp.ssl.protocols=TLSv9", "Could not convert socket to TLS", ""),
    "an unknown own address fails": ("|mail.smtp.localaddress=nosuch.invalid", "nosuch.invalid", ""),
    "a text for an executor fails": ("|mail.event.executor=x", "ClassCastException", ""),
    "a text for a socket factory is passed over": ("AUTH PLAIN|mail.smtp.socketFactory=x\nmail.smtp.ssl.socketFactory=x", "sent", ""),
    "the transport is asked by address type": ("AUTH PLAIN|mail.transport.protocol=smtps", "sent", ""),
    "and another one leaves the server": ("|mail.transport.protocol.rfc822=smtps", "localhost, 465", ""),
    "success as an exception": ("AUTH PLAIN|mail.smtp.reportsuccess=true", "SMTPAddressSucceededException", "QUIT"),
    "BDAT": ("CHUNKING|mail.smtp.auth=no\nmail.smtp.chunksize=100", "sent", "BDAT 100"),
    "no BDAT": ("CHUNKING|mail.smtp.auth=no\nmail.smtp.chunksize=abc", "sent", "DATA"),
    "UTF-8": ("SMTPUTF8|mail.smtp.auth=no\nmail.mime.allowutf8=true", "sent", "SMTPUTF8"),
    "8bit": ("8BITMIME|mail.smtp.auth=no\nmail.smtp.allow8bitmime=true", "sent", "8bit"),
    "submitter and extension": (
        "AUTH PLAIN|mail.smtp.submitter=x@y.example\nmail.smtp.mailextension=XFOO=1",
        "sent",
        "AUTH=x@y.example XFOO=1",
    ),
}  # fmt: skip


def test_what_a_value_does(program: Path) -> None:
    answers = send(program, *(request for request, _, _ in EFFECTS.values()))
    for (what, (_, outcome, heard)), sent in zip(EFFECTS.items(), answers, strict=True):
        assert outcome in sent.outcome, (what, sent)
        assert heard in sent.heard, (what, sent)
