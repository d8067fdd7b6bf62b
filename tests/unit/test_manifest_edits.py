"""What is written into a manifest where its file says something else, and where places of the file stand: whole results, by table."""

from __future__ import annotations

from base64 import b64encode

import pytest

from mailwright.base.errors import SyntaxInput
from mailwright.base.places import Place, Source, Span
from mailwright.manifests import actions
from mailwright.manifests.embedded import Change, Embedded, read_embedded


def manifest(value: str, kind: str = "ConfigMap", key: str = "data", more: str = "") -> str:
    return f"kind: {kind}\n{more}{key}:\n  deployment.toml: {value}\nlast: x\n"


def embedded(text: str) -> Embedded:
    (found,) = read_embedded(Source("m.yaml", text))
    return found


def base64(text: str) -> str:
    return b64encode(text.encode("utf-8", "surrogateescape")).decode()


def applied(text: str, changes: list[Change]) -> str:
    for change in sorted(changes, key=lambda change: change.span, reverse=True):
        text = text[: change.span.start] + change.text + text[change.span.end :]
    return text


MANY = "".join(f"a{number} = 1\n" for number in range(5001))


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        ("|\n    a\n    b\n", "a\nc\n", "|\n    a\n    c\n"),
        ("|\n    a\n    b\n", "x\na\nb\n", "|\n    x\n    a\n    b\n"),
        ("|\n    a\n    b\n    c\n", "a\nc\n", "|\n    a\n    c\n"),
        ("|\n    a\n    b\n    a\n", "a\nb\nb\na\n", "|\n    a\n    b\n    b\n    a\n"),
        ("|\r\n    a\r\n    b\r\n", "a\nc\n", "|\r\n    a\r\n    c\r\n"),
        ("|\r    a\r    b\r", "a\nc\n", "|\r    a\r    c\r"),
        ("|\n    a\n", "a\n\n\nb\n", "|\n    a\n\n\n    b\n"),
        ("|\n    a\n", "a", "|-\n    a\n"),
        ("|-\n    a\n", "a\n", "|\n    a\n"),
        (">\n    a\n", "a\nb\n", "|\n    a\n    b\n"),
        ("|\n    a\n", "a\x07\n", '"a\\u0007\\n"\n'),
        ("'a'\n", "b\n", '"b\\n"\n'),
        ("a\n", "b", '"b"\n'),
        ('"a\\nb\\n"\n', "a\nc\n", '"a\\nc\\n"\n'),
        ('"\\na\\nb"\n', "\na\nc", '"\\na\\nc"\n'),
        ('"\\u0061\\nb"\n', "a\nb\nc", '"\\u0061\\nb\\nc"\n'),
        (f'"{MANY}"\n'.replace("\n", "\\n", 5001), MANY.replace("= 1", "= 2"), f'"{MANY}"\n'.replace("\n", "\\n", 5001).replace("= 1", "= 2")),
        ("a\n", "a", "a\n"),
    ],
)  # fmt: skip
def test_what_is_written(before: str, new: str, after: str) -> None:
    text = manifest(before)
    found = embedded(text)
    assert applied(text, found.rewritten(new)) == manifest(after)
    assert embedded(manifest(after)).text == new
    assert (found.written(new), found.encoded) == (new, False)
    plainly = applied(text, found.rewritten(new, plainly=True))
    assert embedded(plainly).text == new
    assert new == found.text or embedded(plainly).scalar.style == '"'


@pytest.mark.parametrize(
    ("kind", "key", "quote"), [("Secret", "data", ""), ("Secret", "data", '"'), ("ConfigMap", "binaryData", "'")]
)
def test_what_is_written_in_base64(kind: str, key: str, quote: str) -> None:
    text = manifest(f"{quote}{base64('a')}{quote}", kind, key)
    found = embedded(text)
    for new in ("b\n", "\udcff"):
        assert applied(text, found.rewritten(new)) == manifest(f"{quote}{base64(new)}{quote}", kind, key)
        assert found.written(new) == base64(new)
    assert found.rewritten("a") == []


@pytest.mark.parametrize(
    ("value", "old", "new", "edited"),
    [
        ("|\n    a = 1\n    b = 2\n", "1", "3", "|\n    a = 3\n    b = 2\n"),
        ("|\n    a = 1\n    b = 2\n", "1", "3\n4", None),
        ("|\n    a = 1\n    b = 2\n", "1\nb", "", None),
        ("|\n    a = 1\n    b = 2\n", "b", "c", None),
        ('"a = 1\\nb = 2"\n', "1", '"', '"a = \\"\\nb = 2"\n'),
        ('"a = 1\\nb = 2"\n', "1\nb", "1, b", '"a = 1, b = 2"\n'),
        ('"a = 1\\nb = 2"\n', "1", "3\n4", None),
        ("a = 1\n", "1", "3", None),
        ("'a = 1'\n", "1", "3", None),
    ],
)
def test_the_smallest_edit(value: str, old: str, new: str, edited: str | None) -> None:
    text = manifest(value)
    found = embedded(text)
    at = found.text.index(old)
    change = found.edit(Span(at, at + len(old)), new)
    assert (None if change is None else applied(text, [change])) == (None if edited is None else manifest(edited))


def test_places_of_the_text_are_moved() -> None:
    found = embedded(manifest("|\n    a = 1\n    b = 2\n"))
    for place, wanted in (
        (Place("m.yaml", 2, 5), Place("m.yaml", 5, 9)),
        (Place("m.yaml", 9, 1), Place("m.yaml", 3, 20)),
        (Place("other", 2, 5), Place("other", 2, 5)),
        (Place("m.yaml"), Place("m.yaml")),
    ):
        assert found.moved(place) == wanted
    assert [found.line(Place("m.yaml", line, 5)) for line in (4, 5)] == [1, 2]
    assert embedded(manifest(base64("a = 1"), "Secret")).line(Place("m.yaml", 3, 20)) == 0


@pytest.mark.parametrize(
    ("kind", "key", "hint"),
    [("Secret", "data", "`stringData` takes the text as it is"), ("ConfigMap", "binaryData", "`data` takes the text as it is")],
)
def test_what_is_no_base64(kind: str, key: str, hint: str) -> None:
    with pytest.raises(SyntaxInput) as caught:
        embedded(manifest("a = 1", kind, key))
    assert (caught.value.message, caught.value.hint, caught.value.place) == (
        "the value is no base64",
        hint,
        Place("m.yaml", 3, 20),
    )


@pytest.mark.parametrize(("kind", "value"), [("ConfigMap", "a"), ("Secret", base64("a"))])
def test_what_a_cluster_does_not_change(kind: str, value: str) -> None:
    for said, immutable in (("", False), ("immutable: true\n", True), ("immutable: false\n", False)):
        assert embedded(manifest(value, kind, more=said)).immutable is immutable


HELM_HINT = "`helm template RELEASE CHART | mailwright validate -` checks what it comes to"
JINJA_HINT = "render it first, and check the result: `mailwright validate -` reads it from a pipe"


@pytest.mark.parametrize(
    ("text", "wrong", "found"),
    [
        ("a: 1\nb: {{ .Values.x }}\n", (), ("a Helm template", Place("m", 2, 4), HELM_HINT)),
        ("a: 1\nb: {{ x }}\n", (2,), ("a template", Place("m", 2, 4), JINJA_HINT)),
        ("a: 1\nb: {% if x %}\n", (3,), ("a template", Place("m", 2, 4), JINJA_HINT)),
        ("a: 1\nb: {% if x %}\n", (4,), None),
        ("a: 1\nb: {{ x }}\n", (), None),
        ("a: 1\nb: {{ x }}\n", (1,), None),
        ("a: 1\nb: '{{ x }}'\n", (2,), None),
        ("{{ x }}\n{{ y }}\n", (2, 1), ("a template", Place("m", 1, 1), JINJA_HINT)),
    ],
)
def test_what_is_a_template(text: str, wrong: tuple[int, ...], found: tuple[str, Place, str] | None) -> None:
    source = Source("m", text)
    template = actions.unrendered(source, wrong)
    if found is None:
        assert template is None
    else:
        assert template is not None
        error = template.error(source)
        assert (template.what, error.place, error.hint) == found
        assert error.message == template.message == f"this is {found[0]}: what it says is known once it is rendered"
