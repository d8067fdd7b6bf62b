"""Secrets: how they are written, and the traps of ``[secrets]`` (product/placeholders.md#secret, product/placeholders.md#secrets-table, product/api.md#masks)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..base.findings import Severity
from ..deployment import Header, KeyValue, Leaf
from ..product.releases import first_with
from ..spec.references import is_alias, looks_like_reference, mentioned, whole_reference
from .client import _GOOD, _ONE, _with
from .model import Said, Subject, page, rule
from .node import Node
from .sender import Kind, Sender, Setting

_MASK = re.compile(
    r"(?:[*•●xX]{4,}|<[^<>]*>|\*+|\.{3,}|(?:change|replace)[-_ ]?(?:me|it|this)|(?:your|my)[-_ ]?(?:smtp[-_ ]?)?(?:password|secret)|password|passwd|secret|todo|tbd|none|null|n/?a)\Z",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(r"(?:\{\{[^{}]*\}\}|\$\{[^{}]*\}|%[A-Z_]+%|\$\([^()]*\)|@[A-Za-z_.]+@)\Z")


def _secret_settings(sender: Sender) -> Iterator[tuple[str, Setting]]:
    known = {**sender.adapter.listed, **sender.adapter.by_xml}
    for name, setting in (*sender.keys.items(), *sender.properties.items()):
        key = sender.adapter.get(name) or known.get(name)
        if key is not None and key.secret and setting.raw:
            yield name, setting


def _references(sender: Sender) -> str:
    """Return the references that can stand for a secret of a sender."""
    return "$env{NAME} or $file{name}" if sender.kind is Kind.TENANT else "$secret{alias} or $env{NAME}"


def _is_mask(sender: Sender, setting: Setting) -> bool:
    plain = (sender.plain(setting) or "").strip()
    return bool(_MASK.match(plain) or _TEMPLATE.match(setting.raw.strip()))


@rule(
    "MW501",
    Severity.WARNING,
    "A secret in clear text",
    subject=Subject.SENDER,
    options=_ONE,
    why="Anyone who can read the file, or a copy of the repository, can read the password (product/placeholders.md#vault: `$secret{alias}` is resolved by the server's own vault).",
    remedy="Write $secret{alias} and put the encrypted text into [secrets], or $env{NAME}; in a tenant of a spec $env{NAME} or $file{name}.",
    bad=_with(('"$secret{smtp_password}"', '"correct horse"')),
    good=_GOOD,
)
def CLEAR(sender: Sender) -> Iterator[Said]:
    """Find secrets that are no references."""
    for name, setting in _secret_settings(sender):
        if not setting.is_reference and not _is_mask(sender, setting):
            yield Said(f"`{name}` is in clear text", name, hint=f"write {_references(sender)}", value=True)


@rule(
    "MW502",
    Severity.ERROR,
    "A mask or a placeholder as a secret",
    subject=Subject.SENDER,
    options=_ONE,
    why="The server knows no masks: `********` becomes the password (product/api.md#masks, product/vendor-cli.md#mask-imported).",
    remedy="Write a reference to the secret instead.",
    bad=_with(('"$secret{smtp_password}"', '"********"')),
    good=_GOOD,
)
def MASK(sender: Sender) -> Iterator[Said]:
    """Find what stands for a secret and is none."""
    for name, setting in _secret_settings(sender):
        if not setting.is_reference and _is_mask(sender, setting):
            yield Said(
                f"`{name}` looks like a mask or a placeholder: the server would use it as the secret itself",
                name,
                value=True,
                hint=f"write a reference: {_references(sender)}",
            )


_KNOWN = "the server knows $secret{}, $env{}, $sys{} and $ref{}"


@rule(
    "MW503",
    Severity.WARNING,
    "A text that only looks like a reference",
    subject=Subject.SENDER,
    options=_ONE,
    why="Only $secret{} $env{} $sys{} and $ref{} are resolved; `${NAME}`, a misspelt word or an unclosed brace stays as it is (product/placeholders.md#unknown-forms).",
    remedy="Write $env{NAME}, or suppress the finding where the text is meant.",
    bad=_with(('"$secret{smtp_password}"', '"$evn{SMTP_PASSWORD}"')),
    good=_GOOD,
)
def LOOKS_LIKE(sender: Sender) -> Iterator[Said]:
    """Find misspelt references."""
    for setting in (*sender.keys.values(), *sender.properties.values()):
        if looks_like_reference(setting.raw):
            yield Said(
                "this looks like a reference, but the server takes it as plain text",
                setting,
                hint="a secret can be $env{NAME} or $file{name}" if sender.kind is Kind.TENANT else _KNOWN,
                value=True,
            )


@rule(
    "MW504",
    Severity.ERROR,
    "A secret reference that is not the whole value",
    subject=Subject.NODE,
    options=_ONE,
    why="The server's vault resolves `$secret{alias}` only where it is the whole value (product/placeholders.md#secret-whole-value).",
    remedy="Make the whole value the secret.",
    bad=_with(('"$secret{smtp_password}"', '"x$secret{smtp_password}"')),
    good=_GOOD,
)
def PARTLY(node: Node) -> Iterator[Said]:
    """Find references inside a text."""
    for leaf in node.leaves:
        if isinstance(leaf.data, str) and mentioned(leaf.data, "secret") and not whole_reference(leaf.data, ("secret",)):
            yield Said(
                "$secret{} works only as the whole value: the server sends the text as it is",
                leaf,
                value=True,
                hint="write $secret{alias} and nothing else",
            )


@rule(
    "MW505",
    Severity.WARNING,
    "Something after [secrets]",
    subject=Subject.NODE,
    options=_ONE,
    why="The cipher tool of 5.9.0 to 7.2.0 fails when a line after [secrets] is no secret (another table, a comment), and leaves deployment.toml truncated (product/placeholders.md#truncates, product/placeholders.md#truncates-7-3-0). 7.3.0's tool was not examined.",
    remedy="Keep [secrets] last and free of comments.",
    bad=_GOOD + '\n[server]\nhostname = "is.example.com"\n',
    good=_GOOD,
)
def BEHIND(node: Node) -> Iterator[Said]:
    """Find what the cipher tool falls over."""
    items = node.deployment.statements.items
    at = next((index for index, item in enumerate(items) if isinstance(item, Header) and item.path == ("secrets",)), None)
    if at is None:
        return
    header = items[at]
    assert isinstance(header, Header)
    later = next((item for item in items[at + 1 :] if isinstance(item, Header)), None)
    text = node.deployment.source.text
    end = later.span.start if later else len(text)
    strings = [item.value.span for item in items[at + 1 :] if isinstance(item, KeyValue)]
    mark = text.find("#", header.span.end, end)
    while mark >= 0 and any(span.start <= mark < span.end for span in strings):
        mark = text.find("#", mark + 1, end)
    if mark < 0 and later is None:
        return
    truncates = node.release.cipher_tool_truncates
    if truncates is False:
        return
    unsure = "" if truncates else " (unsure for this release: its tool was not examined)"
    if mark >= 0:
        yield Said(
            f"a comment after [secrets]: the cipher tool fails and truncates the file{unsure}",
            header.span.__class__(mark, mark + 1),
            hint="keep [secrets] free of comments",
        )
    if later is not None:
        yield Said(
            f"a table after [secrets]: the cipher tool fails and truncates the file{unsure}",
            later.span,
            hint="keep [secrets] last in the file",
        )


@rule(
    "MW506",
    Severity.ERROR,
    "A secret whose name or text the server cannot take",
    subject=Subject.NODE,
    options=("--product-version", "6.1.0"),
    why="Values of [secrets] are texts; `[text]` in square brackets is not encrypted yet, and the server does not start with it unless it is told to encrypt; a name with dots or quotation marks works from 7.0.0 only (product/placeholders.md#secret-values, product/placeholders.md#not-encrypted-yet, product/placeholders.md#alias-names).",
    remedy="Run the cipher tool; use letters, digits and `_` in names.",
    bad=_GOOD + 'other_password = "[plain text]"\n',
    good=_GOOD,
)
def SECRETS(node: Node) -> Iterator[Said]:
    """Look at the entries of [secrets]."""
    blamed = {failure.leaf.key_span for failure in node.outcome[0] if failure.leaf}
    for leaf in _aliases(node):
        if leaf.key_span in blamed:
            continue
        alias = ".".join(leaf.path[1:])
        if isinstance(leaf.data, str) and "]" in leaf.data.partition("[")[2]:
            kinds = (str, list) if node.release.placeholders_in_arrays else (str,)
            used = any(
                alias in mentioned(str(other.data), "secret") for other in node.deployment.leaves if isinstance(other.data, kinds)
            )
            if not used:  # one that is used ends the start: said there
                yield Said(
                    "this secret is not encrypted yet: the server may not start with it (unsure: nothing uses it)",
                    leaf,
                    hint="run the cipher tool",
                    value=True,
                )
        if not is_alias(alias) and not node.release.quoted_aliases:
            since = first_with("quoted_aliases")
            yield Said(
                f"a name with dots or quotation marks works only from {since} on", leaf, hint="use letters, digits and `_`"
            )


def _aliases(node: Node) -> Iterator[Leaf]:
    return (leaf for leaf in node.deployment.leaves if leaf.path[0] == "secrets" and len(leaf.path) > 1)


_TOKEN = """\
[output_adapter.email]
from_address = "no-reply@example.com"
hostname = "smtp.office365.com"
port = 587
signature = "Example"
reply_to = "support@example.com"
auth_type = "CLIENT_CREDENTIAL"
client_id = "0b2c"
client_secret = "$secret{client_secret}"
token_endpoint = "ENDPOINT"
scopes = "https://outlook.office365.com/.default"

[secrets]
client_secret = "QmFzZTY0IHRleHQ="
"""
_ENDPOINT = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token"

LOGIN_IN_URL = page(
    "MW507",
    Severity.ERROR,
    "A user name or a password in a URL",
    why="A URL is no place for a secret: it is stored, shown and logged by whatever handles it, and the server's API gives it back to everybody who may read the sender (product/api.md#provider-url, product/keys.md#token-endpoint). Whether the server's HTTP client logs in with it was not measured. mailwright hides it in every output, and makes nothing from a spec that has one.",
    remedy="Take it out. An HTTP provider: `http.auth` with `type: BASIC`, `username` and `password`, the password as $env{NAME} or $file{name}. A token endpoint: `client_id` and `client_secret` are what the server sends.",
    bad=_TOKEN.replace("ENDPOINT", _ENDPOINT.replace("https://", "https://mailer:hunter2@")),
    good=_TOKEN.replace("ENDPOINT", _ENDPOINT),
    options=_ONE,
)
SECRET_IN_URL = page(
    "MW508",
    Severity.WARNING,
    "A secret in the query of a URL",
    why="What stands behind `?` is stored, shown and logged with the rest of the URL, and cannot be a reference (product/api.md#masks). Some providers require it there; then silence the finding. mailwright shows the names of a query and never its values.",
    remedy="Send it as a header where the provider takes that: `http.auth` with `type: API_KEY` or `BEARER`.",
    bad=_TOKEN.replace("ENDPOINT", _ENDPOINT + "?api_key=0123456789abcdef"),
    good=_TOKEN.replace("ENDPOINT", _ENDPOINT),
    options=_ONE,
)
