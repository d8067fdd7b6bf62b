"""The tenant-sender schemas accept and reject what the server's code does, on every line of releases.

The tables below are product/api.md#validation and its rules, row by row. The API definitions of the vendor, where they are at
hand, keep the field names honest; where the server contradicts them, DEVIATIONS says so, and says why.
"""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from jsonschema import Draft202012Validator, ValidationError

from product_files import SOURCES, sender_definition
from products import KNOWN

SCHEMA_DIR = Path(__file__).resolve().parents[2] / "schema"

SCHEMAS = {
    version: json.loads((SCHEMA_DIR / f"tenant-sender.{version}.schema.json").read_text(encoding="utf-8"))
    for version in ("v1", "v2")
}
LINES = {
    ("v1", "6.0.0"): ["6.0.0", "6.1.0", "7.0.0", "7.1.0"],
    ("v1", "7.2.0"): ["7.2.0"],
    ("v1", "7.3.0"): ["7.3.0", "7.4.0"],
    ("v2", "7.2.0"): ["7.2.0"],
    ("v2", "7.3.0"): ["7.3.0"],
    ("v2", "7.4.0"): ["7.4.0"],
}
FORMS = {"post": "", "put": "-put"}
LINE_FORMS = [(*line, form) for line, form in product(LINES, FORMS)]
SECRET_KEYS = {"password", "clientSecret", "accessToken", "apiKeyValue"}


def validator(version: str, pointer: str) -> Draft202012Validator:
    """Return the validator of one subschema, the way a caller picks a line: the root's $ref is replaced."""
    return Draft202012Validator(SCHEMAS[version] | {"$ref": f"#{pointer}"})


def line_validator(version: str, line: str, form: str) -> Draft202012Validator:
    return validator(version, f"/$defs/{line}{FORMS[form]}")


def subschemas(schema: Any, pointer: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every subschema with its JSON Pointer; data (examples, enum, x-trap) is not descended into."""
    if not isinstance(schema, dict):
        return
    yield pointer, schema
    for keyword in ("$defs", "properties"):
        for name, child in schema.get(keyword, {}).items():
            yield from subschemas(child, f"{pointer}/{keyword}/{name}")
    for keyword in ("allOf", "anyOf"):
        for index, child in enumerate(schema.get(keyword, [])):
            yield from subschemas(child, f"{pointer}/{keyword}/{index}")
    for keyword in ("items", "contains", "if", "then", "else", "not"):
        yield from subschemas(schema.get(keyword), f"{pointer}/{keyword}")


SUBSCHEMAS = {version: list(subschemas(schema)) for version, schema in SCHEMAS.items()}

# --- The files themselves ---------------------------------------------------------------------------------


@pytest.mark.parametrize("version", SCHEMAS)
def test_schema_is_valid_2020_12_and_has_no_id(version: str) -> None:
    schema = SCHEMAS[version]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "$id" not in schema
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("version", SCHEMAS)
def test_check_jsonschema_accepts_the_schema(version: str) -> None:
    file = SCHEMA_DIR / f"tenant-sender.{version}.schema.json"
    run = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--check-metaschema", str(file)],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("version", SCHEMAS)
def test_lines_cover_every_release_that_has_the_api(version: str) -> None:
    here = {release for releases in LINES.values() for release in releases}  # one that is added tomorrow is another matter
    lines = {name: schema.get("x-releases", ()) for name, schema in SCHEMAS[version]["$defs"].items()}
    found = {name: kept for name, releases in lines.items() if (kept := [release for release in releases if release in here])}
    assert found == {
        line + suffix: releases
        for (line_version, line), releases in LINES.items()
        if line_version == version
        for suffix in FORMS.values()
    }
    assert all(name.removesuffix("-put") == releases[0] for name, releases in found.items())


@pytest.mark.parametrize("version", SCHEMAS)
def test_root_is_the_newest_post(version: str) -> None:
    newest = max(line for line_version, line in LINES if line_version == version and line in KNOWN)
    assert SCHEMAS[version]["$ref"] == f"#/$defs/{newest}"


@pytest.mark.parametrize("version", SCHEMAS)
def test_annotations(version: str) -> None:
    for pointer, schema in SUBSCHEMAS[version]:
        known = {"x-source", "x-trap", "x-releases", "x-from", "x-form"}
        assert {key for key in schema if key.startswith("x-")} <= known, pointer
        if "description" in schema:
            assert schema["title"], pointer
            assert re.match(r"product/[a-z-]+\.md#", schema["x-source"]), (
                f"{pointer}: what is said of the product names its source"
            )
        for trap in schema.get("x-trap", []):
            assert set(trap) == {"text", "source"}, pointer
            assert re.match(r"product/[a-z-]+\.md#", trap["source"]), pointer
        if schema.get("type") == "object":
            assert schema["additionalProperties"] is False, pointer


@pytest.mark.parametrize(("version", "line", "form"), LINE_FORMS)
def test_every_field_is_documented(version: str, line: str, form: str) -> None:
    for name, field in fields_of(version, f"{line}{FORMS[form]}").items():
        assert {"title", "description", "examples", "x-source"} <= set(field), name


@pytest.mark.parametrize("version", SCHEMAS)
def test_examples_are_valid_where_they_stand(version: str) -> None:
    for pointer, schema in SUBSCHEMAS[version]:
        check = validator(version, pointer)
        assert [example for example in schema.get("examples", ()) if not check.is_valid(example)] == [], pointer


@pytest.mark.parametrize(("version", "line", "form"), LINE_FORMS)
def test_payload_examples_have_signature_and_reply_to(version: str, line: str, form: str) -> None:
    examples = examples_of(version, f"{line}{FORMS[form]}")
    assert examples
    for example in examples:
        assert {"mail.smtp.signature", "mail.smtp.replyTo"} <= {entry["key"] for entry in example["properties"]}


@pytest.mark.parametrize("version", SCHEMAS)
def test_secrets_are_write_only(version: str) -> None:
    """A consumer finds the secrets by writeOnly alone: v1's field, and each key whose entry holds one."""
    definitions = SCHEMAS[version]["$defs"]
    fields = {name for name in ("password", "userName") if definitions.get(name, {}).get("writeOnly")}
    assert fields == ({"password"} if version == "v1" else set())
    assert set(definitions["is-secret"]["properties"]["key"]["enum"]) == SECRET_KEYS
    assert definitions["entry"]["if"] == {"$ref": "#/$defs/is-secret"}
    assert definitions["entry"]["then"]["properties"]["value"]["writeOnly"] is True
    marked = {
        schema["properties"]["key"]["const"]
        for name, schema in definitions.items()
        if name.startswith("entry-") and schema.get("properties", {}).get("value", {}).get("writeOnly")
    }
    assert marked == (SECRET_KEYS if version == "v2" else set())


# --- What each line accepts (product/api.md#validation) -------------------------------------------------------------------

Payload = dict[str, Any]
Change = Callable[[Payload], None]
GONE = object()
NOBODY: set[str] = set()


class Case(NamedTuple):
    """A payload, as changes to a good one, and the lines that accept it; `rule` is its row there (product/api.md#validation)."""

    rule: str
    what: str
    base: Payload
    changes: tuple[Change, ...]
    accepted_by: set[str]

    def payload(self, form: str) -> Payload:
        payload = copy.deepcopy(self.base)
        for change in self.changes:
            change(payload)
        if form == "put":
            del payload["name"]
        return payload


def field(name: str, value: Any) -> Change:
    """Set a first-class field, or take it away."""

    def change(payload: Payload) -> None:
        if value is GONE:
            del payload[name]
        else:
            payload[name] = value

    return change


def entry(key: str, value: Any) -> Change:
    """Set one of the properties, or take it away."""

    def change(payload: Payload) -> None:
        payload["properties"] = [item for item in payload["properties"] if item["key"] != key]
        if value is not GONE:
            payload["properties"].append({"key": key, "value": value})

    return change


def also(raw: Any) -> Change:
    """Append a raw entry to the properties."""
    return lambda payload: payload["properties"].append(raw)


def sender(properties: dict[str, str], **fields: Any) -> Payload:
    return {
        "name": "EmailPublisher",
        **fields,
        "properties": [{"key": key, "value": value} for key, value in properties.items()],
    }


SMTP = {"smtpServerHost": "smtp.example.com", "smtpPort": 587, "fromAddress": "no-reply@acme.example"}
NAMES = {"mail.smtp.signature": "Acme", "mail.smtp.replyTo": "help@acme.example"}
LOGIN = {"userName": "acme", "password": "example-password"}
CLIENT = {
    "clientId": "mail-client",
    "clientSecret": "example-client-secret",
    "tokenEndpoint": "https://login.example.com/oauth2/token",
}
SCOPES = {"scopes": "smtp.send"}
TOKEN = {"accessToken": "example-access-token"}
API_KEY = {"apiKeyHeader": "X-Api-Key", "apiKeyValue": "example-api-key"}
CREDENTIALS = {
    "BASIC": LOGIN,
    "CLIENT_CREDENTIAL": CLIENT,
    "BEARER": TOKEN,
    "API_KEY": API_KEY,
    "NONE": {},
    "PASSWORD_CREDENTIAL": CLIENT | LOGIN,
}

V1 = sender(NAMES, **SMTP, **LOGIN)
BASIC = sender(NAMES | LOGIN, **SMTP, authType="BASIC")
OAUTH = sender(NAMES | CLIENT | SCOPES, **SMTP, authType="CLIENT_CREDENTIAL")


def smtp(auth: str) -> Payload:
    return sender(NAMES | CREDENTIALS[auth], **SMTP, authType=auth)


def http(auth: str) -> Payload:
    return sender(
        {"body": "to={{send-to}}"} | CREDENTIALS[auth],
        provider="HTTP",
        providerURL="https://mail.example.net/send",
        authType=auth,
    )


def absent_and_blank(
    rule: str, base: Payload, change: Callable[[str, Any], Change], name: str, accepted_by: set[str]
) -> list[Case]:
    """What `not blank` means: gone, empty, and nothing but white space are all one."""
    return [
        Case(rule, f"{name} {what}", base, (change(name, value),), accepted_by)
        for what, value in (("absent", GONE), ("empty", ""), ("blank", " \t"))
    ]


V1_ALL = {"6.0.0", "7.2.0", "7.3.0"}
LENIENT = {"6.0.0", "7.3.0"}
V1_CASES = [
    Case("0", "complete", V1, (), V1_ALL),
    *absent_and_blank("1", V1, field, "smtpServerHost", LENIENT),
    Case("2", "smtpPort absent", V1, (field("smtpPort", GONE),), LENIENT),
    Case("2", "smtpPort zero", V1, (field("smtpPort", 0),), V1_ALL),
    Case("2", "smtpPort out of range", V1, (field("smtpPort", 70000),), V1_ALL),
    Case("2", "smtpPort as digits", V1, (field("smtpPort", "587"),), V1_ALL),
    Case("4.5", "smtpPort as a word", V1, (field("smtpPort", "smtp"),), NOBODY),
    Case("2", "smtpPort null", V1, (field("smtpPort", None),), NOBODY),  # older lines: unsure
    Case("4.5", "fromAddress absent", V1, (field("fromAddress", GONE),), NOBODY),
    Case("3", "fromAddress empty", V1, (field("fromAddress", ""),), LENIENT),
    Case("3", "fromAddress blank", V1, (field("fromAddress", " "),), LENIENT),
    Case("3", "fromAddress no address", V1, (field("fromAddress", "not an address"),), V1_ALL),
    *absent_and_blank("4", V1, entry, "mail.smtp.signature", LENIENT),
    *absent_and_blank("5", V1, entry, "mail.smtp.replyTo", LENIENT),
    *absent_and_blank("6", V1, field, "userName", LENIENT),
    *absent_and_blank("6", V1, field, "password", LENIENT),
    # v1 has neither of the fields that the other rules are about; its treatment of unknown ones is unsure.
    Case("7", "authType beside a login", V1, (field("authType", "BASIC"),), NOBODY),
    Case("8", "BASIC in the v2 shape", BASIC, (), NOBODY),
    Case("9", "CLIENT_CREDENTIAL in the v2 shape", OAUTH, (), NOBODY),
    Case("10", "CLIENT_CREDENTIAL without scopes", OAUTH, (entry("scopes", GONE),), NOBODY),
    Case("11", "BEARER", smtp("BEARER"), (), NOBODY),
    Case("11", "API_KEY", smtp("API_KEY"), (), NOBODY),
    Case("11", "NONE", smtp("NONE"), (), NOBODY),
    Case("12", "another authType", V1, (field("authType", "XOAUTH2"),), NOBODY),
    Case("13", "HTTP", http("NONE"), (), NOBODY),
    Case("4.3", "properties absent", V1, (field("properties", GONE),), NOBODY),
    Case("4.3", "properties empty", V1, (field("properties", []),), LENIENT),
    Case("4.3", "a key of no effect", V1, (entry("mail.smtp.timeout", "1000"),), V1_ALL),
    Case("4.3", "a boolean value", V1, (entry("mail.smtp.auth", True),), V1_ALL),
    Case("4.3", "a secret key", V1, (entry("clientSecret", "x"),), V1_ALL),
    Case("4.5", "entry without value", V1, (also({"key": "mail.smtp.auth"}),), NOBODY),
    Case("4.5", "entry without key", V1, (also({"value": "x"}),), NOBODY),
    Case("4.5", "entry with an unknown field", V1, (also({"key": "a", "value": "b", "c": "d"}),), NOBODY),
    Case("4.5", "unknown field", V1, (field("smtpHost", "smtp.example.com"),), NOBODY),
]

V2_ALL = {"7.2.0", "7.3.0", "7.4.0"}
NEW = {"7.3.0", "7.4.0"}
PREVIEW = {"7.4.0"}
V2_CASES = [
    Case("0", "complete", BASIC, (), V2_ALL),
    Case("0", "provider SMTP", BASIC, (field("provider", "SMTP"),), NEW),
    Case("0", "provider null", BASIC, (field("provider", None),), NOBODY),
    Case("0", "provider in another case", BASIC, (field("provider", "smtp"),), NEW),
    Case("0", "provider HTTP in another case", http("NONE"), (field("provider", "http"),), NEW),
    Case("13", "http as well", http("NONE"), (field("provider", "Http"), entry("body", GONE)), NOBODY),
    Case("x", "no provider", BASIC, (field("provider", "HTTPS"),), NOBODY),
    *absent_and_blank("1", BASIC, field, "smtpServerHost", NOBODY),
    Case("2", "smtpPort absent", BASIC, (field("smtpPort", GONE),), NOBODY),
    Case("2", "smtpPort null", BASIC, (field("smtpPort", None),), NOBODY),
    Case("2", "smtpPort out of range", BASIC, (field("smtpPort", 70000),), V2_ALL),
    Case("2", "smtpPort as digits", BASIC, (field("smtpPort", "587"),), V2_ALL),
    Case("4.5", "smtpPort as a word", BASIC, (field("smtpPort", "smtp"),), NOBODY),
    *absent_and_blank("3", BASIC, field, "fromAddress", NOBODY),
    Case("3", "fromAddress no address", BASIC, (field("fromAddress", "not an address"),), V2_ALL),
    *absent_and_blank("4", BASIC, entry, "mail.smtp.signature", NOBODY),
    *absent_and_blank("5", BASIC, entry, "mail.smtp.replyTo", NOBODY),
    Case("6", "authType absent", BASIC, (field("authType", GONE),), NOBODY),
    Case("6", "no authType, v1 shape", V1, (), NOBODY),  # v2 does not have the fields
    Case("7", "authType beside a userName", BASIC, (field("userName", "acme"),), NOBODY),
    Case("7", "authType beside a password", BASIC, (field("password", "x"),), NOBODY),
    Case("8", "authType in another case", BASIC, (field("authType", "basic"),), V2_ALL),
    *absent_and_blank("8", BASIC, entry, "userName", NOBODY),
    *absent_and_blank("8", BASIC, entry, "password", NOBODY),
    Case("8", "any case needs a password", BASIC, (field("authType", "Basic"), entry("password", GONE)), NOBODY),
    Case("8", "HTTP", http("BASIC"), (), NEW),
    Case("8", "HTTP, no password", http("BASIC"), (entry("password", GONE),), NOBODY),
    Case("9", "complete", OAUTH, (), V2_ALL),
    Case("9", "authType in another case", OAUTH, (field("authType", "Client_Credential"),), V2_ALL),
    *absent_and_blank("9", OAUTH, entry, "clientId", NOBODY),
    *absent_and_blank("9", OAUTH, entry, "clientSecret", NOBODY),
    *absent_and_blank("9", OAUTH, entry, "tokenEndpoint", NOBODY),
    Case("9", "tokenEndpoint no URL", OAUTH, (entry("tokenEndpoint", "nowhere"),), V2_ALL),
    Case("9", "HTTP", http("CLIENT_CREDENTIAL"), (), NEW),
    Case("9", "HTTP, no clientId", http("CLIENT_CREDENTIAL"), (entry("clientId", GONE),), NOBODY),
    *absent_and_blank("10", OAUTH, entry, "scopes", NEW),
    *[
        Case("11", f"{auth}, {where}", base(auth), (), NEW)
        for auth, (where, base) in product(("BEARER", "API_KEY", "NONE"), (("SMTP", smtp), ("HTTP", http)))
    ],
    Case("11", "BEARER in another case", smtp("BEARER"), (field("authType", "bearer"),), NEW),
    Case("11", "API_KEY in another case", smtp("API_KEY"), (field("authType", "Api_Key"),), NEW),
    Case("11", "NONE in another case", smtp("NONE"), (field("authType", "none"),), NEW),
    *absent_and_blank("11", smtp("BEARER"), entry, "accessToken", NOBODY),
    *absent_and_blank("11", http("API_KEY"), entry, "apiKeyHeader", NOBODY),
    *absent_and_blank("11", http("API_KEY"), entry, "apiKeyValue", NOBODY),
    Case("12", "another authType", BASIC, (field("authType", "XOAUTH2"),), NOBODY),
    Case("12", "empty authType", BASIC, (field("authType", ""),), NOBODY),  # or rule 6: refused either way
    Case("12", "blank authType", BASIC, (field("authType", " "),), NOBODY),
    Case("12", "another authType, HTTP", http("NONE"), (field("authType", "DIGEST"),), NOBODY),
    Case("12", "nearly BASIC", BASIC, (field("authType", "BASIC "),), NOBODY),
    Case("12", "PASSWORD_CREDENTIAL", http("PASSWORD_CREDENTIAL"), (), PREVIEW),
    Case(
        "12",
        "PASSWORD_CREDENTIAL in another case",
        http("PASSWORD_CREDENTIAL"),
        (field("authType", "password_credential"),),
        PREVIEW,
    ),
    Case("x", "PASSWORD_CREDENTIAL, scopes", http("PASSWORD_CREDENTIAL"), (entry("scopes", "mail.send"),), PREVIEW),
    Case("x", "PASSWORD_CREDENTIAL, SMTP", smtp("PASSWORD_CREDENTIAL"), (), NOBODY),
    *[
        case
        for name in ("clientId", "clientSecret", "userName", "password", "tokenEndpoint")
        for case in absent_and_blank("x", http("PASSWORD_CREDENTIAL"), entry, name, NOBODY)
    ],
    Case("x", "the vendor's example", http("PASSWORD_CREDENTIAL"), (entry("userName", GONE), entry("username", "u")), NOBODY),
    Case("6", "no authType, HTTP", http("NONE"), (field("authType", GONE),), NOBODY),
    *absent_and_blank("13", http("NONE"), field, "providerURL", NOBODY),
    *absent_and_blank("13", http("NONE"), entry, "body", NOBODY),
    *[
        Case("13", f"{key} {value or 'empty'}", http("NONE"), (entry(key, value),), accepted_by)
        for key, good in (("http.client.method", ("POST", "PUT")), ("contentType", ("JSON", "FORM")))
        for value, accepted_by in (
            *((word, NEW) for word in (*good, *map(str.lower, good), good[0].title(), "")),
            *((word, NOBODY) for word in ("GET", True, " ", "\t", f"{good[0]} ", f"{good[0]}\n", good[0] + good[1])),
        )
    ],
    Case("13", "contentType of an SMTP sender", BASIC, (entry("contentType", "XML"),), V2_ALL),
    Case("13", "properties absent", http("NONE"), (field("properties", GONE),), NOBODY),
    Case("13", "rules 1 to 5 met as well", http("NONE") | SMTP, (), NEW),
    Case("1", "URL and body, but SMTP", http("NONE"), (field("provider", "SMTP"),), NOBODY),
    Case("4.3", "properties absent", BASIC, (field("properties", GONE),), NOBODY),
    Case("4.3", "a key of no effect", BASIC, (entry("mail.smtp.timeout", "1000"),), V2_ALL),
    Case("4.3", "a boolean value", BASIC, (entry("mail.smtp.auth", True),), V2_ALL),
    Case("4.3", "a blank entry is dropped", BASIC, (also({"key": "", "value": ""}),), V2_ALL),
    Case("4.3", "blank and good signature", BASIC, (also({"key": "mail.smtp.signature", "value": ""}),), V2_ALL),
    Case("4.5", "entry without value", BASIC, (also({"key": "mail.smtp.auth"}),), V2_ALL),
    Case("4.5", "entry with an unknown field", BASIC, (also({"key": "a", "value": "b", "c": "d"}),), NOBODY),
    Case("4.5", "unknown field", BASIC, (field("smtpHost", "smtp.example.com"),), NOBODY),
]
KINDS_OF_RULES = {
    "8": "BASIC",
    "9": "CLIENT_CREDENTIAL",
    "10": "CLIENT_CREDENTIAL-7.2.0",
    "11": "(BEARER|API_KEY)",
    "12": "types",
}
"""The rules that are made of auth-types.json, by their numbers in product/api.md#validation."""
CASES = {"v1": V1_CASES, "v2": V2_CASES}
SHAPE = {"additionalProperties", "enum", "type"}  # what is refused before any rule is looked at


@cache
def refusals(version: str, line: str, form: str) -> list[tuple[Case, list[ValidationError]]]:
    """Return what a line says of each case."""
    check = line_validator(version, line, form)
    return [(case, list(check.iter_errors(case.payload(form)))) for case in CASES[version]]


@pytest.mark.parametrize(("version", "line", "form"), LINE_FORMS)
def test_accepts_what_the_server_accepts(version: str, line: str, form: str) -> None:
    check = line_validator(version, line, form)
    wrong = []
    for case, errors in refusals(version, line, form):
        if (not errors) is not (line in case.accepted_by):
            wrong.append((case.rule, case.what, [error.message for error in errors]))
        elif errors and case.rule.isdecimal() and not SHAPE & {error.validator for error in errors}:
            # 7.2.0 knows nothing of the types of rule 11, so rule 12 is what they break there.
            rule = "12" if case.rule == "11" and line == "7.2.0" else case.rule
            rule = KINDS_OF_RULES.get(rule, rule) if version == "v2" else rule
            broken = rules_of(check, errors)
            if not any(re.fullmatch(rf"rule-{rule}(-.*)?", name) for name in broken):
                wrong.append((case.rule, case.what, sorted(broken)))
    assert wrong == []


@pytest.mark.parametrize("version", CASES)
def test_every_rule_has_cases(version: str) -> None:
    assert {str(rule) for rule in range(1, 14)} <= {case.rule for case in CASES[version]}


@pytest.mark.parametrize("version", CASES)
def test_every_rule_of_the_schema_rejects_something(version: str) -> None:
    """A rule that nothing refers to, or whose condition never holds, would go unnoticed otherwise."""
    reached = {
        rule
        for line_version, line, form in LINE_FORMS
        if line_version == version
        for _, errors in refusals(version, line, form)
        for rule in rules_of(line_validator(version, line, form), errors)
    }
    assert reached == {name for name in SCHEMAS[version]["$defs"] if name.startswith("rule-")}


def broken_rules(check: Draft202012Validator, payload: Payload) -> set[str]:
    """Return the rule-… definitions that a payload breaks."""
    return rules_of(check, check.iter_errors(payload))


def rules_of(check: Draft202012Validator, errors: Iterable[ValidationError]) -> set[str]:
    """Return the rule-… definitions that the errors' schema paths lead through; a path has no `$ref` steps."""
    found = set()
    for error in errors:
        node: Any = check.schema
        for step in error.absolute_schema_path:
            while isinstance(node, dict) and step not in node:
                name = node["$ref"].removeprefix("#/$defs/")
                found.add(name)
                node = check.schema["$defs"][name]
            node = node[step]
    return {name for name in found if name.startswith("rule-")}


@pytest.mark.parametrize(("version", "line"), LINES)
def test_the_name_belongs_to_post(version: str, line: str) -> None:
    payload = V1 if version == "v1" else BASIC
    unnamed = {name: value for name, value in payload.items() if name != "name"}
    assert line_validator(version, line, "post").is_valid(payload)
    assert line_validator(version, line, "post").is_valid(unnamed)
    assert line_validator(version, line, "put").is_valid(unnamed)
    assert not line_validator(version, line, "put").is_valid(payload)


@pytest.mark.parametrize("payload", ["text", [], None, 1], ids=str)
@pytest.mark.parametrize(("version", "line", "form"), LINE_FORMS)
def test_only_an_object_is_a_sender(version: str, line: str, form: str, payload: Any) -> None:
    assert not line_validator(version, line, form).is_valid(payload)


# --- Against the vendor's API definitions -----------------------------------------------------------------

# The releases whose definitions a line stands for.
DEFINITIONS = {
    ("v1", "6.0.0"): ["6.0.0", "7.0.0", "7.1.0"],
    ("v1", "7.2.0"): ["7.2.0"],
    ("v1", "7.3.0"): ["7.3.0"],
    ("v2", "7.2.0"): ["7.2.0"],
    ("v2", "7.3.0"): ["7.3.0"],
    ("v2", "7.4.0"): [],
}
DEFINITION_OF_FORM = {"post": "EmailSenderAdd", "put": "EmailSenderUpdateRequest"}


class Deviation(NamedTuple):
    """Where the schema says something else than the vendor's definition, and the fact it stands on."""

    lines: str
    forms: str
    what: str
    reason: str


DEVIATIONS = [
    Deviation("v1 *", "*", "properties: required here", "product/api.md#properties: absent -> 500 SE-50000"),
    Deviation("v1 7.2.0", "*", "smtpServerHost: required here", "product/api.md#rule-1"),
    Deviation("v1 7.2.0", "*", "smtpPort: required here", "product/api.md#rule-2"),
    Deviation("v1 7.2.0", "*", "userName: required here", "product/api.md#rule-6"),
    Deviation("v1 7.2.0", "*", "password: required here", "product/api.md#rule-6"),
    Deviation("v2 7.2.0", "*", "smtpServerHost: required here", "product/api.md#rule-1"),
    Deviation("v2 7.2.0", "*", "smtpPort: required here", "product/api.md#rule-2"),
    Deviation("v2 *", "*", "authType: required here", "product/api.md#rule-6"),
    Deviation("v2 *", "*", "properties: required here", "product/api.md#rule-4, product/api.md#rule-5, product/api.md#rule-13"),
    Deviation("v2 7.3.0", "put", "fromAddress: required there", "product/api.md#rule-13, product/api.md#required-fields"),
    Deviation("v2 7.3.0", "*", "provider: enum", "product/api.md#validation: compared ignoring case"),
    Deviation("* *", "*", "smtpPort: type", "product/api.md#port-as-text: a numeric string is converted"),
    Deviation("* *", "*", "entry value: type", "product/api.md#properties: the definition's own examples have a boolean"),
    Deviation("v2 *", "*", "entry key: required there", "product/api.md#properties, product/api.md#required-fields"),
    Deviation("v2 *", "*", "entry value: required there", "product/api.md#properties, product/api.md#required-fields"),
]


def fields_of(version: str, name: str) -> dict[str, dict[str, Any]]:
    """Return a definition's fields with their $ref followed."""
    definitions = SCHEMAS[version]["$defs"]
    return {
        field: definitions[schema["$ref"].removeprefix("#/$defs/")] for field, schema in definitions[name]["properties"].items()
    }


def examples_of(version: str, name: str) -> list[Any]:
    examples: list[Any] = SCHEMAS[version]["$defs"][name]["examples"]
    return examples


def required_by_us(version: str, name: str) -> set[str]:
    """Return the fields that every example of the definition needs: rules count, not only `required`."""
    check = validator(version, f"/$defs/{name}")
    return {
        field
        for field in fields_of(version, name)
        if not any(
            check.is_valid({key: value for key, value in example.items() if key != field})
            for example in examples_of(version, name)
        )
    }


def differences(version: str, name: str, vendor: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield what a definition of ours says other than the vendor's."""
    ours, theirs = fields_of(version, name), vendor["properties"]
    for field in sorted(ours.keys() ^ theirs.keys()):
        yield f"{prefix}{field}: only {'here' if field in ours else 'there'}"
    for field in sorted(ours.keys() & theirs.keys()):
        for keyword in ("type", "enum"):
            if ours[field].get(keyword) != theirs[field].get(keyword):
                yield f"{prefix}{field}: {keyword}"
    required_here, required_there = required_by_us(version, name), set(vendor.get("required", []))
    for field in sorted(required_here ^ required_there):
        yield f"{prefix}{field}: required {'here' if field in required_here else 'there'}"


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(("version", "line", "form"), LINE_FORMS)
def test_every_field_of_the_vendor_is_known(version: str, line: str, form: str, source: str) -> None:
    for release in DEFINITIONS[version, line]:
        schemas = sender_definition(source, version, release)["components"]["schemas"]
        vendor_fields = set(schemas[DEFINITION_OF_FORM[form]]["properties"])
        assert vendor_fields <= set(fields_of(version, f"{line}{FORMS[form]}"))
        assert set(schemas["Properties"]["properties"]) <= set(fields_of(version, "entry"))


@pytest.mark.parametrize("source", SOURCES)
def test_every_difference_to_the_vendor_stands_on_a_fact(source: str) -> None:
    """Both ways: an unlisted difference is a mistake, a listed one that is gone is a stale excuse."""
    used = set()
    unexplained = []
    for version, line, form in LINE_FORMS:
        for release in DEFINITIONS[version, line]:
            schemas = sender_definition(source, version, release)["components"]["schemas"]
            found = [
                *differences(version, f"{line}{FORMS[form]}", schemas[DEFINITION_OF_FORM[form]]),
                *differences(version, "entry", schemas["Properties"], prefix="entry "),
            ]
            for what in found:
                reasons = [
                    deviation
                    for deviation in DEVIATIONS
                    if deviation.what == what
                    and deviation.lines in (f"{version} {line}", f"{version} *", "* *")
                    and deviation.forms in (form, "*")
                ]
                used.update(reasons)
                if not reasons:
                    unexplained.append(f"{version} {release} {form}: {what}")
    assert not unexplained
    assert not set(DEVIATIONS) - used, "listed, but the schema and the definition agree"


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(("version", "line", "form"), LINE_FORMS)
def test_the_vendors_own_example_breaks_the_rules(version: str, line: str, form: str, source: str) -> None:
    """Where rules are enforced the definition's example lacks signature and reply-to (product/traps.md#openapi-example)."""
    path = "/notification-senders/email" + ("/{sender-name}" if form == "put" else "")
    for release in DEFINITIONS[version, line]:
        body = sender_definition(source, version, release)["paths"][path][form]["requestBody"]["content"]["application/json"]
        check = line_validator(version, line, form)
        assert check.is_valid(body["example"]) is (version == "v1" and line != "7.2.0")
        broken = broken_rules(check, body["example"])
        assert not broken or {"rule-4", "rule-5"} <= broken
