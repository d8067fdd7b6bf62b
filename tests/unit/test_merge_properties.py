"""Properties of merging: for any spec and any readable file the server reads what the spec says, and every foreign byte stays.

``make test`` takes a few hundred examples; ``make long`` (MAILWRIGHT_EXAMPLES) at least twenty thousand.
"""

from __future__ import annotations

import json
import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailwright.adapter import TABLE, load_adapter
from mailwright.deployment import parse_deployment
from mailwright.merge import merge
from mailwright.releases import ALL
from mailwright.rendering import toml_value
from mailwright.rendering.fragment import NodeSettings, expected_properties, node_settings
from mailwright.source import Source
from mailwright.spec import make_spec
from mailwright.spec.jsondoc import read_json
from mailwright.view import Outcome, effective

EXAMPLES = int(os.environ.get("MAILWRIGHT_EXAMPLES", "300"))

MARKS = [
    "&",
    "<",
    ">",
    "]]>",
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "$",
    "\\",
    "'",
    '"',
    "\n",
    "\r",
    "\t",
    "#",
    "=",
    "é",
    "😀",
    "a",
    " ",
    "1+1",
]
TEXT = st.lists(st.sampled_from(MARKS), max_size=6).map("".join)
REFERENCE = st.sampled_from(["$secret{alias}", "$env{NAME}", "$sys{name}"])
NAME = st.sampled_from(["mail.smtp.timeout", "mail.smtp.ssl.enable", "x", "a b", "a&b", "mail.smtp.host"])


def plain(text: str) -> bool:
    return not any(mark in text for mark in ("$secret{", "$env{", "$sys{", "$ref{"))


SENDER = st.fixed_dictionaries(
    {"from_address": TEXT.filter(plain), "hostname": st.just("h")},
    optional={
        "username": TEXT.filter(plain),
        "password": st.one_of(TEXT.filter(plain), REFERENCE),
        "port": st.integers(1, 65535),
        "enable_authentication": st.booleans(),
        "signature": TEXT.filter(plain),
        "reply_to": TEXT.filter(plain),
        "auth_type": st.just("BASIC"),
        "custom_properties": st.dictionaries(
            NAME, st.one_of(TEXT.filter(plain), st.integers(0, 9999), st.booleans()), max_size=3
        ),
    },
)

KEY = st.sampled_from(["hostname", "host", "port", "'username'", '"password"', "x", "signature"])
VALUE = st.one_of(
    st.integers(0, 99).map(str), st.booleans().map(toml_value), TEXT.map(toml_value), st.just('"""a\nb"""'), st.just("[1, 2]")
)
PAIR = st.tuples(KEY, VALUE).map(lambda pair: f"{pair[0]} = {pair[1]}")
COMMENT = st.sampled_from(["# comment", "", "  # indented", "#[output_adapter.email]", '#hostname = "x"'])
INLINE = st.lists(
    PAIR.filter(lambda text: "\n" not in text), max_size=2, unique_by=lambda text: text.split(" = ")[0].strip("'\"")
).map(lambda pairs: "{ " + ", ".join(pairs) + " }")
EMAIL = st.one_of(
    st.lists(st.one_of(PAIR, COMMENT), max_size=4).map(lambda lines: "\n".join(["[output_adapter.email]", *lines])),
    st.lists(PAIR, min_size=1, max_size=3).map(
        lambda lines: "\n".join(["[output_adapter]", *(f"email.{line}" for line in lines)])
    ),
    INLINE.map(lambda table: f"[output_adapter]\nemail = {table}\nother = 1"),
    st.lists(PAIR, max_size=2).map(lambda lines: "\n".join(["[['output_adapter'.email]]", *lines])),
    st.lists(PAIR, max_size=2).map(
        lambda lines: "\n".join(["[output_adapter.email]", *lines, "[output_adapter.email.custom_properties]", "'a.b' = 1"])
    ),
    st.just("[output_adapter.email.custom_properties]\nmail.smtp.x = 1 # c"),
    INLINE.map(lambda table: f"[output_adapter.email]\ncustom_properties = {table}"),
    st.just(""),
)
FOREIGN = st.lists(
    st.one_of(
        COMMENT,
        st.just("[server]\nhostname = 'x'  # kept"),
        st.just("[a.b]\nc = [1, 2]"),
        st.just("[[events]]\nname = 'n'"),
        st.just("[tenant_mgt]\nkept = 1"),
    ),
    max_size=3,
    unique=True,
)
SECRETS = st.sampled_from(["", "[secrets]\nalias = 'QUJD'", "[secrets]\nalias = 'QUJD'\n\n"])


@st.composite
def files(draw: st.DrawFn) -> str:
    before, after = draw(FOREIGN), draw(FOREIGN)
    parts = [*before, draw(EMAIL), *(part for part in after if part.startswith("#") or part not in before), draw(SECRETS)]
    text = "\n".join(parts)
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def wanted(sender: dict[str, Any]) -> NodeSettings:
    return node_settings(make_spec("spec", read_json(Source("spec", json.dumps({"mailwright": 1, "global": sender})))))


def foreign_lines(text: str) -> list[str]:
    """The lines that hold no managed statement: what must stay, byte for byte."""
    deployment = parse_deployment(text)
    taken: set[int] = set()
    path: tuple[str, ...] = ()
    for item in deployment.statements.items:
        span = getattr(item, "span", None) or item.value.span  # type: ignore[union-attr]
        start = item.span.start if hasattr(item, "span") else item.key_span.start
        if hasattr(item, "span"):
            path = item.path
        whole = path if hasattr(item, "span") else (*path, *item.path)
        if whole[: len(TABLE)] == TABLE:
            taken.update(range(deployment.source.place(start).line, deployment.source.place(max(span.end - 1, start)).line + 1))
    return [line for number, line in enumerate(text.splitlines(keepends=True), 1) if number not in taken and line.strip()]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=files(), sender=SENDER)
def test_merging(text: str, sender: dict[str, Any]) -> None:
    before = parse_deployment(text)
    model = wanted(sender)
    try:
        once = merge(before, model)
    except Exception as error:
        assert type(error).__name__ == "MergeRefused", error  # noqa: PT017 -- any other error is the failure
        return
    after = parse_deployment(once.text)
    assert after.problems == ()
    for release in ALL:
        view = effective(after, release, partial=True)
        assert view.outcome is Outcome.OK
        for name, value in expected_properties(sender, release, load_adapter()).items():
            assert view.text_of(name) == value
    assert merge(after, model).text == once.text
    rest = iter(once.text.splitlines(keepends=True))
    for line in foreign_lines(text):
        assert any(line.rstrip("\r\n") == other.rstrip("\r\n") for other in rest), line
