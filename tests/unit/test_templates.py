"""Texts made with Jinja2: what a filter says, what an undefined name does, what is escaped in HTML, where blanks stay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from mailwright.base import resources
from mailwright.rendering.templates import render_template, stream_template

Write = Callable[[str, str], Path]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ value|toml }}\n", "'a\"<é>'\n"),
        ("{{ value|json }}\n", '"a\\"<é>"\n'),
        ("{{ value }}", 'a"<é>'),
        ("{{ value|own('!') }}", 'a"<é>!'),
        ("  {% if value %}\n  x\n  {% endif %}\ny\n\n", "  x\ny\n\n"),
        ("é{# a comment #}\n\n", "é\n"),
    ],
)
def test_what_a_template_comes_to(template: str, text: str, write: Write) -> None:
    folder = write("a.j2", template).parent
    assert render_template("a.j2", folder=folder, filters={"own": lambda value, mark: value + mark}, value='a"<é>') == text


def test_what_is_not_there(write: Write) -> None:
    folder = write("a.j2", "{{ other }}").parent
    with pytest.raises(UndefinedError, match="'other' is undefined"):
        render_template("a.j2", folder=folder, value=1)
    with pytest.raises((FileNotFoundError, TemplateNotFound)):
        render_template("b.j2", folder=folder)


def test_html_is_escaped_but_for_what_is_ours(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("page.j2", "{{ theirs }}|{{ ours }}|{% for each in theirs %}{{ each }}{% endfor %}\n\n")
    monkeypatch.setattr(resources, "path", lambda *parts: path.parent if parts == ("templates",) else None)
    pieces = list(stream_template("page.j2", markup=["ours"], theirs="<&", ours="<b>"))
    assert "".join(pieces) == "&lt;&amp;|<b>|&lt;&amp;\n"
    assert len(pieces) > 1
    assert "".join(stream_template("page.j2", theirs="<", ours="<b>")) == "&lt;|&lt;b&gt;|&lt;\n"
