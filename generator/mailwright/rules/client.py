"""What the server's own mail client does with the settings (JavaMail; product/adapter.md#authenticator, product/adapter.md#oauth, product/adapter.md#merge, product/mail-client.md#starttls, measured)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..base.findings import Severity
from ..product.mail_properties import load_mail_properties
from .model import Said, Subject, rule
from .sender import Sender

_GOOD = """\
[output_adapter.email]
from_address = "no-reply@example.com"
hostname = "smtp.example.com"
port = 587
username = "no-reply@example.com"
password = "$secret{smtp_password}"
signature = "Example"
reply_to = "support@example.com"

[output_adapter.email.custom_properties]
'mail.smtp.starttls.required' = true
'mail.smtp.ssl.checkserveridentity' = true
'mail.smtp.connectiontimeout' = 10000
'mail.smtp.timeout' = 10000
'mail.smtp.writetimeout' = 10000

[secrets]
smtp_password = "QmFzZTY0IHRleHQ="
"""
_ONE = ("--product-version", "7.2.0")


def _without(*lines: str) -> str:
    """Return the good file without some of its lines."""
    return "".join(line for line in _GOOD.splitlines(keepends=True) if not line.startswith(lines))


def _with(*pairs: tuple[str, str]) -> str:
    """Return the good file with some of its texts replaced."""
    text = _GOOD
    for old, new in pairs:
        text = text.replace(old, new)
    return text


def _uses_tls_from_start(sender: Sender) -> bool:
    return sender.is_true("mail.smtp.ssl.enable")


def _has_properties(sender: Sender) -> bool:
    """Whether the release reads custom properties at all: before, none of these can be mended."""
    return sender.adapter.table.known_to(sender.release)


@rule(
    "MW301",
    Severity.ERROR,
    "Port 465 without TLS from the first byte",
    subject=Subject.GLOBAL,
    fixable=True,
    options=_ONE,
    why="The client waits for a greeting, the server for a TLS handshake: the connection hangs until `mail.smtp.timeout`, which is infinite by default (product/mail-client.md#measured-tls-port; measured).",
    remedy="Set 'mail.smtp.ssl.enable' = true in the custom properties, or use port 587.",
    bad=_with(("port = 587", "port = 465")),
    good=_with(("port = 587", "port = 465"), ("'mail.smtp.starttls.required' = true", "'mail.smtp.ssl.enable' = true")),
)
def TLS_PORT(sender: Sender) -> Iterator[Said]:
    """Find the TLS port without TLS."""
    if sender.mail("mail.smtp.port") == "465" and sender.is_false("mail.smtp.ssl.enable"):
        can = _has_properties(sender)
        yield Said(
            "port 465 speaks TLS from the first byte, but the mail client does not: every mail hangs",
            sender.setter("mail.smtp.port"),
            hint=sender.hint("set {}", "mail.smtp.ssl.enable", True) if can else "this release cannot do that: use port 587",
            value=True,
            fix=sender.fix("set 'mail.smtp.ssl.enable' = true", "mail.smtp.ssl.enable", True) if can else None,
        )


@rule(
    "MW302",
    Severity.WARNING,
    "STARTTLS is used only where the relay offers it",
    subject=Subject.GLOBAL,
    options=_ONE,
    why="STARTTLS is opportunistic: a relay, or somebody between, that does not offer it gets everything in clear text, the password too (product/mail-client.md#starttls, product/mail-client.md#measured-no-starttls; measured).",
    remedy="Set 'mail.smtp.starttls.required' = true in the custom properties.",
    bad=_without("'mail.smtp.starttls.required'"),
    good=_GOOD,
)
def OPPORTUNISTIC(sender: Sender) -> Iterator[Said]:
    """Find STARTTLS that nothing enforces."""
    if (
        _has_properties(sender)
        and sender.is_true("mail.smtp.starttls.enable")
        and sender.is_false("mail.smtp.starttls.required")
        and not _uses_tls_from_start(sender)
    ):
        what = "the password goes" if sender.logs_in else "mail goes"
        yield Said(
            f"STARTTLS is opportunistic: if the relay ever stops offering it, {what} out in clear text",
            "mail.smtp.starttls.required",
            hint=sender.hint("set {}", "mail.smtp.starttls.required", True),
        )


@rule(
    "MW303",
    Severity.WARNING,
    "No TLS at all",
    subject=Subject.GLOBAL,
    options=_ONE,
    why="Without STARTTLS and without TLS from the first byte everything goes out in clear text, user name and password too (product/keys.md#enable-start-tls, product/mail-client.md#implicit-tls).",
    remedy="Set `enable_start_tls = true`, or 'mail.smtp.ssl.enable' = true for a TLS port.",
    bad=_with(("signature", "enable_start_tls = false\nsignature")).replace("'mail.smtp.starttls.required' = true\n", ""),
    good=_GOOD,
)
def CLEAR_TEXT(sender: Sender) -> Iterator[Said]:
    """Find senders without any TLS."""
    if (
        sender.is_false("mail.smtp.starttls.enable")
        and sender.is_false("mail.smtp.starttls.required")
        and sender.is_false("mail.smtp.ssl.enable")
    ):
        what = "user name, password and mail go" if sender.logs_in else "mail goes"
        yield Said(
            f"no TLS: {what} out in clear text",
            sender.setter("mail.smtp.starttls.enable"),
            hint=sender.hint("set {}", sender.adapter.by_xml["mail.smtp.starttls.enable"].name, True),
        )


@rule(
    "MW304",
    Severity.WARNING,
    "The mail server's identity is not checked",
    subject=Subject.GLOBAL,
    options=_ONE,
    why="The certificate's chain is checked, its host name is not: any server with any certificate from a trusted CA will do (product/mail-client.md#identity, product/mail-client.md#measured-other-name; measured).",
    remedy="Set 'mail.smtp.ssl.checkserveridentity' = true in the custom properties.",
    bad=_without("'mail.smtp.ssl.checkserveridentity'"),
    good=_GOOD,
)
def IDENTITY(sender: Sender) -> Iterator[Said]:
    """Find TLS without a check of the host name."""
    tls = (
        sender.is_true("mail.smtp.starttls.enable")
        or sender.is_true("mail.smtp.starttls.required")
        or _uses_tls_from_start(sender)
    )
    if _has_properties(sender) and tls and sender.is_false("mail.smtp.ssl.checkserveridentity"):
        yield Said(
            "the mail server's certificate is accepted for any host name",
            "mail.smtp.ssl.checkserveridentity",
            hint=sender.hint("set {}", "mail.smtp.ssl.checkserveridentity", True),
        )


_TIMEOUTS = ("mail.smtp.connectiontimeout", "mail.smtp.timeout", "mail.smtp.writetimeout")


@rule(
    "MW305",
    Severity.WARNING,
    "No time-outs",
    subject=Subject.GLOBAL,
    options=_ONE,
    why="Without them the mail client waits without limit; a silent relay blocks the threads that all tenants share (product/adapter.md#static-pool, product/mail-client.md#time-outs).",
    remedy="Set the three time-outs, in milliseconds, in the custom properties.",
    bad=_without("'mail.smtp.timeout'"),
    good=_GOOD,
)
def TIMEOUTS(sender: Sender) -> Iterator[Said]:
    """Find time-outs that are missing."""
    if not _has_properties(sender):
        return
    missing = [name for name in _TIMEOUTS if sender.mail(name) == ""]
    if missing:
        yield Said(
            f"no limit for {', '.join(missing)}: the mail client waits forever",
            hint=sender.hint("set {} (ms)", missing[0], 10000),
        )


@rule(
    "MW306",
    Severity.WARNING,
    "Certificates are taken without a check",
    subject=Subject.GLOBAL,
    options=_ONE,
    why="`mail.smtp.ssl.trust` switches the check of the certificate's chain off, for the hosts that it names or with `*` for all (product/mail-client.md#ssl-trust, product/mail-client.md#measured-trust-host; measured).",
    remedy="Put the relay's CA into the server's trust store, and remove the property.",
    bad=_with(("'mail.smtp.timeout'", "'mail.smtp.ssl.trust' = \"*\"\n'mail.smtp.timeout'")),
    good=_GOOD,
)
def TRUST(sender: Sender) -> Iterator[Said]:
    """Find trust without a check."""
    if sender.mail("mail.smtp.ssl.trust") and not sender.uses_token:
        yield Said(
            "the mail client accepts any certificate from these hosts",
            "mail.smtp.ssl.trust",
            hint="put the relay's CA into the server's trust store",
        )


_OBSOLETE = re.compile(r"(?:SSLv2Hello|SSLv2|SSLv3|TLSv1|TLSv1\.0|TLSv1\.1)\Z", re.IGNORECASE)


@rule(
    "MW307",
    Severity.WARNING,
    "TLS versions below 1.2",
    subject=Subject.GLOBAL,
    options=_ONE,
    why="TLS 1.0 and 1.1 are obsolete; Java 17 disables them, and with nothing else named every handshake fails (product/mail-client.md#measured-tls-1-1; measured on Java 17; other Java versions were not).",
    remedy='Write "TLSv1.2 TLSv1.3", or leave the property out.',
    bad=_with(("'mail.smtp.timeout'", "'mail.smtp.ssl.protocols' = \"TLSv1 TLSv1.2\"\n'mail.smtp.timeout'")),
    good=_with(("'mail.smtp.timeout'", "'mail.smtp.ssl.protocols' = \"TLSv1.2 TLSv1.3\"\n'mail.smtp.timeout'")),
)
def PROTOCOLS(sender: Sender) -> Iterator[Said]:
    """Find obsolete versions."""
    words = (sender.mail("mail.smtp.ssl.protocols") or "").split()
    old = [word for word in words if _OBSOLETE.match(word)]
    if old:
        only = "; nothing newer is named: with Java 17 every handshake fails" if len(old) == len(words) else ""
        yield Said(
            f"TLS versions below 1.2 are allowed{only}", "mail.smtp.ssl.protocols", hint='write "TLSv1.2 TLSv1.3"', value=True
        )


@rule(
    "MW308",
    Severity.WARNING,
    "A custom property overrides a key",
    subject=Subject.GLOBAL,
    options=_ONE,
    why="The custom properties come last and the last one of a name wins: the key's own value has no effect (product/keys.md#last-one-wins).",
    remedy="Set the key, and remove the property.",
    bad=_with(("'mail.smtp.timeout'", "'mail.smtp.host' = \"relay.example.com\"\n'mail.smtp.timeout'")),
    good=_GOOD,
)
def OVERRIDES(sender: Sender) -> Iterator[Said]:
    """Find properties that a key sets."""
    for name in sender.properties:
        key = sender.adapter.by_xml.get(name)
        if key is not None:
            loses = "the key's value has no effect" if key.name in sender.keys else "people will look for it there"
            yield Said(
                f"this property is the key `{key.name}` under another name: {loses}", name, hint=sender.hint("set {}", key.name)
            )


@rule(
    "MW309",
    Severity.WARNING,
    "A custom property contradicts the other settings",
    subject=Subject.GLOBAL,
    options=_ONE,
    why="The adapter overwrites `mail.smtp.auth.mechanisms` and `mail.smtp.ssl.trust` with CLIENT_CREDENTIAL (product/adapter.md#oauth-mechanism, product/adapter.md#oauth-trust); with TLS from the first byte there is no STARTTLS, and `starttls.required` uses it although `enable_start_tls` is false.",
    remedy="Remove one of the two.",
    bad=_with(("signature", "enable_start_tls = false\nsignature")),
    good=_GOOD,
)
def CONTRADICTS(sender: Sender) -> Iterator[Said]:
    """Find settings that speak against each other."""
    if sender.uses_token and sender.properties:
        known = load_mail_properties().read
        for name in sender.properties:
            if "overridden" in known.get(name, ()):
                yield Said(
                    f"CLIENT_CREDENTIAL overwrites this property with {known[name]['overridden']['with']}", name, hint="remove it"
                )
    required = sender.is_true("mail.smtp.starttls.required")
    key = sender.adapter.by_xml["mail.smtp.starttls.enable"].name
    if required and key in sender.keys and sender.is_false("mail.smtp.starttls.enable"):
        yield Said(
            f"STARTTLS is required although `{key}` is false",
            "mail.smtp.starttls.required",
            hint=sender.hint("set {}", key, True),
        )
    if _uses_tls_from_start(sender) and sender.mail("mail.smtp.port") in ("25", "587"):
        port = sender.mail("mail.smtp.port")
        yield Said(
            f"TLS from the first byte on port {port}, where relays speak plain SMTP first",
            "mail.smtp.ssl.enable",
            hint="use port 465, or STARTTLS",
        )


@rule(
    "MW310",
    Severity.WARNING,
    "CLIENT_CREDENTIAL takes any certificate of the mail server",
    subject=Subject.GLOBAL,
    options=_ONE,
    why="With CLIENT_CREDENTIAL the adapter sets `mail.smtp.ssl.trust` to the host name: the certificate's chain is not checked, and that cannot be turned off. The check of the host name still works (product/adapter.md#oauth-trust; measured).",
    remedy="Nothing in the configuration helps; keep the way to the relay safe. Suppress the finding where the risk is accepted.",
    bad="""\
[output_adapter.email]
from_address = "no-reply@example.com"
hostname = "smtp.office365.com"
port = 587
signature = "Example"
reply_to = "support@example.com"
auth_type = "CLIENT_CREDENTIAL"
client_id = "0b2c"
client_secret = "$secret{client_secret}"
token_endpoint = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token"
scopes = "https://outlook.office365.com/.default"

[output_adapter.email.custom_properties]
'mail.smtp.starttls.required' = true
'mail.smtp.ssl.checkserveridentity' = true
'mail.smtp.connectiontimeout' = 10000
'mail.smtp.timeout' = 10000
'mail.smtp.writetimeout' = 10000

[secrets]
client_secret = "QmFzZTY0IHRleHQ="
""",
    good=_GOOD,
)
def ANY_CERTIFICATE(sender: Sender) -> Iterator[Said]:
    """Find senders whose chain is not checked."""
    if sender.uses_token:
        yield Said(
            "with CLIENT_CREDENTIAL the mail server's certificate is not checked",
            sender.setter("mail.smtp.authType"),
            hint="no setting changes that: keep the path to the relay safe, and silence the finding where the risk is accepted",
            value=True,
        )
