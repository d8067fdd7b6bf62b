"""Random scenarios: what servers do and clients set, in combinations that nobody thought of. The same seed, the same scenarios."""

from __future__ import annotations

import random
from typing import Any

from javamail.parity import Scenario
from javamail.relay import Relay

JSSE = "javax.net.ssl.SSLSocketFactory"
OFFERS = (
    ("AUTH LOGIN PLAIN",),
    ("AUTH PLAIN LOGIN XOAUTH2",),
    ("AUTH PLAIN",),
    ("AUTH XOAUTH2",),
    ("AUTH CRAM-MD5",),
    ("AUTH=LOGIN PLAIN",),
    ("AUTH=LOGIN", "AUTH PLAIN"),
    ("AUTH LOGIN", "AUTH PLAIN"),
    ("AUTH GSSAPI PLAIN",),
    ("AUTH EXTERNAL LOGIN",),
    ("AUTH NTLM DIGEST-MD5",),
    ("AUTH=LOGIN",),
    ("AUTH",),
    (),
    ("SIZE 100", "auth login", "DSN"),
)
CERTIFICATES = [
    "good",
    "good",
    "good",
    "intermediate",
    "incomplete",
    "anchored",
    "anchored-full",
    "unknown-ca",
    "self-signed",
    "other-name",
    "wildcard-example",
    "ip-only",
    "cn-only",
    "cn-other",
    "upper-case",
    "expired",
    "future",
    "expired-unknown",
]

# What a field may be, beside its usual value; an entry is chosen now and then.
SERVERS: dict[str, tuple[Any, ...]] = {
    "clear": (*OFFERS, *(("STARTTLS", *offer) for offer in OFFERS)),
    "tls": OFFERS,
    "implicit": (True,),
    "banner": ("554 no", "220-a\n220 b", "220-a\n554 b", "hello", None),
    "ehlo": ("502 no", "421 no", "250 relay", None),
    "ehlo_tls": ("502 no", "250 relay", None),
    "helo": ("550 no",),
    "starttls": ("454 no", "220-a\n220 b", None),
    "starttls_then": ("close",),
    "auth": ("535 no", "454 no", "421 no", "334 more", "235-a\n235 b", None),
    "auth_first": ("235 in", "530 TLS", "504 no", "334 ", None),
    "auth_first_clear": ("530 TLS", "538 no"),
    "mail": ("550 no", "530 TLS", "553 not yours", "250-a\n250 b", "421 no", None),
    "mail_clear": ("530 TLS", "550 no"),
    "certificate": tuple(CERTIFICATES),
    "lowest": ("TLSv1_3",),
    "highest": ("TLSv1_2",),
    "end": (b"\n",),
    "delay": (("banner", 1.1), ("EHLO", 1.1), ("TLS AUTH", 1.1)),
}
CLIENTS: dict[str, tuple[str | None, ...]] = {
    "auth": ("false", "TRUE", "yes", None),
    "user": ("",),
    "password": ("", "wrong-one"),
    "host": ("127.0.0.1", "relay.example.com", "deep.relay.example.com", "", "no-such-host.invalid"),
    "from": ("Me <no-reply@example.com>", "mailer", "", "a b"),
    "replyTo": ("a@example.com, b@example.com", "a@b@c", ""),
    "timeout": ("300", "0x200", "none"),
    "sasl.authorizationid": ("", "no-reply@example.com", "other"),
    "starttls.enable": ("false", "False", "1", None),
    "starttls.required": ("true", "TRUE", "false"),
    "ssl.enable": ("true", "True", "false"),
    "ssl.trust": ("*", "localhost", "127.0.0.1 localhost relay.example.com", "other", "", "LOCALHOST"),
    "ssl.checkserveridentity": ("true", "TRUE", "false"),
    "ssl.protocols": ("TLSv1.2", "TLSv1.3", "TLSv1.2 TLSv1.3", "TLSv1.1", "nonsense"),
    "ssl.ciphersuites": ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384", "nonsense"),
    "auth.mechanisms": ("PLAIN", "plain login", "XOAUTH2", "XOAUTH2 LOGIN", "GSSAPI", ""),
    "auth.login.disable": ("true",),
    "auth.plain.disable": ("true",),
    "auth.xoauth2.disable": ("false",),
    "ehlo": ("false", "true"),
    "sasl.enable": ("true",),
    "sasl.mechanisms": ("PLAIN", "XOAUTH2", "LOGIN", "CRAM-MD5"),
    "authType": ("CLIENT_CREDENTIAL", "BASIC"),
    "socketFactory.class": (JSSE, JSSE, "com.example.None"),
    "socketFactory.port": ("{port}", "{closed}"),
    "socketFactory.fallback": ("false", "true"),
    "ssl.socketFactory.class": (JSSE, "com.example.None"),
    "port": ("{closed}", "0{port}"),
}


def chances(count: int, seed: int) -> list[Scenario]:
    """Return *count* scenarios; each has a few deviations on both sides, and time-outs that keep a silent pair short."""
    return [_one(random.Random(seed * 1_000_000 + number), f"{seed}/{number}") for number in range(count)]


def _one(dice: random.Random, name: str) -> Scenario:
    server = {field: dice.choice(SERVERS[field]) for field in _some(dice, list(SERVERS))}
    client = {f"mail.smtp.{key}": dice.choice(CLIENTS[key]) for key in _some(dice, list(CLIENTS))}
    if server.get("implicit") and dice.random() < 0.7:
        client["mail.smtp.ssl.enable"] = "true"
    client.setdefault("mail.smtp.timeout", "700")
    return Scenario(name, Relay(**server), client)


def _some(dice: random.Random, names: list[str]) -> list[str]:
    return dice.sample(names, min(len(names), int(dice.expovariate(0.5)) + dice.randint(0, 1)))
