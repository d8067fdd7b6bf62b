"""Whether the sender can log in, and with what (product/adapter.md#authenticator, product/adapter.md#oauth)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..base.patterns import pattern
from .model import Said, needs
from .sender import Sender


def _name(sender: Sender, xml: str) -> str:
    return sender.adapter.by_xml[xml].name


@needs("mail.smtp.user", "mail.smtp.password")
def mw321(sender: Sender) -> Iterator[Said]:
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


@needs("mail.smtp.user", "mail.smtp.password")
def mw322(sender: Sender) -> Iterator[Said]:
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


@needs("mail.smtp.password", *_TOKEN)
def mw323(sender: Sender) -> Iterator[Said]:
    """Find keys of the other kind."""
    kinds, word = sender.release.product.auth_types, sender.mail("mail.smtp.authType")
    if word is None:
        return
    kind = kinds.named(word)
    by = kind.name if kind and sender.uses_token else kinds.default
    names = ("mail.smtp.password",) if sender.uses_token else _TOKEN
    for xml in names:
        name = _name(sender, xml)
        if name in sender.keys and sender.keys[name].raw:
            yield Said(
                f"`{name}` is not used with {by}", name, hint=sender.hint("remove it, or set {} to what you mean", "auth_type")
            )


_BARE = pattern(r"[^<>]*\Z")


@needs("mail.smtp.from")
def mw324(sender: Sender) -> Iterator[Said]:
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


@needs("mail.smtp.user")
def mw325(sender: Sender) -> Iterator[Said]:
    """Find display names that come from the vault."""
    user, sign = _name(sender, "mail.smtp.user"), _name(sender, "mail.smtp.signature")
    setting = sender.keys.get(user)
    if setting and "$secret{" in setting.raw and sign not in sender.keys and sender.adapter[sign].known_to(sender.release):
        yield Said(
            "the user name from the vault becomes the sender's name that recipients see", user, hint=sender.hint("set {}", sign)
        )
