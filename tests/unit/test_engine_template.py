"""Phase 8 of the engine's model: what the template engine makes of values.

product/xml.md#template-pass; Jinjava's scanner, tree and expressions.
"""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailwright.deployment import parse_deployment
from mailwright.engine import Abort
from mailwright.engine.effective import Outcome, effective
from mailwright.engine.template import interpret
from products import parse_release

VALUES: dict[tuple[str, ...], object] = {
    ("name",): "N",
    ("server", "host"): "h",
    ("server",): {"host": "h", "on": True},
    ("on",): True,
    ("zero",): 0,
    ("tiny",): 0.5,
    ("list",): ["a", 1],
    ("inner",): "<{{ name }}>",
    ("self",): "x{{ self }}",
    ("raw",): "{{ raw }}",
}


def rendered(text: str) -> str:
    return interpret(text, VALUES.get)


UNTOUCHED = {
    "plain": "a & <b> %} }} # {x}",
    "comment-alone": "a{#x#}b",
    "open-expression": "a{{q",
    "open-tag": "a{%x",
    "open-expression-at-end": "a{{",
    "open-tag-with-quote": "a{% 'x %} b",
    "single-braces": "{x} {y}",
    "closed-twice": "a}}b%}c",
    "brace-and-newline": "a{{\nb",
    "tag-of-three-characters": "a{%}b",
    "if-without-a-condition": "a{% if %}b{% endif %}c",
    "set-without-a-value": "a{% set x %}b",
    "raw-expression-of-itself": "{{ raw }}",
}


@pytest.mark.parametrize("text", UNTOUCHED.values(), ids=UNTOUCHED.keys())
def test_texts_that_survive(text: str) -> None:
    assert rendered(text) == text


RENDERED = {
    "unknown-name": ("a{{ word }}b", "ab"),
    "known-name": ("a{{ name }}b", "aNb"),
    "path": ("{{server.host}}", "h"),
    "path-beyond-a-text": ("{{ name.x.y }}", ""),
    "umlaut-name": ("a{{ ä }}b", "ab"),
    "dollar-name": ("a{{ $x }}b", "ab"),
    "empty-expression": ("a{{ }}b", "ab"),
    "map": ("{{ server }}", "{host=h, on=true}"),
    "list": ("{{ list }}", "[a, 1]"),
    "integer": ("{{ 12 }}", "12"),
    "double": ("{{ 1.5 }}", "1.5"),
    "text": ("{{ 'it\\'s' }}", "it's"),
    "true": ("{{ true }}{{ False }}", "truefalse"),
    "plus-with-blank": ("{{ 1 + 2 }}", "3"),
    "minus": ("{{ 3 - 5 }}", "-2"),
    "times": ("{{ 3 * 4 + 1 }}", "13"),
    "join": ("{{ name ~ 1 }}", "N1"),
    "plus-with-text": ("{{ 'a' + 1 }}", "a1"),
    "equal": ("{{ name == 'N' }}", "true"),
    "not-equal": ("{{ 1 != 2 }}", "true"),
    "closing-marks-in-a-text": ("{{ 'a}}b' }}", "a}}b"),
    "comment-with-expression": ("a{# x #}{{ name }}", "aN"),
    "unclosed-comment": ("{{ name }}a{# b", "Na"),
    "comment-of-one-mark": ("{{ name }}{#}b", "Nb"),
    "comment-inside-an-expression": ("{{ na{# c #}b", "{{ nab"),
    "expression-inside-a-tag": ("{% {{ x", "{% {{ x"),
    "backslash-before-the-end-of-a-quote": ("{{ name }}{{ '\\x", "N"),
    "value-is-interpreted-again": ("{{ inner }}", "<N>"),
    "if-true": ("a{% if on %}b{% endif %}c", "abc"),
    "if-false": ("a{% if zero %}b{% endif %}c", "ac"),
    "if-unknown": ("{% if nope %}b{% else %}c{% endif %}", "c"),
    "if-elif": ("{% if zero %}a{% elif name %}b{% else %}c{% endif %}", "b"),
    "if-text-false": ("{% if 'false' %}a{% else %}b{% endif %}", "b"),
    "if-half": ("{% if tiny %}a{% else %}b{% endif %}", "b"),
    "if-in-if": ("{% if on %}{% if zero %}a{% else %}b{% endif %}c{% endif %}", "bc"),
    "if-without-blanks": ("{%if on%}a{%endif%}", "a"),
    "if-in-capitals": ("{% IF on %}a{% ENDIF %}", "a"),
    "junk-before-the-tag": ("{% !if on %}a{% endif %}", "a"),
    "skipped-branch-is-not-evaluated": ("{% if zero %}{{ 1+1 }}{% endif %}a", "a"),
    "set": ("{% set x = name %}{{ x }}", "N"),
    "set-in-a-skipped-branch": ("{% if zero %}{% set name = 1 %}{% endif %}{{ name }}", "N"),
    "raw": ("{% raw %}{{ name }}{# c #}{% if %}{% endraw %}", "{{ name }}{# c #}{% if %}"),
    "raw-then-more": ("{% raw %}{{{% endraw %}{{ name }}", "{{N"),
    "blanks-before-a-tag-go": ("a \t{% if on %} b \t{% endif %} c", "a b c"),
    "blanks-before-an-end-of-raw-go": ("{% raw %}a {% endraw %}b", "ab"),
    "blanks-behind-an-expression-stay": ("{{ ' x ' }}{% if on %}{% endif %}", " x "),
    "newline-behind-a-tag-goes": ("{% if on %}\na\n{% endif %}\nb", "a\nb"),
    "newline-closes-an-open-mark": ("{\n{ a }}{{ name }}", "{\n{ a }}N"),
}


@pytest.mark.parametrize(("text", "expected"), RENDERED.values(), ids=RENDERED.keys())
def test_texts_that_change(text: str, expected: str) -> None:
    assert rendered(text) == expected


FATAL = {
    "one-plus-one": "{{1+1}}",
    "plus-before-a-digit": "{{ 1 +1 }}",
    "two-names": "{{ a b }}",
    "operator-alone": "{{ * }}",
    "no-right-side": "{{ 1 + }}",
    "odd-character": "{{ a@b }}",
    "bad-escape": r"{{ 'a\xb' }}",
    "unknown-tag": "{% nope %}",
    "unknown-tag-in-a-skipped-branch": "{% if zero %}{% nope %}{% endif %}",
    "tag-of-digits": "{% 12 %}",
    "no-end-tag": "{% if on %}a",
    "no-end-of-raw": "{% raw %}a",
    "error-in-a-value": "{{ name }}{{ 1+1 }}",
}


@pytest.mark.parametrize("text", FATAL.values(), ids=FATAL.keys())
def test_texts_that_end_the_start(text: str) -> None:
    with pytest.raises(Abort) as caught:
        rendered(text)
    assert caught.value.doubt is None


NOT_MODELLED = {
    "filter": "{{ name|upper }}",
    "call": "{{ name() }}",
    "index": "{{ list[0] }}",
    "division": "{{ 4 / 2 }}",
    "less": "{{ 1 < 2 }}",
    "condition": "{{ 1 if on else 2 }}",
    "not": "{{ not on }}",
    "equal-of-two-types": "{{ 1 == '1' }}",
    "list": "{{ [1] }}",
    "for": "{% for x in list %}{{ x }}{% endfor %}",
    "include": "{% include 'x' %}",
    "trim-mark": "{{- name }}",
    "trim-mark-of-a-tag": "a {%- if on %}b{% endif %}",
    "end-without-a-start": "a{% endif %}",
    "endless": "{{ self }}",
}


@pytest.mark.parametrize("text", NOT_MODELLED.values(), ids=NOT_MODELLED.keys())
def test_what_is_not_modelled_is_said_to_be_unsure(text: str) -> None:
    with pytest.raises(Abort) as caught:
        rendered(text)
    assert caught.value.doubt


# -- through the whole engine


def signature(value: str, more: str = "") -> tuple[Outcome, str | None]:
    toml = f"[output_adapter.email]\npassword = 'S3'\nsignature = '''{value}'''\n{more}"
    view = effective(parse_deployment(toml), parse_release("7.2.0"))
    return view.outcome, view.text_of("mail.smtp.signature")


def test_a_value_reads_other_keys() -> None:
    assert signature("{{ output_adapter.email.hostname }}:{{ output_adapter.email.port }}") == (Outcome.OK, "smtp.gmail.com:587")
    assert signature("{{ server.name }}", "[server]\nname = 'srv'\n") == (Outcome.OK, "srv")


def test_placeholders_come_first() -> None:
    assert signature("{{ '$ref{server.name}' }}", "[server]\nname = 'srv'\n") == (Outcome.OK, "srv")


def test_character_references_protect() -> None:
    assert signature("&#123;&#123; 1+1 &#125;&#125;&#36;env{X}") == (Outcome.OK, "{{ 1+1 }}$env{X}")


def test_keys_of_custom_properties_are_interpreted_too() -> None:
    toml = "[output_adapter.email.custom_properties]\n'a{{ x }}b' = '1'\n"
    view = effective(parse_deployment(toml), parse_release("7.2.0"))
    assert view.text_of("ab") == "1"


def test_a_reason_holds_nothing_of_the_value() -> None:
    toml = "[output_adapter.email]\npassword = '{{ can+ary }}{% canary %}'\n"
    view = effective(parse_deployment(toml), parse_release("7.2.0"))
    assert view.outcome is Outcome.ABORT
    assert "can" not in repr(view)


# -- anything at all

PIECES = [
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "raw",
    "endraw",
    " if ",
    "endif",
    "else",
    "set x=",
    " ",
    "\n",
    "'",
    '"',
    "\\",
    "a",
    "1",
    "+",
]
PIECES += ["-", "~", "*", ".", "{", "}", "#", "%", "name", "inner", "self", "|", "(", "é", "$"]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_text_is_rendered_or_refused(text: str) -> None:
    with suppress(Abort):
        out = rendered(text)
        assert out == text or "{{" in text or "{%" in text


HOSTILE = {
    "expressions": "{{" * 100_000,
    "closed-expressions": "{{ name }}" * 50_000,
    "tags-in-raw": "{% raw %}" + "{%" * 200_000,
    "blanks-in-raw": "{% raw %}" + ("{%" + " " * 500) * 500,
    "ifs": "{% if on %}" * 20_000 + "{% endif %}" * 20_000,
    "sums": "{{ 1" + " + 1" * 20_000 + " }}",
    "minuses": "{{ " + "1 - " * 5_000 + "1 }}",
    "signs": "{{ a" + " - -" * 20_000 + " 1 }}",
    "names": "{{ " + "a." * 50_000 + "a }}",
    "quotes": "{{ " + "'" * 200_001,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_values_end_in_time(text: str) -> None:
    begin = time.process_time()
    with suppress(Abort):
        rendered(text)
    assert time.process_time() - begin < 5


def test_values_that_insert_each_other_do_not_fill_the_memory() -> None:
    names = {(f"x{step}",): f"{{{{ x{step + 1} }}}}" * 10 for step in range(15)} | {("x15",): "lol"}
    with pytest.raises(Abort) as caught:
        interpret("{{ x0 }}", names.get)
    assert caught.value.doubt
