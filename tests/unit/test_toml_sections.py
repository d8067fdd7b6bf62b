"""Files without a mistake are kept as text: they read as they do statement by statement, and what is wrong is found all the same."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailwright.deployment import Deployment, Header, KeyValue, Leaf, Section, parse_deployment
from mailwright.deployment.keys import has_mark
from mailwright.deployment.sections import read_sections, texts_of
from mailwright.deployment.syntax import read_statements
from mailwright.deployment.tree import build_leaves

NAMES = ["a", "b", "'a'", '"b"', "a.b", "b.a", "'a.b'", "c", "'x y'", '"\\u00e4"', "a.c", "a . b", '"a\\"b"', '"q\'"', '""']
VALUES = [
    "1",
    "'x'",
    '"$env{X}"',
    "[1]",
    "[1,]",
    "['x']",
    "[ 'x' , \"y\",'z' ]",
    "['x', 1]",
    "['x',]",
    "['x' 'y']",
    '["$env{A}", """x"""]',
    "[]",
    "[[]]",
    "{}",
    "{a=1}",
    "{a=1,a=2}",
    "{b={c=1}}",
    "{'b\"'=1}",
    "[{a=1}, {a='$ref{x}'}]",
    "'''\n[a]\nb=1\n# c'''",
    "1.5",
    "2020-01-01",
    '"\\u0024"',
    "true",
    "0x1F",
    "01",
    "nothing",
    "'\udcff'",
]
LINES = st.one_of(
    st.sampled_from(NAMES).map("[{}]".format),
    st.sampled_from(NAMES).map("[[{}]]".format),
    st.sampled_from(["", "# c", "  ", "\t# $x", "  [ a ] # x", "[c.d.e]", "[c.d]", "[c.d.e] x"]),
    st.tuples(st.sampled_from([*NAMES, *"defghi"]), st.sampled_from(VALUES)).map(" = ".join),
    st.tuples(st.sampled_from([*NAMES, *"defghi"]), st.sampled_from(VALUES)).map("= ".join),
)
TEXTS = st.tuples(
    st.sampled_from(["\n", "\n", "\r\n"]), st.lists(LINES, max_size=10), st.sampled_from(["", "\n", "\n  ", " # c", "\n#"])
).map(lambda made: made[0].join(made[1]) + made[2])


def said(leaves: object) -> list[object]:
    """Everything about keys, also what their representation leaves out; a value that is no number equals itself."""
    return [repr(tuple(leaf)) for leaf in leaves]  # type: ignore[attr-defined]


@given(TEXTS)
@example("[a]\nb = 1\n[a.b]\nc = 1\n")
@example("[a.b]\n[a]\n")
@example("[a]\n'b' = 1\nb = 2\n")
@example("a.b = 1\n[a]\nb = 2\n")
@example("[[a]]\n[a.b]\n[[a]]\n[a.b]\nc = '$'\n[d]\ne = 1\n[[a]]\n")
@example("[a]\nb.c = 1\n[a.b]\n")
@example("[a]\nx = [1,]\ny = [[],]\nz = 1\n")
def test_it_is_what_statements_say(text: str) -> None:
    statements = read_statements(text)
    leaves, problems = build_leaves(statements.items, statements.problems)
    deployment = parse_deployment(text)
    assert deployment.problems == problems
    assert said(deployment.keys) == said(leaves)
    assert said(deployment.keys.marked) == said(leaf for leaf in leaves if has_mark(leaf.data))
    for root in {leaf.path[0] for leaf in leaves} | {"nothing"}:
        assert said(deployment.keys.below(root)) == said(leaf for leaf in leaves if leaf.path[0] == root)
        assert deployment.sections(root) == sections(statements.items, root)
    for flat, leaf in {leaf.flat: leaf for leaf in leaves}.items():
        assert repr(deployment.keys.get(flat)) == repr(leaf)
    for leaf in leaves:
        assert deployment.keys.at(leaf.key_span.start) is not None
    headers = [item for item in statements.items if isinstance(item, Header)]
    for at in range(len(text)):
        assert deployment.next_header(at) == next((header for header in headers if header.span.start >= at), None)
    for but in ((), ("a",), ("a", "b", "x y")):
        assert list(deployment.texts(but)) == list(texts_of(text, statements.items, but))


def sections(items: list[Header | KeyValue], root: str) -> list[Section]:
    found: list[tuple[Header | None, list[KeyValue]]] = [(None, [])]
    for item in items:
        if isinstance(item, Header):
            found.append((item, []))
        elif found[-1][0] is not None or item.path[0] == root:
            found[-1][1].append(item)
    return [Section(header, tuple(pairs)) for header, pairs in found if header is None or header.path[0] == root]


GOOD = "top = 1\n[a]\nx = 1\ny = { z = [1.5, 2.5] }\n[[b]]\nx = '$env{A}'\n[b.c]\nx = 2\n[a.c]\nx = '''\ny = 1\n'''\n"


def test_a_file_without_a_mistake_is_kept_as_text() -> None:
    assert read_sections(GOOD) is not None
    assert read_sections(f"{GOOD}[a]\n") is None
    assert parse_deployment(GOOD).keys.get("a.y.z") == Leaf(
        ("a", "y", "z"),
        "a.y.z",
        [1.5, 2.5],
        *next(leaf[3:5] for leaf in build_leaves(read_statements(GOOD).items)[0] if leaf.flat == "a.y.z"),
        Header(("a",), parse_deployment(GOOD).header("a").span),  # type: ignore[union-attr]
    )


@pytest.mark.parametrize("flat", ["b", "a.x", "top", "a.c.x"])
def test_keys_can_be_changed_and_taken_out(flat: str) -> None:
    def flats(deployment: Deployment) -> list[str]:
        return [leaf.flat for leaf in deployment.leaves]

    deployment = parse_deployment(GOOD)
    leaf = deployment.keys.get(flat)
    assert leaf is not None
    other = deployment.keys.altered([(leaf, leaf._replace(data="$"))])
    assert other.get(flat) == leaf._replace(data="$")
    assert flat in {each.flat for each in other.marked}
    without = other.altered([(leaf, None)])
    assert without.get(flat) is None
    assert [each.flat for each in without] == [each for each in flats(deployment) if each != flat]
    assert deployment.keys.get(flat) == leaf
