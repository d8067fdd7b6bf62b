"""Both sides of every boundary that a rule draws: the rows of tests/data/boundaries, one file a family of rules.

A section is a rule. A row is what is looked at, and below it, indented, what the rule says about it; nothing where it says nothing::

    == MW301
    node 7.2.0 {port: 465}
        465 | output_adapter.email.port | the message | the hint | the fix: the line that it writes

A row names a kind (``node``: a deployment.toml, ``global`` and ``tenant``: a spec, ``v1`` and ``v2``: a payload), a release (``all`` for
every one), and in YAML what makes it differ from a sender that is right: other values, ``~`` for none; or a whole text. A finding tells
the text that it points to, the key's path, message, hint and fix; the releases where it does not hold for all, and its severity where
that is another than the rule's.

Run with MAILWRIGHT_UPDATE_FINDINGS=1 to write the findings anew, and read the difference.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from mailwright.base.edits import edited
from mailwright.base.findings import Finding
from mailwright.base.places import Source
from mailwright.base.secret import HIDDEN, LITERAL_SECRET
from mailwright.rules.catalogue import CATALOGUE
from mailwright.rules.pages import load_page
from mailwright.validation import Check
from products import KNOWN, load_adapter

BOUNDARIES = Path(__file__).resolve().parents[1] / "data" / "boundaries"
TABLE = "output_adapter.email"
SERVER = {
    "from_address": "no-reply@example.com",
    "hostname": "smtp.example.com",
    "port": 587,
    "username": "no-reply@example.com",
    "password": "$secret{smtp_password}",
    "signature": "Example",
    "reply_to": "support@example.com",
    "mail.smtp.starttls.required": True,
    "mail.smtp.ssl.checkserveridentity": True,
    "mail.smtp.connectiontimeout": 10000,
    "mail.smtp.timeout": 10000,
    "mail.smtp.writetimeout": 10000,
}
TENANT = {
    "from_address": "no-reply@acme.example",
    "signature": "Acme",
    "reply_to": "help@acme.example",
    "hostname": "smtp.acme.example",
    "port": 587,
    "username": "no-reply@acme.example",
    "password": "$env{MAILWRIGHT_ACME}",
}
TOKEN = {
    "username": None,
    "password": None,
    "auth_type": "CLIENT_CREDENTIAL",
    "client_id": "0b2c",
    "client_secret": "$env{MAILWRIGHT_ACME}",
    "token_endpoint": "https://login.example.com/token",
    "scopes": "mail.send",
}


def changed(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """``token: true`` among the changes stands for those of CLIENT_CREDENTIAL."""
    own = dict(changes)
    named = own.pop("token", None)
    if named:
        own = {**TOKEN, **own}
    return {name: value for name, value in {**values, **own}.items() if value is not None}


def deployment(changes: Mapping[str, Any]) -> str:
    """Return a deployment.toml; what stands under ``+`` comes behind it."""
    values = changed(SERVER, changes)
    behind = str(values.pop("+", ""))
    lines = [f"[{TABLE}]"]
    lines += [f"{name} = {json.dumps(value)}" for name, value in values.items() if "." not in name]
    lines += ["", f"[{TABLE}.custom_properties]"]
    lines += [f"'{name}' = {json.dumps(value)}" for name, value in values.items() if "." in name]
    return "\n".join([*lines, "", "[secrets]", 'smtp_password = "QmFzZTY0IHRleHQ="', ""]) + behind


def sender(values: Mapping[str, Any]) -> dict[str, Any]:
    properties = {name: value for name, value in values.items() if "." in name}
    return {name: value for name, value in values.items() if "." not in name} | (
        {"custom_properties": properties} if properties else {}
    )


def spec(changes: Mapping[str, Any]) -> str:
    return yaml.safe_dump({"mailwright": 1, "global": sender(changed(SERVER, changes))}, sort_keys=False)


def tenant(changes: Mapping[str, Any]) -> str:
    """Return a spec with a tenant; what stands under ``global`` makes the server's own sender."""
    values = changed(TENANT, {name: value for name, value in changes.items() if name != "global"})
    above = {"global": sender(changed(SERVER, changes["global"]))} if "global" in changes else {}
    return yaml.safe_dump({"mailwright": 1, **above, "tenants": {"acme.example": sender(values)}}, sort_keys=False)


def payload(changes: Mapping[str, Any], version: str) -> str:
    """Return a payload; what is no key of the adapter is a field, or with a dot or ``+`` before it a property."""
    document: dict[str, Any] = {"name": "EmailPublisher"}
    properties = []
    for name, value in changed(TENANT, changes).items():
        key = load_adapter().get(name)
        place = getattr(key, version) if key is not None else None
        if (place is not None and place.is_property) or "." in name or name.startswith("+"):
            named = place.name if place else name.lstrip("+")
            properties.append({"key": named, "value": str(value).lower() if isinstance(value, bool) else str(value)})
        elif key is None or place is not None:
            document[place.name if place else name] = value
    return json.dumps({**document, "properties": properties}, indent=1)


KINDS = {
    "node": (deployment, "deployment", "deployment.toml"),
    "global": (spec, "spec", "email.yaml"),
    "tenant": (tenant, "spec", "email.yaml"),
    "v1": (lambda changes: payload(changes, "v1"), "tenant-sender-v1", "sender.json"),
    "v2": (lambda changes: payload(changes, "v2"), "tenant-sender-v2", "sender.json"),
}
STARTS = tuple(f"{kind} " for kind in KINDS)


@cache
def said(rule: str, row: str) -> list[str]:
    """Return what a rule says about a row."""
    kind, release, what = row.split(maxsplit=2)
    make, as_, name = KINDS[kind]
    changes = yaml.safe_load(what)
    variables = dict(changes.pop("env", {})) if isinstance(changes, dict) else {}
    resolve = isinstance(changes, dict) and bool(changes.pop("resolve", False))
    text = changes if isinstance(changes, str) else changes["text"] if "text" in changes else make(changes)
    check = Check(as_, product_version=None if release == "all" else release, variables=variables, resolve=resolve)
    found = check(name, text.encode("utf-8", "surrogateescape"))
    return [shown(finding, text) for finding in found if finding.rule == rule]


def underlined(finding: Finding, at: str) -> bool:
    """Say whether the line of a deployment.toml that is shown underlines what the finding points to."""
    line = finding.excerpt
    if line is None:
        return finding.path in (None, TABLE)
    under = line.text[line.column - 1 :][: line.length]
    return line.line == finding.place.line and (at.startswith(under) or HIDDEN in under or under == LITERAL_SECRET)


def shown(finding: Finding, text: str) -> str:
    lines = text.split("\n")
    at = lines[finding.place.line - 1][finding.place.column - 1 :]
    if text.startswith("["):
        assert underlined(finding, at)
    parts = [at, finding.path or "-", finding.message, finding.hint or "-"]
    if finding.fix is not None:
        new = [line for line in edited(Source(finding.place.file, text), finding.fix.edits).split("\n") if line not in lines]
        parts.append(f"{finding.fix.title}: {' / '.join(new)}")
    if finding.releases:
        parts.append(f"{finding.releases[0]} to {finding.releases[-1]}")
    if finding.severity is not CATALOGUE[finding.rule].severity:
        parts.append(finding.severity.value)
    return "    " + " | ".join(parts).encode("utf-8", "backslashreplace").decode()


def sections() -> Iterator[tuple[Path, str, str]]:
    """Yield every rule's section: its file, the rule, and its text."""
    for path in sorted(BOUNDARIES.glob("*.txt")):
        for part in path.read_text(encoding="utf-8").split("== ")[1:]:
            yield path, part.partition("\n")[0], part


SECTIONS = list(sections())


@pytest.mark.parametrize(("path", "rule", "section"), SECTIONS, ids=[rule for _, rule, _ in SECTIONS])
def test_what_a_rule_says_on_both_sides(path: Path, rule: str, section: str) -> None:
    wanted = section.split("\n")
    real: list[str] = []
    for line in wanted:
        if not line.startswith("    "):
            real.append(line)
        if line.startswith(STARTS):
            real += said(rule, line)
    if os.environ.get("MAILWRIGHT_UPDATE_FINDINGS"):
        whole = path.read_text(encoding="utf-8")
        path.write_text(whole.replace(f"== {section}", "== " + "\n".join(real)), encoding="utf-8")
    assert real == wanted


def test_every_rule_with_a_function_has_rows() -> None:
    """With a row that it finds something in, and one that it does not."""
    missing = {rule.id for rule in CATALOGUE.values() if rule.module} - {rule for _, rule, _ in SECTIONS}
    assert not missing
    for _, rule, section in SECTIONS:
        found = [line.startswith("    ") for line in section.split("\n")[1:] if line]
        assert any(found), rule
        assert any(not one and not other for one, other in pairwise([*found, False])), rule


def releases(words: str) -> list[str]:
    """Return the releases that a page names: ``5.10.0+``, ``6.0.0 to 7.1.0, 7.3.0``; every one where it names none."""
    found: list[str] = []
    for part in words.split(", ") if words else [f"{KNOWN[0]}+"]:
        first, _, last = part.removesuffix("+").partition(" to ")
        end = len(KNOWN) if part.endswith("+") else KNOWN.index(last or first) + 1
        found += KNOWN[KNOWN.index(first) : end]
    return found


@pytest.mark.parametrize("rule", sorted({rule for _, rule, _ in SECTIONS}))
def test_a_rule_holds_in_the_releases_that_its_page_names_and_in_no_other(rule: str) -> None:
    """Each of its rows is looked at in every release, so that one that finds nothing in its own may find something in another."""
    lines = [line for _, name, section in SECTIONS if name == rule for line in section.split("\n")]
    rows = [line.split(maxsplit=2) for line in lines if line.startswith(STARTS)]
    holds = [release for release in KNOWN if any(said(rule, f"{kind} {release} {what}") for kind, _, what in rows)]
    assert holds == releases(load_page(rule).releases)
