"""The effective view: XML, types, spellings, origins, what is ignored; and that a secret stays hidden wherever it travels."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwright.deployment import parse_deployment
from mailwright.deployment.java import java_text
from mailwright.engine.effective import Effective, Outcome, ValueOrigin, effective
from mailwright.engine.xml import Malformed, check_axis2, read_back
from mailwright.report.effective import effective_json, effective_text
from products import KNOWN, load_adapter, parse_release

TABLE = "[output_adapter.email]\n"
CUSTOM = "[output_adapter.email.custom_properties]\n"
CANARY = "canary-4711"


def view_of(toml: str, version: str = "7.3.0", **options: object) -> Effective:
    return effective(parse_deployment(toml), parse_release(version), **options)  # type: ignore[arg-type]


def outputs(view: Effective) -> list[str]:
    """Everything that may be printed about a view."""
    return [repr(view), json.dumps(effective_json(view), ensure_ascii=False), *effective_text(view)]


# -- XML (product/xml.md#not-escaped)

XML = {
    "entities": ("a&amp;b&lt;c&#38;d&#x41;", "a&b<c&dA"),
    "greater-than": ("a>b", "a>b"),
    "quotes": ("a\"b'c".replace("'", "&apos;"), "a\"b'c"),
    "cdata": ("<![CDATA[a&b<c]]>", "a&b<c"),
    "comment": ("x<!-- y -->z", "xz"),
    "processing-instruction": ("x<?y?>z", "xz"),
    "empty": ("", ""),
    "blanks": ("  s  ", "  s  "),
    "beyond-the-basic-plane": ("😀", "😀"),
}


@pytest.mark.parametrize(("value", "seen"), XML.values(), ids=XML.keys())
def test_what_an_xml_reader_sees(value: str, seen: str) -> None:
    assert view_of(f"{TABLE}password = '''{value}'''\n").text_of("mail.smtp.password") == seen


BROKEN = {
    "ampersand": "'a&b'",
    "less-than": "'a<b'",
    "unknown-entity": "'a&nbsp;b'",
    "end-of-cdata": "'a]]>b'",
    "open-cdata": "'<![CDATA[a'",
    "open-comment": "'<!-- a'",
    "two-dashes": "'<!-- a -- b -->'",
    "open-element": "'<b>x'",
    "wrong-end": "'a</b>'",
    "control-character": r'"a\u0001b"',
    "delete-is-fine-but-fffe-is-not": r'"a\ufffeb"',
    "reference-to-control-character": "'a&#1;b'",
}


@pytest.mark.parametrize("key", ["password", "signature"])
@pytest.mark.parametrize("value", BROKEN.values(), ids=BROKEN.keys())
def test_malformed_xml(value: str, key: str) -> None:
    view = view_of(f"{TABLE}hostname = 'x'\n{key} = {value}\n")
    assert view.outcome is Outcome.MALFORMED
    assert view.properties == ()
    assert view.place is not None
    assert view.place.line == 3
    assert ("axis2.xml" in (view.reason or "")) == (key == "password")


def test_an_overridden_value_still_breaks_the_file() -> None:
    """The last property of a name wins, but all of them are written."""
    assert view_of(f"{TABLE}hostname = 'a&b'\n{CUSTOM}'mail.smtp.host' = 'x'\n").outcome is Outcome.MALFORMED


def test_a_custom_property_overrides_a_built_in_one_but_not_the_pool() -> None:
    view = view_of(f"{TABLE}hostname = 'a'\n{CUSTOM}'mail.smtp.host' = 'b'\nminThread = 20\n")
    assert (view.text_of("mail.smtp.host"), view.text_of("minThread")) == ("b", "8")


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    assert view_of(TABLE + r'signature = "a\ud800b"').text_of("mail.smtp.signature") == "a?b"


def test_a_value_that_adds_a_property() -> None:
    view = view_of(f"{TABLE}signature = 'S</property><property name=\"mail.smtp.host\">evil'\n")
    assert view.text_of("mail.smtp.host") == "evil"
    assert view.unsure


@given(
    st.lists(
        st.tuples(st.text("ab"), st.text("<>&!-[]CDATA/propety name=\"'ab ") | st.sampled_from(["</property>", "<!--", "-->"]))
    )
)
def test_any_values_are_read_or_malformed(written: list[tuple[str, str]]) -> None:
    with suppress(Malformed):
        check_axis2(written)
        whole = [item.index for item in read_back(written) if item.index is not None]
        assert whole == sorted(set(whole))


def test_what_is_too_deep_for_this_program_is_unsure() -> None:
    view = view_of("a = " + "[" * 70 + "]" * 70)
    assert (view.outcome, bool(view.unsure)) == (Outcome.ABORT, True)
    assert not view_of("a = nope").unsure


# -- types (product/xml.md#types)

TYPES = {
    "true": ("true", "true"),
    "string": ('"True"', "True"),
    "integer": ("587", "587"),
    "underscore": ("5_87", "587"),
    "hex": ("0x24B", "587"),
    "float": ("587.0", "587.0"),
    "large-float": ("1e10", "1.0E10"),
    "nan": ("nan", "NaN"),
    "inf": ("-inf", "-Infinity"),
    "array": ('["a", "b"]', "[a, b]"),
    "nested-array": ("[[1, 2], [3]]", "[[1, 2], [3]]"),
    "inline-table": ("{ k = 'v' }", "{k=v}"),
    "date": ("1979-05-27", "1979-05-27"),
    "time": ("07:32:00", "07:32"),
    "time-of-zero-fraction": ("07:32:00.000", "07:32"),
    "date-and-time": ("1979-05-27 07:32:01.5", "1979-05-27T07:32:01.500"),
    "offset": ("1979-05-27T00:32:00+00:00", "1979-05-27T00:32Z"),
    "offset-loses-its-sign": ("1979-05-27T00:32:00-00:30", "1979-05-27T00:32+00:30"),
    "offset-of-one-digit": ("1979-05-27T00:32:00+7:5", "1979-05-27T00:32+07:05"),
    "leap-day-of-the-year-0": ("0000-02-29", "0000-02-29"),
    "multi-line": ('"""a\nb"""', "a\nb"),
    "empty-array": ("[]", "[]"),
}


@pytest.mark.parametrize(("value", "text"), TYPES.values(), ids=TYPES.keys())
def test_types_as_texts(value: str, text: str) -> None:
    assert view_of(f"{TABLE}scopes = {value}\n").text_of("mail.smtp.scopes") == text


def test_java_text_of_nested_nothing() -> None:
    assert (java_text(None), java_text([None, True, {"a": None}])) == ("", "[null, true, {a=null}]")


# -- spellings (product/xml.md#dotted-names, product/xml.md#section)

WORKING = {
    "table": "[output_adapter.email]\nhostname = 'h'\n",
    "blanks": "[ output_adapter . email ]\nhostname = 'h'\n",
    "quoted": "['output_adapter'.\"email\"]\nhostname = 'h'\n",
    "dotted-below-parent": "[output_adapter]\nemail.hostname = 'h'\n",
    "inline-below-parent": "[output_adapter]\nemail = { hostname = 'h' }\n",
    "top-level": "output_adapter.email.hostname = 'h'\n[server]\nx = 1\n",
    "quoted-key": "[output_adapter.email]\n'hostname' = 'h'\n",
}


@pytest.mark.parametrize("version", KNOWN)
@pytest.mark.parametrize("toml", WORKING.values(), ids=WORKING.keys())
def test_spellings_that_work(toml: str, version: str) -> None:
    assert view_of(toml, version).text_of("mail.smtp.host") == "h"


SILENT = {
    "one-quoted-name": ("['output_adapter.email']\nhostname = 'h'\n", ["'output_adapter.email'.hostname"]),
    "capitals": ("[Output_Adapter.Email]\nhostname = 'h'\n", ["Output_Adapter.Email.hostname"]),
    "capital-key": ("[output_adapter.email]\nHostname = 'h'\n", ["output_adapter.email.Hostname"]),
    "documented-by-mistake": ("[output_adapter.email]\nhost = 'h'\n", ["output_adapter.email.host"]),
}


@pytest.mark.parametrize(("toml", "ignored"), SILENT.values(), ids=SILENT.keys())
def test_spellings_that_are_ignored(toml: str, ignored: list[str]) -> None:
    view = view_of(toml)
    assert view.text_of("mail.smtp.host") == "smtp.gmail.com"
    assert [item.path for item in view.ignored] == ignored
    assert view.ignored[0].place.line == 2


def test_an_array_of_tables_loses_everything() -> None:
    view = view_of("[[output_adapter.email]]\nhostname = 'h'\n")
    assert view.outcome is Outcome.OK
    assert "h" not in [item.text for item in view.properties]
    assert view.unsure


CUSTOM_SPELLINGS = {
    "quoted": ("'mail.smtp.x' = 'v'\n", {"mail.smtp.x": "v"}),
    "double-quoted": ('"mail.smtp.x" = "v"\n', {"mail.smtp.x": "v"}),
    "unquoted": ("mail.smtp.x = 'v'\n", {"mail": "{smtp={x=v}}"}),
    "mixed": ("mail.smtp.x = 1\n'mail.smtp.y' = true\n", {"mail": "{smtp={x=1}}", "mail.smtp.y": "true"}),
    "no-dots": ("debug = 'v'\n", {"debug": "v"}),
    "lost": ("'mail.smtp.ä' = 'v'\n", {}),
    "xml-in-the-name": ("'a&amp;b' = 'v'\n", {"a&b": "v"}),
}


@pytest.mark.parametrize(("lines", "expected"), CUSTOM_SPELLINGS.values(), ids=CUSTOM_SPELLINGS.keys())
def test_custom_properties(lines: str, expected: dict[str, str]) -> None:
    view, without = view_of(CUSTOM + lines), view_of("")
    known = {item.name for item in without.properties}
    found = {item.name: item.text for item in view.properties if item.name not in known}
    assert {name: text for name, text in found.items() if text} == expected


def test_custom_properties_came_with_5_10() -> None:
    view = view_of(f"{CUSTOM}'mail.smtp.x' = 'v'\n", "5.9.0")
    assert view.text_of("mail.smtp.x") is None
    assert [item.path for item in view.ignored] == ["output_adapter.email.custom_properties.'mail.smtp.x'"]


@pytest.mark.parametrize("toml", ["[[output_adapter.email.custom_properties]]\na = 1\n", f"{TABLE}custom_properties = 'x'\n"])
def test_custom_properties_must_be_a_table(toml: str) -> None:
    assert view_of(toml).outcome is Outcome.ABORT
    assert view_of(toml, "5.9.0").outcome is Outcome.OK


@pytest.mark.parametrize("key", ["hostname", "password", "custom_properties"])
def test_a_table_where_a_value_belongs(key: str) -> None:
    """The product's default for the key and the table below it both stand in the context: neither may break the view."""
    assert view_of(f"{TABLE}{key}.x = 'v'\nsignature = 'S'\n").outcome is Outcome.OK
    looped = view_of(f"{TABLE}{key}.x = 'v'\nsignature = '{{{{ output_adapter }}}}'\n")
    assert (looped.outcome, bool(looped.unsure)) == (Outcome.ABORT, True)


# -- defaults and origins (product/keys.md#numbers)


@pytest.mark.parametrize("version", KNOWN)
def test_an_empty_file_gives_the_products_defaults(version: str) -> None:
    adapter = load_adapter()
    view = view_of("", version)
    texts = {item.name: item.text for item in view.properties}
    known = [key for key in adapter.scalars if key.known_to(view.release)]
    assert len(texts) == len(known) + 4
    assert all(item.origin is ValueOrigin.DEFAULT for item in view.properties)
    assert {key.xml for key in known} <= texts.keys()
    assert texts["mail.smtp.from"] == "abcd@gmail.com"


def test_where_a_value_comes_from() -> None:
    view = view_of(f"{TABLE}hostname = 'h'\nusername = '$env{{U}}'\nport = 25\n", environment={"U": "u"})
    origins = {item.name: (item.origin, item.place.line if item.place else 0) for item in view.properties}
    assert origins["mail.smtp.host"] == (ValueOrigin.FILE, 2)
    assert origins["mail.smtp.user"] == (ValueOrigin.REFERENCE, 3)
    assert origins["mail.smtp.from"] == (ValueOrigin.DEFAULT, 0)
    assert origins["mail.smtp.signature"] == (ValueOrigin.DEFAULT, 0)
    assert view.text_of("mail.smtp.signature") == "u"


# -- secrets (the schema's writeOnly) never show

LEAKS = {
    "literal": f"{TABLE}password = '{CANARY}'\n",
    "literal-client-secret": f"{TABLE}client_secret = '{CANARY}'\n",
    "not-a-text": f"{TABLE}password = ['{CANARY}']\n",
    "inline-table": f"{TABLE}password = {{ x = '{CANARY}' }}\n",
    "ref": f"{TABLE}password = '{CANARY}'\nhostname = '$ref{{output_adapter.email.password}}'\n",
    "ref-in-a-text": f"{TABLE}password = '{CANARY}'\nhostname = 'a$ref{{output_adapter.email.password}}b'\n",
    "ref-over-two-steps": f"{TABLE}password = '{CANARY}'\nhostname = '$ref{{output_adapter.email.password}}'\n"
    "reply_to = '$ref{output_adapter.email.hostname}'\n",
    "ref-through-a-default": f"{TABLE}password = '{CANARY}'\nusername = '$ref{{output_adapter.email.password}}'\n",
    "ref-to-a-foreign-key": f"[keystore]\nkey = '{CANARY}'\n{TABLE}hostname = '$ref{{keystore.key}}'\n",
    "ref-through-a-list": f"[keystore]\nkey = ['{CANARY}']\n{TABLE}hostname = '$ref{{keystore.key}}'\n",
    "template": f"{TABLE}password = '{CANARY}'\nhostname = '{{{{ output_adapter.email.password }}}}'\n",
    "endless-template": f"{TABLE}password = '{CANARY}'\nhostname = '{{{{ output_adapter.email }}}}'\n",
    "template-of-a-foreign-key": f"[keystore]\nkey = '{CANARY}'\n{TABLE}hostname = '{{{{ keystore.key }}}}'\n",
    "template-of-a-reference": f"[keystore]\nkey = '{CANARY}'\n{TABLE}hostname = '$ref{{keystore.key}}'\n"
    "signature = '{{ output_adapter.email.hostname }}'\n",
    "template-over-two-steps": f"[keystore]\nkey = '{CANARY}'\n{TABLE}hostname = '{{{{ keystore.key }}}}'\n"
    "signature = '{{ output_adapter.email.hostname }}'\n",
    "template-with-set": f"{TABLE}password = '{CANARY}'\nhostname = '{{% set x = output_adapter.email.password %}}{{{{ x }}}}'\n",
    "template-in-a-name": f"{TABLE}password = '{CANARY}'\n{CUSTOM}'{{{{ output_adapter.email.password }}}}' = '1'\n",
    "xml-injection": f"{TABLE}client_secret = 'x</property><property name=\"mail.smtp.host\">{CANARY}'\n",
    "xml-injection-in-the-name": f"{TABLE}client_secret = 'x</property><property name=\"{CANARY}\">y'\n",
    "xml-comment-over-two-values": f"{TABLE}username = 'u<!--'\npassword = '-->{CANARY}'\nsignature = 's'\n",
    "xml-comment-and-injection": f"{TABLE}username = 'u<!--'\npassword = '-->{CANARY}'\n"
    "signature = 's</property><property name=\"z\">q'\n",
    "unlisted-custom-property": f"{CUSTOM}'my.secret' = '{CANARY}'\n",
    "unquoted-custom-property": f"{CUSTOM}my.secret = '{CANARY}'\n",
    "password-as-custom-property": f"{CUSTOM}'mail.smtp.password' = '{CANARY}'\n",
    "unknown-key": f"{TABLE}passwrod = '{CANARY}'\n",
    "malformed": f"{TABLE}password = '{CANARY}&'\n",
    "aborting": f"{TABLE}password = '{CANARY}{{{{1+1}}}}'\n",
    "not-parsed": f"{TABLE}password = {CANARY}\n",
    "array-of-tables": f"[[output_adapter.email]]\npassword = '{CANARY}'\n",
    "plain-alias": f"{TABLE}password = '$secret{{a}}'\n[secrets]\na = '[{CANARY}]'\n",
    "odd-placeholder": f"{TABLE}password = '$env{{{CANARY} x}}'\n",
}


@pytest.mark.parametrize("toml", LEAKS.values(), ids=LEAKS.keys())
def test_a_secret_shows_nowhere(toml: str) -> None:
    for version in KNOWN:
        for environment in (None, {}):
            view = view_of(toml, version, environment=environment)
            assert [text for text in outputs(view) if CANARY in text] == []


CARRIED = {name: toml for name, toml in LEAKS.items() if name.startswith(("ref", "template", "xml"))}


@pytest.mark.parametrize("toml", CARRIED.values(), ids=CARRIED.keys())
def test_and_yet_it_is_where_the_server_puts_it(toml: str) -> None:
    """Without this, hiding would be easy: the secret really is in the view that must not show it."""
    view = view_of(toml, environment={})
    assert any(CANARY in item.text or CANARY in item.name for item in view.properties)


def test_what_is_public_shows() -> None:
    view = view_of(f"{TABLE}hostname = 'h'\npassword = '$secret{{a}}'\n{CUSTOM}'mail.smtp.timeout' = 5\n[secrets]\na = 'x'\n")
    shown = {item.name: item.shown for item in view.properties}
    assert shown["mail.smtp.host"] == "h"
    assert shown["mail.smtp.password"] == "$secret{a}"
    assert shown["mail.smtp.timeout"] == "5"
    assert shown["mail.smtp.replyTo"] == "abcd@gmail.com"


def test_the_products_default_password_is_no_secret() -> None:
    assert {item.name: item.shown for item in view_of("").properties}["mail.smtp.password"] == "xxxx"
