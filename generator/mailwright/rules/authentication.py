"""Whether the sender can log in, and with what (product/adapter.md#authenticator, product/adapter.md#oauth)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..base.findings import Severity
from .client import _GOOD, _ONE, _with
from .model import Said, Subject, rule
from .sender import Sender


def _name(sender: Sender, xml: str) -> str:
    return sender.adapter.by_xml[xml].name


@rule(
    "MW321",
    Severity.ERROR,
    "Authentication without credentials",
    subject=Subject.SENDER,
    options=_ONE,
    why="With `enable_authentication` (the default) and an empty user name or password every mail fails: no password specified (product/adapter.md#no-password, product/mail-client.md#measured-no-password; measured).",
    remedy="Set both, or `enable_authentication = false` for a relay without authentication.",
    bad=_with(('username = "no-reply@example.com"', 'username = ""')),
    good=_GOOD,
)
def NO_CREDENTIALS(sender: Sender) -> Iterator[Said]:
    """Find empty user names and passwords."""
    if not sender.logs_in or sender.uses_token:
        return
    for xml in ("mail.smtp.user", "mail.smtp.password"):
        at = sender.setter(xml)
        if at is not None and sender.mail(xml) == "":
            yield Said(
                f"`{_name(sender, xml)}` is empty although the sender authenticates: every mail fails",
                at,
                hint=sender.hint("set it, or set {}", _name(sender, "mail.smtp.auth"), False),
                value=True,
            )


@rule(
    "MW322",
    Severity.WARNING,
    "Credentials that are never used",
    subject=Subject.SENDER,
    options=_ONE,
    why="With `enable_authentication = false` the mail client never logs in, also with user name and password set (product/adapter.md#authentication-off, product/mail-client.md#measured-auth-off; measured).",
    remedy="Remove the switch, or the credentials (an empty text: what is left out becomes the product's default, which is not used either).",
    bad=_with(("signature", "enable_authentication = false\nsignature")),
    good=_with(
        ("signature", "enable_authentication = false\nsignature"),
        ('"no-reply@example.com"\npassword', '""\npassword'),
        ('"$secret{smtp_password}"', '""'),
        ('\n[secrets]\nsmtp_password = "QmFzZTY0IHRleHQ="\n', ""),
    ),
)
def UNUSED(sender: Sender) -> Iterator[Said]:
    """Find credentials beside a switch that is off."""
    if not sender.is_false("mail.smtp.auth"):
        return
    owner = sender if sender.base is None or sender.setter("mail.smtp.auth") else sender.base
    for xml in ("mail.smtp.user", "mail.smtp.password"):
        setting = sender.keys.get(_name(sender, xml))
        if setting is not None and setting.raw:
            yield Said(
                f"`{_name(sender, xml)}` is never used: authentication is off",
                _name(sender, xml),
                hint=owner.hint("is {} intended?", owner.setter("mail.smtp.auth") or _name(owner, "mail.smtp.auth"), False),
            )


_TOKEN = ("mail.smtp.clientId", "mail.smtp.clientSecret", "mail.smtp.tokenEndpoint", "mail.smtp.scopes")


@rule(
    "MW323",
    Severity.WARNING,
    "Credentials that the kind of authentication does not use",
    subject=Subject.SENDER,
    options=_ONE,
    why="CLIENT_CREDENTIAL logs in as `from_address` with a token, and uses neither user name nor password; everything else logs in with these two, and uses none of the OAuth2 keys (product/adapter.md#oauth-user, product/adapter.md#oauth).",
    remedy="Remove what is not used, or set the `auth_type` that is meant.",
    bad=_with(("signature", 'client_id = "0b2c"\nsignature')),
    good=_GOOD,
)
def FOREIGN(sender: Sender) -> Iterator[Said]:
    """Find keys of the other kind."""
    if sender.mail("mail.smtp.authType") is None:
        return
    names = ("mail.smtp.password",) if sender.uses_token else _TOKEN
    for xml in names:
        name = _name(sender, xml)
        if name in sender.keys and sender.keys[name].raw:
            by = "CLIENT_CREDENTIAL" if sender.uses_token else "BASIC"
            yield Said(
                f"`{name}` is not used with {by}", name, hint=sender.hint("remove it, or set {} to what you mean", "auth_type")
            )


_BARE = re.compile(r"[^<>]*\Z")


@rule(
    "MW324",
    Severity.ERROR,
    "A display name in the sender's address",
    subject=Subject.SENDER,
    fixable=True,
    options=_ONE,
    why="The text goes into the envelope command as it is, name and brackets: most servers refuse it (product/adapter.md#from-display-name; measured).",
    remedy="Write the bare address, and the name in `signature`.",
    bad=_with(('from_address = "no-reply@example.com"', "from_address = '<![CDATA[Example <no-reply@example.com>]]>'")),
    good=_GOOD,
)
def DISPLAY_NAME(sender: Sender) -> Iterator[Said]:
    """Find addresses with a name."""
    address = sender.mail("mail.smtp.from")
    name = sender.setter("mail.smtp.from")
    if name is None or address is None or _BARE.match(address):
        return
    inner = re.search(r"<([^<>\s]+@[^<>\s]+)>", address)
    bare = inner.group(1) if inner else None
    yield Said(
        "a display name in the address breaks the envelope command: most servers refuse the mail",
        name,
        hint=sender.hint("write the bare address; the name goes into {}", "signature"),
        value=True,
        fix=sender.fix("write the bare address", name, bare) if bare and "signature" in sender.keys else None,
    )


@rule(
    "MW325",
    Severity.WARNING,
    "The display name would be a secret or a user name",
    subject=Subject.GLOBAL,
    options=_ONE,
    why='`signature` defaults to the SMTP user name: with `username = "$secret{…}"` the user name from the vault, with CLIENT_CREDENTIAL the text `abcd`, becomes the sender\'s name that recipients see (product/adapter.md#oauth-signature, product/placeholders.md#secret-user-name).',
    remedy="Set `signature`.",
    bad=_with(
        ('username = "no-reply@example.com"', 'username = "$secret{smtp_user}"'),
        ('smtp_password = "Qm', 'smtp_user = "QmFzZTY0"\nsmtp_password = "Qm'),
    ).replace('signature = "Example"\n', ""),
    good=_GOOD,
)
def LEAKED_NAME(sender: Sender) -> Iterator[Said]:
    """Find display names that come from the vault."""
    user, sign = _name(sender, "mail.smtp.user"), _name(sender, "mail.smtp.signature")
    setting = sender.keys.get(user)
    if setting and "$secret{" in setting.raw and sign not in sender.keys and sender.adapter[sign].known_to(sender.release):
        yield Said(
            "the user name from the vault becomes the sender's name that recipients see", user, hint=sender.hint("set {}", sign)
        )
