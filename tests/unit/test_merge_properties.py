"""Properties of merging: for any spec and any readable file the server reads what the spec says, and every foreign byte stays.

``make test`` takes a hundred examples of each; ``make long`` (MAILWRIGHT_EXAMPLES) at least twenty thousand.
"""

from __future__ import annotations

import json
import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailwright.adoption.deployments import CannotImport, import_deployment
from mailwright.base.errors import UnsafeToWrite
from mailwright.base.places import Source
from mailwright.base.yaml_text import yaml_text
from mailwright.deployment import parse_deployment
from mailwright.deployment.values import toml_value
from mailwright.engine import Doubt
from mailwright.engine.effective import Outcome, effective
from mailwright.product.releases import Release
from mailwright.rendering.fragment import NodeSettings, expected_properties, node_settings
from mailwright.rendering.merging import MergeRefused, merge
from mailwright.spec import make_spec
from mailwright.spec.json_reader import read_json
from mailwright.spec.yaml_reader import read_yaml
from products import ALL, NEWEST, TABLE

EXAMPLES = int(os.environ.get("MAILWRIGHT_EXAMPLES", "100"))

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
        once = merge(before.source, model)
    except Exception as error:
        assert type(error).__name__ == "MergeRefused", error  # noqa: PT017 -- any other error is the failure
        return
    after = parse_deployment(once.text)
    assert after.problems == ()
    for release in ALL:
        view = effective(after, release, partial=True)
        assert view.outcome is Outcome.OK
        for name, value in expected_properties(sender, release).items():
            assert view.text_of(name) == value
    assert merge(after.source, model).text == once.text
    rest = iter(once.text.splitlines(keepends=True))
    for line in foreign_lines(text):
        assert any(line.rstrip("\r\n") == other.rstrip("\r\n") for other in rest), line


SECRET = st.one_of(
    TEXT,
    st.sampled_from(["$secret{alias}", "$env{X}", "<![CDATA[R&D]]>", "a&amp;b", "x<!-- y -->z", "<![CDATA[a]]><![CDATA[b]]>"]),
)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=files(), secret=SECRET)
def test_importing_and_merging_back(text: str, secret: str) -> None:
    """For any file that starts, whatever its secrets are, nothing changes."""
    marked = text.replace('"password" = ', f"'password' = {toml_value(secret)} #", 1) if "{ " not in text else text
    before = parse_deployment(marked)
    if effective(before, NEWEST).outcome is not Outcome.OK:
        return
    try:
        imported = import_deployment(before)
    except CannotImport as refused:
        assert "[[" in marked, refused  # noqa: PT017
        return
    spec = make_spec("spec", read_yaml(Source("spec.yaml", yaml_text(imported.document))))
    result = merge(before.source, node_settings(spec), (NEWEST,))
    assert (result.text, result.changed, result.refusal) == (marked, (), None)


@st.composite
def broken_files(draw: st.DrawFn) -> str:
    """Files of which many do not start: undefined aliases, markup, in the adapter's table and outside of it."""
    odd = st.sampled_from(
        ["'$secret{nope}'", "'$secret{alias}'", "'R&D'", "'$ref{a.b}'", "'$ref{no.such}'", "'{{1+}}'", "nan", "'x'", "5"]
    )
    lines = [
        f"{name} = {draw(odd)}"
        for name in draw(st.lists(st.sampled_from(["password", "signature", "host", "port"]), unique=True))
    ]
    foreign = [
        f"{name} = {draw(odd)}" for name in draw(st.lists(st.sampled_from(["x", "y", "tenant_idle_timeout"]), unique=True))
    ]
    table = "\n".join(["[output_adapter.email]", *lines]) if draw(st.booleans()) else ""
    return "\n".join(
        [table, "[tenant_mgt]", *foreign, draw(st.sampled_from(["", "[secrets]\nalias = 'QUJD'", "[secrets]\nx = 1"]))]
    )


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    text=st.one_of(files(), broken_files()),
    sender=st.one_of(st.none(), SENDER),
    loading=st.sampled_from([None, {"idle_minutes": 5}, {"eager": ["*"]}]),
    secrets=st.sampled_from([None, {"alias": "QUJD"}]),
    keep=st.booleans(),
    release=st.sampled_from([None, *ALL]),
)
def test_what_may_be_written_starts(
    text: str,
    sender: dict[str, Any] | None,
    loading: dict[str, Any] | None,
    secrets: dict[str, str] | None,
    keep: bool,
    release: Release | None,
) -> None:
    """After a merge that may be written the server starts, or it was broken before, at the same key, and that is said."""
    document = {"mailwright": 1, "global": sender, "tenant_loading": loading, "secrets": secrets}
    spec = json.dumps({name: value for name, value in document.items() if value is not None})
    before = parse_deployment(text)
    releases = (release,) if release else ALL
    try:
        result = merge(
            before.source, node_settings(make_spec("spec", read_json(Source("spec", spec)))), releases, keep_unmanaged=keep
        )
    except (MergeRefused, UnsafeToWrite):
        return
    after = parse_deployment(result.text)
    views = [effective(after, each) for each in releases]
    if result.refusal is None and not result.faults:
        assert all(view.outcome is Outcome.OK for view in views)
    for view in views:
        if view.outcome is Outcome.OK or result.refusal or view.doubt is Doubt.PRODUCT_DEFAULT:
            continue
        assert view.reason in {fault.reason for fault in result.broken_before}
        assert effective(before, view.release).outcome is not Outcome.OK
        leaf = after.keys.get(view.at)
        assert leaf is not None
        old = before.keys.get(leaf.flat)
        assert old is not None
        assert old.data == leaf.data or leaf.data != leaf.data
