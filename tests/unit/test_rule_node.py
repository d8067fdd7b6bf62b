"""A deployment.toml as the rules see it: where its table stands, why the server does not start with it, how much is looked at for that."""

from __future__ import annotations

import pytest

from mailwright.deployment import parse_deployment
from mailwright.rules.node import MAX_FAILURES, Assumed, Common, Node
from products import load_adapter, parse_release

TABLE = "[output_adapter.email]\n"


def node(text: str, version: str = "7.2.0", **environment: str) -> Node:
    deployment, adapter = parse_deployment(text), load_adapter()
    return Node(deployment, parse_release(version), adapter, Common(deployment, adapter, environment), environment)


@pytest.mark.parametrize(
    ("text", "line", "column", "shown"),
    [
        (f"\n{TABLE}port = 1\n", 2, 1, True),
        (f"\n{TABLE}", 2, 1, True),
        ("x = 1\n  [ output_adapter . email ]\nport = 1\n", 2, 3, True),
        ("x = 1\n[output_adapter]\nemail.port = 1\n", 3, 1, False),
        ("x = 1\noutput_adapter.email.port = 1\n", 2, 1, False),
        ("x = 1\n[output_adapter.email.custom_properties]\n'a.b' = 1\n", 3, 1, False),
        (f"[output_adapter.email.custom_properties]\n'a.b' = 1\n{TABLE}port = 1\n", 3, 1, True),
        (f"[output_adapter.email.custom_properties]\n'a.b' = 1\n{TABLE}", 3, 1, True),
        ("[output_adapter.http]\nx = 1\n", 1, 1, False),
        ("", 1, 1, False),
    ],
)
def test_where_the_table_stands(text: str, line: int, column: int, shown: bool) -> None:
    found = node(text)
    assert (found.place.line, found.place.column) == (line, column)
    excerpt = found.line()
    assert (excerpt and (excerpt.line, excerpt.text)) == ((line, "[output_adapter.email]") if shown else None)


BAD = "'R&D'"


@pytest.mark.parametrize(
    ("text", "lines", "comes_up"),
    [
        (f"{TABLE}port = 1\n", [], True),
        (f"{TABLE}port = 1\nport = 2\n", [3], False),
        (f"{TABLE}password = {BAD}\nusername = {BAD}\n", [3, 2], True),
        ("[a]\nx = '$ref{b.y}'\n[b]\ny = '$secret{z}'\n[secrets]\nother = 'QUJD'\n", [4], True),
        (f"[a]\nx = '$secret{{y}}'\n{TABLE}password = '$ref{{a.x}}'\nport = '$ref{{a.x}}'\n", [2], True),
        ("[[secrets]]\nx = 1\n", [1], True),
    ],
)
def test_every_reason_why_the_server_does_not_come_up(text: str, lines: list[int], comes_up: bool) -> None:
    failures, start = node(text).outcome
    assert [failure.view.place and failure.view.place.line for failure in failures] == lines
    assert (start is not None) is comes_up


@pytest.mark.parametrize("others", [0, 400, 1000])
def test_how_many_reasons_are_looked_for(others: int) -> None:
    """The more keys the table has, the fewer variants of the file are looked at; four at least."""
    names = [f"'a{number}' = {BAD}\n" for number in range(30)] + [f"'b{number}' = 1\n" for number in range(others)]
    failures, start = node(f"[output_adapter.email.custom_properties]\n{''.join(names)}").outcome
    assert start is None
    assert len(failures) == {0: MAX_FAILURES, 400: 5, 1000: 3}[others]


def test_an_environment_in_which_everything_is_defined() -> None:
    assumed = Assumed({"A": "a$b\\c", "B": ""})
    assert (assumed["A"], assumed["B"], assumed["C"]) == ("abc", "", "x")
    assert (list(assumed), len(assumed)) == (["A", "B"], 2)


@pytest.mark.parametrize(
    ("value", "plain"),
    [("R&amp;D", "R&D"), ("<![CDATA[R&D]]>", "R&D"), ("R&D", "R&D"), ("R&D;", None), ("a < b", "a < b"), ("<![CDATA[x", None)],
)
def test_what_a_text_probably_stands_for(value: str, plain: str | None) -> None:
    found = node(f"{TABLE}password = '{value}'\n")
    assert found.intended(found.leaves[0]) == plain


def test_a_file_with_a_mistake_is_not_written_into() -> None:
    for text, writes in ((f"{TABLE}port = 1\n", True), (f"{TABLE}port = 1\nport = 2\n", False)):
        sender = node(text).sender
        assert (sender.writer is not None, sender.renamer is not None) == (writes, writes)
