"""Tenants: what the REST API takes and the adapter makes of it (product/adapter.md#merge, product/api.md#v1); and what a spec must not hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from ..base.edits import Misspelling
from ..base.patterns import pattern
from ..product.auth_types import Smtp, is_http
from ..product.mail_properties import PREFIX, MailProperties
from .model import EXTRA, MARKUP, SECRET, Said, needs
from .sender import Sender, SenderKind

_MEANT = {"mailwright.secretVersion", "mailwright.owner"}
_RESERVED = {"streamName", "version", "type"}


def _is_http(sender: Sender) -> bool:
    return is_http(sender.document.get("provider"))


def _filled(sender: Sender, name: str) -> bool:
    return name in sender.keys and bool(sender.keys[name].raw.strip())


@needs("mail.smtp.authType")
def mw405(sender: Sender) -> Iterator[Said]:
    """Find kinds of authentication for HTTP in an SMTP sender."""
    name = sender.adapter.by_xml["mail.smtp.authType"].name
    setting = sender.keys.get(name)
    kinds = sender.release.product.auth_types
    kind = kinds.named(setting.raw) if setting is not None else None
    if kind is not None and kind.name in sender.release.auth_types and kind.smtp is Smtp.AS_BASIC and not _is_http(sender):
        yield Said(
            "the adapter treats this as BASIC: the server's own user name and password go to this tenant's relay",
            setting,
            hint="use "
            + " or ".join(name for name in sender.release.auth_types if kinds.types[name].smtp in (Smtp.LOGIN, Smtp.TOKEN)),
            value=True,
        )


def mw406(sender: Sender) -> Iterator[Said]:
    """Find token requests without scopes."""
    kind = sender.release.product.auth_types.named(sender.mail("mail.smtp.authType"))
    if not sender.payload or kind is None or _is_http(sender):
        return
    asked = {*kind.needs, *sender.release.auth_needs.get(kind.name, ())} if kind.smtp_needs else ()
    for key in sender.adapter.scalars:
        lacking = key.v2 is not None and key.v2.name in kind.smtp_needs and not _filled(sender, key.name)
        if key.v2 is not None and lacking and key.v2.name not in asked:
            name = key.v2.name
            yield Said(
                f"`{name}` is missing: the API accepts that, but the adapter does not send",
                None,
                hint=f"add the property `{name}`",
            )


@needs(EXTRA)
def mw407(sender: Sender) -> Iterator[Said]:
    """Find properties without effect."""
    meant = {place.name for key in sender.adapter.values() for place in (key.v1, key.v2) if place}
    meant |= {part.place.name for part in sender.release.product.http_parts}
    for name, setting in sender.extra:
        if name in meant or name in _MEANT or name.startswith("body.") or name in _RESERVED:
            continue
        logged = "; this release writes its value into the log" if sender.release.logs_dropped_values else ""
        close, fix = _near(name, meant, sender.release.product.mail_properties), None
        if close in meant and close not in _named(sender) and setting.name_place is not None:
            fix = Misspelling(setting.name_place, name, close, is_key=False)
        hint = _instead(name, close, meant, sender.release.product.mail_properties)
        yield Said(f"the adapter drops this property{logged}", setting, hint=hint, fix=fix)


def _named(sender: Sender) -> set[object]:
    """Return the names in a payload's ``properties``."""
    entries = sender.document.get("properties")
    return {entry.get("key") for entry in entries if isinstance(entry, Mapping)} if isinstance(entries, list) else set()


def _near(name: str, taken: Collection[str], properties: MailProperties) -> str | None:
    return {other.casefold(): other for other in taken}.get(name.casefold()) or properties.meant(name)


def _instead(name: str, close: str | None, taken: Collection[str], properties: MailProperties) -> str:
    """Say what to do about a property that is dropped, from what its name is near to."""
    if close in taken:
        return f"did you mean `{close}`?"
    if close is None or close == name:
        useless = properties.useless(name)
        if useless or (close is None and name.casefold().startswith(PREFIX)):
            return "remove it: " + (useless.why if useless else "the mail client does not know it either")
        return "set it for the whole server, in deployment.toml" if close else "remove it"
    return f"remove it: `{close}`, which is probably meant, is set for the whole server, in deployment.toml"


@needs(SECRET)
def mw408(sender: Sender) -> Iterator[Said]:
    """Find secrets that the release keeps in clear text."""
    secret = next(
        (sender.keys[key.name] for key in sender.adapter.secrets if key.name in sender.keys and sender.keys[key.name].raw), None
    )
    if secret is None or not sender.release.tenant_api or _is_http(sender):
        return
    if not sender.release.secret_store:
        yield Said(
            "this release keeps a tenant's credentials in plain text in the configuration store",
            secret,
            hint="give the tenant a credential that can do nothing but send mail",
        )
    elif (
        sender.payload == "v2" or sender.document.get("api_version") == "v2" or sender.uses_token
    ) and sender.release.logs_dropped_values:
        yield Said("this release writes the credentials of v2 senders into its log", secret, hint="use v1 where BASIC is enough")


@needs("mail.smtp.tokenEndpoint", "http", "providerURL")
def mw409(sender: Sender) -> Iterator[Said]:
    """Find URLs in clear text."""
    name = sender.adapter.by_xml["mail.smtp.tokenEndpoint"].name
    setting = sender.keys.get(name)
    if setting is not None and setting.raw.strip().lower().startswith("http://"):
        yield Said("the token request sends the client's secret in clear text", setting, hint="write https://", value=True)
    http = sender.document.get("http")
    urls = (
        [http.get("url"), *(auth.get(name) for auth in [http.get("auth")] if isinstance(auth, Mapping))]
        if isinstance(http, Mapping)
        else []
    )
    urls.append(sender.document.get("providerURL"))
    for url in urls:
        if isinstance(url, str) and url.strip().lower().startswith("http://"):
            yield Said(
                "the provider's address has no TLS: the mail and its credentials go out in clear text",
                None,
                hint="write https://",
            )


def mw410(sender: Sender) -> Iterator[Said]:
    """Find v1 where v2 is better."""
    older = sender.document.get("api_version") == "v1" or sender.payload == "v1"
    if older and sender.release.includes("payloads", "v2") and not sender.release.logs_dropped_values:
        yield Said(
            "v1 answers every read with the password in clear text; this release has v2",
            hint="send it to v2, in its form" if sender.payload else "leave `api_version` out",
        )


def mw411(sender: Sender) -> Iterator[Said]:
    """Find payloads that inherit name and reply address."""
    if not sender.payload or _is_http(sender):
        return
    if sender.release.includes("validated", sender.payload):  # refused: the schema says so
        return
    for xml in ("mail.smtp.signature", "mail.smtp.replyTo"):
        if sender.adapter.by_xml[xml].name not in sender.keys:
            yield Said(f"the property {xml} is missing: the tenant inherits the server's", None, hint="add it to `properties`")


_MARKUP = pattern(r"<!\[CDATA\[.*\]\]>\Z|.*&(?:#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6}|amp|lt|gt|quot|apos);", re.DOTALL)


@needs(MARKUP)
def mw412(sender: Sender) -> Iterator[Said]:
    """Find values that were written for deployment.toml."""
    if sender.kind is SenderKind.NODE or sender.payload:
        return
    known = {**sender.adapter.listed, **sender.adapter}
    for name, setting in (*sender.keys.items(), *sender.properties.items()):
        if ("&" in setting.raw or "<" in setting.raw) and _MARKUP.match(setting.raw):
            plain = name in known and not known[name].secret
            yield Said(
                "values in a spec are plain: the server would get this markup literally",
                setting,
                hint="write the value itself" if plain else "leave the markup out; a secret is best written as a reference",
                value=True,
            )


@needs(EXTRA)
def mw413(sender: Sender) -> Iterator[Said]:
    """Find properties that lose."""
    seen: set[str] = set()
    for name, setting in sender.extra:
        if name in seen:
            yield Said("this property appears twice: the last one wins", setting, hint="remove one of them")
        elif name in _RESERVED or name.startswith("body."):
            yield Said("this name is reserved by the server: the value is not kept", setting, hint="remove it")
        seen.add(name)
