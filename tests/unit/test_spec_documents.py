"""Documents of a spec: YAML, TOML and JSON with the place of every key and value, and what is refused, each with its place."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwright.base.errors import InputError, SyntaxInput, UnreadableInput
from mailwright.base.nodes import Json, PlacedList, PlacedMap, place_of
from mailwright.base.places import Place, Source
from mailwright.base.reading import decode
from mailwright.spec import parse_document, read_document
from mailwright.spec import toml_reader as tomldoc

Path_ = tuple[str | int, ...]


def read(text: str, name: str = "spec.yaml") -> Json:
    return parse_document(Source(name, text))


def places(node: Json, path: Path_ = ()) -> Iterator[tuple[Path_, str, str]]:
    """Yield the path of every value below *node* with the line and column of its key and its own."""
    if isinstance(node, PlacedMap):
        for name, value in node.items():
            key, at = node.key_place(name), node.value_place(name)
            yield (*path, name), f"{key.line}:{key.column}", f"{at.line}:{at.column}"
            yield from places(value, (*path, name))
    elif isinstance(node, PlacedList):
        for index, value in enumerate(node):
            at = node.places[index]
            yield (*path, index), f"{at.line}:{at.column}", f"{at.line}:{at.column}"
            yield from places(value, (*path, index))


# -- one content, three notations

CONTENT = {
    "mailwright": 1,
    "product": {"version": "7.3.0", "java": 21},
    "global": {"hostname": "smtp.example.com", "custom_properties": {"mail.smtp.timeout": 10000}},
    "allow_env": ["A_*", "B"],
    "tenants": {"acme.example": {"port": 587, "enable_start_tls": True}, "b.example": {"password": "$env{A_B}"}},
}
YAML = """\
mailwright: 1
product: {version: "7.3.0", java: 21}
global:
  hostname: smtp.example.com
  custom_properties:
    mail.smtp.timeout: 10000
allow_env:
  - A_*
  - 'B'
tenants:
  acme.example: {port: 587, enable_start_tls: true}
  "b.example":
    password: $env{A_B}
"""
YAML_PLACES = """\
mailwright 1:1 1:13
product 2:1 2:10
product.version 2:11 2:20
product.java 2:29 2:35
global 3:1 4:3
global.hostname 4:3 4:13
global.custom_properties 5:3 6:5
global.custom_properties.mail.smtp.timeout 6:5 6:24
allow_env 7:1 8:3
allow_env.0 8:5 8:5
allow_env.1 9:5 9:5
tenants 10:1 11:3
tenants.acme.example 11:3 11:17
tenants.acme.example.port 11:18 11:24
tenants.acme.example.enable_start_tls 11:29 11:47
tenants.b.example 12:3 13:5
tenants.b.example.password 13:5 13:15
"""
TOML = """\
mailwright = 1
product = {version = "7.3.0", java = 21}
allow_env = [
  "A_*",
  'B',
]
[global]
hostname = "smtp.example.com"
custom_properties."mail.smtp.timeout" = 10_000
[tenants]
"acme.example" = {port = 587, enable_start_tls = true}
[tenants."b.example"]
password = "$env{A_B}"
"""
TOML_PLACES = """\
mailwright 1:1 1:14
product 2:1 2:11
product.version 2:12 2:22
product.java 2:31 2:38
global 7:2 7:1
global.hostname 8:1 8:12
global.custom_properties 9:1 9:41
global.custom_properties.mail.smtp.timeout 9:19 9:41
allow_env 3:1 3:13
allow_env.0 4:3 4:3
allow_env.1 5:3 5:3
tenants 10:2 10:1
tenants.acme.example 11:1 11:18
tenants.acme.example.port 11:19 11:26
tenants.acme.example.enable_start_tls 11:31 11:50
tenants.b.example 12:10 12:1
tenants.b.example.password 13:1 13:12
"""
JSON = """\
{"mailwright": 1,
 "product": {"version": "7.3.0", "java": 21},
 "global": {
   "hostname" : "smtp.example.com",
   "custom_properties": {"mail.smtp.timeout": 10000}},
 "allow_env": ["A_*",
   "B"],
 "tenants": {"acme.example": {"port": 587, "enable_start_tls": true},
   "b.example": {"password": "$env{A_B}"}}
}
"""
JSON_PLACES = """\
mailwright 1:2 1:16
product 2:2 2:13
product.version 2:14 2:25
product.java 2:34 2:42
global 3:2 3:12
global.hostname 4:4 4:17
global.custom_properties 5:4 5:25
global.custom_properties.mail.smtp.timeout 5:26 5:47
allow_env 6:2 6:15
allow_env.0 6:16 6:16
allow_env.1 7:4 7:4
tenants 8:2 8:13
tenants.acme.example 8:14 8:30
tenants.acme.example.port 8:31 8:39
tenants.acme.example.enable_start_tls 8:44 8:64
tenants.b.example 9:4 9:17
tenants.b.example.password 9:18 9:30
"""
NOTATIONS = {"yaml": (YAML, YAML_PLACES), "toml": (TOML, TOML_PLACES), "json": (JSON, JSON_PLACES)}


@pytest.mark.parametrize("crlf", [False, True], ids=["lf", "crlf"])
@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_place(notation: str, crlf: bool) -> None:
    text, expected = NOTATIONS[notation]
    document = read(text.replace("\n", "\r\n") if crlf else text, f"spec.{notation}")
    assert document == CONTENT
    found = {f"{'.'.join(map(str, path))} {key} {value}" for path, key, value in places(document)}
    assert found == set(expected.splitlines())


@pytest.mark.parametrize("notation", NOTATIONS)
def test_columns_count_characters(notation: str) -> None:
    text = {"yaml": '{"ä😀": 1, b: 2}', "toml": 'x = {"ä😀" = 1, b = 2}', "json": '{"ä😀": 1, "b": 2}'}[notation]
    document = read(text, f"a.{notation}")
    assert isinstance(document, PlacedMap)
    node = document["x"] if notation == "toml" else document
    assert isinstance(node, PlacedMap)
    assert node.key_place("b").column == text.index('"b"' if notation == "json" else "b") + 1


def test_toml_arrays_of_tables_have_places() -> None:
    document = read("[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = [{e = 3}]\n", "a.toml")
    expected = ["a 1:3 1:1", "a.0 1:1 1:1", "a.0.b 2:1 2:5", "a.1 3:1 3:1", "a.1.b 4:1 4:5", "a.1.c 5:4 5:1", "a.1.c.d 6:1 6:5"]
    expected += ["a.1.c.d.0 6:6 6:6", "a.1.c.d.0.e 6:7 6:11"]
    assert [f"{'.'.join(map(str, path))} {key} {value}" for path, key, value in places(document)] == expected


def test_toml_1_0_is_read_where_the_server_would_refuse_it() -> None:
    """A spec is no deployment.toml: it is TOML 1.0, and places stay right behind what the narrower reader stumbles over."""
    text = 'a = [1, "x"]\nb = """x\\\n   y"""""\nc = [[], []]\n[d.e]\nf = 1\n[d]\ng = 2\n'
    document = read(text, "a.toml")
    assert document == {"a": [1, "x"], "b": 'xy""', "c": [[], []], "d": {"e": {"f": 1}, "g": 2}}
    assert place_of(document, ("d", "g")) == Place("a.toml", 8, 5)


def test_yaml_aliases_point_at_what_they_repeat() -> None:
    document = read("a: &x {k: 1}\nb: *x\nc: &y v\nd: *y\n")
    assert document == {"a": {"k": 1}, "b": {"k": 1}, "c": "v", "d": "v"}
    assert place_of(document, ("b", "k")) == Place("spec.yaml", 1, 11)
    assert place_of(document, ("d",)) == Place("spec.yaml", 4, 4)


PLAIN = {
    "null": ("~", None),
    "nothing": ("", None),
    "true": ("true", True),
    "integer": ("-12", -12),
    "hex": ("0x1F", 31),
    "float": ("1.5", 1.5),
    "exponent": ("1e3", 1000.0),
    "version": ("7.3.0", "7.3.0"),
    "text": ("x y", "x y"),
    "quoted-no": ('"no"', "no"),
    "quoted-date": ("'2020-01-01'", "2020-01-01"),
    "address": ("a@b.example", "a@b.example"),
    "reference": ("$env{A}", "$env{A}"),
    "host-and-port": ("smtp:587x", "smtp:587x"),
    "uuid-like": ("0b2c-11", "0b2c-11"),
    "block": ("|\n  x\n  y", "x\ny"),
}


@pytest.mark.parametrize(("text", "value"), PLAIN.values(), ids=PLAIN.keys())
def test_yaml_scalars_as_yaml_1_2_means_them(text: str, value: object) -> None:
    document = read(f"a: {text}\n")
    assert isinstance(document, PlacedMap)
    assert (document["a"], type(document["a"])) == (value if text[:1] != "|" else "x\ny\n", type(value))


# -- what is refused

ITS_OWN = "its own"  # the place is the YAML library's: releases of it differ
REFUSED = {
    # name, text, place, a part of the message
    "yaml-key-twice": ("a.yaml", "a: 1\nb: 2\na: 3\n", "3:1", "is defined twice"),
    "yaml-key-twice-quoted": ("a.yaml", 'x:\n  a: 1\n  "a": 2\n', "3:3", "first on line 2"),
    "yaml-no": ("a.yaml", "a: no\n", "1:4", "a boolean"),
    "yaml-on-as-key": ("a.yaml", "on: 1\n", "1:1", "a boolean"),
    "yaml-Y": ("a.yaml", "a: [Y]\n", "1:5", "a boolean"),
    "yaml-octal": ("a.yaml", "a: 0587\n", "1:4", "octal"),
    "yaml-octal-1.2": ("a.yaml", "a: 0o17\n", "1:4", "octal"),
    "yaml-binary": ("a.yaml", "a: 0b11\n", "1:4", "octal or binary"),
    "yaml-underscore": ("a.yaml", "a: 1_000\n", "1:4", "number"),
    "yaml-underscore-float": ("a.yaml", "a: 1_0.5\n", "1:4", "number"),
    "yaml-underscore-hex": ("a.yaml", "a: 0x_1f\n", "1:4", "number"),
    "yaml-base-60": ("a.yaml", "a: 12:30:45\n", "1:4", "base 60"),
    "yaml-date": ("a.yaml", "a: 2020-01-01\n", "1:4", "date"),
    "yaml-time-stamp": ("a.yaml", "a: 2020-1-1 10:00:00 Z\n", "1:4", "date"),
    "yaml-tag": ("a.yaml", "a: !!python/object:os.system x\n", "1:4", "tags"),
    "yaml-own-tag": ("a.yaml", "a: !vault |\n  x\n", "1:4", "tags"),
    "yaml-tag-of-a-mapping": ("a.yaml", "a: !!set {x}\n", "1:4", "tags"),
    "yaml-two-documents": ("a.yaml", "a: 1\n---\nb: 2\n", "2:1", "more than one"),
    "yaml-merge-key": ("a.yaml", "a: &a {x: 1}\nb:\n  <<: *a\n", "3:3", "merge keys"),
    "yaml-integer-key": ("a.yaml", "1: x\n", "1:1", "key must be a string"),
    "yaml-mapping-as-key": ("a.yaml", "? {a: b}\n: 1\n", "1:3", "key must be a string"),
    "yaml-unknown-alias": ("a.yaml", "a: *nope\n", "1:4", "alias"),
    "yaml-alias-of-itself": ("a.yaml", "a: &a [*a]\n", "1:8", "alias"),
    "yaml-tab": ("a.yaml", "a:\n\tb: 1\n", ITS_OWN, "not valid YAML"),
    "yaml-unclosed": ("a.yaml", "a: [1\n", ITS_OWN, "not valid YAML"),
    "yaml-unclosed-quote": ("a.yaml", 'a: "x\n', ITS_OWN, "not valid YAML"),
    "yaml-control-character": ("a.yaml", "a: x\x07\n", "1:5", "control character"),
    "yaml-line-end-of-1.1": ("a.yaml", "a: x\x85b: 1\n", "1:5", "control character"),
    "yaml-brace-in-flow": ("a.yaml", "a: {b: $env{X}}\n", ITS_OWN, "not valid YAML"),
    "yaml-number-of-5000-digits": ("a.yaml", "a: " + "1" * 5000, "1:4", "too large"),
    "yaml-deep": ("a.yaml", "[" * 100_000, "1:65", "deeper than 64"),
    "yaml-deep-behind-quotes": ("a.yaml", 'a: ["]", ' + "[" * 100_000, "1:72", "deeper than 64"),
    "yaml-deep-in-a-block": ("a.yaml", "a:\n  - '[[' \n  - " + "[" * 100_000, "3:67", "deeper than 64"),
    "yaml-deep-mappings": ("a.yaml", "{a: " * 100_000, "1:257", "deeper than 64"),
    "json-key-twice": ("a.json", '{"a": 1,\n "a": 2}', "2:2", "is defined twice"),
    "json-key-twice-escaped": ("a.json", '{"a": 1, "\\u0061": 2}', "1:10", "is defined twice"),
    "json-nan": ("a.json", '{"a": NaN}', "1:7", "expected a value"),
    "json-infinity": ("a.json", '{"a": -Infinity}', "1:7", "expected a value"),
    "json-comma": ("a.json", '{"a": 1,}', "1:9", "comma"),
    "json-comma-in-list": ("a.json", "[1,]", "1:4", "comma"),
    "json-comment": ("a.json", '{\n // x\n "a": 1}', "2:2", "expected a key"),
    "json-apostrophes": ("a.json", "{'a': 1}", "1:2", "expected a key"),
    "json-leading-zero": ("a.json", '{"a": 01}', "1:8", "expected `,`"),
    "json-half-a-character": ("a.json", '{"a": "\\ud800"}', "1:7", "surrogate"),
    "json-control-character": ("a.json", '{"a": "\x01"}', "1:8", "control character"),
    "json-two-values": ("a.json", "{} {}", "1:4", "after the end"),
    "json-nothing": ("a.json", "", "1:1", "expected a value"),
    "json-number-of-5000-digits": ("a.json", '{"a": ' + "1" * 5000 + "}", "1:7", "too long"),
    "json-deep": ("a.json", "[" * 100_000, "1:66", "deeper than 64"),
    "json-deep-objects": ("a.json", '{"a":' * 100_000, "1:326", "deeper than 64"),
    "toml-key-twice": ("a.toml", "a = 1\na = 2\n", "2:6", "is defined twice"),
    "toml-table-twice": ("a.toml", "[a]\n[b]\n[a]\n", "3:3", "declared twice"),
    "toml-syntax": ("a.toml", "a = nope\n", "1:5", "not valid TOML"),
    "toml-number-of-5000-digits": ("a.toml", "b = 1\na = " + "1" * 5000, "2:5", "number is too long"),
    "toml-deep": ("a.toml", "a = " + "[" * 100_000, "1:70", "deeper than 64"),
    "toml-deep-tables": ("a.toml", "x = " + "{a=" * 100_000, "1:200", "deeper than 64"),
    "toml-dotted-key": ("a.toml", "a." * 100_000 + "a = 1", "1:129", "more than 64 parts"),
    "other-ending": ("a.ini", "x", "", "must end in"),
}


@pytest.mark.parametrize(("name", "text", "place", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused(name: str, text: str, place: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text, name)
    error = caught.value
    assert error.place is not None
    if place == ITS_OWN:
        assert error.place.file == name
        assert 1 <= error.place.line <= text.count("\n") + 1
    else:
        assert str(error.place) == (f"{name}:{place}" if place else name)
    assert message in error.message


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_ends_in_exit_code_2(case: tuple[str, str, str, str], tmp_path: Path, run: object) -> None:
    name, text, _, _ = case
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    result = run("validate", tmp_path / name, "--as", "spec")  # type: ignore[operator]
    assert (result.code, "Traceback" in result.output, "internal" in result.output) == (2, False, False)


BYTES = {
    "utf-8-mark": (b"\xef\xbb\xbfmailwright: 1\n", "1:1", "byte order mark"),
    "utf-16": (b"\xff\xfem\x00", "1:1", "UTF-16"),
    "utf-16-big": (b"\xfe\xff\x00m", "1:1", "UTF-16"),
    "invalid": ("ä: 1\nbä".encode() + b"\xff", "2:3", "not valid UTF-8"),
    "cut": (b"a: 1\nb: \xc3", "2:4", "not valid UTF-8"),
    "surrogate": (b"a: \xed\xa0\x80", "1:4", "not valid UTF-8"),
    "nul": (b"a: 1\nb: \0", "2:4", "NUL"),
}


@pytest.mark.parametrize(("data", "place", "message"), BYTES.values(), ids=BYTES.keys())
def test_bytes_that_are_no_text(data: bytes, place: str, message: str) -> None:
    with pytest.raises(UnreadableInput) as caught:
        decode(data, "x.yaml")
    assert str(caught.value.place) == f"x.yaml:{place}"
    assert message in caught.value.message


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    for name in ("missing.yaml", "folder.yaml", "nul\0.yaml"):
        with pytest.raises(UnreadableInput):
            read_document(str(tmp_path / name))


def test_a_document_has_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"a: 1 #" + b"x" * (10 << 20))
    with pytest.raises(UnreadableInput, match="larger than 10 MiB") as caught:
        read_document(str(path))
    assert "tenants_from" in (caught.value.hint or "")


# -- alias bombs

LAUGHS = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + "".join(
    f"a{step}: &a{step} [{', '.join([f'*a{step - 1}'] * 10)}]\n" for step in range(1, 10)
)


def test_a_billion_laughs_end_at_once() -> None:
    begin = time.process_time()
    with pytest.raises(SyntaxInput, match="aliases"):
        read(LAUGHS)
    assert time.process_time() - begin < 2


def test_what_aliases_may_add_is_validated_in_time(run: object, write: Callable[[str, str], Path]) -> None:
    """Just below the limit: a small file must not keep `validate` busy."""
    lines = LAUGHS.splitlines()[:4]
    text = "mailwright: 1\nglobal:\n  custom_properties:\n" + "".join(f"    {line}\n" for line in lines)
    text += "".join(f"    b{number}: *a3\n" for number in range(3)) + "environments: {one: {}, two: {}, three: {}}\n"
    begin = time.process_time()
    assert run("validate", write("spec.yaml", text)).code == 1  # type: ignore[operator]
    assert time.process_time() - begin < 15


# -- anything at all

DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


def has_surrogate(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


@given(DOCUMENTS, st.sampled_from([None, 1]))
def test_json_is_read_as_the_json_module_reads_it(document: object, indent: int | None) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    if not has_surrogate(text):
        assert read(text, "a.json") == document


@given(st.text() | st.lists(st.sampled_from(list('{}[]":,\\ \n0e-+.utrfalsn'))).map("".join))
def test_any_json_text_is_read_or_refused(text: str) -> None:
    try:
        value = read(text, "a.json")
    except InputError:
        return
    assert value == json.loads(text)


PIECES = [
    "a",
    ": ",
    "- ",
    "\n",
    "  ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "&x ",
    "*x",
    "!t ",
    "|",
    ">",
    "'",
    '"',
    "#",
    "? ",
    "---",
    "...",
    "%",
    "\t",
    "<<",
]
PIECES += ["1", "0x", "no", "\\", "@", "`", "\x85", "\ufeff", "é"]


def read_or_refuse(text: str, name: str) -> tuple[Json, InputError | None]:
    try:
        return read(text, name), None
    except InputError as error:
        return None, error


@given(st.text() | st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.sampled_from(["a.yaml", "a.toml", "a.json"]))
def test_any_text_is_read_or_refused_with_a_place(text: str, name: str) -> None:
    document, refused = read_or_refuse(text, name)
    assert refused is None or (refused.place is not None and refused.place.file == name)
    for _, key, value in places(document):
        assert not key.startswith("0")
        assert not value.startswith("0")


WRONG_TOML = (
    *(
        "a",
        "a = 1 b",
        "a 1",
        "[a",
        "[[a",
        "[a.]",
        "= 1",
        "a = zq",
        "a = 2020-99-99",
        'a = "\\zq"',
        'a = "\\uzq"',
        'a = "\\ud800"',
        'a = "zq',
    ),
    *("a = [1", "a = [1 2]", "a = {b = 1", "a = {b = 1 c = 2}", "a = {zq=1, zq=2}", "a = '''x", "zq = 1\nzq = 2", "[zq]\n[zq]"),
    *("zq = {}\nzq.b = 1", "[zq.b]\n[zq]\nb.c = 1", 'a = "\x01"', "a = \x01"),
)


@pytest.mark.parametrize("text", WRONG_TOML)
def test_what_is_wrong_with_toml_is_said_in_words_of_our_own(text: str) -> None:
    """What the library says is a closed list here, by how it begins; a version that says something else fails this test."""
    with pytest.raises(InputError) as caught:
        read(text, "a.toml")
    assert caught.value.message.removeprefix("is not valid TOML: ") in {words for _, words in tomldoc._WORDS}
    assert "zq" not in str(caught.value)


def test_what_another_version_of_the_library_says_is_not_repeated() -> None:
    error = tomldoc._refused(Source("a.toml", "a = 1\n"), "Failed at 'zq': zq (at line 1, column 2)")
    assert str(error) == "a.toml:1:2: is not valid TOML"
