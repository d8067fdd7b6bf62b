"""The model of the server's mail client: what each property changes in the handshake's settings, and that it changes nothing else."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from mailwright.base.secret import Secret
from mailwright.verification.client import client_settings
from mailwright.verification.handshake import Settings
from mailwright.verification.suites import NOTHING_LEFT, SUITES
from products import ALL

PLAIN = {"mail.smtp.host": "relay.example"}
ALL_SUITES = ":".join(SUITES.values())
ILLEGAL = "connection unavailable: Illegal address"
UNTRUSTED = "could not convert socket to TLS: Server is not trusted: relay.example"
NO_TLS_FACTORY = "could not convert socket to TLS: Exception in startTLS using unknown socket factory"
TLS_FACTORY, PLAIN_FACTORY = "javax.net.ssl.SSLSocketFactory", "javax.net.SocketFactory"
OAUTH = {"authType": "CLIENT_CREDENTIAL", "from": "a@b.example", "user": "u", "password": "p"}
FETCHED = {
    "sender": "<a@b.example>",
    "username": "a@b.example",
    "unresolved": "the client fetches an access token first",
    "client_trusts_host": True,
}
PLAINLY = {"port": 25, "implicit_tls": False, "client_trusts_host": False, "client_tls_error": ""}


def smtp(properties: dict[str, str]) -> dict[str, str]:
    """Return properties by their whole names; a name with a colon before it is whole already."""
    return {name[1:] if name.startswith(":") else f"mail.smtp.{name}": text for name, text in properties.items()}


def changed(properties: dict[str, str], **options: Any) -> dict[str, Any]:
    """Return the settings that are others than with a host alone."""
    base, read = (
        client_settings(PLAIN, ALL.newest)._asdict(),
        client_settings({**PLAIN, **smtp(properties)}, ALL.newest, **options)._asdict(),
    )
    return {name: value for name, value in read.items() if value != base[name]}


def test_a_host_alone() -> None:
    assert client_settings(PLAIN, ALL.newest) == Settings(
        host="relay.example",
        port=25,
        ehlo=True,
        mechanisms=("LOGIN", "PLAIN", "DIGEST-MD5", "NTLM"),
        tls_minimum="TLSv1.2",
        tls_maximum="TLSv1.3",
        ciphers=ALL_SUITES,
        timeout=10.0,
        deadline=40.0,
        local_hostname=socket.gethostname(),
    )
    assert client_settings({}, ALL.newest).host == "localhost"
    assert client_settings({"mail.smtp.host": ""}, ALL.newest).host == "localhost"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"ca_pem": "PEM"}, {"ca_pem": "PEM"}),
        ({"timeout": 2.5}, {"timeout": 2.5, "deadline": 10.0}),
        ({"allow_cleartext": True}, {"allow_cleartext": True}),
        ({"allow_unverified": True}, {"allow_unverified": True}),
    ],
)
def test_what_the_caller_asks_for(options: dict[str, Any], expected: dict[str, Any]) -> None:
    assert changed({}, **options) == expected


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        # the port
        ({"port": "587"}, {"port": 587}),
        ({"port": "+587"}, {"port": 587}),
        ({"port": "0x24B"}, {"port": 587}),
        ({"port": "0x-1"}, {}),
        ({"port": "-1"}, {}),
        ({"port": "-2"}, {"port": -2}),
        ({"port": "0"}, {"port": 0}),
        ({"port": "2147483647"}, {"port": 2147483647}),
        ({"port": "2147483648"}, {}),
        ({"port": "-2147483648"}, {"port": -2147483648}),
        ({"port": "-2147483649"}, {}),
        ({"port": "0" * 38 + "26"}, {"port": 26}),
        ({"port": "0" * 39 + "26"}, {}),
        ({"port": "0x"}, {}),
        ({"port": "587x"}, {}),
        ({"port": "-1", "ssl.enable": "true"}, {"port": 465, "implicit_tls": True}),
        ({"port": "587", "ssl.enable": "true"}, {"port": 587, "implicit_tls": True}),
        ({"ssl.enable": "true"}, {"port": 465, "implicit_tls": True}),
        ({"ssl.enable": "yes"}, {}),
        # switches: where the default is true only "false" turns them off, else only "true" turns them on
        ({"ehlo": "false"}, {"ehlo": False}),
        ({"ehlo": "FALSE"}, {"ehlo": False}),
        ({"ehlo": "no"}, {}),
        ({"ehlo": "true"}, {}),
        ({"starttls.enable": "True"}, {"starttls_enable": True}),
        ({"starttls.enable": "false"}, {}),
        ({"starttls.required": "true"}, {"starttls_required": True}),
        ({"auth": "true"}, {"authenticate": True}),
        ({"auth": "1"}, {}),
        ({"ssl.checkserveridentity": "true"}, {"client_checks_identity": True}),
        ({":mail.mime.allowutf8": "TRUE"}, {"utf8": True}),
        ({":mail.mime.allowutf8": "yes"}, {}),
        # times
        ({"connectiontimeout": "1500"}, {"client_connect_timeout": 1.5}),
        ({"timeout": "1"}, {"client_read_timeout": 0.001}),
        ({"timeout": "0"}, {}),
        ({"timeout": "-5"}, {}),
        ({"timeout": "soon"}, {}),
        # who says EHLO
        ({"localhost": "node"}, {"local_hostname": "node"}),
        ({"localaddress": "192.0.2.9"}, {"local_hostname": "192.0.2.9", "unmodelled": ("mail.smtp.localaddress",)}),
        (
            {"localhost": "node", "localaddress": "192.0.2.9"},
            {"local_hostname": "node", "unmodelled": ("mail.smtp.localaddress",)},
        ),
        # credentials
        ({"user": "u"}, {"username": "u"}),
        ({"user": "u", "password": "p"}, {"username": "u", "password": "p", "token": "p"}),
        ({"sasl.authorizationid": ""}, {"authzid": ""}),
        ({"sasl.authorizationid": "z"}, {"authzid": "z"}),
        # mechanisms: the switches count only where no list is given
        ({"auth.mechanisms": "plain  xoauth2 CRAM-MD5"}, {"mechanisms": ("PLAIN", "XOAUTH2")}),
        ({"auth.mechanisms": ""}, {"mechanisms": ()}),
        ({"auth.mechanisms": "PLAIN", "auth.plain.disable": "true"}, {"mechanisms": ("PLAIN",)}),
        ({"auth.plain.disable": "true"}, {"mechanisms": ("LOGIN", "DIGEST-MD5", "NTLM")}),
        ({"auth.digest-md5.disable": "true"}, {"mechanisms": ("LOGIN", "PLAIN", "NTLM")}),
        ({"auth.xoauth2.disable": "true"}, {}),
        ({"auth.xoauth2.disable": "false"}, {"mechanisms": ("LOGIN", "PLAIN", "DIGEST-MD5", "NTLM", "XOAUTH2")}),
        ({"sasl.enable": "true"}, {"sasl": ()}),
        ({"sasl.enable": "true", "sasl.mechanisms": "PLAIN,XOAUTH2  LOGIN"}, {"sasl": ("PLAIN", "XOAUTH2", "LOGIN")}),
        ({"sasl.mechanisms": "PLAIN"}, {}),
        # addresses
        ({"from": "a@b.example"}, {"sender": "<a@b.example>"}),
        ({"from": "<a@b.example>"}, {"sender": "<a@b.example>"}),
        ({"from": "A <a@b.example>"}, {"sender": "A <a@b.example>"}),
        ({"from": "<a@b.example> x"}, {"sender": "<a@b.example> x", "unmodelled": ("mail.smtp.from",)}),
        ({"from": "x a@b.example>"}, {"sender": "x a@b.example>", "unmodelled": ("mail.smtp.from",)}),
        ({"from": "a b@c.example"}, {"sender": "<a b@c.example>", "client_error": ILLEGAL}),
        ({"from": ""}, {"client_error": ILLEGAL}),
        ({"from": "(c) a@b.example"}, {"sender": "<(c) a@b.example>", "unmodelled": ("mail.smtp.from",)}),
        ({"replyTo": "a@b.example, c@d.example"}, {}),
        ({"replyTo": ""}, {}),
        ({"replyTo": "a b@c.example"}, {"client_error": ILLEGAL}),
        ({"replyTo": "(c) a@b.example"}, {"unmodelled": ("mail.smtp.replyTo",)}),
        ({"host": "rel\u00e4y.example"}, {"host": "rel\u00e4y.example", "client_error": "Unknown SMTP host: rel\u00e4y.example"}),
        ({"host": "rel\u00e4y", "from": "a b@c"}, {"host": "rel\u00e4y", "sender": "<a b@c>", "client_error": ILLEGAL}),
        # whom it trusts
        ({"ssl.trust": "*"}, {"client_trusts_host": True}),
        ({"ssl.trust": "other relay.example\tthird"}, {"client_trusts_host": True}),
        ({"ssl.trust": "*.example"}, {"client_tls_error": UNTRUSTED}),
        ({"ssl.trust": "other,relay.example"}, {"client_tls_error": UNTRUSTED}),
        ({"ssl.trust": ""}, {"client_tls_error": UNTRUSTED}),
        # TLS
        ({"ssl.protocols": "TLSv1.2"}, {"tls_maximum": "TLSv1.2"}),
        ({"ssl.protocols": "TLSv1.3"}, {"tls_minimum": "TLSv1.3"}),
        ({"ssl.protocols": "TLSv1.1"}, {"client_tls_error": NOTHING_LEFT}),
        ({"ssl.protocols": "TLSv1.1", "ssl.trust": "other"}, {"client_tls_error": NOTHING_LEFT}),
        (
            {"ssl.ciphersuites": "TLS_RSA_WITH_AES_128_CBC_SHA"},
            {"tls_maximum": "TLSv1.2", "ciphers": "AES128-SHA"},
        ),
        # what is not followed
        ({"socks.host": "proxy"}, {"unmodelled": ("mail.smtp.socks.host",)}),
        ({"socks.host": ""}, {}),
        ({":mail.transport.protocol.rfc822": "smtp"}, {}),
        ({":mail.transport.protocol.rfc822": "smtps"}, {"unmodelled": ("mail.transport.protocol.rfc822",)}),
        ({":mail.unheard.of": "x"}, {}),
        # a token instead of a password
        (OAUTH, {**FETCHED, "mechanisms": ("XOAUTH2",)}),
        ({**OAUTH, "auth.mechanisms": "PLAIN", "ssl.trust": "other"}, {**FETCHED, "mechanisms": ("XOAUTH2",)}),
        ({**OAUTH, "authType": "BASIC"}, {"sender": "<a@b.example>", "username": "u", "password": "p", "token": "p"}),
    ],
)
def test_what_a_property_changes(properties: dict[str, str], expected: dict[str, Any]) -> None:
    assert changed(properties) == expected


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"socketFactory.class": PLAIN_FACTORY}, {"fallback": PLAINLY}),
        ({"socketFactory.class": PLAIN_FACTORY, "socketFactory.fallback": "false"}, {}),
        ({"socketFactory.class": PLAIN_FACTORY, "socketFactory.port": "26"}, {"port": 26, "fallback": PLAINLY}),
        (
            {"socketFactory.class": PLAIN_FACTORY, "port": "587", "socketFactory.port": "-1"},
            {"port": 587, "fallback": {**PLAINLY, "port": 587}},
        ),
        ({"socketFactory.class": TLS_FACTORY}, {"implicit_tls": True, "fallback": PLAINLY}),
        ({"socketFactory.class": "com.sun.mail.util.MailSSLSocketFactory"}, {"implicit_tls": True, "fallback": PLAINLY}),
        (
            {"socketFactory.class": TLS_FACTORY, "ssl.trust": "*"},
            {"implicit_tls": True, "client_trusts_host": True, "fallback": PLAINLY},
        ),
        (
            {"socketFactory.class": PLAIN_FACTORY, "ssl.enable": "true"},
            {"port": 465, "implicit_tls": True, "fallback": {**PLAINLY, "port": 465, "implicit_tls": True}},
        ),
        # a factory of its own for TLS counts where TLS comes first
        ({"ssl.socketFactory.class": TLS_FACTORY}, {}),
        ({"ssl.socketFactory.class": TLS_FACTORY, "ssl.trust": "*"}, {}),
        (
            {"ssl.socketFactory.class": TLS_FACTORY, "ssl.socketFactory.port": "4650", "ssl.enable": "true"},
            {"port": 4650, "implicit_tls": True, "fallback": {**PLAINLY, "port": 465, "implicit_tls": True}},
        ),
        (
            {
                "socketFactory.class": PLAIN_FACTORY,
                "ssl.socketFactory.class": TLS_FACTORY,
                "socketFactory.port": "26",
                "ssl.enable": "true",
            },
            {"port": 465, "implicit_tls": True, "fallback": {**PLAINLY, "port": 465, "implicit_tls": True}},
        ),
        # a class that nobody knows
        (
            {"socketFactory.class": "x.Y"},
            {"client_tls_error": NO_TLS_FACTORY, "unmodelled": ("mail.smtp.socketFactory.class",)},
        ),
        (
            {"socketFactory.class": "x.Y", "socketFactory.fallback": "false"},
            {
                "client_error": "Using socket factory class x.Y",
                "client_tls_error": NO_TLS_FACTORY,
                "unmodelled": ("mail.smtp.socketFactory.class",),
            },
        ),
        (
            {"socketFactory.class": "x.Y", "socketFactory.fallback": "false", "replyTo": "a b@c.example"},
            {
                "client_error": ILLEGAL,
                "client_tls_error": NO_TLS_FACTORY,
                "unmodelled": ("mail.smtp.socketFactory.class",),
            },
        ),
        (
            {"ssl.socketFactory.class": "x.Y"},
            {"client_tls_error": NO_TLS_FACTORY, "unmodelled": ("mail.smtp.ssl.socketFactory.class",)},
        ),
        (
            {"ssl.socketFactory.class": "x.Y", "ssl.trust": "other"},
            {"client_tls_error": NO_TLS_FACTORY, "unmodelled": ("mail.smtp.ssl.socketFactory.class",)},
        ),
        (
            {"ssl.socketFactory.class": "x.Y", "ssl.enable": "true", "socketFactory.fallback": "false"},
            {
                "port": 465,
                "implicit_tls": True,
                "client_error": "Using socket factory class x.Y",
                "unmodelled": ("mail.smtp.ssl.socketFactory.class",),
            },
        ),
    ],
)
def test_socket_factories(properties: dict[str, str], expected: dict[str, Any]) -> None:
    assert changed(properties) == expected


@pytest.mark.parametrize(
    ("user", "password", "expected"),
    [
        ("u", "$env{P}", {"username": "u", "password": "secret-p", "token": "secret-p"}),
        ("x-$env{U}-y", "$env{P}", {"username": "x-secret-u-y", "password": "secret-p", "token": "secret-p"}),
        ("u", "$env{GONE}", {"username": "u", "unresolved": "$env{GONE} is not resolved here"}),
        (
            "$file{u}",
            "$keep{p}",
            {"unresolved": "$file{u} is not resolved here"},
        ),
        ("u", "$foo{P}", {"username": "u", "password": "$foo{P}", "token": "$foo{P}"}),
        ("u", "$env{}", {"username": "u", "unresolved": "$env{} is not resolved here"}),
    ],
)
def test_references(user: str, password: str, expected: dict[str, Any]) -> None:
    known = {"$env{P}": "secret-p", "$env{U}": "secret-u"}

    def resolve(reference: str) -> Secret | None:
        return Secret(known[reference], reference) if reference in known else None

    assert changed({"user": user, "password": password}, resolve_secret=resolve) == expected


def test_no_reference_is_resolved_without_a_resolver() -> None:
    expected = {"username": "u", "unresolved": "$secret{p} is not resolved here"}
    assert changed({"user": "u", "password": "$secret{p}"}) == expected
