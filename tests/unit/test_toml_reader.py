"""The reader of deployment.toml: values, exact spans, and every quirk of the server's parser.

product/xml.md#dotted-names, product/xml.md#section, product/xml.md#parser, CAVA 0.5.0.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import pytest

from mailwright.base.places import Span
from mailwright.deployment import Deployment, Header, Leaf, Refusal, parse_deployment, read_deployment, split_flat
from mailwright.deployment.syntax import MAX_DEPTH, TimeText, read_statements
from mailwright.product.product import load_product
from mailwright.validation.deployments import check_deployment
from product_files import SOURCES, deployment_files


def written(deployment: Deployment, leaf: Leaf) -> tuple[str, str]:
    """Return the text of a leaf's key and of its value."""
    text = deployment.source.text
    return text[slice(*leaf.key_span)], text[slice(*leaf.value_span)]


class Good(NamedTuple):
    """A text and, for each key in the order of the file: its flat name, its data, its key and its value as they are written."""

    text: str
    leaves: list[tuple[str, object, str, str]]


GOOD = {
    "empty": Good("", []),
    "only-blanks-and-comments": Good("\n  # a comment\n\t\n#", []),
    "string": Good('a = "x"\n', [("a", "x", "a", '"x"')]),
    "no-final-newline": Good('a = "x"', [("a", "x", "a", '"x"')]),
    "no-final-newline-comment": Good("a = 1 # c", [("a", 1, "a", "1")]),
    "crlf": Good("a = 1\r\n\r\n[t]\r\nb = 'x'\r\n", [("a", 1, "a", "1"), ("t.b", "x", "b", "'x'")]),
    "glued": Good('port=587\nhost="h"#c\n', [("port", 587, "port", "587"), ("host", "h", "host", '"h"')]),
    "indented": Good("[t]\n  a = 1\n\tb\t=\t2\t\n", [("t.a", 1, "a", "1"), ("t.b", 2, "b", "2")]),
    "header-with-blanks": Good("[ a . 'b c' ]  # x\nk = 1\n", [("a.'b c'.k", 1, "k", "1")]),
    "header-and-dotted-key": Good("[a]\nb . c.'d.e' = 1\n", [("a.b.c.'d.e'", 1, "b . c.'d.e'", "1")]),
    "bare-key-of-digits": Good("1-_x = 1", [("1-_x", 1, "1-_x", "1")]),
    "quoted-simple-key": Good('"a"."b" = 1', [("a.b", 1, '"a"."b"', "1")]),
    "empty-key": Good('"" = 1', [("''", 1, '""', "1")]),
    "integers": Good(
        "a = +1\nb = -0\nc = 5_87\nd = 0x2_4b\ne = 0o17\nf = 0b1_0\ng = 9223372036854775807\nh = -9223372036854775808\n",
        [
            ("a", 1, "a", "+1"),
            ("b", 0, "b", "-0"),
            ("c", 587, "c", "5_87"),
            ("d", 0x24B, "d", "0x2_4b"),
            ("e", 15, "e", "0o17"),
            ("f", 2, "f", "0b1_0"),
            ("g", 2**63 - 1, "g", "9223372036854775807"),
            ("h", -(2**63), "h", "-9223372036854775808"),
        ],
    ),
    "floats": Good(
        "a = 587.0\nb = -1e-3\nc = 6.5E+2\nd = inf\ne = -inf\nf = +0.0\n",
        [
            ("a", 587.0, "a", "587.0"),
            ("b", -0.001, "b", "-1e-3"),
            ("c", 650.0, "c", "6.5E+2"),
            ("d", math.inf, "d", "inf"),
            ("e", -math.inf, "e", "-inf"),
            ("f", 0.0, "f", "+0.0"),
        ],
    ),
    "booleans": Good("a = true\nb = false", [("a", True, "a", "true"), ("b", False, "b", "false")]),
    "escapes": Good(
        r'a = "\b\t\n\f\r\"\\\u00e4\U0001F600"', [("a", '\b\t\n\f\r"\\ä😀', "a", r'"\b\t\n\f\r\"\\\u00e4\U0001F600"')]
    ),
    "escaped-surrogate-pair": Good(r'a = "\ud83d\ude00"', [("a", "😀", "a", r'"\ud83d\ude00"')]),
    "literal": Good(r"a = 'C:\x{{'", [("a", r"C:\x{{", "a", r"'C:\x{{'")]),
    "literal-with-tab": Good("a = 'x\ty'", [("a", "x\ty", "a", "'x\ty'")]),
    "unicode": Good('a = "pässwörd-密码-😀"\nb = 1', [("a", "pässwörd-密码-😀", "a", '"pässwörd-密码-😀"'), ("b", 1, "b", "1")]),
    "comment-with-anything": Good("a = 1 # \x01 \x7f 密\tx", [("a", 1, "a", "1")]),
    "multi-line": Good('a = """\nx\n "y" ""z"""\nb = 1', [("a", 'x\n "y" ""z', "a", '"""\nx\n "y" ""z"""'), ("b", 1, "b", "1")]),
    "multi-line-crlf": Good('a = """\r\nx\r\ny"""', [("a", "x\ny", "a", '"""\r\nx\r\ny"""')]),
    "multi-line-literal": Good("a = '''\nx\\\n'y' ''z'''", [("a", "x\\\n'y' ''z", "a", "'''\nx\\\n'y' ''z'''")]),
    # TOML drops the line end and the blanks behind a line-ending backslash; CAVA keeps both.
    "line-ending-backslash": Good('a = """x\\ \t\n  y"""', [("a", "x\n  y", "a", '"""x\\ \t\n  y"""')]),
    "date": Good("a = 1979-05-27", [("a", "1979-05-27", "a", "1979-05-27")]),
    "time": Good("a = 07:32:00", [("a", "07:32", "a", "07:32:00")]),
    "date-and-time": Good("a = 1979-05-27T07:32:05.5", [("a", "1979-05-27T07:32:05.500", "a", "1979-05-27T07:32:05.5")]),
    "offset": Good("a = 1979-05-27 07:32:00-07:30", [("a", "1979-05-27T07:32-07:30", "a", "1979-05-27 07:32:00-07:30")]),
    "arrays": Good(
        "a = []\nb = [1, 2]\nc = [ # x\n 1 ,\n # y\n 2,\n]\nd = [[1], [2]]\n",
        [
            ("a", [], "a", "[]"),
            ("b", [1, 2], "b", "[1, 2]"),
            ("c", [1, 2], "c", "[ # x\n 1 ,\n # y\n 2,\n]"),
            ("d", [[1], [2]], "d", "[[1], [2]]"),
        ],
    ),
    "array-of-inline-tables": Good("a = [{b = 1}, {c.d = 2}]", [("a", [{"b": 1}, {"c": {"d": 2}}], "a", "[{b = 1}, {c.d = 2}]")]),
    "inline-tables": Good(
        "a = { b = 1, 'c d' = { e = \"x\" } }\nf = 2",
        [("a.b", 1, "b", "1"), ("a.'c d'.e", "x", "e", '"x"'), ("f", 2, "f", "2")],
    ),
    "empty-inline-table": Good("a = {}\nb = 1", [("b", 1, "b", "1")]),
    "array-of-tables": Good(
        "[[a.b]]\nc = 1\n[[a.b]]\n[a.b.d]\ne = 2\n[x]\ny = 3\n",
        [("a.b", [{"c": 1}, {"d": {"e": 2}}], "[[a.b]]", "[[a.b]]"), ("x.y", 3, "y", "3")],
    ),
    "tables-before-their-parents-parents": Good(
        "[a.b.c]\nx = 1\n[a.b.d]\ny = 2\n", [("a.b.c.x", 1, "x", "1"), ("a.b.d.y", 2, "y", "2")]
    ),
}


@pytest.mark.parametrize("case", GOOD.values(), ids=GOOD.keys())
def test_values_and_spans(case: Good) -> None:
    deployment = parse_deployment(case.text)
    assert deployment.problems == ()
    assert [(leaf.flat, leaf.data, *written(deployment, leaf)) for leaf in deployment.leaves] == case.leaves
    assert [type(leaf.data) for leaf in deployment.leaves if not isinstance(leaf.data, TimeText)] == [
        type(data)
        for leaf, (_, data, _, _) in zip(deployment.leaves, case.leaves, strict=True)
        if not isinstance(leaf.data, TimeText)
    ]


def test_statements_keep_the_spans_of_each_part() -> None:
    text = "[ a . 'b' ]\nc . d = [ {e = 1}, {e = \"x\"} ]\n[[ f ]]\n"
    header, pair, array = read_statements(text).items
    assert isinstance(header, Header)
    assert isinstance(array, Header)
    assert (text[slice(*header.span)], [text[slice(*span)] for span in header.key_spans]) == ("[ a . 'b' ]", ["a", "'b'"])
    assert (text[slice(*array.span)], array.array, array.path) == ("[[ f ]]", True, ("f",))
    assert not isinstance(pair, Header)
    assert [text[slice(*span)] for span in pair.key_spans] == ["c", "d"]
    assert text[slice(*pair.key_span)] == "c . d"
    first, second = pair.value.elements
    assert (text[slice(*first.span)], text[slice(*second.span)]) == ("{e = 1}", '{e = "x"}')
    (inner,) = second.pairs
    assert (text[slice(*inner.key_span)], text[slice(*inner.value.span)]) == ("e", '"x"')


def test_invalid_utf8_becomes_the_replacement_character(tmp_path: Path) -> None:
    path = tmp_path / "deployment.toml"
    path.write_bytes(b'a = "x\xffy\xc3"\nb = \'\xfe\'\n"k\xff" = 1\n')
    deployment = read_deployment(str(path))
    assert deployment.problems == ()
    assert [leaf.data for leaf in deployment.leaves[:2]] == ["x\ufffdy\ufffd", "\ufffd"]
    assert deployment.leaves[2].path == ("k\ufffd",)


# -- what the server's parser refuses

BAD = {
    # text, what is refused, the part of the text that the problem names
    "unquoted-host": ("hostname = smtp.example.com\n", Refusal.SYNTAX, "s"),
    "bare-word": ("a = yes", Refusal.SYNTAX, "y"),
    "capital-true": ("a = True", Refusal.SYNTAX, "T"),
    "leading-zero": ("port = 0587", Refusal.SYNTAX, "5"),
    "no-value": ("a = # c\n", Refusal.SYNTAX, "#"),
    "no-value-at-end": ("a =", Refusal.SYNTAX, ""),
    "no-key": ("= 1", Refusal.SYNTAX, "="),
    "no-equals": ("a 1", Refusal.SYNTAX, "1"),
    "two-statements": ("a = 1 b = 2", Refusal.SYNTAX, "b"),
    "unclosed-basic": ('a = "x\nb = 1', Refusal.SYNTAX, '"'),
    "unclosed-literal": ("a = 'x\nb = 1", Refusal.SYNTAX, "'"),
    "unclosed-multi-line": ('a = """x\nb = 1\n', Refusal.SYNTAX, '"'),
    "unclosed-array": ("a = [1, 2\n", Refusal.SYNTAX, "["),
    "unclosed-inline-table": ("a = { b = 1", Refusal.SYNTAX, ""),
    "unclosed-header": ("[a\nb = 1\n", Refusal.SYNTAX, "\n"),
    "empty-header": ("[]", Refusal.SYNTAX, "]"),
    "empty-array-header": ("[[ ]]", Refusal.SYNTAX, "]"),
    "blank-inside-double-bracket": ("[ [a] ]", Refusal.SYNTAX, "["),
    "text-behind-header": ("[a] b = 1", Refusal.SYNTAX, "b"),
    "unquoted-umlaut-key": ("ä = 1", Refusal.SYNTAX, "ä"),
    "byte-order-mark": ("\ufeffa = 1", Refusal.SYNTAX, "\ufeff"),
    "nul": ("a = 1\n\x00\nb = 2", Refusal.SYNTAX, "\x00"),
    "carriage-return-alone": ("a = 1\rb = 2", Refusal.SYNTAX, "\r"),
    "carriage-return-in-text": ('a = """x\ry"""', Refusal.SYNTAX, "\r"),
    "control-character-in-text": ('a = "x\x01"', Refusal.SYNTAX, '"'),
    "delete-in-text": ('a = "x\x7f"', Refusal.SYNTAX, '"'),
    "tab-in-basic": ('a = "x\ty"', Refusal.SYNTAX, "\t"),
    "tab-in-multi-line": ('a = """x\ty"""', Refusal.SYNTAX, "\t"),
    "escape-e": (r'a = "a\eb"', Refusal.SYNTAX, r"\e"),
    "escape-x": (r'a = "\x41"', Refusal.SYNTAX, r"\x"),
    "escape-short-unicode": (r'a = "\u12"', Refusal.SYNTAX, r"\u"),
    "escape-beyond-unicode": (r'a = "\U00110000"', Refusal.SYNTAX, r"\U00110000"),
    "escape-of-a-tab": ('a = """x\\\ty"""', Refusal.SYNTAX, "\\\t"),
    "quote-before-three-quotes": ('a = """x""""', Refusal.SYNTAX, '"'),
    "array-of-two-types": ('a = [1, "x"]', Refusal.SYNTAX, '"x"'),
    "array-of-integer-and-float": ("a = [1, 1.0]", Refusal.SYNTAX, "1.0"),
    "array-of-date-and-time": ("a = [1979-05-27 , 07:32:00 ]", Refusal.SYNTAX, "07:32:00"),
    "array-comma-on-next-line": ("a = [1\n, 2]", Refusal.SYNTAX, ","),
    "array-two-commas": ("a = [1,,2]", Refusal.SYNTAX, ","),
    "array-only-comma": ("a = [,]", Refusal.SYNTAX, ","),
    "array-date-touches-bracket": ("a = [1979-05-27]", Refusal.SYNTAX, "]"),
    "array-of-empty-arrays": ("a = [[], []]\nb = 1\n", Refusal.SYNTAX, "b"),
    "array-in-inline-table": ("a = { b = [] , c = 1 }", Refusal.SYNTAX, "[]"),
    "inline-newline": ("a = { b = 1,\n c = 2 }", Refusal.SYNTAX, "{ b = 1,\n "),
    "inline-trailing-comma": ("a = { b = 1, }", Refusal.SYNTAX, ","),
    "inline-no-comma": ("a = { b = 1 c = 2 }", Refusal.SYNTAX, "c"),
    "integer-too-large": ("a = 9223372036854775808", Refusal.SYNTAX, "9223372036854775808"),
    "hex-too-large": ("a = 0x8000000000000000", Refusal.SYNTAX, "0x8000000000000000"),
    "integer-of-a-thousand-digits": ("a = " + "9" * 5000, Refusal.SYNTAX, "9" * 5000),
    "float-too-large": ("a = 1e999", Refusal.SYNTAX, "1e999"),
    "float-too-small": ("a = 1e-999", Refusal.SYNTAX, "1e-999"),
    "float-without-fraction": ("a = 5.", Refusal.SYNTAX, "."),
    "float-without-whole": ("a = .5", Refusal.SYNTAX, "."),
    "underscores": ("a = 1__0", Refusal.SYNTAX, "_"),
    "date-of-no-day": ("a = 1979-02-29", Refusal.SYNTAX, "1"),
    "date-short": ("a = 1979-5-7", Refusal.SYNTAX, "1"),
    "date-with-arabic-digits": ("a = 1979-٠٥-27", Refusal.SYNTAX, "1"),
    "time-without-seconds": ("a = 07:32", Refusal.SYNTAX, "0"),
    "time-25": ("a = 25:00:00", Refusal.SYNTAX, "2"),
    "time-ten-digits": ("a = 07:32:00.1234567890", Refusal.SYNTAX, "0"),
    "offset-too-large": ("a = 1979-05-27T07:32:00+18:01", Refusal.SYNTAX, "1"),
    "offset-endless": ("a = 1979-05-27T07:32:00+" + "1" * 5000 + ":00", Refusal.SYNTAX, "1"),
    "lower-case-z": ("a = 1979-05-27T07:32:00z", Refusal.SYNTAX, "z"),
    "key-twice": ("a = 1\na = 2\n", Refusal.DUPLICATE, "a"),
    "key-twice-spelt-differently": ("a = 1\n'a' = 2\n", Refusal.DUPLICATE, "'a'"),
    "key-twice-in-inline-table": ("a = { b = 1, b = 2 }", Refusal.DUPLICATE, "b"),
    "table-twice": ("[a]\nb = 1\n[a]\nc = 2\n", Refusal.DUPLICATE, "[a]"),
    "table-over-value": ("a = 1\n[a]\n", Refusal.DUPLICATE, "[a]"),
    "table-below-value": ("a = 1\n[a.b]\n", Refusal.DUPLICATE, "[a.b]"),
    "dotted-key-below-value": ("a = 1\na.b = 2\n", Refusal.DUPLICATE, "a.b"),
    "table-over-array-of-tables": ("[[a]]\n[a]\n", Refusal.DUPLICATE, "[a]"),
    "array-of-tables-over-table": ("[a]\n[[a]]\n", Refusal.DUPLICATE, "[[a]]"),
    "array-of-tables-over-literal-array": ("a = []\n[[a]]\n", Refusal.DUPLICATE, "[[a]]"),
    "parent-after-child": ("[a.b]\nx = 1\n[a]\ny = 2\n", Refusal.OVERFLOW, "[a]"),
    "parent-after-dotted-key": ("a.b = 1\n[a]\n", Refusal.OVERFLOW, "[a]"),
    "table-after-empty-inline-table": ("a = {}\n[a]\n", Refusal.OVERFLOW, "[a]"),
    "key-with-apostrophe": ('"it\'s" = 1', Refusal.KEY, '"it\'s"'),
    "key-with-quotation-mark": ("'a\"b' = 1", Refusal.KEY, "'a\"b'"),
    "key-with-apostrophe-in-array": ('[[a]]\n"it\'s" = 1', Refusal.KEY, '"it\'s"'),
    "key-of-too-many-parts": (".".join("a" * (MAX_DEPTH + 1)) + " = 1", Refusal.DEPTH, "a"),
    "arrays-too-deep": ("a = " + "[" * 70 + "]" * 70, Refusal.DEPTH, "["),
}


@pytest.mark.parametrize(("text", "refusal", "named"), BAD.values(), ids=BAD.keys())
def test_what_the_server_refuses(text: str, refusal: Refusal, named: str) -> None:
    problem = parse_deployment(text).problems[0]
    assert problem.refusal is refusal
    assert text[slice(*problem.span)] == named


def test_reading_goes_on_behind_a_mistake() -> None:
    deployment = parse_deployment('a = nope\nb = "x\ty"\nb = 1\nc = 2 3\n[d]\ne = 4\n')
    assert [deployment.place(problem.span).line for problem in deployment.problems] == [1, 2, 3, 4]
    assert [leaf.flat for leaf in deployment.leaves] == ["b", "d.e"]


@pytest.mark.parametrize("case", BAD.values(), ids=BAD.keys())
def test_messages_hold_nothing_of_the_text(case: tuple[str, Refusal, str]) -> None:
    """A line that does not parse may hold a password anywhere."""
    text = case[0].replace("x", "canary").replace("smtp", "canary").replace("yes", "canary")
    for problem in parse_deployment(text).problems:
        assert "canary" not in repr(problem)


# -- keys

FLAT = {
    "plain": ("a.b-c.1", ("a", "b-c", "1")),
    "quoted": ("a.'mail.smtp.x'.b", ("a", "mail.smtp.x", "b")),
    "two-quoted": ("'a.b'.'c.d'", ("a.b", "c.d")),
    "empty-part": ("a.''", ("a", "")),
    "empty-pieces-vanish": ("a..b.", ("a", "b")),
}


@pytest.mark.parametrize(("flat", "parts"), FLAT.values(), ids=FLAT.keys())
def test_flat_keys_are_cut_at_dots_outside_quotes(flat: str, parts: tuple[str, ...]) -> None:
    assert split_flat(flat) == parts


LOST = ["\"ä\" = 'v'", "'tab\there' = 'v'", '"😀" = 1', '"a\\nb" = 1']


@pytest.mark.parametrize("text", LOST, ids=["umlaut", "tab", "emoji", "newline"])
def test_a_key_that_needs_escapes_loses_its_value(text: str) -> None:
    """product/xml.md#non-ascii-name, product/xml.md#why-dots: config-mapper looks the value up under a name that it does not find."""
    (leaf,) = parse_deployment(text).leaves
    assert leaf.data is None


def test_spans_count_characters_not_bytes() -> None:
    deployment = parse_deployment('a = "密码😀"\r\nb = 1 # ä\r\n  c = 2')
    assert [str(deployment.place(leaf.key_span)) for leaf in deployment.leaves] == [
        "deployment.toml:1:1",
        "deployment.toml:2:1",
        "deployment.toml:3:3",
    ]
    assert deployment.leaves[1].key_span == Span(11, 12)


# -- the real files


@pytest.mark.parametrize("source", SOURCES)
def test_shipped_files_are_fine(source: str) -> None:
    for file in set(deployment_files(source).values()):
        deployment = read_deployment(str(file))
        assert deployment.problems == ()
        assert len(deployment.leaves) > 10
        assert {(item.rule, item.severity.value) for item in check_deployment(deployment, load_product().releases)} == {
            ("MW110", "warning")
        }


def test_the_demo_file_is_fine() -> None:
    demo = Path(__file__).resolve().parents[2] / "examples" / "demo" / "deployment.toml"
    assert parse_deployment(demo.read_text(encoding="utf-8")).problems == ()
