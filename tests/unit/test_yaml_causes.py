"""YAML that does not read: what usually causes it is said, from the user's lines; no text of theirs is."""

from __future__ import annotations

import pytest

from mailwright.base.errors import InputError
from mailwright.base.places import Source
from mailwright.spec.yaml_reader import read_yaml

CAUSES = {
    "a:\n\tb: 1\n": "the indentation contains a tab",
    "a:\n  b: 1\n\tc: 1\n": "the indentation contains a tab",
    "a: @b\n": "begins with `@` must be in quotes",
    "a: %b\n": "begins with `%` must be in quotes",
    "a: *b\n": "begins with `*` must be in quotes",
    "a: *\n": "begins with `*` must be in quotes",
    "a: [*, x]\n": "begins with `*` must be in quotes",
    "a: !b c\n": "begins with `!` must be in quotes",
    "a: {{b}}\n": "begins with `{`",
    "a: zq: zq\n": "contains `: ` must be in quotes",
    "a: {p: $env{X}}\n": 'a reference must be in quotes: "$env{NAME}"',
    "a: [$file{x}, y]\n": 'a reference must be in quotes: "$env{NAME}"',
    'a: 1\nb: "zq\nc: 1\n': "look at line 2: is a quotation mark not closed?",
    "a: 1\nb: 'zq\nc: 1\n": "look at line 2: is a quotation mark not closed?",
    "a:\n  b: 1\n c: 2\n": "indented like its neighbours?",
    "a: 1\n  b: 2\n": "indented like its neighbours?",
    "a: 1\nb\nc: 2\n": "look at line 2: write a key as `key: value`",
    "a: 1\nb = zq\nc: 3\n": "look at line 2: write a key as `key: value`",
    "a: 1\nb:zq\nc: 3\n": "look at line 2: a space must follow the `:`",
    "a: [1, 2\nb: 3\n": "look at line 1: is a bracket not closed",
    "a: {b: 1\nc: 2\n": "look at line 1: is a bracket not closed",
    "a: 1\na: 2\n": "remove one of the two",
}


@pytest.mark.parametrize("text", CAUSES)
def test_the_usual_cause_is_told(text: str) -> None:
    with pytest.raises(InputError) as caught:
        read_yaml(Source("a.yaml", text))
    assert CAUSES[text] in (caught.value.hint or "")
    assert "zq" not in str(caught.value)
