"""How a text is written in YAML: where each of its characters stands, in every style, and which block says it."""

from __future__ import annotations

import json

import pytest

from mailwright.base.places import Source
from mailwright.manifests.edits import Draft
from mailwright.manifests.embedded import read_embedded
from mailwright.manifests.kustomize import NamedFile, generated
from mailwright.manifests.nodes import Mapping, Scalar, read_stream
from mailwright.manifests.scalars import as_block, fits_block, layout_of

WRITTEN = {
    "literal": ("|\n  a\n\n  b\n", "a\n\nb\n"),
    "stripped": ("|-\n  a\n\n  b\n\n", "a\n\nb"),
    "kept": ("|+\n  a\n\n\n", "a\n\n\n"),
    "deeper lines": ("|\n  a\n    b\n  c\n", "a\n  b\nc\n"),
    "indent said": ("|2\n    a\n  b\n", "  a\nb\n"),
    "indent and chomping said": ("|2-\n    a\n", "  a"),
    "chomping and indent said": ("|-2\n    a\n", "  a"),
    "a comment": ("| # all\n  a\n", "a\n"),
    "blank lines first": ("|\n\n  \n  a\n", "\n\na\n"),
    "blanks in a blank line": ("|\n  a\n     \n  b\n", "a\n   \nb\n"),
    "folded": (">\n  a\n  b\n\n  c\n    d\n  e\n", "a b\nc\n  d\ne\n"),
    "folded, stripped": (">-\n  a\n  b\n", "a b"),
    "folded, kept": (">+\n  a\n\n", "a\n\n"),
    "plain": ("a b", "a b"),
    "plain, over lines": ("a\n  b\n\n  c", "a b\nc"),
    "single": ("'a ''b'' c'", "a 'b' c"),
    "single, over lines": ("'a\n  b\n\n  c '", "a b\nc "),
    "double": ('"a\\tb\\x41\\u00e9\\U0001F600\\\\\\"/"', 'a\tbA\u00e9\U0001f600\\"/'),
    "double, over lines": ('"a\n  b\n\n\n  c\\\n   d\\\n\n   e"', "a b\n\ncd\ne"),
    "two escapes, one character": ('"\\ud83d\\ude00x"', "\U0001f600x"),
    "CRLF": ("|\r\n  a\r\n\r\n  b\r\n", "a\n\nb\n"),
    "CRLF, double": ('"a\r\n  b\r\n\r\n  c"', "a b\nc"),
}


def scalar_of(text: str) -> Scalar:
    (document,) = read_stream(Source("", text))
    assert isinstance(document, Mapping)
    found = document.own("k")
    assert isinstance(found, Scalar)
    return found


@pytest.mark.parametrize("name", WRITTEN)
def test_where_each_character_stands(name: str) -> None:
    written, text = WRITTEN[name]
    for whole in (f"k: {written}", f"k: {written}\nlast: x\n" if written[-1] != "\n" else f"k: {written}last: x\n"):
        layout = layout_of(whole, scalar_of(whole))
        assert layout is not None
        assert layout.text == text
        raws = [layout.raw(offset) for offset in range(len(text))]
        assert raws == sorted(set(raws)), "each has a place of its own, in their order"
        for offset, raw in enumerate(raws):
            assert layout.offset(raw) == offset
            stands = whole[raw]
            blank = text[offset] in " \n" and stands in "\r\n \\"
            assert stands == text[offset] or stands == "\\" or blank, (offset, whole[raw:])
        assert whole[layout.end :].lstrip("\r\n ") == ("last: x\n" if "last" in whole else "")


def test_where_the_rest_of_a_text_stands() -> None:
    whole = 'k: "deployment.toml=a\\nb"\n'
    layout = layout_of(whole, scalar_of(whole))
    assert layout is not None
    rest = layout.behind(len("deployment.toml="))
    assert (rest.text, [whole[rest.raw(at)] for at in range(3)]) == ("a\nb", ["a", "\\", "b"])


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("a\nb\n", "|\n  a\n  b"),
        ("a\n\nb", "|-\n  a\n\n  b"),
        ("a\n\n\n", "|+\n  a\n\n"),
        (" a\n", "|2\n   a"),
        ("\ta\n", "|2\n  \ta"),
        ("\n\na\n", "|2\n\n\n  a"),
        ("\n\n", None),
        ("", None),
        ("a\rb", None),
        ("a\x00", None),
        ("\ufeffa", None),
        ("a\u2028", None),
    ],
)
def test_a_text_as_a_block(text: str, block: str | None) -> None:
    assert as_block(text, 2, 0) == block
    if block is not None:
        assert scalar_of(f"k: {block}\n").value == text
        assert as_block(text, 2, 0, "\r\n") == block.replace("\n", "\r\n")
    assert as_block(text, 2, 2) is None
    assert as_block(" a", 12, 2) is None
    assert as_block(" a", 11, 2) is not None


@pytest.mark.parametrize(
    ("header", "text", "fits"),
    [
        ("|", "b\n", True),
        ("|", "b", False),
        ("|", "b\n\n", False),
        ("|-", "b", True),
        ("|-", "b\n", False),
        ("|+", "b\n\n", True),
        ("|+", "b", False),
        ("|", " b\n", False),
        ("|", "\tb\n", False),
        ("|", "\nb\n", False),
        ("|2", " b\n", True),
        ("|", "b\x07\n", False),
    ],
)
def test_what_fits_a_block(header: str, text: str, fits: bool) -> None:
    whole = f"k: {header}\n  a\n"
    layout = layout_of(whole, scalar_of(whole))
    assert layout is not None
    assert fits_block(whole, layout, text) is fits


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ("m: {a: b}\n", "new", "x", 'm: {"new": "x", a: b}\n'),
        ("m: { a: b }\n", "new", "x", 'm: { "new": "x", a: b }\n'),
        ("m: {}\n", "new", "x", 'm: {"new": "x"}\n'),
        ("m:\n  a: b\n", "new", {"inner": "x"}, 'm:\n  new:\n    inner: "x"\n  a: b\n'),
        ("m:\r\n  a: b\r\n", "new", "x", 'm:\r\n  new: "x"\r\n  a: b\r\n'),
        ("m: {l: [a]}\n", "l", ["x"], 'm: {l: ["x", a]}\n'),
        ("m: {l: []}\n", "l", ["x"], 'm: {l: ["x"]}\n'),
        ("m:\n  l:\n  - a\n", "l", ["x"], 'm:\n  l:\n  - "x"\n  - a\n'),
        ("m:\n  a: &x 'old' # c\n", "a", "new", 'm:\n  a: &x "new" # c\n'),
        ("m:\n  a: |\n    old\n\n\n  z: 1\n", "a", "new", 'm:\n  a: "new"\n\n\n  z: 1\n'),
        ("m:\n  a: NULL\n", "a", ["x"], 'm:\n  a: ["x"]\n'),
        ("m:\n  a: x\n", "a", "x", "m:\n  a: x\n"),
    ],
)
def test_where_an_entry_goes(before: str, path: str, value: object, after: str) -> None:
    source = Source("m", before)
    documents = read_stream(source)
    draft, whole = Draft(source, documents), documents[0]
    assert isinstance(whole, Mapping)
    owner = whole.own("m")
    assert isinstance(owner, Mapping)
    draft.put(owner, path, value)  # type: ignore[arg-type]
    assert draft.finished() == after


def test_a_literal_of_a_kustomization_is_found_with_its_name() -> None:
    text = (
        'configMapGenerator:\n- name: is-conf\n  literals: ["deployment.toml=a = 1"]\n  files: [conf/deployment.toml, x.toml]\n'
    )
    named, literal = generated(Source("kustomization.yaml", text))
    assert isinstance(named, NamedFile)
    assert named.path == "conf/deployment.toml"
    assert not isinstance(literal, NamedFile)
    assert (literal.name, literal.text, text[literal.end :]) == (
        "is-conf",
        "a = 1",
        "]\n  files: [conf/deployment.toml, x.toml]\n",
    )


def test_what_holds_files_without_being_a_list() -> None:
    """A kind whose objects have items of their own is no list of objects; a merge key gives what is not there, from several too."""
    held = {"kind": "ConfigMap", "data": {"deployment.toml": "a = 1\n"}}
    assert [each.text for each in read_embedded(Source("", json.dumps({"kind": "ConfigMapList", "items": [held]})))] == [
        "a = 1\n"
    ]
    assert read_embedded(Source("", json.dumps({"kind": "Menu", "items": [held]}))) == ()
    merged = "x: &x {kind: ConfigMap}\ny: &y {data: {deployment.toml: 'a = 1'}}\n<<: [*x, *y]\n"
    assert [each.text for each in read_embedded(Source("", merged))] == ["a = 1"]
