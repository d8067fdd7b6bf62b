"""The grammar of references has one home."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mailwright
from commands import Run
from mailwright.base.secret import HIDDEN
from mailwright.spec.references import (
    ALL_KINDS,
    SERVER_KINDS,
    SERVER_REFERENCE,
    Reference,
    begins_reference,
    is_alias,
    looks_like_reference,
    mentioned,
    references_in,
    replace_references,
    shown_name,
    split_references,
    whole_reference,
)

PACKAGE = Path(mailwright.__file__).parent
SCHEMA = PACKAGE.parent.parent / "schema"
TEXTS = st.lists(
    st.sampled_from(["$", "{", "}", "a", " ", "$secret{", "$env{x}", "$file{f}", "$keep{}", "\n", "${x}"]), max_size=8
).map("".join)


def test_a_reference_is_written_as_it_is_read() -> None:
    for kind in ALL_KINDS:
        reference = Reference(kind, "a")
        assert whole_reference(str(reference)) == reference
        assert references_in(f"x{reference}y") == [reference]
    assert whole_reference("$env{a}", ("secret",)) is None
    assert whole_reference("$other{a}") is None
    assert whole_reference("x$env{a}") is None
    assert whole_reference("$env{a}\n") is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("$env{a}", ["a"]),
        ("$env{}", [""]),
        ("x$env{a}$env{b} $env{c}", ["a", "b", "c"]),
        ("$env{a$env{b}}", ["a$env{b"]),
        ("$env{a}$env{b", ["a"]),
        ("}$env{a}", ["a"]),
        ("$env{a", []),
        ("$secret{a}$env{b}", ["b"]),
    ],
)
def test_what_is_mentioned(text: str, names: list[str]) -> None:
    """From a kind's first brace to the next one that closes, one after the other, as the server looks for them."""
    assert mentioned(text, "env") == names
    assert references_in(text, ("env",)) == [Reference("env", name) for name in names]
    assert begins_reference(text) == ("$" in text)


@pytest.mark.parametrize("text", ["env{a}", "$env", "$file{a}", "$keep{}", "${a}", "$ENV{a}"])
def test_what_the_server_takes_for_no_beginning(text: str) -> None:
    assert not begins_reference(text)


@pytest.mark.parametrize(
    ("name", "alias", "plain"),
    [
        ("a", True, True),
        ("A_9", True, True),
        ("a.b-c:d", False, True),
        ("a" * 128, True, True),
        ("a" * 129, True, False),
        ("", False, False),
        ("a b", False, False),
        ("ä", False, False),
        ("a\n", False, False),
    ],
)
def test_names(name: str, alias: bool, plain: bool) -> None:
    assert is_alias(name) is alias
    assert shown_name(name) == (name if plain else HIDDEN)


@given(TEXTS)
def test_whole_is_what_is_mentioned_and_nothing_else(text: str) -> None:
    whole = whole_reference(text)
    expected = [
        Reference(kind, names[0]) for kind in ALL_KINDS if (names := mentioned(text, kind)) and text == f"${kind}{{{names[0]}}}"
    ]
    assert [whole] * bool(whole) == expected


@given(TEXTS)
def test_what_is_taken_apart_is_whole_again(text: str) -> None:
    pieces = split_references(text)
    assert "".join(pieces) == text
    assert all(whole_reference(piece, SERVER_KINDS) for piece in pieces[1::2])
    assert not any(re.search(SERVER_REFERENCE, piece) for piece in pieces[::2])
    assert replace_references(text, lambda reference: reference) == text
    assert not re.search(SERVER_REFERENCE, replace_references(text, lambda _: "")) or "$" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("$env{SMTP_PASSWORD}", "$env{SMTP_PASSWORD}"),
        ("$env{correct horse}", f"$env{{{HIDDEN}}}"),
        ("$file{teams/beta token}", "$file{teams/beta token}"),
        ("$file{a\nb}", f"$file{{{HIDDEN}}}"),
        ("$keep{}", "$keep{}"),
        ("$keep{horse}", f"$keep{{{HIDDEN}}}"),
    ],
)
def test_a_name_that_looks_like_none_is_not_shown(text: str, shown: str) -> None:
    reference = whole_reference(text)
    assert reference is not None
    assert reference.shown == shown
    assert reference.is_plain == (text == shown)


@pytest.mark.parametrize("text", ["${NAME}", "$evn{NAME}", "$env[NAME]", "$secret(alias)", "$secret{alias", "x$Env{NAME}"])
def test_what_only_looks_like_a_reference(text: str) -> None:
    assert looks_like_reference(text)


@pytest.mark.parametrize("text", ["$env{NAME}", "$secret{alias}", "$file{f}", "a$b", "$keep{}", "$5{x}"])
def test_what_does_not(text: str) -> None:
    assert not looks_like_reference(text)


def _expressions(tree: ast.AST) -> Iterator[str]:
    """Yield the texts in the calls of ``re``."""
    for call in ast.walk(tree):
        function = call.func if isinstance(call, ast.Call) else None
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "re":
            for node in ast.walk(call):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def test_no_other_module_has_a_grammar_of_its_own() -> None:
    """A dollar sign in a regular expression stands for another tool's mark (``${NAME}``, ``$(NAME)``), never for a reference."""
    home = PACKAGE / "spec" / "references.py"
    seen = 0
    for path in sorted(PACKAGE.rglob("*.py")):
        for text in _expressions(ast.parse(path.read_text(encoding="utf-8"))):
            seen += 1
            if path != home:
                assert not re.search(r"\\\$(?!\\[{(]|\))", text), (path, text)
    assert seen > 50


def test_the_schemas_have_the_same_grammar() -> None:
    patterns = [
        value
        for path in SCHEMA.glob("*.json")
        for node in _nodes(json.loads(path.read_text(encoding="utf-8")))
        for value in [node.get("pattern")]
        if isinstance(value, str) and any(f"{kind}|" in value or f"${kind}" in value for kind in SERVER_KINDS)
    ]
    assert len(patterns) > 20
    assert [
        pattern for pattern in patterns if "$(" in pattern.replace(SERVER_REFERENCE, "") or SERVER_REFERENCE not in pattern
    ] == []


def _nodes(node: object) -> Iterator[dict[str, object]]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from _nodes(child)


SENDER = """mailwright: 1
product: {version: "7.3.0"}
tenants:
  a.example: {from_address: a@a.example, signature: A, reply_to: a@a.example, hostname: h, port: 587, username: u,
    password: "$env{MAILWRIGHT_P}"}
  b.example: {from_address: a@b.example, provider: HTTP, http: {url: "https://m.example", body: "{}", auth: {type: NONE}}}
"""


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ("hostname: h", 'hostname: "$env{MAILWRIGHT_H}"', "write the value itself"),
        ("username: u", 'username: u, smtp_token: "$env{MAILWRIGHT_T}"', None),
        ("username: u", 'username: u, pasword2: "$file{p}"', None),
        ("type: NONE", 'type: NONE, token: "$env{MAILWRIGHT_T}"', None),
        (
            'body: "{}"',
            'body: "{}", headers: {X-Key: "$env{MAILWRIGHT_T}"}',
            "a secret goes into `http.auth`; anything else is written as it is",
        ),
        ("username: u", 'username: u, smtp_token: "$secret{t}"', "use $env{NAME}, $file{name} or $store{NAME/path#field}"),
    ],
)
def test_nobody_is_told_to_write_a_secret_literally(run: Run, tmp_path: Path, old: str, new: str, hint: str | None) -> None:
    """What an unknown key would hold may be one."""
    assert old in SENDER
    path = tmp_path / "email.yaml"
    path.write_text(SENDER.replace(old, new), encoding="utf-8")
    (file,) = run("validate", path, "--format", "json").json["files"]
    assert [found["hint"] for found in file["findings"] if found["rule"] == "MW401"] == ([hint] if hint else [])
    assert any(found["severity"] == "error" for found in file["findings"])


def test_markup_in_a_secret_is_not_to_be_written_otherwise_but_not_at_all(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "email.yaml"
    path.write_text(SENDER.replace("$env{MAILWRIGHT_P}", "<![CDATA[R&D]]>"), encoding="utf-8")
    (file,) = run("validate", path, "--format", "json").json["files"]
    (hint,) = (found["hint"] for found in file["findings"] if found["rule"] == "MW412")
    assert hint == "leave the markup out; a secret is best written as a reference"
