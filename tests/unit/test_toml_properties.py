"""Properties of the deployment.toml reader: what two dialects share reads the same, nothing makes it raise or crawl."""

from __future__ import annotations

import math
import time
import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from datetime import time as clock
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwright.base.places import Span
from mailwright.deployment import Deployment, Header, KeyValue, Value, parse_deployment
from mailwright.deployment.java import java_double
from mailwright.product.product import load_product
from mailwright.validation.deployments import check_deployment

# -- documents that TOML 1.0 and the server's dialect both take, and read alike

NAMES = st.text("abcXYZ019_-", min_size=1, max_size=4)
BLANKS = st.sampled_from(["", " ", "\t", "  "])
PRINTABLE = st.characters(min_codepoint=32, exclude_characters='"\\\x7f', exclude_categories=("Cs",))
ESCAPES = st.sampled_from([r"\n", r"\t", r"\"", r"\\", r"\b", r"\f", r"\r", r"\u00e4", r"\U0001F600"])


@st.composite
def scalars(draw: st.DrawFn) -> str:
    kind = draw(st.integers(0, 7))
    if kind == 0:
        return str(draw(st.integers(-(2**63), 2**63 - 1)))
    if kind == 1:
        number = draw(st.floats(allow_nan=False, allow_infinity=False))
        return repr(number).replace("e-0", "e-").replace("e+0", "e+")
    if kind == 2:
        return draw(st.sampled_from(["true", "false", "inf", "-inf", "+inf", "0x1F", "0o17", "0b11", "1_000", "+5", "1e5"]))
    if kind == 3:
        return "'" + draw(st.text(PRINTABLE.filter(lambda char: char != "'"), max_size=8)) + "'"
    if kind == 4:
        return '"""\n' + draw(st.text(PRINTABLE | st.just("\n"), max_size=8)) + '"""'
    if kind == 5:
        return draw(st.dates()).isoformat()
    return '"' + "".join(draw(st.lists(ESCAPES | PRINTABLE, max_size=8))) + '"'


@st.composite
def values(draw: st.DrawFn, depth: int = 0) -> str:
    kind = draw(st.integers(0, 9)) if depth < 2 else 0
    if kind == 8:  # one type, and nothing empty inside: the server's parser stumbles over both
        item = st.integers(0, 99).map(str) if draw(st.booleans()) else scalars().filter(lambda text: text[0] == '"')
        line = draw(st.sampled_from(["", "\n", " # c\n"]))
        return "[" + line + ", ".join(draw(st.lists(item, min_size=1, max_size=3))) + line + "]"
    if kind == 9:
        names = draw(st.lists(NAMES, max_size=3, unique=True))
        return "{" + ", ".join(f"{name} = {draw(values(depth + 1))} " for name in names) + "}"  # a date needs the blank
    return draw(scalars())


@st.composite
def documents(draw: st.DrawFn) -> str:
    end = draw(st.sampled_from(["\n", "\r\n"]))
    lines: list[str] = []
    tables = [None, *draw(st.lists(NAMES, max_size=3, unique=True))]
    used: set[str] = set(filter(None, tables))
    for table in tables:
        if table is not None:
            lines.append(f"[{draw(BLANKS)}{table}{draw(BLANKS)}]{draw(BLANKS)}")
            used = set()
        for name in draw(st.lists(NAMES, max_size=3, unique=True)):
            if name in used:
                continue
            quoted = draw(st.sampled_from(["{}", "'{}'", '"{}"'])).format(name)
            comment = draw(st.sampled_from(["", " # comment"]))
            lines.append(f"{draw(BLANKS)}{quoted}{draw(BLANKS)}={draw(BLANKS)}{draw(values())}{comment}")
        lines += draw(st.lists(st.sampled_from(["", "# c", "  "]), max_size=1))
    return end.join(lines) + draw(st.sampled_from(["", end]))


def tree(deployment: Deployment) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for leaf in deployment.leaves:
        owner = out
        for part in leaf.path[:-1]:
            owner = owner.setdefault(part, {})
        owner[leaf.path[-1]] = leaf.data
    return out


def plain(value: Any) -> Any:
    """What tomllib says, in this reader's terms; tables without a key leave no trace in it."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if not is_empty(item)}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime | date | clock):
        return value.isoformat()
    return value


def is_empty(value: Any) -> bool:
    return isinstance(value, dict) and all(map(is_empty, value.values()))


@given(documents())
def test_shared_documents_read_as_tomllib_reads_them(text: str) -> None:
    deployment = parse_deployment(text)
    assert deployment.problems == ()
    assert tree(deployment) == plain(tomllib.loads(text))


# -- anything at all

PIECES = [
    "a",
    "b.c",
    " = ",
    "=",
    '"',
    "'",
    '"""',
    "'''",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    ",",
    "\n",
    "\r\n",
    "\r",
    "#",
    "\\",
    "\t",
    "1",
]
PIECES += [
    "0",
    ".",
    "-",
    "+",
    "1979-05-27",
    "07:32:00",
    "T",
    "Z",
    "true",
    "inf",
    "\\u0041",
    "\x00",
    "\ufeff",
    "ä",
    "😀",
    "\udcff",
    "_",
]
TEXTS = st.text() | st.lists(st.sampled_from(PIECES) | st.text(max_size=2), max_size=30).map("".join)


def spans(value: Value) -> Iterator[Span]:
    yield value.span
    for element in value.elements:
        yield from spans(element)
    for pair in value.pairs:
        yield from pair_spans(pair)


def pair_spans(pair: KeyValue) -> Iterator[Span]:
    yield from pair.key_spans
    yield pair.key_span
    yield from spans(pair.value)


def check_spans(deployment: Deployment) -> None:
    found = [problem.span for problem in deployment.problems]
    for item in deployment.statements.items:
        found += [*item.key_spans, item.span] if isinstance(item, Header) else pair_spans(item)
    for leaf in deployment.leaves:
        found += [leaf.key_span, leaf.value_span]
    end = len(deployment.source.text)
    assert [span for span in found if not 0 <= span.start <= span.end <= end] == []


@given(TEXTS)
def test_any_text_is_read_and_every_span_lies_in_it(text: str) -> None:
    check_spans(parse_deployment(text))


@given(st.binary() | TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_read_and_validated(data: bytes) -> None:
    deployment = parse_deployment(data.decode("utf-8", "surrogateescape"))
    check_spans(deployment)
    for finding in check_deployment(deployment, load_product().releases):
        assert finding.place.line >= 0


@given(documents(), st.data())
def test_a_damaged_document_is_read(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    gone = data.draw(st.integers(0, 3))
    check_spans(parse_deployment(text[:at] + data.draw(st.sampled_from(["", *PIECES])) + text[at + gone :]))


# -- deep and long texts

DEEP = 100_000
LONG = 1 << 19
HOSTILE = {
    "brackets": "[" * DEEP,
    "arrays": "a = " + "[" * DEEP,
    "closed-arrays": "a = " + "[" * DEEP + "]" * DEEP,
    "inline-tables": "x = " + "{a=" * DEEP,
    "dotted-key": "a." * DEEP + "a = 1",
    "dotted-header": "[" + "a." * DEEP + "a]",
    "ever-deeper-headers": "\n".join(f"[{'.'.join('a' * depth)}]" for depth in range(1, 1000)),
    "quotes": '"' * LONG,
    "triple-apostrophes": "'''" * (LONG // 3),
    "value-of-quotes": "a = " + '"' * LONG,
    "value-of-apostrophes": "a = " + "'" * LONG,
    "backslashes": "\\" * LONG,
    "text-of-backslashes": 'a = "' + "\\" * LONG + '"',
    "long-text-of-backslashes": 'a = """' + "\\" * LONG,
    "double-brackets": "[[" * (LONG // 2),
    "tabs": 'a = """' + "\t" * LONG + '"""',
    "line-ends-with-tabs": 'a = """' + "\\\t\n" * (LONG // 3) + '"""',
    "carriage-returns": "a = '''" + "\r" * LONG + "'''",
    "digits": "a = " + "1" * LONG,
    "digits-and-dash": "a = " + "1" * LONG + "-",
    "blanks": "a = 1" + " " * LONG + "x",
    "empty-lines-in-array": "a = [" + "\n" * LONG,
    "comments-in-array": "a = [" + "#\n" * (LONG // 2),
    "unclosed-again-and-again": 'a = "x\n' * (LONG // 16),
    "same-key": "a = 1\n" * (LONG // 24),
    "same-header": "[a]\n" * (LONG // 32),
    "many-tables": "[[a]]\n" * (LONG // 32),
    "one-long-line": "a = [" + "1," * (LONG // 8) + "]",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_are_read_in_time(text: str) -> None:
    """The budget is far above what linear work needs (well under a second) and far below what quadratic work takes (hours)."""
    begin = time.process_time()
    deployment = parse_deployment(text)
    assert time.process_time() - begin < 10
    assert deployment.leaves is not None


# -- Java's numbers

DOUBLES = [
    (0.0, "0.0"),
    (-0.0, "-0.0"),
    (1.0, "1.0"),
    (587.0, "587.0"),
    (0.001, "0.001"),
    (0.0001, "1.0E-4"),
    (9999999.0, "9999999.0"),
    (1e7, "1.0E7"),
    (12345678.9, "1.23456789E7"),
    (-1.5e-10, "-1.5E-10"),
    (1e300, "1.0E300"),
    (math.inf, "Infinity"),
    (-math.inf, "-Infinity"),
]


@pytest.mark.parametrize(("number", "text"), DOUBLES)
def test_doubles_print_as_java_prints_them(number: float, text: str) -> None:
    assert java_double(number) == text


def test_nan_prints_as_java_prints_it() -> None:
    assert java_double(math.nan) == "NaN"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_printed_double_is_the_same_number(number: float) -> None:
    assert float(java_double(number)) == number
