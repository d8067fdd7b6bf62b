"""The encoder: whatever XML 1.0 can carry, the server reads what the spec says, on every line of releases.

product/placeholders.md#forms, product/xml.md#template-pass, product/xml.md#not-escaped.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwright.deployment import parse_deployment
from mailwright.deployment.values import toml_key, toml_value
from mailwright.engine.effective import Outcome, effective
from mailwright.engine.encoding import Unencodable, decode_markup, decode_value, encode_name, encode_value
from mailwright.product.releases import Release
from products import ALL, parse_release

LINES = [parse_release(version) for version in ("5.9.0", "5.10.0", "6.0.0", "7.0.0", "7.2.0")]

XML_TEXT = st.text(
    st.characters(
        exclude_categories=["Cs"], exclude_characters="".join(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF]))
    ),
    max_size=40,
)
MARKS = ["{{", "}}", "{%", "%}", "{#", "#}", "<![CDATA[", "]]>", "&amp;", "&", "<", ">", "$", "\\", "'", '"', "x", "1+1", "$1"]
NASTY = st.lists(st.sampled_from([*MARKS, " ", "\r", "\n", "\t"]), max_size=8).map("".join)


def read_back(text: str, release: Release) -> str | None:
    deployment = parse_deployment(f"[output_adapter.email]\npassword = {toml_value(encode_value(text))}\n")
    assert deployment.problems == ()
    view = effective(deployment, release)
    assert view.outcome is Outcome.OK, view.reason
    return view.text_of("mail.smtp.password")


@pytest.mark.parametrize(
    ("plain", "written"),
    [
        ("s3cret", "s3cret"),
        ("R&D", "<![CDATA[R&D]]>"),
        ("a<b>", "<![CDATA[a<b>]]>"),
        ("a>b", "a>b"),
        ("a]]>b", "a]]&#62;b"),
        ("{{team}}", "&#123;&#123;team&#125;&#125;"),
        ("$1 & {{x}}", "&#36;1 &#38; &#123;&#123;x&#125;&#125;"),
        ("$env{NAME}", "$env{NAME}"),
        ("a&$env{NAME}", "a&#38;$env{NAME}"),
        ("$secret{smtp}", "$secret{smtp}"),
        ("a$env{X}b&c", "a$env{X}b&#38;c"),
        ("a$env{X}b{{c", "a$env{X}b&#123;&#123;c"),
        ("a$env{X}b$env{Y}c<d", "a$env{X}b$env{Y}c&#60;d"),
        ("lone {{ brace", "lone &#123;&#123; brace"),
        ("$foo{x}", "$foo{x}"),
        ("<![CDATA[x", "<![CDATA[<![CDATA[x]]>"),
    ],
)
def test_what_is_written(plain: str, written: str) -> None:
    assert encode_value(plain) == written


@pytest.mark.parametrize("release", LINES, ids=str)
@given(text=st.one_of(XML_TEXT, NASTY))
def test_every_text_is_read_as_it_is_meant(release: Release, text: str) -> None:
    if any(mark in text for mark in ("$secret{", "$env{", "$sys{", "$ref{")):
        return
    assert read_back(text, release) == text


@pytest.mark.parametrize("text", ["\x00", "a\x0bb", "\ufffe", "\ud800"])
def test_a_character_that_xml_lacks_is_refused(text: str) -> None:
    with pytest.raises(Unencodable) as caught:
        encode_value(text)
    assert text not in str(caught.value)


@pytest.mark.parametrize("name", ["mail.smtp.timeout", "mail.smtp.a&b", "a<b", "x{{y}}", "a b", "a]]>b", "$1"])
def test_names_of_mail_client_properties(name: str) -> None:
    text = f"[output_adapter.email.custom_properties]\n{toml_key(encode_name(name))} = 1\n"
    view = effective(parse_deployment(text), ALL[-1])
    assert view.outcome is Outcome.OK
    assert view.text_of(name) == "1"


@pytest.mark.parametrize("name", ["", "it's", 'a"b', "ä", "a\tb"])
def test_names_that_the_server_loses_are_refused(name: str) -> None:
    with pytest.raises(Unencodable):
        encode_name(name)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("mail.smtp.timeout", "mail.smtp.timeout"),
        ("a$b>c{d}", "a$b>c{d}"),  # nothing here that the server would take for something else
        ("a&b>c", "a&#38;b&#62;c"),
        ("x{{y}}", "x&#123;&#123;y&#125;&#125;"),
        ("$env{X}", "&#36;env&#123;X&#125;"),
        (" ~", " ~"),
    ],
)
def test_what_is_written_of_a_name(name: str, written: str) -> None:
    assert encode_name(name) == written


@pytest.mark.parametrize("name", ["", "\x1f", "\x7f"])
def test_why_a_name_is_refused(name: str) -> None:
    with pytest.raises(Unencodable) as caught:
        encode_name(name)
    assert caught.value.message == "the name of a mail-client property contains a quotation mark or something that is not ASCII"
    assert caught.value.hint == "the server loses such a property, or does not start"


def test_why_a_value_is_refused() -> None:
    with pytest.raises(Unencodable) as caught:
        encode_value("a\x00")
    assert (caught.value.message, caught.value.hint) == (
        "a value contains a character that XML 1.0 does not allow",
        "remove the character",
    )


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("plain > text", "plain > text"),
        ("<![CDATA[a&b<c]]>", "a&b<c"),
        ("<![CDATA[]]>", ""),
        ("a\r\nb\rc", "a\nb\nc"),
        ("&amp;&lt;&gt;&quot;&apos;", "&<>\"'"),
        ("&#65;&#x41;&#x6a;", "AAj"),
        ("&#1114111;", "\U0010ffff"),
        ("&#1114112;", "&#1114112;"),  # beyond the last character: no reader takes it
        ("x&#36;y", "x$y"),
        ("a&amp;$env{X}b$env{Y}", "a&$env{X}b$env{Y}"),
    ],
)
def test_what_is_read(written: str, plain: str) -> None:
    assert decode_value(written) == plain


@pytest.mark.parametrize(
    "written",
    ["<![CDATA[a]]>b", "a<b>", "a]]>b", "a&b", "&nbsp;", "<![CDATA[a]]><![CDATA[b]]>", "x<!-- y -->", "&#x;", "&#12345678;"],
)
def test_other_markup_is_not_read(written: str) -> None:
    assert decode_markup(written) is None
    with pytest.raises(Unencodable) as caught:
        decode_value(written)
    assert caught.value.message == "the value contains XML markup that is more than one CDATA section or character references"


@pytest.mark.parametrize("written", ["&#36;env{X}", "$env{Y}&#36;env{X}"])
def test_a_hidden_placeholder_has_no_plain_form(written: str) -> None:
    with pytest.raises(Unencodable) as caught:
        decode_value(written)
    assert (
        caught.value.message
        == "the value reads like a placeholder but is written so that it is not one: a spec cannot express that"
    )


@pytest.mark.parametrize("text", ["$env{X}", "<![CDATA[$env{X}&]]>", "$env{X}&amp;"])
def test_a_placeholder_stays_one(text: str) -> None:
    assert "$env{X}" in decode_value(text)
