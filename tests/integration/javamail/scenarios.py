"""The scenarios that are named: every row of what was measured of JavaMail, and what else a developer may set or meet."""

from __future__ import annotations

from collections.abc import Iterator

from javamail.parity import ACCOUNT, Scenario
from javamail.relay import ALL, Account, Relay

TLS_FIRST = Relay(implicit=True)
NO_TLS = Relay(clear=(ALL,))
JSSE = "javax.net.ssl.SSLSocketFactory"


def scenario(
    name: str, relay: Relay | None = None, *, account: Account | None = None, recipient: str = "", **changes: str | None
) -> Scenario:
    """Return a scenario; a keyword's underscores stand for dots behind ``mail.smtp.``."""
    named = {f"mail.smtp.{key.replace('_', '.')}": value for key, value in changes.items()}
    return Scenario(name, relay or Relay(), named, account or ACCOUNT, recipient=recipient)


def scenarios() -> Iterator[Scenario]:
    """Yield all of them; the names are unique."""
    yield from _measured()
    yield from _booleans_and_numbers()
    yield from _capabilities()
    yield from _starttls()
    yield from _certificates()
    yield from _tls_settings()
    yield from _mechanisms()
    yield from _auth_replies()
    yield from _replies()
    yield from _senders()
    yield from _credentials()
    yield from _factories()
    yield from _times()
    yield from _client_certificates()
    yield from _shutting_down()
    yield from _addresses_of_a_name()
    yield from _addresses_that_are_not_ascii()


def _measured() -> Iterator[Scenario]:
    """The rows of the reference."""
    both = ("STARTTLS", "AUTH XOAUTH2 PLAIN")
    yield scenario("STARTTLS, trusted CA")
    yield scenario("wrong password", password="wrong-one")
    yield scenario("no STARTTLS at all", NO_TLS)
    yield scenario("no STARTTLS, required", NO_TLS, starttls_required="true")
    yield scenario("unknown CA", Relay(certificate="unknown-ca"))
    yield scenario("unknown CA, trust=<host>", Relay(certificate="unknown-ca"), ssl_trust="localhost")
    yield scenario("another host name", Relay(certificate="other-name"))
    yield scenario("another host name, identity checked", Relay(certificate="other-name"), ssl_checkserveridentity="true")
    yield scenario("expired", Relay(certificate="expired"))
    yield scenario("TLS 1.1 at most", Relay(lowest="TLSv1", highest="TLSv1_1"))
    yield scenario("TLS 1.2", Relay(highest="TLSv1_2"))
    yield scenario("TLS 1.3 only", Relay(lowest="TLSv1_3"))
    yield scenario("only AUTH PLAIN", Relay(tls=("AUTH PLAIN",)))
    yield scenario("AUTH not offered", Relay(tls=("SIZE 100",)))
    yield scenario("XOAUTH2 and PLAIN, not named", Relay(tls=both))
    yield scenario("XOAUTH2 and PLAIN, XOAUTH2 named", Relay(tls=both), auth_mechanisms="XOAUTH2")
    yield scenario(
        "STARTTLS needed, not enabled", Relay(auth_first_clear="504 no", clear=("STARTTLS", ALL)), starttls_enable="false"
    )
    yield scenario(
        "AUTH needs STARTTLS (530), not enabled",
        Relay(auth_first_clear="530 TLS", clear=("STARTTLS", ALL)),
        starttls_enable="false",
    )
    yield scenario("auth=false", auth="false")
    yield scenario("user and password empty", user="", password="")
    yield scenario("TLS-first port, no ssl.enable", TLS_FIRST, timeout="400")
    yield scenario("TLS-first port, ssl.enable", TLS_FIRST, ssl_enable="true")


def _booleans_and_numbers() -> Iterator[Scenario]:
    for text in ("TRUE", "True", " true", "true ", "yes", "1", "on", "", None):
        yield scenario(f"auth={text!r}", auth=text)
        yield scenario(f"starttls.enable={text!r}", Relay(clear=("STARTTLS", ALL)), starttls_enable=text)
    for text in ("TRUE", "yes", ""):
        yield scenario(
            f"starttls.required={text!r}, not enabled, not offered", NO_TLS, starttls_enable="false", starttls_required=text
        )
        yield scenario(f"checkserveridentity={text!r}", Relay(certificate="other-name"), ssl_checkserveridentity=text)
        yield scenario(f"ssl.enable={text!r} on 465", TLS_FIRST, ssl_enable=text, timeout="400")
        yield scenario(f"ehlo={text!r}", ehlo=text)
    yield scenario("starttls.required alone", starttls_enable="false", starttls_required="true")
    yield scenario("ehlo=false", ehlo="false")
    yield scenario("ehlo=FALSE, auth needed", NO_TLS, ehlo="FALSE")
    yield scenario("ehlo=false, STARTTLS required", ehlo="false", starttls_required="true")
    for text in (
        "+{port}",
        " {port}",
        "{port} ",
        "0{port}",
        "{port}.0",
        "0",
        "-5",
        "65536",
        "70000",
        "99999999999",
        "",
        "smtp",
        "0xZZ",
    ):
        yield scenario(f"port={text!r}", port=text)
    yield scenario("port closed", port="{closed}")
    yield scenario("port closed, no credentials", port="{closed}", user="", password="")
    for host in (
        "",
        "127.0.0.1",
        "LOCALHOST",
        "localhost.",
        " localhost",
        "localhost ",
        "no-such-host.invalid",
        "b\u00fccher.example",
    ):
        yield scenario(f"host={host!r}", host=host)
    yield scenario("host is empty, trusted by name", host="", ssl_trust="localhost")


def _capabilities() -> Iterator[Scenario]:
    yield scenario("AUTH before STARTTLS only", Relay(clear=("STARTTLS", ALL), tls=()))
    yield scenario("AUTH before STARTTLS, EHLO again refused", Relay(clear=("STARTTLS", ALL), ehlo_tls="502 no"))
    yield scenario("EHLO again refused, no AUTH before", Relay(ehlo_tls="502 no"))
    yield scenario("EHLO again answered with 421", Relay(clear=("STARTTLS", ALL), ehlo_tls="421 later"))
    yield scenario("other AUTH after STARTTLS", Relay(clear=("STARTTLS", "AUTH LOGIN"), tls=("AUTH PLAIN",)))
    yield scenario("EHLO refused, HELO taken", Relay(ehlo="502 no", clear=(ALL,)))
    yield scenario("EHLO refused, HELO taken, no auth", Relay(ehlo="500 no"), auth="false")
    yield scenario("EHLO refused, HELO taken, STARTTLS required", Relay(ehlo="500 no"), starttls_required="true")
    yield scenario("EHLO and HELO refused", Relay(ehlo="502 no", helo="550 no"))
    yield scenario("EHLO answered with 421", Relay(ehlo="421 later"))
    yield scenario("EHLO answered with 251", Relay(ehlo="251 ok", clear=(ALL,)))
    yield scenario("EHLO: connection closed", Relay(ehlo=None))
    yield scenario("EHLO again: connection closed", Relay(ehlo_tls=None))
    offers = {
        "AUTH=LOGIN PLAIN": ("AUTH=LOGIN PLAIN",),
        "AUTH=LOGIN": ("AUTH=LOGIN",),
        "AUTH=PLAIN": ("AUTH=PLAIN",),
        "AUTH=LOGIN, AUTH PLAIN": ("AUTH=LOGIN", "AUTH PLAIN"),
        "AUTH=LOGIN, AUTH CRAM-MD5": ("AUTH=LOGIN", "AUTH CRAM-MD5"),
        "AUTH PLAIN, AUTH=PLAIN": ("AUTH PLAIN", "AUTH=PLAIN"),
        "AUTH without words": ("AUTH",),
        "AUTH with a blank": ("AUTH ",),
        "auth in small letters": ("auth login plain",),
        "Auth Login": ("Auth Login",),
        "AUTH twice, last CRAM-MD5": ("AUTH LOGIN PLAIN", "AUTH CRAM-MD5"),
        "AUTH twice, last LOGIN": ("AUTH CRAM-MD5", "AUTH LOGIN"),
        "AUTH with a tab": ("AUTH\tLOGIN PLAIN",),
        "AUTH with tabs between": ("AUTH LOGIN\tPLAIN",),
        "AUTH with two blanks": ("AUTH  LOGIN",),
        "AUTH behind a blank": (" AUTH LOGIN",),
        "AUTH among others": ("SIZE 1", "8BITMIME", ALL, "DSN"),
        "LOGINX": ("AUTH LOGINX PLAINER",),
    }
    for name, lines in offers.items():
        yield scenario(f"offers {name}", Relay(tls=lines))
        yield scenario(f"offers {name}, in clear", Relay(clear=lines))
    yield scenario("starttls in small letters", Relay(clear=("starttls",)), starttls_required="true")
    yield scenario("STARTTLS with words", Relay(clear=("STARTTLS now",)), starttls_required="true")
    yield scenario("STARTTLS behind a blank", Relay(clear=(" STARTTLS",)), starttls_required="true")
    yield scenario("X-STARTTLS", Relay(clear=("X-STARTTLS", ALL)), starttls_required="true")
    yield scenario("AUTH on the first line of EHLO", Relay(ehlo="250 AUTH LOGIN"))


def _starttls() -> Iterator[Scenario]:
    for reply in ("454 later", "220-go\n220 on", "250 go", "221 go", "501 no", "502 no", None):
        yield scenario(f"STARTTLS answered with {reply!r}", Relay(starttls=reply))
        yield scenario(f"STARTTLS answered with {reply!r}, required", Relay(starttls=reply), starttls_required="true")
    yield scenario("bytes behind the reply to STARTTLS", Relay(starttls="220 go\n250-relay\n250 AUTH PLAIN"))
    yield scenario("the same, unknown CA", Relay(starttls="220 go\n250 more", certificate="unknown-ca"))
    yield scenario("two replies for a banner", Relay(banner="220 a\n220 b"))
    yield scenario("two replies to EHLO", Relay(ehlo="250-a\n250 STARTTLS\n250 more"))
    yield scenario("two replies to AUTH", Relay(tls=("AUTH PLAIN",), auth="535 no\n235 yes"))
    yield scenario("STARTTLS, then closed", Relay(starttls_then="close"))
    yield scenario("STARTTLS, then plain", Relay(starttls_then="plain"), timeout="400")
    yield scenario("STARTTLS offered, enable=false, AUTH in clear", Relay(clear=("STARTTLS", ALL)), starttls_enable="false")
    yield scenario("STARTTLS offered, enable=false, no AUTH in clear", starttls_enable="false")
    yield scenario("STARTTLS offered again under TLS", Relay(tls=("STARTTLS", ALL)))
    yield scenario("implicit TLS, STARTTLS enabled and offered", Relay(implicit=True, tls=("STARTTLS", ALL)), ssl_enable="true")
    yield scenario("implicit TLS, STARTTLS required, not offered", TLS_FIRST, ssl_enable="true", starttls_required="true")
    yield scenario("ssl.enable on a plain port", ssl_enable="true")
    yield scenario("ssl.enable on a plain port, time-out", Relay(banner=""), ssl_enable="true", timeout="400")


def _certificates() -> Iterator[Scenario]:
    kinds = (
        "intermediate incomplete anchored anchored-full unknown-ca-full self-signed wildcard wildcard-top upper-case ip-only "
        "ip-only-cn cn-only cn-other cn-wildcard cn-comma future expired-unknown client-use good other-name"
    )
    for kind in kinds.split():
        relay = Relay(certificate=kind)
        yield scenario(f"certificate {kind}", relay)
        for host in ("localhost", "127.0.0.1"):
            yield scenario(f"certificate {kind}, identity of {host}", relay, host=host, ssl_checkserveridentity="true")
    for host in ("relay.example.com", "deep.relay.example.com"):
        for kind in ("other-name", "wildcard-example", "good"):
            yield scenario(f"identity of {host}, {kind}", Relay(certificate=kind), host=host, ssl_checkserveridentity="true")
    for kind in ("other-name", "unknown-ca", "self-signed", "expired"):
        yield scenario(f"{kind}, implicit TLS", Relay(implicit=True, certificate=kind), ssl_enable="true")
        yield scenario(
            f"{kind}, implicit TLS, identity checked",
            Relay(implicit=True, certificate=kind),
            ssl_enable="true",
            ssl_checkserveridentity="true",
        )
        yield scenario(f"{kind}, trust=*", Relay(certificate=kind), ssl_trust="*")
        yield scenario(
            f"{kind}, trust=*, identity checked", Relay(certificate=kind), ssl_trust="*", ssl_checkserveridentity="true"
        )


def _tls_settings() -> Iterator[Scenario]:
    for trust in (
        "*",
        "localhost",
        "LOCALHOST",
        "a localhost b",
        "a,localhost",
        "other.example",
        "",
        " ",
        "* localhost",
        " *",
        "*.localhost",
        "127.0.0.1",
    ):
        for kind in ("good", "unknown-ca"):
            yield scenario(f"trust={trust!r}, {kind}", Relay(certificate=kind), ssl_trust=trust)
    yield scenario(
        "trust=localhost, implicit TLS", Relay(implicit=True, certificate="self-signed"), ssl_enable="true", ssl_trust="localhost"
    )
    yield scenario("trust=other, implicit TLS", TLS_FIRST, ssl_enable="true", ssl_trust="other")
    yield scenario("trust=other, no TLS offered", NO_TLS, ssl_trust="other")
    for protocols in (
        "TLSv1.2",
        "TLSv1.3",
        "TLSv1.2 TLSv1.3",
        "TLSv1.2,TLSv1.3",
        "TLSv1",
        "TLSv1.1 TLSv1.2",
        "TLSv1.1",
        "tlsv1.2",
        "SSLv3",
        "TLS",
        "",
        "SSLv3 TLSv1.2",
    ):
        yield scenario(f"protocols={protocols!r}", ssl_protocols=protocols)
        yield scenario(f"protocols={protocols!r}, server 1.2", Relay(highest="TLSv1_2"), ssl_protocols=protocols)
        yield scenario(f"protocols={protocols!r}, server 1.3", Relay(lowest="TLSv1_3"), ssl_protocols=protocols)
        yield scenario(f"protocols={protocols!r}, implicit", TLS_FIRST, ssl_enable="true", ssl_protocols=protocols)
    yield scenario("protocols unknown, no TLS offered", NO_TLS, ssl_protocols="nonsense")
    suites = (
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_RSA_WITH_AES_128_CBC_SHA",
        "SSL_RSA_WITH_3DES_EDE_CBC_SHA",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "nonsense",
        "",
    )
    for suite in suites:
        yield scenario(f"ciphersuites={suite[:40]!r}", ssl_ciphersuites=suite)
        yield scenario(f"ciphersuites={suite[:40]!r}, server 1.2", Relay(highest="TLSv1_2"), ssl_ciphersuites=suite)
        yield scenario(f"ciphersuites={suite[:40]!r}, server 1.3", Relay(lowest="TLSv1_3"), ssl_ciphersuites=suite)
    yield scenario(
        "server takes one suite, client another",
        Relay(highest="TLSv1_2", ciphers="ECDHE-RSA-AES128-GCM-SHA256"),
        ssl_ciphersuites=suites[0],
    )
    yield scenario("server takes old suites only", Relay(highest="TLSv1_2", ciphers="AES128-SHA:@SECLEVEL=0"))
    yield scenario("server takes CHACHA20 only", Relay(highest="TLSv1_2", ciphers="ECDHE-RSA-CHACHA20-POLY1305"))


def _mechanisms() -> Iterator[Scenario]:
    every = Relay(tls=("AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2 DIGEST-MD5 NTLM",))
    for names in (
        "PLAIN LOGIN",
        "plain",
        "Plain,Login",
        "XOAUTH2 PLAIN",
        "GSSAPI PLAIN",
        "CRAM-MD5",
        "EXTERNAL",
        "",
        " ",
        "*",
        "DIGEST-MD5 PLAIN",
        "xoauth2",
    ):
        yield scenario(f"mechanisms={names!r}", every, auth_mechanisms=names)
    yield scenario("mechanisms=LOGIN, PLAIN offered", Relay(tls=("AUTH PLAIN",)), auth_mechanisms="LOGIN")
    yield scenario("login.disable", every, auth_login_disable="true")
    yield scenario("login.disable=TRUE, plain.disable=yes", every, auth_login_disable="TRUE", auth_plain_disable="yes")
    yield scenario("login and plain disabled, both offered only", auth_login_disable="true", auth_plain_disable="true")
    yield scenario("login.disable, but named", every, auth_login_disable="true", auth_mechanisms="LOGIN PLAIN")
    yield scenario("xoauth2.disable=false, XOAUTH2 only", Relay(tls=("AUTH XOAUTH2",)), auth_xoauth2_disable="false")
    yield scenario("xoauth2.disable=no, XOAUTH2 only", Relay(tls=("AUTH XOAUTH2",)), auth_xoauth2_disable="no")
    yield scenario("xoauth2.disable=false, all offered", every, auth_xoauth2_disable="false")
    for only in ("XOAUTH2", "CRAM-MD5", "DIGEST-MD5", "NTLM", "GSSAPI", "EXTERNAL", "SCRAM-SHA-256"):
        yield scenario(f"only AUTH {only}", Relay(tls=(f"AUTH {only}",)))
        yield scenario(f"only AUTH {only}, in clear", Relay(clear=(f"AUTH {only}",)))
    yield scenario("digest-md5.disable, DIGEST-MD5 only", Relay(tls=("AUTH DIGEST-MD5",)), **{"auth_digest-md5_disable": "true"})
    for only in (
        "PLAIN",
        "LOGIN",
        "CRAM-MD5",
        "CRAM-MD5 PLAIN LOGIN",
        "PLAIN CRAM-MD5",
        "LOGIN XOAUTH2",
        "XOAUTH2",
        "DIGEST-MD5",
        "plain",
        "SCRAM-SHA-1 LOGIN",
        "NTLM",
    ):
        yield scenario(f"sasl.enable, AUTH {only}", Relay(tls=(f"AUTH {only}",)), sasl_enable="true")
    yield scenario("sasl.enable, wrong password", Relay(tls=("AUTH PLAIN",)), sasl_enable="true", password="wrong")
    yield scenario("sasl.enable, in clear", NO_TLS, sasl_enable="true")
    yield scenario("sasl.mechanisms=PLAIN", every, sasl_enable="true", sasl_mechanisms="PLAIN")
    yield scenario("sasl.mechanisms=LOGIN", every, sasl_enable="true", sasl_mechanisms="LOGIN")
    yield scenario("sasl.mechanisms=CRAM-MD5,PLAIN", every, sasl_enable="true", sasl_mechanisms="CRAM-MD5,PLAIN")
    yield scenario("sasl.mechanisms=plain", every, sasl_enable="true", sasl_mechanisms="plain")
    yield scenario("sasl.mechanisms=XOAUTH2", every, sasl_enable="true", sasl_mechanisms="XOAUTH2")
    yield scenario("sasl.mechanisms not offered", Relay(tls=("AUTH LOGIN",)), sasl_enable="true", sasl_mechanisms="PLAIN")
    yield scenario("sasl.authorizationid, PLAIN", Relay(tls=("AUTH PLAIN",)), sasl_authorizationid="other@example.com")
    yield scenario("sasl.authorizationid, LOGIN", sasl_authorizationid="other@example.com")


def _auth_replies() -> Iterator[Scenario]:
    for verdict in (
        "235-2.7.0 yes\n235 yes",
        "535 no",
        "454 later",
        "421 bye",
        "550 no",
        "530 no",
        "334 more",
        "250 ok",
        "200 ok",
        "504 no",
        None,
    ):
        for offer in ("LOGIN", "PLAIN"):
            yield scenario(f"AUTH {offer} ends in {verdict!r}", Relay(tls=(f"AUTH {offer}",), auth=verdict))
    yield scenario("XOAUTH2 ends in 535", Relay(tls=("AUTH XOAUTH2",), auth="535 no"), auth_mechanisms="XOAUTH2")
    yield scenario(
        "XOAUTH2 refused with a challenge", Relay(tls=("AUTH XOAUTH2",)), auth_mechanisms="XOAUTH2", password="bad-token"
    )
    for mechanism, asks in (("XOAUTH2", "334 "), ("XOAUTH2", "334 eyJzdGF0dXMiOiI0MDAifQ=="), ("PLAIN", "334 ")):
        for verdict in ("235 yes", "535 no"):
            relay, what = (
                Relay(tls=(f"AUTH {mechanism}",), asks=asks, auth=verdict),
                f"asked for more by {asks!r}, then {verdict!r}",
            )
            yield scenario(f"{mechanism} {what}", relay, auth_mechanisms=mechanism)
            yield scenario(f"{mechanism} of SASL {what}", relay, sasl_enable="true")
    for first in (
        "235 come in",
        "334 ",
        "334",
        "535 no",
        "504 no",
        "530 TLS first",
        "538 no",
        "421 bye",
        "503 again",
        "250 ok",
        None,
    ):
        for offer in ("LOGIN", "PLAIN"):
            yield scenario(f"AUTH {offer} at once {first!r}", Relay(tls=(f"AUTH {offer}",), auth_first=first))
    for offer in ("LOGIN", "PLAIN", "XOAUTH2"):
        relay = Relay(clear=("STARTTLS", f"AUTH {offer}"), auth_first_clear="530 TLS first")
        mechanisms = offer if offer == "XOAUTH2" else None
        yield scenario(f"AUTH {offer} in clear: 530", relay, starttls_enable="false", auth_mechanisms=mechanisms)
        hidden = Relay(clear=(f"AUTH {offer}",), auth_first_clear="530 TLS first")
        yield scenario(f"AUTH {offer} in clear: 530, STARTTLS not offered", hidden, auth_mechanisms=mechanisms)
        yield scenario(
            f"AUTH {offer} in clear: 530, STARTTLS refused",
            Relay(clear=(f"AUTH {offer}",), auth_first_clear="530 no", starttls="454 no"),
            auth_mechanisms=mechanisms,
        )
    unknown = Relay(clear=("STARTTLS", "AUTH PLAIN"), auth_first_clear="530 TLS first", certificate="unknown-ca")
    yield scenario("AUTH PLAIN in clear: 530, unknown CA", unknown, starttls_enable="false")


def _replies() -> Iterator[Scenario]:
    banners = (
        "220-relay\n220-more\n220 done",
        "554 no",
        "421 later",
        "221 hello",
        "220",
        "220hello",
        "2200 hello",
        "220-relay\n554 done",
        "554-relay\n220 done",
        "HTTP/1.1 400 Bad Request",
        "",
        "22",
        "SSH-2.0-x",
        " 220 x",
        "+OK pop",
        None,
    )
    for banner in banners:
        yield scenario(f"banner {banner!r}", Relay(banner=banner), timeout="400")
    yield scenario("banner without end", Relay(banner="220-a\n220-b"), timeout="400")
    yield scenario("EHLO with lines of other codes", Relay(ehlo="250-x\n251-STARTTLS\n999 AUTH LOGIN"))
    yield scenario("EHLO with bare LF", Relay(end=b"\n"))
    yield scenario("EHLO with CR CR LF", Relay(end=b"\r\r\n"))
    yield scenario("EHLO with empty lines", Relay(ehlo="250-x\n\n250 STARTTLS"), timeout="400")
    yield scenario("EHLO without text", Relay(ehlo="250"))
    yield scenario("EHLO with a long list", Relay(clear=(*(f"X-{at}" for at in range(300)), "STARTTLS")))
    yield scenario("EHLO with a long line", Relay(clear=("X-LONG " + "a" * 5000, "STARTTLS")))
    yield scenario("EHLO with eight-bit text", Relay(clear=("X-\u00fc\u00df", "STARTTLS")))
    yield scenario("HELO with another code", Relay(ehlo="502 no", helo="251 ok"))
    for line in ("what?", "", "99", "999 x", "123-x\n250 STARTTLS", "what-is\nthis", "abc-def", "* OK"):
        yield scenario(f"EHLO answered with {line!r}", Relay(ehlo=line), timeout="400")
        yield scenario(f"EHLO under TLS answered with {line!r}", Relay(clear=("STARTTLS", ALL), ehlo_tls=line), timeout="400")
        yield scenario(f"AUTH answered with {line!r}", Relay(auth=line), timeout="400")
        yield scenario(f"MAIL FROM answered with {line!r}", Relay(mail=line), timeout="400")
    yield scenario("EHLO with 10,000 lines", Relay(clear=(*(f"X-{at} of a long reply" for at in range(10_000)), "STARTTLS")))
    for host in ("::ffff:127.0.0.1", "[::ffff:127.0.0.1]", "[127.0.0.1]", "127.1", "[localhost]"):
        yield scenario(f"host {host}", host=host)
        yield scenario(f"host {host}, identity checked", host=host, ssl_checkserveridentity="true")


def _senders() -> Iterator[Scenario]:
    for reply in (
        "553 not yours",
        "550 no",
        "530 authenticate",
        "421 bye",
        "451 later",
        "500 what",
        "502 no",
        "250-a\n250 b",
        "251 ok",
        None,
    ):
        yield scenario(f"MAIL FROM answered with {reply!r}", Relay(mail=reply))
    yield scenario("MAIL FROM needs AUTH, not offered", Relay(tls=(), mail="530 authenticate"))
    yield scenario("MAIL FROM needs TLS, not enabled", Relay(mail_clear="530 TLS"), starttls_enable="false")
    yield scenario(
        "MAIL FROM needs TLS, not enabled, AUTH offered",
        Relay(clear=("STARTTLS", ALL), mail_clear="530 TLS"),
        starttls_enable="false",
    )
    yield scenario("MAIL FROM refused, auth=false", Relay(mail="550 no"), auth="false")


def _credentials() -> Iterator[Scenario]:
    yield scenario("non-ASCII credentials, LOGIN", account=Account("m\u00fcller", "gr\u00fc\u00df-p4ss"))
    yield scenario(
        "non-ASCII credentials, PLAIN", Relay(tls=("AUTH PLAIN",)), account=Account("m\u00fcller", "\u4f60\u597d-p4ss")
    )
    yield scenario("long password", account=Account("a", "p4" * 150))
    yield scenario("long password, PLAIN", Relay(tls=("AUTH PLAIN",)), account=Account("a", "p4" * 150))
    yield scenario("blank password", account=Account("a", "  "))
    yield scenario("password with a colon and NUL-free marks", account=Account("a b", "p:%{}$\\\"'"))
    yield scenario("user empty", user="")
    yield scenario("password empty", password="")
    yield scenario("user absent", user=None)
    yield scenario("password absent", password=None)
    yield scenario("user empty, auth=false", user="", auth="false")
    yield scenario("user empty, port closed", user="", port="{closed}")
    for relay, name in (
        (Relay(tls=("AUTH XOAUTH2 LOGIN",)), "XOAUTH2 offered"),
        (Relay(), "not offered"),
        (Relay(clear=("AUTH XOAUTH2",)), "in clear"),
        (Relay(tls=("AUTH XOAUTH2",), certificate="unknown-ca"), "unknown CA"),
        (Relay(tls=("AUTH XOAUTH2",), certificate="other-name"), "other name"),
        (Relay(tls=("AUTH XOAUTH2",), auth="535 no"), "refused"),
        (Relay(tls=()), "no AUTH"),
    ):
        yield scenario(f"CLIENT_CREDENTIAL, {name}", relay, authType="CLIENT_CREDENTIAL", user="abcd", password="xxxx")
    oauth = Relay(tls=("AUTH XOAUTH2 LOGIN",))
    yield scenario("client_credential in small letters", oauth, authType="client_credential", user="abcd")
    yield scenario("CLIENT_CREDENTIAL with a blank", oauth, authType="CLIENT_CREDENTIAL ")
    yield scenario("CLIENT_CREDENTIAL, auth=false", oauth, authType="CLIENT_CREDENTIAL", auth="false")
    yield scenario(
        "CLIENT_CREDENTIAL, mechanisms=LOGIN is overruled", oauth, authType="CLIENT_CREDENTIAL", auth_mechanisms="LOGIN"
    )
    yield scenario("CLIENT_CREDENTIAL, ssl.trust=other is overruled", oauth, authType="CLIENT_CREDENTIAL", ssl_trust="other")
    yield scenario("CLIENT_CREDENTIAL, no user", oauth, authType="CLIENT_CREDENTIAL", user="", password="")
    yield scenario("CLIENT_CREDENTIAL, empty host", oauth, authType="CLIENT_CREDENTIAL", host="")
    wrong = Relay(tls=("AUTH XOAUTH2",), certificate="other-name")
    yield scenario("CLIENT_CREDENTIAL, identity checked", wrong, authType="CLIENT_CREDENTIAL", ssl_checkserveridentity="true")
    yield scenario("authType=BASIC", authType="BASIC")
    yield scenario("from with a display name", **{"from": "Me <no-reply@example.com>"})
    yield scenario("from is empty", **{"from": ""})
    yield scenario("from is no address", **{"from": "a b"})
    yield scenario("from without a domain", **{"from": "mailer"})
    yield scenario("reply_to is no address", replyTo="a@b@c")
    yield scenario("reply_to is a list", replyTo="a@example.com, b@example.com")
    yield scenario("reply_to is empty", replyTo="")
    for text in ("is.example.com", "[127.0.0.1]", "under_score", "with blank", "b\u00fccher", ""):
        yield scenario(f"localhost={text!r}", localhost=text)


def _factories() -> Iterator[Scenario]:
    yield scenario("SSL factory, TLS-first port", TLS_FIRST, socketFactory_class=JSSE)
    yield scenario("SSL factory, its port", TLS_FIRST, socketFactory_class=JSSE, socketFactory_port="{port}", port="{closed}")
    yield scenario(
        "SSL factory, its port, no fallback",
        TLS_FIRST,
        socketFactory_class=JSSE,
        socketFactory_port="{port}",
        socketFactory_fallback="false",
        port="{closed}",
    )
    yield scenario("SSL factory, plain port", socketFactory_class=JSSE)
    yield scenario("SSL factory, plain port, no fallback", socketFactory_class=JSSE, socketFactory_fallback="false")
    yield scenario("SSL factory, plain port, fallback=no", socketFactory_class=JSSE, socketFactory_fallback="no")
    yield scenario("SSL factory, plain port, clear text only", NO_TLS, socketFactory_class=JSSE)
    yield scenario("SSL factory, its port closed", socketFactory_class=JSSE, socketFactory_port="{closed}")
    yield scenario(
        "SSL factory, its port closed, no fallback",
        socketFactory_class=JSSE,
        socketFactory_port="{closed}",
        socketFactory_fallback="false",
    )
    yield scenario(
        "SSL factory, unknown CA", Relay(implicit=True, certificate="unknown-ca"), socketFactory_class=JSSE, timeout="400"
    )
    yield scenario(
        "SSL factory, unknown CA, trust=*",
        Relay(implicit=True, certificate="unknown-ca"),
        socketFactory_class=JSSE,
        ssl_trust="*",
    )
    yield scenario(
        "SSL factory, plain port, unknown CA, trust=*", Relay(certificate="unknown-ca"), socketFactory_class=JSSE, ssl_trust="*"
    )
    yield scenario(
        "SSL factory, other name, checked",
        Relay(implicit=True, certificate="other-name"),
        socketFactory_class=JSSE,
        ssl_checkserveridentity="true",
        timeout="400",
    )
    yield scenario("SSL factory and ssl.enable", TLS_FIRST, socketFactory_class=JSSE, ssl_enable="true")
    yield scenario("SSL factory and ssl.enable, plain port", socketFactory_class=JSSE, ssl_enable="true")
    yield scenario("ssl.socketFactory.class without ssl.enable", ssl_socketFactory_class=JSSE)
    yield scenario(
        "ssl.socketFactory.class, unknown CA, trust=*",
        Relay(certificate="unknown-ca"),
        ssl_socketFactory_class=JSSE,
        ssl_trust="*",
    )
    yield scenario(
        "ssl.socketFactory.class and ssl.enable, its port",
        TLS_FIRST,
        ssl_socketFactory_class=JSSE,
        ssl_socketFactory_port="{port}",
        port="{closed}",
        ssl_enable="true",
    )
    yield scenario("ssl.socketFactory.class unknown", ssl_socketFactory_class="com.example.None")
    yield scenario(
        "ssl.socketFactory.class unknown, ssl.enable", TLS_FIRST, ssl_socketFactory_class="com.example.None", ssl_enable="true"
    )
    yield scenario("factory unknown", socketFactory_class="com.example.None")
    yield scenario("factory unknown, no STARTTLS", NO_TLS, socketFactory_class="com.example.None")
    yield scenario("factory unknown, no fallback", NO_TLS, socketFactory_class="com.example.None", socketFactory_fallback="false")
    yield scenario("factory empty", socketFactory_class="")
    yield scenario("plain factory", socketFactory_class="javax.net.SocketFactory", socketFactory_port="{port}", port="{closed}")
    yield scenario("socketFactory.port without a class", socketFactory_port="{closed}")
    yield scenario("mail.smtps properties", TLS_FIRST, timeout="400")


def _times() -> Iterator[Scenario]:
    yield scenario("slow banner, time-out", Relay(delay=("banner", 0.8)), timeout="300")
    yield scenario("slow banner, longer time-out", Relay(delay=("banner", 0.4)), timeout="2000")
    yield scenario("slow banner, time-out is no number", Relay(delay=("banner", 0.5)), timeout="300ms")
    yield scenario("slow banner, time-out 0", Relay(delay=("banner", 0.5)), timeout="0")
    yield scenario("slow banner, time-out negative", Relay(delay=("banner", 0.5)), timeout="-1")
    yield scenario("slow banner, time-out in hexadecimal", Relay(delay=("banner", 0.8)), timeout="0x100")
    yield scenario("slow EHLO, time-out", Relay(delay=("EHLO", 0.8)), timeout="300")
    yield scenario("slow EHLO under TLS, time-out", Relay(delay=("TLS EHLO", 0.8)), timeout="300")
    yield scenario("slow STARTTLS, time-out", Relay(delay=("STARTTLS", 0.8)), timeout="300")
    yield scenario("slow AUTH, time-out", Relay(delay=("TLS AUTH", 0.8)), timeout="300")
    yield scenario("slow banner, connection time-out only", Relay(delay=("banner", 0.5)), connectiontimeout="200")
    yield scenario("slow banner, write time-out", Relay(delay=("banner", 0.5)), writetimeout="200")
    yield scenario("write time-out", writetimeout="1000")


def _client_certificates() -> Iterator[Scenario]:
    """The relay's TLS demands a certificate of the client, which has none."""
    for highest in ("TLSv1_2", "TLSv1_3"):
        for offers in (("STARTTLS",), ("STARTTLS", ALL)):
            name = f"client certificate demanded, {highest}, {len(offers)} offered"
            yield scenario(name, Relay(clear=offers, demands=True, highest=highest))
        relay = Relay(demands=True, highest=highest, implicit=True)
        yield scenario(f"client certificate demanded, {highest}, implicit", relay, ssl_enable="true")
        yield scenario(f"client certificate demanded, {highest}, trust=*", Relay(demands=True, highest=highest), ssl_trust="*")
        yield scenario(f"client certificate demanded, {highest}, auth=false", Relay(demands=True, highest=highest), auth="false")


def _shutting_down() -> Iterator[Scenario]:
    """421, and the connection is closed behind it."""
    for offers in (("STARTTLS",), ("STARTTLS", ALL)):
        name = f"{len(offers)} offered"
        yield scenario(f"banner 421 and closed, {name}", Relay(banner="421 busy", closes=True, clear=offers))
        yield scenario(f"EHLO 421 and closed, {name}", Relay(ehlo="421 later", closes=True, clear=offers))
        yield scenario(f"EHLO again 421 and closed, {name}", Relay(ehlo_tls="421 later", closes=True, clear=offers))
    yield scenario("EHLO 421 and closed, auth=false", Relay(ehlo="421 later", closes=True), auth="false")
    yield scenario("EHLO 421 and open, auth=false", Relay(ehlo="421 later"), auth="false")
    yield scenario("EHLO 421 and open, STARTTLS required", Relay(ehlo="421 later"), starttls_required="true")
    yield scenario("EHLO again 421 and closed, auth=false", Relay(ehlo_tls="421 later", closes=True), auth="false")
    yield scenario("HELO 421 and closed", Relay(ehlo="502 no", helo="421 later", closes=True), auth="false")
    yield scenario("STARTTLS 421 and closed", Relay(starttls="421 later", closes=True))
    yield scenario("AUTH 421 and closed", Relay(auth="421 later", closes=True))
    yield scenario("MAIL FROM 421 and closed", Relay(mail="421 later", closes=True))


def _addresses_of_a_name() -> Iterator[Scenario]:
    for name in ("first-dead", "second-dead", "all-dead", "six-first", "six-alone"):
        yield scenario(f"name {name}", host=f"{name}.example.com")
        yield scenario(f"name {name}, connection time-out", host=f"{name}.example.com", connectiontimeout="500")
    yield scenario("name first-dead, TLS-first port", TLS_FIRST, host="first-dead.example.com", ssl_enable="true")


def _addresses_that_are_not_ascii() -> Iterator[Scenario]:
    """What MAIL FROM and RCPT TO say, byte by byte."""
    senders = ("j\u00fcrgen@example.com", "mail@b\u00fccher.example", "\u4f60\u597d@example.com", "mail@xn--bcher-kva.example")
    for offered in (True, False):
        relay = Relay(tls=(ALL, "SMTPUTF8") if offered else (ALL,))
        for switch in ({}, {"mail.mime.allowutf8": "true"}, {"mail.mime.allowutf8": "TRUE"}, {"mail.smtp.allowutf8": "true"}):
            for sender in senders:
                for to in ("ops@example.com", "\u00f6ps@example.com"):
                    named = f"from {sender} to {to}, {next(iter(switch.items()), '-')}, {'offered' if offered else 'not offered'}"
                    yield Scenario(named, relay, {"mail.smtp.from": sender, **switch}, recipient=to)
    for sender in (
        "\U0001f600@example.com",
        "a\u00a0b@example.com",
        "\u202ea\u200b@example.com",
        "J\u00fcrgen <no-reply@example.com>",
    ):
        for utf8 in ("true", "false"):
            yield Scenario(
                f"from {sender!a}, {utf8}",
                Relay(tls=(ALL, "SMTPUTF8")),
                {"mail.smtp.from": sender, "mail.mime.allowutf8": utf8},
                recipient="\U0001f600@example.com",
            )
    yield scenario("an ASCII sender, sent", recipient="ops@example.com")
    yield scenario("a display name in the sender, sent", recipient="ops@example.com", **{"from": "Me <no-reply@example.com>"})
