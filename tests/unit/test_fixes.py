"""Fixes are edits: what they write, what they leave alone, and how many of them are made together."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailwright.base.edits import Edit, Misspelling, edited
from mailwright.base.findings import Finding, Fix, Severity
from mailwright.base.places import Place, Source, Span
from mailwright.validation import Check
from mailwright.validation.fixing import MAX_FIXES, Fixed, fix_file
from mailwright.validation.misspellings import mendable

if TYPE_CHECKING:
    from commands import Run

Write = Callable[[str, str | bytes], Path]
DATA = Path(__file__).resolve().parents[1] / "data" / "invalid"

WORDS = {
    "globl": "global",
    "from_adress": "from_address",
    "hostnam": "hostname",
    "usernme": "username",
    "mail.smtp.timeot": "mail.smtp.timeout",
    "tenats": "tenants",
    "sgnature": "signature",
    "SMPTP": "SMTP",
    "raply_to": "reply_to",
}
"""What is misspelt, and what was meant; the templates name them in « »."""

SPECS = {
    "spec.yaml": """\
mailwright: 1
product: {version: "7.3.0"}  # sgnature: ünï 🎉
«globl»: {'«from_adress»': a@a.example, "«hostnam»": "sgnature.example", port: 587, «usernme»: u, password: "$secret{p}",
  signature: ü, reply_to: a@a.example, custom_properties: {«mail.smtp.timeot»: 10000, 'mail.smtp.starttls.required': true}}
secrets: {p: "QmFzZTY0"}
«tenats»:
  a.example:
    «from_adress»: "hostnam: a@a.example"
    provider: «SMPTP»
    «sgnature»: 'ü sgnature'   # sgnature
    "«raply_to»": a@a.example
    hostname: h.example
    port: 587
    username: u
    password: $env{MAILWRIGHT_A}""",
    "spec.json": """\
{"mailwright": 1, "product": {"version": "7.3.0"}, "secrets": {"p": "QmFzZTY0"},
 "«globl»" : {"«from_adress»": "a@a.example", "«hostnam»": "hostnam.example", "port": 587, "«usernme»": "u", "password": "$secret{p}",
  "signature": "ü", "reply_to": "a@a.example", "custom_properties": {"«mail.smtp.timeot»": 10000}},
 "«tenats»": {"🎉.example": {"«from_adress»": "sgnature@a.example", "provider":"«SMPTP»", "«sgnature»": "ü", "«raply_to»": "a@a.example",
  "hostname": "h.example", "port": 587, "username": "u", "password": "$env{MAILWRIGHT_A}"}}}""",
    "spec.toml": """\
mailwright = 1
product = {version = "7.3.0"}
secrets.p = "QmFzZTY0"
[«globl»]
«from_adress» = "a@a.example" # from_adress
"«hostnam»" = "hostnam.example"
port = 587
'«usernme»' = "u"
password = "$secret{p}"
signature = "ü"
reply_to = "a@a.example"
custom_properties = { '«mail.smtp.timeot»' = 10000, "mail.smtp.starttls.required" = true }
[«tenats»."a.example"]
«from_adress» = "sgnature@a.example"
provider = '«SMPTP»'
«sgnature» = "ü"
«raply_to» = "a@a.example"
hostname = "h.example"
port = 587
username = "u"
password = "$env{MAILWRIGHT_A}"
""",
    "tenants.csv": """\
domain,«from_adress»,"«sgnature»",«raply_to»,provider,hostname,port,username,password
a.example,sgnature@a.example,"ü ""x"", 🎉",r@a.example,«SMPTP»,h.example,587,u,$env{MAILWRIGHT_A}
🎉.example,a@a.example,ü,r@a.example,"«SMPTP»",h.example,587,u,$env{MAILWRIGHT_A}""",
    "tenants.jsonl": "\n".join(
        f'{{"domain": "{name}.example", "«from_adress»": "sgnature@a.example", "provider": "«SMPTP»", "«sgnature»": "sgnature",'
        ' "«raply_to»": "ü🎉@a.example", "hostname": "h", "port": 587, "username": "u", "password": "$env{MAILWRIGHT_A}"}'
        for name in "abcdef"
    ),
}
EACH = max(1, settings().max_examples // len(SPECS) * 2)
"""Examples of one file: all have much the same words."""
NAMING = 'mailwright: 1\nproduct: {version: "7.3.0"}\ntenants_from: [NAME]\n'


def written(template: str, wrong: set[str]) -> str:
    """Return a template with some of its words misspelt, and the others as they are meant."""
    return re.sub(r"«([^»]*)»", lambda found: found[1] if found[1] in wrong else WORDS[found[1]], template)


def words(findings: list[Finding]) -> set[str]:
    return {finding.fix.title for finding in findings if finding.fix is not None}


def fixed(path: Path, version: str | None = None) -> Fixed:
    check = Check(product_version=version)
    return fix_file(str(path), lambda files: check(str(path), files[str(path)], files))


@pytest.mark.parametrize("name", list(SPECS))
@given(
    wrong=st.sets(st.sampled_from(sorted(WORDS))),
    newline=st.sampled_from(["\n", "\r\n"]),
    ends=st.booleans(),
    blank=st.booleans(),
)
@settings(max_examples=EACH)
def test_misspelt_words_are_mended_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, name: str, wrong: set[str], newline: str, ends: bool, blank: bool
) -> None:
    folder = tmp_path_factory.mktemp("spec")
    template = SPECS[name].strip("\n") + "\n" * ends + "\n" * (ends and blank and name.startswith("spec"))
    before, meant = (written(template, words).replace("\n", newline).encode() for words in (wrong, set()))
    (folder / name).write_bytes(before)
    path = folder / name
    if name.startswith("tenants"):
        path = folder / "spec.yaml"
        path.write_text(NAMING.replace("NAME", name), encoding="utf-8")
    result = fixed(path)
    used = wrong & set(re.findall("«([^»]*)»", template))
    assert {finding.fix.title.split("`")[1] for finding in result.mended if finding.fix} == {WORDS[word] for word in used}
    assert result.after == ({str(folder / name): meant} if used else {})
    assert result.before == ({str(folder / name): before} if used else {})
    assert words(list(result.found)) == words(list(result.mended))
    assert not [finding for finding in result.left if finding.fix]
    list(result.write())
    assert (folder / name).read_bytes() == meant
    again = fixed(path)
    assert (again.after, again.mended, again.found) == ({}, (), result.left)


@given(
    keys=st.lists(st.sampled_from(["host", "Port", "from-address", "userName", "enableAuthentication"]), unique=True, min_size=1),
    newline=st.sampled_from(["\n", "\r\n"]),
    end=st.sampled_from(["", "\n"]),
    pad=st.sampled_from(["", "# 🎉 ü\n", "x = 'ü🎉'\n"]),
)
def test_edits_say_what_fix_writes(
    tmp_path_factory: pytest.TempPathFactory, keys: list[str], newline: str, end: str, pad: str
) -> None:
    values = {"Port": "587", "enableAuthentication": "false", "host": "'h.example'"}
    lines = [f"  {key}  =  {values.get(key, repr('ü🎉'))} # {key}" for key in keys]
    text = (f"{pad}[output_adapter.email]\n" + "\n".join(lines) + end).replace("\n", newline)
    path = tmp_path_factory.mktemp("node") / "deployment.toml"
    path.write_bytes(text.encode())
    result = fixed(path, "7.2.0")
    edits = [edit for finding in result.found if finding.fix for edit in finding.fix.edits]
    assert len(edits) == len(result.mended) == len(keys)
    assert result.after == {str(path): edited(Source(str(path), text), edits).encode()}
    meant = {"host": "hostname", "Port": "port", "from-address": "from_address", "userName": "username"}
    expected = text
    for key in keys:
        expected = expected.replace(f"  {key}  =", f"  {meant.get(key, 'enable_authentication')}  =")
    assert result.after == {str(path): expected.encode()}
    list(result.write())
    assert not fixed(path, "7.2.0").mended


@pytest.mark.parametrize(
    "line",
    [
        r'"from\u005fadress": a@a.example',
        "? |-\n    from_adress\n  : a@a.example",
        "from_adress: a@a.example\n  from_address: b@a.example",
        "? &x from_adress\n  : a@a.example",
        "? !!str from_adress\n  : a@a.example",
        "? *key\n  : a@a.example",
    ],
    ids=["escape", "block", "twin", "anchor", "tag", "alias"],
)
def test_a_word_that_does_not_stand_there_as_it_was_read_is_left_alone(line: str, run: Run, write: Write) -> None:
    path = write("spec.yaml", f"mailwright: 1\nowner: &key from_adress\nglobal:\n  {line}\n")
    before = path.read_bytes()
    found = run("validate", path, "--fix", "--format", "json").json["files"][0]["findings"]
    (wrong,) = (item for item in found if item["message"] == "unknown key `from_adress`")
    assert not wrong["fixable"]
    assert path.read_bytes() == before


def test_a_table_that_is_named_with_an_escape_too_is_left_alone(write: Write) -> None:
    path = write("spec.toml", 'mailwright = 1\n[globl]\nport = 587\n["gl\\u006fbl".custom_properties]\n')
    result = fixed(path)
    assert [finding.fixable for finding in result.found if "globl" in finding.message] == [False]
    assert not result.after


@pytest.mark.parametrize(("text", "can"), [("ab: 1", True), ("xy: 1", False), ("abc: 1", False), ("", False)])
def test_a_place_where_something_else_stands_is_left_alone(text: str, can: bool) -> None:
    word = Misspelling(Place("f.yaml", 1, 1), "ab", "abc", is_key=True)
    finding = Finding("MW002", Severity.ERROR, "m", word.place, misspelt=(word,))
    (found,) = mendable([finding], {"f.yaml": text.encode()})
    assert (found.fixable, found.fix is not None) == (can, can)


def test_a_misspelt_value_of_a_node_is_mended(write: Write) -> None:
    text = "[output_adapter.email]\nauth_type = \"BASICC\" # BASICC\npassword = '$secret{p}'\n"
    path = write("deployment.toml", text)
    assert fixed(path, "7.3.0").after == {str(path): text.replace('"BASICC"', '"BASIC"').encode()}


def test_the_columns_of_one_misspelt_part_are_renamed_together(write: Write) -> None:
    head = 'domain,provider,from_address,"htp.url",htp.body,x.htp\n'
    write("tenants.csv", head + "a.example,HTTP,a@a.example,https://a.example,b,\n")
    path = write("spec.yaml", NAMING.replace("NAME", "tenants.csv"))
    result = fixed(path)
    (text,) = result.after.values()
    assert text.decode().startswith('domain,provider,from_address,"http.url",http.body,x.htp\n')


def test_a_table_is_renamed_wherever_it_is_named(write: Write) -> None:
    text = """\
mailwright = 1
globl.hostname = "smtp.example.com"
globl . "from_adress" = "a@a.example"
'globl'.custom_properties = {}
[tenats]
"a.example".signature = "tenats"
[ tenats . "b.example" ]  # tenats
[tenats."b.example".http]
"""
    path = write("spec.toml", text)
    (after,) = fixed(path).after.values()
    meant = text.replace("globl", "global").replace("from_adress", "from_address").replace("tenats", "tenants")
    assert after.decode() == meant.replace('"tenants"', '"tenats"').replace("# tenants", "# tenats")


def test_one_fix_mends_what_many_tenants_have(run: Run, write: Write) -> None:
    sender = (
        "{frm_address: a@a.example, signature: A, reply_to: r@a.example, hostname: h, port: 587, username: u, password: $env{X}}"
    )
    rows = "".join(
        f"t{number}.example: {sender.replace('$env{X}', chr(34) + '$env{MAILWRIGHT_X}' + chr(34))}\n" for number in range(40)
    )
    tenants = write("tenants.yaml", rows)
    path = write("spec.yaml", NAMING.replace("NAME", "tenants.yaml"))
    found = run("validate", path, "--format", "json").json["files"][0]["findings"]
    assert [item["fixable"] for item in found if "frm_address" in item["message"]] == [True]
    assert run("validate", path, "--fix").code == 0
    assert tenants.read_text(encoding="utf-8") == rows.replace("frm_address", "from_address")


def test_two_specs_may_share_a_file_of_tenants(run: Run, write: Write) -> None:
    tenants = write("tenants.csv", written(SPECS["tenants.csv"], set(WORDS)))
    one, other = (write(name, NAMING.replace("NAME", "tenants.csv")) for name in ("a.yaml", "b.yaml"))
    result = run("validate", one, other, "--fix", "--format", "json")
    assert [[item["rule"] for item in file["findings"]] for file in result.json["files"]] == [["MW403"], ["MW403"]]
    assert result.stderr.count("fixed") == 5
    assert tenants.read_text(encoding="utf-8") == written(SPECS["tenants.csv"], set())


def test_what_follows_from_a_misspelt_part_of_a_spec_is_not_said(run: Run, write: Write) -> None:
    right = write("right.yaml", written(SPECS["spec.yaml"], set()))
    wrong = write("wrong.yaml", written(SPECS["spec.yaml"], {"globl", "tenats"}))
    said, more = (run("validate", path, "--format", "json").json["files"][0]["findings"] for path in (right, wrong))
    names = {"unknown key `globl`", "unknown key `tenats`"}
    assert names <= {item["message"] for item in more}, more
    for each in (said, more):
        for item in each:
            item.pop("column")
    assert [item for item in more if item["message"] not in names] == said


def test_what_is_in_misspelt_parts_of_an_environment_is_checked(run: Run, write: Write) -> None:
    """As if the key were right, so that mending it uncovers nothing."""
    text = written(SPECS["spec.yaml"], set())
    text += "\nenvironments: {p: {global: {port: 0}, tenants: {a.example: {port: 0}}, api: {x: z}}}\n"
    right, words = write("right.yaml", text), {"global": "globl", "tenants": "tenats", "api": "apii"}
    for word, bad in words.items():
        text = (bad + ":").join(text.rsplit(word + ":", 1))
    wrong = write("wrong.yaml", text.replace("environments:", "enviroments:"))
    said, more = (run("validate", path, "--format", "json").json["files"][0]["findings"] for path in (right, wrong))
    names = {f"unknown key `{name}`" for name in (*words.values(), "enviroments")}
    assert names <= {item["message"] for item in more}, more
    for each in (said, more):
        for item in each:
            item.pop("column")
            item.pop("also", None)
    assert [item for item in more if item["message"] not in names] == said
    assert sum(item["path"] in ("global.port", "tenants.a.example.port") for item in said) == 2
    run("validate", "--fix", wrong)
    assert wrong.read_bytes() == right.read_bytes()


MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize("name", ["tenants.csv", "tenants.jsonl"])
def test_a_byte_order_mark_in_front_of_records_is_kept(name: str, run: Run, write: Write) -> None:
    """Spreadsheets write one, and records are read with it."""
    path = write(name, MARK + written(SPECS[name], set(WORDS)).encode())
    spec = write("email.yaml", NAMING.replace("NAME", name))
    result = run("validate", spec, "--fix", "--format", "json")
    assert path.read_bytes() == MARK + written(SPECS[name], set()).encode()
    assert not any(item["fixable"] for item in result.json["files"][0]["findings"])


PAYLOADS = {
    "v1": """{"name": "EmailPublisher", "«smtpServerHos»": "smtp.acme.example", "smtpPort": 587, "«fromAdress»": "a@acme.example",
 "userName": "smtpServerHos", "password": "secret", "properties": [{"key": "mail.smtp.replyTo", "«vlaue»": "mail.smtp.signatur"},
 {"key": "«mail.smtp.signatur»", "value": "ü"}]}""",
    "v2": """{"name": "EmailPublisher", "«smtpServerHos»": "smtp.acme.example", "smtpPort": 587, "«fromAdress»": "a@acme.example",
 "authType": "«BASC»", "properties": [{"key": "«USERNAME»", "«vlaue»": "u"}, {"key": "password", "value": "password"},
 {"key": "mail.smtp.replyTo", "value": "mail.smtp.signatur"}, {"key": "«mail.smtp.signatur»", "value": "ü"}]}""",
}
PAYLOAD_WORDS = {
    "smtpServerHos": "smtpServerHost",
    "fromAdress": "fromAddress",
    "vlaue": "value",
    "mail.smtp.signatur": "mail.smtp.signature",
    "BASC": "BASIC",
    "USERNAME": "userName",
}


@pytest.mark.parametrize("version", PAYLOADS)
def test_payloads_are_mended(version: str, run: Run, write: Write) -> None:
    template = PAYLOADS[version]
    path = write("payload.json", template.replace("«", "").replace("»", ""))
    result = run("validate", path, "--as", f"tenant-sender-{version}", "--product-version", "7.3.0", "--fix", "--format", "json")
    assert path.read_text(encoding="utf-8") == re.sub("«([^»]*)»", lambda found: PAYLOAD_WORDS[found[1]], template)
    assert not any(item["fixable"] for item in result.json["files"][0]["findings"])


def test_a_property_is_not_renamed_to_one_that_is_there(run: Run, write: Write) -> None:
    """Of two with one name the last one wins: it could be the wrong one."""
    text = PAYLOADS["v2"].replace("«", "").replace("»", "").replace('"value": "mail.smtp.signatur"', '"value": "r@a.example"')
    text = text.replace('"key": "mail.smtp.replyTo"', '"key": "mail.smtp.signature"')
    path = write("payload.json", text)
    run("validate", path, "--as", "tenant-sender-v2", "--product-version", "7.3.0", "--fix")
    assert path.read_text(encoding="utf-8").count('"mail.smtp.signature"') == 1


UNCOVERS = """mailwright: 1
product: {version: "7.3.0"}
global:
  from_address: a@b.example
  hostname: h
  port: 587
  username: u
  password: $secret{p}
  signature: S
  reply_to: a@b.example
  custom_propertis: {mail.smtp.timeout: SECRET, mail.smtp.ssl.enable: SECRET}
"""


def test_a_fix_that_would_uncover_more_is_told(run: Run, write: Write) -> None:
    path = write("email.yaml", UNCOVERS)
    result, dry = run("validate", path, "--fix"), run("validate", path, "--diff")
    said = f"{path}:11:3: MW002: rename it to `custom_properties`: it would uncover MW002 at {path}:11:"
    assert result.stderr.startswith(f"not fixed {said}")
    assert dry.stderr.startswith(f"would not fix {said}")
    assert result.stderr.rstrip().endswith("(and 1 more); write it yourself, and mend them too")
    assert path.read_text(encoding="utf-8") == UNCOVERS
    assert ("fixable" in result.stdout, result.code) == (False, 1)
    assert "SECRET" not in result.output + dry.output


def test_nothing_is_called_fixable_that_would_not_be_fixed(run: Run, write: Write) -> None:
    path = write("email.yaml", UNCOVERS.replace("port: 587", "prot: 587"))
    result = run("validate", path)
    assert "did you mean `port`?  (fixable)" in result.stdout
    assert "did you mean `custom_properties`?\n" in result.stdout
    assert "1 fixable with --fix" in result.stdout
    found = run("validate", path, "--format", "json").json["files"][0]["findings"]
    assert [item["fixable"] for item in found if "unknown key" in item["message"]] == [True, False]


def test_what_was_changed_meanwhile_is_not_called_unreadable(run: Run, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = '[output_adapter.email]\nhost = "smtp.example.com"\n'
    first, second = write("a/deployment.toml", bad), write("b/deployment.toml", bad)
    before = Fixed.write

    def changed(self: Fixed) -> Any:
        if str(first) in self.after:
            first.write_text(bad + "# mine\n", encoding="utf-8")
        return before(self)

    monkeypatch.setattr(Fixed, "write", changed)
    result = run("validate", "--fix", first, second)
    assert f"{first}: was changed while it was being mended" in result.stdout
    assert "not readable" not in result.stdout
    assert "1 not written in 2 files" in result.stdout
    assert (first.read_text(encoding="utf-8"), "hostname" in second.read_text(encoding="utf-8")) == (bad + "# mine\n", True)


# -- what is made together


class Made:
    """Findings about a text of letters, made up: an `a` is to be a `b`, a `c` a `d`, …; counts how often it is asked."""

    def __init__(self, name: str, rules: Mapping[str, str], errors: str = "") -> None:
        self.name, self.rules, self.errors, self.asked = name, rules, errors, 0

    def __call__(self, files: Mapping[str, bytes]) -> list[Finding]:
        self.asked += 1
        source = Source(self.name, files[self.name].decode())
        found = []
        for wrong, right in self.rules.items():
            for match in re.finditer(wrong, source.text):
                fix = Fix(wrong, (Edit.of(source, Span(*match.span()), right, public=True),))
                found.append(self._finding(wrong, source.place(match.start()), fix))
        found += [
            self._finding("E", source.place(match.start())) for match in re.finditer(self.errors, source.text) if self.errors
        ]
        return sorted(found, key=lambda finding: finding.order)

    @staticmethod
    def _finding(rule: str, place: Place, fix: Fix | None = None) -> Finding:
        return Finding(rule, Severity.ERROR if rule == "E" else Severity.WARNING, "m", place, path=str(place.column), fix=fix)


def mended(text: str, made: Made) -> tuple[str, list[str]]:
    Path(made.name).write_text(text, encoding="utf-8")
    result = fix_file(made.name, made)
    after = result.after.get(made.name, text.encode()).decode()
    return after, [f"{finding.place.column}{finding.rule}" for finding in result.mended]


def test_of_two_fixes_that_overlap_the_later_waits(tmp_path: Path) -> None:
    made = Made(str(tmp_path / "f"), {"aa": "b", "ac": "d", "dd": "x"})
    assert mended("aac-aac-", made) == ("bc-bc-", ["1aa", "5aa"])
    assert made.asked == 2
    again = Made(str(tmp_path / "f"), {"ab": "b", "bb": "e"})
    assert mended("abb", again) == ("e", ["1ab", "1bb"])
    assert again.asked == 3


def test_many_fixes_cost_one_check(tmp_path: Path) -> None:
    made = Made(str(tmp_path / "f"), {"a": "b"})
    assert mended("a" * 500, made)[0] == "b" * 500
    assert made.asked == 2


def test_one_that_makes_it_worse_does_not_stop_the_others(tmp_path: Path) -> None:
    made = Made(str(tmp_path / "f"), {"a": "b", "q": "!"}, "!")
    after, names = mended("a" * 200 + "q" + "a" * 300, made)
    assert after == "b" * 200 + "q" + "b" * 300
    assert len(names) == 500
    assert made.asked < 60


def test_what_did_not_help_alone_may_help_later(tmp_path: Path) -> None:
    made = Made(str(tmp_path / "f"), {"q": "!", "z": "y"}, "![^y]")
    assert mended("qz", made) == ("!y", ["1q", "2z"])  # together
    alone = Made(str(tmp_path / "f"), {"qz": "!z", "z-": "y-"}, "!z")
    assert mended("qz-", alone) == ("qy-", ["2z-"])


def test_a_text_that_cannot_be_read_any_more_is_no_result(tmp_path: Path) -> None:
    from mailwright.base.errors import SpecError

    made = Made(str(tmp_path / "f"), {"a": "b"})

    def find(files: Mapping[str, bytes]) -> list[Finding]:
        if b"b" in files[made.name]:
            raise SpecError("is not")
        return made(files)

    Path(made.name).write_text("a", encoding="utf-8")
    assert fix_file(made.name, find).after == {}


def test_there_is_an_end(tmp_path: Path) -> None:
    made = Made(str(tmp_path / "f"), {"a": "ba"})
    Path(made.name).write_text("aaa", encoding="utf-8")
    assert len(fix_file(made.name, made).mended) <= MAX_FIXES


def test_edits_at_one_place_overlap() -> None:
    def edit(start: int, end: int) -> Edit:
        return Edit(Place("f", 1, start), Place("f", 1, end), "x")

    for one, other, both in (
        ((1, 3), (3, 5), False),
        ((1, 3), (2, 5), True),
        ((1, 5), (2, 3), True),
        ((2, 2), (2, 2), True),
        ((2, 2), (2, 4), True),
        ((2, 4), (4, 4), False),
    ):
        assert edit(*one).overlaps(edit(*other)) is edit(*other).overlaps(edit(*one)) is both
    assert not edit(1, 3).overlaps(Edit(Place("g", 1, 1), Place("g", 1, 3), "x"))


# -- values


SECRET = "[output_adapter.email]\npassword = 'zq&canary'\nsignature = 'R&D'\nhost = 'h'\n"


def test_fixes_survive_processes_and_hide_what_they_write() -> None:
    found = Check(product_version="7.2.0")("d.toml", SECRET.encode())
    fixes = [finding.fix for finding in found if finding.fix]
    assert len(fixes) == 3
    back = pickle.loads(pickle.dumps(found))
    assert back == found
    assert [finding.fix for finding in back if finding.fix] == fixes
    assert "zq" not in repr(found) + repr(fixes)
    assert [fix.public for fix in fixes] == [False, True, True]
    assert "zq" in fixes[0].edits[0].text


def test_sarif_has_the_fixes_that_may_be_shown(run: Run, write: Write) -> None:
    path = write("d.toml", SECRET)
    result = run("validate", path, "--product-version", "7.2.0", "--format", "sarif")
    assert "zq" not in result.output
    shown = [item["fixes"] for item in result.json["runs"][0]["results"] if "fixes" in item]
    assert len(shown) == 2


def sarif_applied(log: Any, folder: Path, text: dict[str, str]) -> dict[str, str]:
    """Apply every fix of a log as SARIF 2.1.0 says it: regions of the artifact as it was."""
    edits: dict[str, list[Edit]] = {}
    for result in log["runs"][0]["results"]:
        for fix in result.get("fixes", ()):
            for change in fix["artifactChanges"]:
                name = str(folder / unquote(change["artifactLocation"]["uri"]))
                for replacement in change["replacements"]:
                    region = replacement["deletedRegion"]
                    start = Place(name, region["startLine"], region["startColumn"])
                    end = Place(name, region["endLine"], region["endColumn"])
                    inserted = replacement.get("insertedContent", {"text": ""})["text"]
                    edits.setdefault(name, []).append(Edit(start, end, inserted))
    return {name: edited(Source(name, text[name]), some) for name, some in edits.items()}


@pytest.mark.parametrize("name", list(SPECS))
def test_the_fixes_of_sarif_are_those_that_fix_makes(name: str, run: Run, write: Write, tmp_path: Path) -> None:
    path = write(name, written(SPECS[name], set(WORDS)))
    spec = path if name.startswith("spec") else write("spec.yaml", NAMING.replace("NAME", name))
    log = run("validate", spec.name, "--format", "sarif", cwd=tmp_path).json
    applied = sarif_applied(log, tmp_path, {str(path): path.read_text(encoding="utf-8")})
    run("validate", spec.name, "--fix", cwd=tmp_path)
    assert applied == {str(path): path.read_text(encoding="utf-8")}


@pytest.mark.parametrize(
    "name", ["MW101.toml", "MW103.toml", "MW104.toml", "MW105.toml", "MW205.toml", "MW301.toml", "MW324.toml"]
)
def test_so_are_those_of_a_node(name: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes((DATA / name).read_bytes())
    args = ("validate", name, "--product-version", "7.3.0")
    log = run(*args, "--format", "sarif", cwd=tmp_path).json
    found = run(*args, "--format", "json", cwd=tmp_path).json["files"][0]["findings"]
    shown = [item for item in log["runs"][0]["results"] if "fixes" in item]
    assert len(shown) == sum(item["fixable"] for item in found) > 0
    applied = sarif_applied(log, tmp_path, {str(path): path.read_text(encoding="utf-8")})
    run(*args, "--fix", cwd=tmp_path)
    assert applied == {str(path): path.read_text(encoding="utf-8")}
    assert json.dumps(log)
