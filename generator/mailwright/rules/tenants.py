"""Tenants: what the REST API takes and the adapter makes of it (product/adapter.md#merge, product/api.md#v1); and what a spec must not hold."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from ..base.findings import Severity
from ..product.auth_types import Smtp, auth_type, is_http, load_catalogue
from ..product.mail_properties import PREFIX, load_mail_properties
from ..rendering.payloads import http_parts
from .model import Said, Subject, rule
from .sender import Kind, Sender

_TENANT = """\
mailwright: 1
product: {version: "7.3.0"}
tenants:
  acme.example:
    from_address: no-reply@acme.example
    signature: Acme
    reply_to: help@acme.example
    hostname: smtp.acme.example
    port: 587
    username: no-reply@acme.example
    password: $env{MAILWRIGHT_ACME}
"""
_PAYLOAD = """\
{
  "name": "EmailPublisher",
  "provider": "SMTP",
  "smtpServerHost": "smtp.acme.example",
  "smtpPort": 587,
  "fromAddress": "no-reply@acme.example",
  "authType": "BASIC",
  "properties": [
    {"key": "userName", "value": "no-reply@acme.example"},
    {"key": "password", "value": "$env{MAILWRIGHT_ACME}"},
    {"key": "mail.smtp.signature", "value": "Acme"},
    {"key": "mail.smtp.replyTo", "value": "help@acme.example"}
  ]
}
"""
_V2 = ("--as", "tenant-sender-v2", "--product-version", "7.3.0")
_MEANT = {"mailwright.secretVersion", "mailwright.owner"}
_RESERVED = {"streamName", "version", "type"}


def _with(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        text = text.replace(old, new)
    return text


def _is_http(sender: Sender) -> bool:
    return is_http(sender.document.get("provider"))


def _filled(sender: Sender, name: str) -> bool:
    return name in sender.keys and bool(sender.keys[name].raw.strip())


_SMTP_KINDS = {kind.name for kind in load_catalogue().types.values() if kind.smtp in (Smtp.LOGIN, Smtp.TOKEN)}


@rule(
    "MW405",
    Severity.ERROR,
    "An authentication that the SMTP adapter does not have",
    subject=Subject.TENANT,
    options=_V2,
    why="7.3.0 takes BEARER, API_KEY and NONE for SMTP too, but the adapter treats them as BASIC, with the server's own user name and password (product/api.md#rule-11; deduced).",
    remedy="BASIC or CLIENT_CREDENTIAL; the others are for `provider: HTTP`.",
    bad=_with(
        _PAYLOAD,
        ('"BASIC"', '"BEARER"'),
        ('"userName", "value": "no-reply@acme.example"', '"accessToken", "value": "$env{MAILWRIGHT_ACME}"'),
        ('    {"key": "password", "value": "$env{MAILWRIGHT_ACME}"},\n', ""),
    ),
    good=_PAYLOAD,
)
def FOREIGN_TYPE(sender: Sender) -> Iterator[Said]:
    """Find kinds of authentication for HTTP in an SMTP sender."""
    name = sender.adapter.by_xml["mail.smtp.authType"].name
    setting = sender.keys.get(name)
    kind = auth_type(setting.raw) if setting is not None else None
    if kind is not None and kind.name in sender.release.auth_types and kind.smtp is Smtp.AS_BASIC and not _is_http(sender):
        yield Said(
            "the adapter treats this as BASIC: the server's own user name and password go to this tenant's relay",
            setting,
            hint="use " + " or ".join(name for name in sender.release.auth_types if name in _SMTP_KINDS),
            value=True,
        )


@rule(
    "MW406",
    Severity.ERROR,
    "CLIENT_CREDENTIAL without scopes",
    subject=Subject.TENANT,
    options=_V2,
    why="7.3.0's API takes it, but the adapter has no connection without scopes (product/adapter.md#oauth-required, product/api.md#rule-10).",
    remedy="Add the property `scopes`.",
    bad=_with(
        _PAYLOAD,
        ('"BASIC"', '"CLIENT_CREDENTIAL"'),
        (
            '{"key": "userName", "value": "no-reply@acme.example"}',
            '{"key": "clientId", "value": "0b2c"},\n    {"key": "tokenEndpoint", "value": "https://login.microsoftonline.com/acme/oauth2/v2.0/token"}',
        ),
        ('"password"', '"clientSecret"'),
        ("smtp.acme.example", "smtp.office365.com"),
    ),
    good=_PAYLOAD,
)
def SCOPES(sender: Sender) -> Iterator[Said]:
    """Find token requests without scopes."""
    kind = auth_type(sender.mail("mail.smtp.authType"))
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


@rule(
    "MW407",
    Severity.ERROR,
    "A property that the adapter drops",
    subject=Subject.TENANT,
    options=_V2,
    why="The API stores every property, but the adapter takes only those of its own list; the others are dropped at deployment, 7.2.0 and older with their values in the log (product/adapter.md#dropped-properties, product/adapter.md#values-in-the-log, product/api.md#other-keys).",
    remedy="Set mail-client properties for the whole server; remove the others.",
    bad=_with(
        _PAYLOAD,
        (
            '{"key": "mail.smtp.signature"',
            '{"key": "mail.smtp.starttls.required", "value": "true"},\n    {"key": "mail.smtp.signature"',
        ),
    ),
    good=_PAYLOAD,
)
def DROPPED(sender: Sender) -> Iterator[Said]:
    """Find properties without effect."""
    meant = {place.name for key in sender.adapter.values() for place in (key.v1, key.v2) if place}
    meant |= {part.place.name for part in http_parts()}
    for name, setting in sender.extra:
        if name in meant or name in _MEANT or name.startswith("body.") or name in _RESERVED:
            continue
        logged = "; this release writes its value into the log" if sender.release.logs_dropped_values else ""
        yield Said(f"the adapter drops this property{logged}", setting, hint=_instead(name, meant))


def _instead(name: str, taken: Collection[str]) -> str:
    """Say what to do about a property that is dropped, from what its name is near to."""
    folded = {other.casefold(): other for other in taken}
    properties = load_mail_properties()
    close = folded.get(name.casefold()) or properties.meant(name)
    if close in taken:
        return f"did you mean `{close}`?"
    if close is None or close == name:
        useless = properties.useless(name)
        if useless or (close is None and name.casefold().startswith(PREFIX)):
            return "remove it: " + (useless.why if useless else "the mail client does not know it either")
        return "set it for the whole server, in deployment.toml" if close else "remove it"
    return f"remove it: `{close}`, which is probably meant, is set for the whole server, in deployment.toml"


@rule(
    "MW408",
    Severity.WARNING,
    "A release that keeps credentials in clear text",
    subject=Subject.TENANT,
    options=("--product-version", "7.1.0"),
    why="6.0.0 to 7.1.0 keep a tenant's password in plain text in the configuration store; senders made with v2 have it in plain text in the stored publisher file, and 7.2.0 writes it into the log (product/api.md#stored-plain, product/api.md#leak-file, product/api.md#leak-log).",
    remedy="Give each tenant a credential of its own that can do nothing but send; move to 7.2.0 or later with v1.",
    bad=_with(_TENANT, ('product: {version: "7.3.0"}\n', "")),
    good=_with(
        _TENANT,
        ('product: {version: "7.3.0"}\n', ""),
        ("    username: no-reply@acme.example\n    password: $env{MAILWRIGHT_ACME}\n", "    enable_authentication: false\n"),
    ),
)
def KEPT(sender: Sender) -> Iterator[Said]:
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


@rule(
    "MW409",
    Severity.WARNING,
    "An address without TLS",
    subject=Subject.SENDER,
    options=("--product-version", "7.3.0"),
    why="The client's secret, or the mail with its credentials, goes to this URL; nothing checks its scheme (product/adapter.md#token-request, product/api.md#not-checked).",
    remedy="Write https://.",
    bad=_with(
        _TENANT,
        (
            "    username: no-reply@acme.example\n    password: $env{MAILWRIGHT_ACME}\n",
            "    auth_type: CLIENT_CREDENTIAL\n    client_id: 0b2c\n    client_secret: $env{MAILWRIGHT_ACME}\n    token_endpoint: http://login.acme.example/token\n    scopes: mail.send\n",
        ),
    ),
    good=_TENANT,
)
def NOT_HTTPS(sender: Sender) -> Iterator[Said]:
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


@rule(
    "MW410",
    Severity.WARNING,
    "An API version that shows passwords",
    subject=Subject.TENANT,
    options=(),
    why="v1 answers every read with the password in clear text (product/api.md#password-shown); on 7.3.0 v2 does everything that v1 does, and validates.",
    remedy="Leave `api_version` out: mailwright takes v2 on 7.3.0, v1 before where it is the safer one.",
    bad=_with(_TENANT, ("    signature", "    api_version: v1\n    signature")),
    good=_TENANT,
)
def VERSION(sender: Sender) -> Iterator[Said]:
    """Find v1 where v2 is better."""
    older = sender.document.get("api_version") == "v1" or sender.payload == "v1"
    if older and sender.release.includes("payloads", "v2") and not sender.release.logs_dropped_values:
        yield Said(
            "v1 answers every read with the password in clear text; this release has v2",
            hint="send it to v2, in its form" if sender.payload else "leave `api_version` out",
        )


@rule(
    "MW411",
    Severity.WARNING,
    "A tenant without display name or reply address",
    subject=Subject.TENANT,
    options=("--as", "tenant-sender-v1", "--product-version", "6.1.0"),
    why="A tenant without its own inherits the server's: other people's name, in the worst case abcd@gmail.com as Reply-To (product/adapter.md#inherited). 7.2.0's validation, and update packs before it, refuse such a sender (product/api.md#rule-4, product/api.md#rule-5, product/api.md#validation-update-packs).",
    remedy="Send `mail.smtp.signature` and `mail.smtp.replyTo`.",
    bad="""\
{
  "name": "EmailPublisher",
  "smtpServerHost": "smtp.acme.example",
  "smtpPort": 587,
  "fromAddress": "no-reply@acme.example",
  "userName": "",
  "password": "",
  "properties": [{"key": "mail.smtp.auth", "value": "false"}]
}
""",
    good="""\
{
  "name": "EmailPublisher",
  "smtpServerHost": "smtp.acme.example",
  "smtpPort": 587,
  "fromAddress": "no-reply@acme.example",
  "userName": "",
  "password": "",
  "properties": [
    {"key": "mail.smtp.auth", "value": "false"},
    {"key": "mail.smtp.signature", "value": "Acme"},
    {"key": "mail.smtp.replyTo", "value": "help@acme.example"}
  ]
}
""",
)
def NAMELESS(sender: Sender) -> Iterator[Said]:
    """Find payloads that inherit name and reply address."""
    if not sender.payload or _is_http(sender):
        return
    if sender.release.includes("validated", sender.payload):  # refused: the schema says so
        return
    for xml in ("mail.smtp.signature", "mail.smtp.replyTo"):
        if sender.adapter.by_xml[xml].name not in sender.keys:
            yield Said(f"the property {xml} is missing: the tenant inherits the server's", None, hint="add it to `properties`")


_MARKUP = re.compile(r"<!\[CDATA\[.*\]\]>\Z|.*&(?:#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6}|amp|lt|gt|quot|apos);", re.DOTALL)


@rule(
    "MW412",
    Severity.ERROR,
    "CDATA or character references in a spec",
    subject=Subject.SENDER,
    options=(),
    why="A spec's values are plain: mailwright writes what deployment.toml needs, and the API takes values as they are. The product's page shows CDATA for deployment.toml (product/xml.md#cdata); in a spec it would arrive as it stands.",
    remedy="Write the value itself.",
    bad=_with(_TENANT, ("signature: Acme", 'signature: "<![CDATA[Acme & Sons]]>"')),
    good=_with(_TENANT, ("signature: Acme", "signature: Acme & Sons")),
)
def MARKUP(sender: Sender) -> Iterator[Said]:
    """Find values that were written for deployment.toml."""
    if sender.kind is Kind.NODE or sender.payload:
        return
    for setting in (*sender.keys.values(), *sender.properties.values()):
        if ("&" in setting.raw or "<" in setting.raw) and _MARKUP.match(setting.raw):
            yield Said(
                "values in a spec are plain: the server would get this markup literally",
                setting,
                hint="write the value itself",
                value=True,
            )


@rule(
    "MW413",
    Severity.WARNING,
    "A property that appears twice, or a name that the server reserves",
    subject=Subject.TENANT,
    options=_V2,
    why="Of two properties with one key the last wins; `streamName`, `version` and `type` are overwritten by the server, `body.` names are left out (product/api.md#duplicate-keys, product/api.md#reserved-keys).",
    remedy="Remove it.",
    bad=_with(
        _PAYLOAD,
        ('{"key": "mail.smtp.replyTo"', '{"key": "mail.smtp.signature", "value": "Acme Inc."},\n    {"key": "mail.smtp.replyTo"'),
    ),
    good=_PAYLOAD,
)
def TWICE(sender: Sender) -> Iterator[Said]:
    """Find properties that lose."""
    seen: set[str] = set()
    for name, setting in sender.extra:
        if name in seen:
            yield Said("this property appears twice: the last one wins", setting, hint="remove one of them")
        elif name in _RESERVED or name.startswith("body."):
            yield Said("this name is reserved by the server: the value is not kept", setting, hint="remove it")
        seen.add(name)
