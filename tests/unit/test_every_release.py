"""What holds for every release at once is what holds for each of them: `validate` without a release beside one run for each.

Results are shared among releases that answer the same to what the rules ask; so no rule can be reported for a release where it does
not hold, whatever it asks.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.base.errors import MailwrightError
from mailwright.base.findings import Finding, Severity, unite
from mailwright.product.releases import Release, for_each
from mailwright.rules import functions
from mailwright.rules.catalogue import CATALOGUE
from mailwright.rules.functions import forget_rules
from mailwright.rules.model import Rule, Said, Subject
from mailwright.rules.pages import load_page
from mailwright.validation import Check, deployments
from products import ALL, KNOWN, first_with, load_adapter, load_catalogue, parse_release

DATA = Path(__file__).resolve().parents[1] / "data"
FILES = sorted(
    path
    for folder in ("valid", "invalid")
    for path in (DATA / folder).iterdir()
    if path.suffix in (".toml", ".yaml", ".json") and not path.name.endswith(".findings.json")
)
TRAITS = ["version", *(name for name, trait in vars(Release).items() if hasattr(trait, "__set_name__"))]
FEW = settings(max_examples=max(20, settings().max_examples // 5))
SPEC, TOML, V1, V2 = None, "deployment", "tenant-sender-v1", "tenant-sender-v2"


def check(kind: str | None, name: str, data: bytes, release: str | None) -> list[Finding]:
    return Check(kind, product_version=release)(name, data)


def assert_same(kind: str | None, name: str, data: bytes) -> None:
    """One run for every release beside a run for each: the findings, the releases that they name, their severities."""
    single = []
    for version in KNOWN:
        try:
            single.append((version, check(kind, name, data, version)))
        except MailwrightError:
            with pytest.raises(MailwrightError):
                check(kind, name, data, None)
            return
    one, each = check(kind, name, data, None), unite(single)
    if not any(finding.environments for finding in (*one, *each)):
        assert set(one) == set(each)
    assert told(one) == told(each)
    with every_rule_called():
        assert check(kind, name, data, None) == one


@contextmanager
def every_rule_called() -> Iterator[None]:
    """Call every rule, whatever it says that it needs."""
    with mock.patch.object(functions, "needs_of", return_value=frozenset()):
        forget_rules()
        try:
            yield
        finally:
            forget_rules()


@pytest.mark.parametrize("rule", [rule.id for rule in CATALOGUE.values() if rule.module])
def test_a_wrong_need_is_found(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of a rule's page, which breaks it, is silent where the rule needs what is not there."""
    path = next(path for path in FILES if path.stem == rule and path.parent.name == "invalid")
    options = options_of(path)
    kind = options[options.index("--as") + 1] if "--as" in options else None
    version = options[options.index("--product-version") + 1] if "--product-version" in options else None

    def found() -> list[Finding]:
        return Check(kind, product_version=version, resolve="--resolve-env" in options)(path.name, path.read_bytes())

    before = found()
    assert rule in {finding.rule for finding in before}
    function = getattr(import_module(f"mailwright.rules.{CATALOGUE[rule].module}"), rule.lower())
    monkeypatch.setattr(function, "needs", frozenset({"what is nowhere"}), raising=False)
    forget_rules()
    try:
        assert rule not in {finding.rule for finding in found()}
        with every_rule_called():
            assert found() == before
    finally:
        monkeypatch.undo()
        forget_rules()


def told(findings: list[Finding]) -> set[tuple[object, ...]]:
    """What is said of which release and environment; what is said of the base (None) need not be said of an environment."""
    said = set()
    for finding in findings:
        where = f"environment{'s' if len(finding.environments) > 1 else ''} {', '.join(finding.environments)}: "
        what = (finding.rule, finding.path, finding.message.removeprefix(where), finding.advice or finding.hint, finding.tenant)
        for place in (finding.place, *finding.also):
            for environment in finding.environments or (None,):
                said |= {(*what, place, environment, release) for release in finding.releases or KNOWN}
    return {each for each in said if each[-2] is None or (*each[:-2], None, each[-1]) not in said}


def test_an_environment_has_a_finding_for_more_releases_than_the_base() -> None:
    tenant = {"from_address": "a@a.example", "signature": "A", "reply_to": "a@a.example", "api_version": "v1"}
    patch = {"prod": {"tenants": {"a.example": {"api_version": "v2"}}}}
    data = json.dumps({"mailwright": 1, "tenants": {"a.example": tenant}, "environments": patch}).encode()
    missing = [each for each in check(SPEC, "spec.json", data, None) if each.path == "tenants.a.example.hostname"]
    assert [(each.environments, each.releases) for each in sorted(missing, key=lambda each: each.environments)] == [
        ((), ("7.2.0",)),
        (("prod",), ("7.2.0", "7.3.0")),
    ]
    assert_same(SPEC, "spec.json", data)


def options_of(path: Path) -> list[str]:
    beside = path.with_name(f"{path.stem}.findings.json")
    if beside.is_file():
        return list(json.loads(beside.read_text(encoding="utf-8"))["options"])
    return list(load_page(path.stem).options) if path.stem in CATALOGUE else []


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_example_files(path: Path) -> None:
    options = options_of(path)
    kind = options[options.index("--as") + 1] if "--as" in options else None
    # A spec that names its release is checked for that one alone: the usual spelling is taken out, files with others are left out.
    data = re.sub(rb'(?m)^product: *\{ *version: *"?[0-9.]+"? *\}\n', b"\n", path.read_bytes())
    if b"product" not in data:
        assert_same(kind, path.name, data)


VALUES = st.sampled_from(
    [
        "'a@b.example'",
        "'R&D'",
        "587",
        "465",
        "'587'",
        "true",
        "false",
        "'false'",
        "'$secret{smtp}'",
        "'$env{X}'",
        "'CLIENT_CREDENTIAL'",
        "'client_credential'",
        "'BEARER'",
        "''",
        "'{{1+1}}'",
        "['$env{X}', {a = '$env{Y}'}]",
        "{a = 1}",
        "'smtp.gmail.com'",
        "1.5",
    ]
)
NAMES = st.sampled_from([*load_adapter(), "host", "client_Id", "startTls"])
CUSTOM = st.sampled_from(
    [
        "'mail.smtp.ssl.enable'",
        "'mail.smtp.host'",
        "mail.smtp.timeout",
        "'mail.smtp.auth.mechanisms'",
        "'mail.smtp.ssl.protocols'",
    ]
)
ENDS = st.sampled_from(
    [
        "",
        "[secrets]\nsmtp = 'QQ=='\n",
        "[secrets]\nsmtp = '[plain]'\n\n[server]\nhostname = 'x'\n",
        "[secrets]\n'a.b' = 'QQ=='\n# more\n",
        "[runtime_secrets]\nenable = 'true'\n",
        "[runtime_secrets]\nenable = true\n",
        "[[other]]\nx = '$env{X}'\n",
        "[tenant_mgt]\neager_loading_tenants = '!*'\n",
        "[secrets]\n'\"smtp\"' = 'QQ=='\n",
    ]
)


@FEW
@given(st.dictionaries(NAMES, VALUES, max_size=9), st.dictionaries(CUSTOM, VALUES, max_size=3), ENDS)
def test_random_deployments(keys: dict[str, str], custom: dict[str, str], end: str) -> None:
    table = load_adapter().table.name
    lines = [f"{name} = {value}" for name, value in keys.items() if name != table or not custom]
    if custom:
        lines += [f"[output_adapter.email.{table}]", *(f"{name} = {value}" for name, value in custom.items())]
    assert_same(TOML, "deployment.toml", "\n".join(["[output_adapter.email]", *lines, end]).encode())


TEXTS: list[Any] = [
    "a@b.example",
    "R&D",
    "h",
    "$env{MAILWRIGHT_A}",
    "CLIENT_CREDENTIAL",
    "bearer",
    "https://x.example",
    "http://x.example",
    "",
    " ",
    587,
    True,
    None,
]
KINDS = [*load_catalogue().types, "none", "Bearer", "OTHER"]
AUTH = st.fixed_dictionaries(
    {"type": st.sampled_from(KINDS)}, optional={c.spec: st.sampled_from(TEXTS) for c in load_catalogue().credentials.values()}
)
HTTP = st.fixed_dictionaries(
    {},
    optional={
        "url": st.sampled_from(TEXTS),
        "body": st.sampled_from(TEXTS),
        "method": st.sampled_from(["post", "PUT", " ", "GET"]),
        "auth": AUTH,
    },
)
SENDERS = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.sampled_from(TEXTS) for name in load_adapter()},
        "provider": st.sampled_from(["SMTP", "http", "HTTP", "X"]),
        "http": HTTP,
        "api_version": st.sampled_from(["v1", "v2"]),
        "allow_logged_secrets": st.booleans(),
    },
)


@FEW
@given(
    st.none() | SENDERS,
    st.dictionaries(st.sampled_from(["a.example", "b.example", "a.example/o/1"]), SENDERS, max_size=2),
    st.booleans(),
)
def test_random_specs(sender: Any, tenants: dict[str, Any], environment: bool) -> None:
    spec: dict[str, Any] = {"mailwright": 1, "tenants": tenants}
    if sender is not None:
        spec["global"] = sender
    if environment:
        spec["environments"] = {"prod": {"tenants": {"a.example": {"api_version": "v2"}}}}
    assert_same(SPEC, "spec.json", json.dumps(spec).encode())


FIELDS = {key.v2.name for key in load_adapter().scalars if key.v2 and not key.v2.is_property} | {
    "provider",
    "providerURL",
    "name",
    "userName",
    "password",
}
PROPERTIES = [key.v2.name for key in load_adapter().scalars if key.v2 and key.v2.is_property]
PROPERTIES += [
    *load_catalogue().credentials,
    "body",
    "http.client.method",
    "contentType",
    "version",
    "body.x",
    "mail.smtp.timeout",
]
ENTRIES = st.lists(
    st.fixed_dictionaries({"key": st.sampled_from(PROPERTIES), "value": st.sampled_from([*TEXTS, "post", "GET"])}), max_size=8
)


@FEW
@given(
    st.sampled_from([V1, V2]),
    st.dictionaries(st.sampled_from(sorted(FIELDS)), st.sampled_from([*TEXTS, "HTTP", "smtp"]), max_size=8),
    st.none() | st.sampled_from(KINDS),
    ENTRIES,
)
def test_random_payloads(kind: str, fields: dict[str, Any], auth: str | None, entries: list[Any]) -> None:
    payload = {**fields, "properties": entries} | ({"authType": auth} if auth else {})
    assert_same(kind, "payload.json", json.dumps(payload).encode())


@pytest.fixture
def made_up_rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Rules that ask each release for one trait, on every subject that there is."""
    made_up = ModuleType("mailwright.rules.made_up")
    monkeypatch.setitem(sys.modules, made_up.__name__, made_up)
    for subject in (Subject.NODE, Subject.SENDER):
        for number, trait in enumerate(TRAITS):

            def say(looked_at: Any, trait: str = trait) -> Iterator[Said]:
                yield Said(f"{trait} is {getattr(looked_at.release, trait)!r}")

            rule = Rule(f"MX{subject.name}{number}", Severity.ERROR, "", subject, module="made_up")
            setattr(made_up, rule.id.lower(), say)
            monkeypatch.setitem(CATALOGUE, rule.id, rule)
    forget_rules()
    yield
    forget_rules()


@pytest.mark.usefixtures("made_up_rules")
@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        (TOML, "deployment.toml", "[output_adapter.email]\nfrom_address = 'a@b.example'\n"),
        (SPEC, "spec.json", '{"mailwright": 1, "global": {"from_address": "a@b.example"}, "tenants": {"a.example": {}}}'),
        (V2, "payload.json", '{"authType": "BASIC", "properties": []}'),
    ],
    ids=["deployment", "spec", "payload"],
)
def test_a_rule_may_ask_for_any_trait(kind: str | None, name: str, text: str) -> None:
    assert_same(kind, name, text.encode())
    said = {finding.message for finding in check(kind, name, text.encode(), None)}
    assert "organizations is True" in said
    if kind != V2:  # no release before 7.2.0 has v2
        assert {"organizations is False", "version is '5.10.0'"} <= said


def test_results_are_shared_exactly_among_those_that_answer_the_same() -> None:
    calls: list[str] = []

    def make(release: Release) -> str:
        calls.append("")
        if not release.tenant_api:
            return "no API"
        return "organizations" if release.organizations else "tenants"

    made = for_each(ALL, make)
    assert dict(made) == {version: make(parse_release(version)) for version in KNOWN}
    assert len(calls) == 3 + len(KNOWN)


USUAL = """\
[output_adapter.email]
from_address = "no-reply@example.com"
hostname = "smtp.example.com"
port = 587
username = "mailer"
password = "$secret{smtp_password}"
signature = "Example"
reply_to = "help@example.com"

[output_adapter.email.custom_properties]
'mail.smtp.starttls.required' = true
'mail.smtp.ssl.checkserveridentity' = true
'mail.smtp.connectiontimeout' = 10000
'mail.smtp.timeout' = 10000
'mail.smtp.writetimeout' = 10000

[tenant_mgt]
enable_email_domain = true

[secrets]
smtp_password = "QmFzZTY0IHRleHQ="
"""


def test_a_usual_file_is_looked_at_twice() -> None:
    """For 5.9.0, which lacks keys that usual files have, and for all others: what a rule asks besides makes each run longer."""
    with mock.patch.object(deployments, "Node", wraps=deployments.Node) as looked:
        found = check(TOML, "deployment.toml", USUAL.encode(), None)
    assert {finding.releases for finding in found} == {(KNOWN[0],)}
    assert looked.call_count == 2


def test_asking_for_the_number_shares_nothing() -> None:
    assert for_each(ALL, lambda release: release.version) == [(version, version) for version in KNOWN]
    assert for_each(ALL, repr) == [(release.version, repr(release)) for release in ALL]
    assert for_each(ALL, lambda release: release == ALL[3]) == [(version, version == KNOWN[3]) for version in KNOWN]
    assert for_each(ALL, lambda release: {release: 1}.get(ALL[0])) == [
        (version, 1 if version == KNOWN[0] else None) for version in KNOWN
    ]
    shuffled = random.Random(1).sample(ALL, len(ALL))
    assert for_each(shuffled, lambda release: release > ALL[3]) == [(r.version, r > ALL[3]) for r in shuffled]


def test_first_with() -> None:
    assert (first_with("quoted_aliases"), first_with("payloads"), first_with("organizations")) == ("7.0.0", "6.0.0", "7.0.0")
