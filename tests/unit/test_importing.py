"""Import: what a server has becomes a spec, and merging that back changes nothing."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mailwright.adoption.deployments import CannotImport, import_adapters_xml, import_deployment
from mailwright.base.places import Source
from mailwright.base.yaml_text import yaml_text
from mailwright.cli import run
from mailwright.deployment import parse_deployment, read_deployment
from mailwright.deployment.values import toml_value
from mailwright.engine.encoding import Unencodable, decode_value, encode_value
from mailwright.rendering.fragment import node_settings
from mailwright.rendering.merging import merge
from mailwright.spec import make_spec
from mailwright.spec.yaml_reader import read_yaml
from product_files import SOURCES, deployment_files
from products import ALL

XML_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=30)


@given(XML_TEXT)
def test_decoding_undoes_encoding(text: str) -> None:
    if not any(mark in text for mark in ("$secret{", "$env{", "$sys{", "$ref{")):
        assert decode_value(encode_value(text)) == text


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("a&amp;b", "a&b"),
        ("&#38;&#x26;", "&&"),
        ("<![CDATA[a&b]]>", "a&b"),
        ("&lt;&gt;&quot;&apos;", "<>\"'"),
        ("a b", "a b"),
        ("$env{X}&amp;", "$env{X}&"),
    ],
)
def test_other_ways_of_writing(written: str, plain: str) -> None:
    assert decode_value(written) == plain


@pytest.mark.parametrize(
    "written", ["a&b", "a<b>c</b>", "<![CDATA[a]]><![CDATA[b]]>", "&#36;env{X}", "&unknown;", "x<!-- y -->z"]
)
def test_what_a_spec_cannot_say(written: str) -> None:
    with pytest.raises(Unencodable):
        decode_value(written)


TABLE = "[output_adapter.email]\nfrom_address = 'a@b'\nhostname = 'h'\n"
ADOPTED = {
    "empty": "[server]\nx = 1\n",
    "references": TABLE + "port = '587'\nusername = 'u'\npassword = '$secret{p}'\n[secrets]\np = 'QUJD'\n",
    "escaped": TABLE + "username = 'R&amp;D'\npassword = '$env{P}'\nsignature = '<![CDATA[A & B]]>'\n",
    "no authentication": TABLE + "enable_authentication = 'false'\n",
    "dotted": (
        "[output_adapter]\nemail.from_address = 'a@b'\nemail.hostname = 'h'\nemail.enable_authentication = false\n"
        "email.custom_properties.'mail.smtp.timeout' = 5\n"
    ),
    "inline": "[output_adapter]\nemail = { from_address = 'a@b', hostname = 'no', username = '0o17', password = '$env{P}' }\n",
    "loading": TABLE + "enable_authentication = false\n[tenant_mgt]\neager_loading_tenants = '*,!a.example'\n",
}


@pytest.mark.parametrize("text", ADOPTED.values(), ids=list(ADOPTED))
def test_adoption(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("deployment.toml").write_text(text, encoding="utf-8")
    assert run(["import", "deployment.toml", "-o", "email.yaml"]) == 0
    assert stat.S_IMODE(Path("email.yaml").stat().st_mode) == 0o600
    assert run(["merge", "--check", "email.yaml", "deployment.toml"]) == 0
    assert capsys.readouterr().out.endswith("deployment.toml: in sync\n")
    assert run(["import", "deployment.toml", "-o", "email.yaml"]) == 2


SENDER = "from_address = 'a@b'\nhostname = 'h'\nusername = 'u'\npassword = 'p'\n"
ODD = {
    "no host": ("from_address = 'a@b'\nusername = 'u'\npassword = 'p'\n", ["hostname"]),
    "a host under another key": ("from_address = 'a@b'\nhost = 'h'\nusername = 'u'\npassword = 'p'\n", ["hostname"]),
    "an address alone": ("from_address = 'a@b'\n", ["hostname", "username", "password"]),
    "nothing that a spec takes": ("port = 'abc'\n", []),
    "half a client": (
        "from_address = 'a@b'\nhostname = 'h'\nauth_type = 'CLIENT_CREDENTIAL'\nclient_id = 'i'\n",
        ["client_secret"],
    ),
    "no port": (SENDER + "port = 'abc'\n", []),
    "a port out of range": (SENDER + "port = 70000\n", []),
    "another type": (SENDER + "auth_type = 'foo'\n", []),
    "no address": (SENDER + "reply_to = 'nonsense'\n", []),
    "blanks": (SENDER.replace("'h'", "' h '"), ["hostname"]),
    "an empty host": (SENDER.replace("'h'", "''"), ["hostname"]),
    "no boolean": (SENDER + "enable_authentication = 'maybe'\n", []),
    "properties of the mail client": (
        SENDER + "custom_properties.'mail.smtp.timeout' = 'soon'\ncustom_properties.'mail.smtp.tmeout' = 4\n",
        [],
    ),
}


@pytest.mark.parametrize(("table", "missing"), ODD.values(), ids=list(ODD))
def test_what_a_server_starts_with_although_it_is_wrong(
    table: str, missing: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = f"[output_adapter.email]\n{table}"
    Path("deployment.toml").write_text(text, encoding="utf-8")
    assert run(["import", "deployment.toml", "-o", "email.yaml"]) == 0
    said = capsys.readouterr().err
    assert [name for name in missing if f"`{name}`" not in said] == []
    assert run(["merge", "--check", "email.yaml", "deployment.toml"]) == 0
    assert run(["merge", "email.yaml", "deployment.toml"]) == 0
    assert Path("deployment.toml").read_text(encoding="utf-8") == text
    assert capsys.readouterr().out.endswith("deployment.toml: in sync\n")
    if missing:  # a file may have what the spec lacks; where there is none, the product's default is not taken in silence
        assert run(["render", "email.yaml"]) == 2
        assert run(["verify", "email.yaml"]) == 2


def test_a_secret_that_the_release_ignores_stays_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is none of the spec's, not even as one that each file keeps: a spec is held to its release."""
    monkeypatch.chdir(tmp_path)
    text = f"[output_adapter.email]\n{SENDER}client_secret = 'c'\nport = 587\n"
    Path("deployment.toml").write_text(text, encoding="utf-8")
    for version, kept in (("7.1.0", "`password`"), ("7.2.0", "`password` and `client_secret`")):
        assert run(["import", "deployment.toml", "--product-version", version, "-o", f"{version}.yaml"]) == 0
        said = capsys.readouterr().err
        assert ("`client_secret` came with 7.2.0: this release ignores it" in said) == (version == "7.1.0")
        assert (f"{kept} stand" in said) == (version == "7.1.0") or "client_secret" in said
        assert run(["merge", "--check", f"{version}.yaml", "deployment.toml"]) == 0


def test_what_a_sender_lacks_is_named_in_the_order_of_the_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "deployment.toml"
    file.write_text("[output_adapter.email]\nsignature = 's'\n", encoding="utf-8")
    assert run(["import", str(file)]) == 0
    assert "not in the spec: `from_address`, `username`, `password`, `hostname`, which" in capsys.readouterr().err


def test_a_literal_secret_stays_in_the_file_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, spec = tmp_path / "deployment.toml", tmp_path / "email.yaml"
    file.write_text(
        "[output_adapter.email]\nfrom_address = 'a@b'\nhostname = 'h'\nusername = 'u'\npassword = 'canary'\n", encoding="utf-8"
    )
    assert run(["import", str(file)]) == 0
    captured = capsys.readouterr()
    assert "canary" not in captured.out + captured.err
    assert "password: $keep{}" in captured.out
    assert "$secret{smtp_password}" in captured.err
    assert run(["import", str(file), "--keep-secrets"]) == 2
    assert run(["import", str(file), "--keep-secrets", "-o", str(spec)]) == 0
    assert run(["merge", "--check", str(spec), str(file)]) == 0
    captured = capsys.readouterr()
    assert "canary" not in captured.out + captured.err


@pytest.mark.parametrize(
    "text",
    [
        "[output_adapter.email]\npassword = 'a&b'\n",
        "[output_adapter.email]\nport = 1\nport = 2\n",
        "[[output_adapter.email]]\nport = 1\n",
        "[output_adapter]\nemail = 1\n",
    ],
)
def test_what_is_not_imported(text: str) -> None:
    with pytest.raises(CannotImport) as caught:
        import_deployment(parse_deployment(text))
    assert caught.value.place is not None
    assert "--fix" in str(caught.value.hint)


SECRET_TEXTS = [
    "plain",
    "$secret{a}",
    "$env{X}",
    "pre$env{X}post",
    "<![CDATA[R&D]]>",
    "<![CDATA[a]]><![CDATA[b]]>",
    "a&amp;b",
    "&#36;env{X}",
    "x<!-- y -->z",
    "{{x}}",
    "$keep{}",
    "",
]


def unchanged(text: str) -> list[str]:
    """Import a file and merge the spec back; return the lines that the spec could not say."""
    imported = import_deployment(parse_deployment(text))
    spec = make_spec("spec.yaml", read_yaml(Source("spec.yaml", yaml_text(imported.document))))
    result = merge(Source("deployment.toml", text), node_settings(spec), ALL)
    assert result.text == text
    assert result.changed == ()
    assert result.refusal is None
    return [why for _, why in imported.left]


@pytest.mark.parametrize("secret", SECRET_TEXTS)
@pytest.mark.parametrize("spelling", [0, 1, 2])
def test_any_secret_stays(secret: str, spelling: int) -> None:
    value = toml_value(secret)
    text = [
        f"[output_adapter.email]\npassword = {value} # why\nclient_secret = {value}\n",
        f"[output_adapter]\nemail.hostname = 'h'\nemail . 'password' = {value}\n",
        f"output_adapter.email = {{ hostname = 'h',password={value} }}\n",
    ][spelling] + "\n[secrets]\na = 'QUJD'\nb = 'QUJD'\n"
    assert unchanged(text) == []


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("host = 'h'", 1),
        ("signature = '{{x}}'", 1),
        ("scopes = ['a']", 1),
        ("port = 587.0", 1),
        ("port = 1979-05-27", 1),
        ("custom_properties.mail.smtp.x = 1", 1),
        ("custom_properties.'a\"b' = 1", None),
        ("custom_properties.'&#97;' = 1", 1),
        ("custom_properties = {}", 0),
        ("foo = {}", 0),
        ("foo = { bar = {} }", 0),
        ("password = 12345", 0),
        ("password = [1]", 0),
        ("token_endpoint = 'https://u:p@x.example/t'", 0),
        ("custom_properties.'mail.smtp.of.ours' = 'https://u:p@x.example'", 0),
        ("username = 'https://u:p@x.example'", 0),
        ("hostname = 'https://u:p@x.example'", 1),
    ],
)
def test_what_a_spec_cannot_say_stays_and_is_named(line: str, left: int | None) -> None:
    text = f"[output_adapter.email]\n{line}\nfrom_address = 'a@b'\n"
    if left is None:
        with pytest.raises(CannotImport):
            unchanged(text)
    else:
        assert len(unchanged(text)) == left


def test_a_file_without_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, spec = tmp_path / "deployment.toml", tmp_path / "email.yaml"
    file.write_text("[server]\nhostname = 'x'\n", encoding="utf-8")
    assert run(["import", str(file), "-o", str(spec)]) == 0
    assert "sets no email sender" in capsys.readouterr().err
    assert run(["merge", "--check", str(spec), str(file)]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"{file}: in sync\n"
    assert "nothing to merge" in captured.err


@pytest.mark.parametrize("source", SOURCES)
def test_shipped_files(source: str) -> None:
    for path in deployment_files(source).values():
        assert import_deployment(read_deployment(str(path))).document == {"mailwright": 1}


ADAPTERS = """<?xml version="1.0" encoding="UTF-8"?>
<outputEventAdaptersConfig xmlns:svns="http://org.wso2.securevault/configuration">
  <adapterConfig type="http"><property name="mail.smtp.from">no</property></adapterConfig>
  <adapterConfig type="email">
    <property name="mail.smtp.from">a@example.com</property>
    <property name="mail.smtp.user">R&amp;D</property>
    <property name="mail.smtp.password" svns:secretAlias="smtp">x</property>
    <property name="mail.smtp.host">smtp.example.com</property>
    <property name="mail.smtp.port">587</property>
    <property name="mail.smtp.starttls.enable">true</property>
    <property name="mail.smtp.ssl.protocols"><![CDATA[TLSv1.2]]></property>
    <property name="minThread">8</property>
  </adapterConfig>
</outputEventAdaptersConfig>
"""


def test_the_xml_of_older_releases() -> None:
    imported = import_adapters_xml(Source("output-event-adapters.xml", ADAPTERS))
    assert imported.document["global"] == {
        "from_address": "a@example.com",
        "username": "R&D",
        "password": "$secret{smtp}",
        "hostname": "smtp.example.com",
        "port": 587,
        "enable_start_tls": True,
        "custom_properties": {"mail.smtp.ssl.protocols": "TLSv1.2"},
    }


@pytest.mark.parametrize("text", ["<a>", "<a/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "", "<adapterConfig type='sms'/>"])
def test_other_xml_is_refused(text: str) -> None:
    from mailwright.base.errors import InputError

    with pytest.raises(InputError):
        import_adapters_xml(Source("x.xml", text))


@given(st.dictionaries(st.sampled_from(["username", "password", "signature", "hostname"]), XML_TEXT))
def test_the_yaml_reads_back(sender: dict[str, Any]) -> None:
    document = {"mailwright": 1, "global": sender}
    assert read_yaml(Source("spec.yaml", yaml_text(document))) == document


@pytest.mark.parametrize("blocks", [False, True])
@given(st.lists(st.text(st.characters(codec="utf-8") | st.sampled_from("\u202e\u200b\xa0\U000e0001\n "), max_size=8), max_size=4))
def test_nothing_that_does_not_print_stands_in_yaml(blocks: bool, texts: list[str]) -> None:
    """A character that turns the direction of a line would show another spec than the one that is read."""
    document = {"texts": texts, "\u202eno": {text: text for text in texts}}
    text = yaml_text(document, blocks=blocks)
    assert text.replace("\n", "").isprintable()
    assert yaml.safe_load(text) == document


def test_an_imported_spec_merges_into_an_empty_file() -> None:
    document = import_deployment(parse_deployment(ADOPTED["escaped"])).document
    spec = make_spec("spec.yaml", read_yaml(Source("spec.yaml", yaml_text(document))))
    assert "R&amp;D" not in merge(Source("deployment.toml", ""), node_settings(spec)).text
