"""What the server's own mail client does with the settings.

JavaMail; product/adapter.md#authenticator, product/adapter.md#oauth, product/adapter.md#merge, product/mail-client.md#starttls, measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..base.patterns import pattern
from .model import PROPERTIES, Said, needs
from .sender import Sender


def _uses_tls_from_start(sender: Sender) -> bool:
    return sender.is_true("mail.smtp.ssl.enable")


def _has_properties(sender: Sender) -> bool:
    """Whether the release reads custom properties at all: before, none of these can be mended."""
    return sender.adapter.table.known_to(sender.release)


def mw301(sender: Sender) -> Iterator[Said]:
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


def mw302(sender: Sender) -> Iterator[Said]:
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


def mw303(sender: Sender) -> Iterator[Said]:
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


def mw304(sender: Sender) -> Iterator[Said]:
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


def mw305(sender: Sender) -> Iterator[Said]:
    """Find time-outs that are missing."""
    if not _has_properties(sender):
        return
    missing = [name for name in _TIMEOUTS if sender.mail(name) == ""]
    if missing:
        yield Said(
            f"no limit for {', '.join(missing)}: the mail client waits forever",
            hint=sender.hint("set {} (ms)", missing[0], 10000),
        )


@needs("mail.smtp.ssl.trust")
def mw306(sender: Sender) -> Iterator[Said]:
    """Find trust without a check."""
    if sender.mail("mail.smtp.ssl.trust") and not sender.uses_token:
        yield Said(
            "the mail client accepts any certificate from these hosts",
            "mail.smtp.ssl.trust",
            hint="put the relay's CA into the server's trust store",
        )


_OBSOLETE = pattern(r"(?:SSLv2Hello|SSLv2|SSLv3|TLSv1|TLSv1\.0|TLSv1\.1)\Z", re.IGNORECASE)


@needs("mail.smtp.ssl.protocols")
def mw307(sender: Sender) -> Iterator[Said]:
    """Find obsolete versions."""
    words = (sender.mail("mail.smtp.ssl.protocols") or "").split()
    old = [word for word in words if _OBSOLETE.match(word)]
    if old:
        only = "; nothing newer is named: with Java 17 every handshake fails" if len(old) == len(words) else ""
        yield Said(
            f"TLS versions below 1.2 are allowed{only}", "mail.smtp.ssl.protocols", hint='write "TLSv1.2 TLSv1.3"', value=True
        )


@needs(PROPERTIES)
def mw308(sender: Sender) -> Iterator[Said]:
    """Find properties that a key sets."""
    for name in sender.properties:
        key = sender.adapter.by_xml.get(name)
        if key is not None:
            loses = "the key's value has no effect" if key.name in sender.keys else "people will look for it there"
            yield Said(
                f"this property is the key `{key.name}` under another name: {loses}", name, hint=sender.hint("set {}", key.name)
            )


@needs("mail.smtp.authType", "mail.smtp.starttls.required", "mail.smtp.ssl.enable")
def mw309(sender: Sender) -> Iterator[Said]:
    """Find settings that speak against each other."""
    if sender.uses_token and sender.properties:
        known = sender.release.product.mail_properties.read
        for name in sender.properties:
            if "overridden" in known.get(name, ()):
                by = known[name]["overridden"]
                yield Said(f"{by['by']} overwrites this property with {by['with']}", name, hint="remove it")
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


@needs("mail.smtp.authType")
def mw310(sender: Sender) -> Iterator[Said]:
    """Find senders whose chain is not checked."""
    if sender.uses_token:
        yield Said(
            "with CLIENT_CREDENTIAL the mail server's certificate is not checked",
            sender.setter("mail.smtp.authType"),
            hint="no setting changes that: keep the path to the relay safe, and silence the finding where the risk is accepted",
            value=True,
        )
