"""The picture of a terminal in the README: it is what the commands in it show today, and it loads nothing."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from documents import ROOT, difference, plain

PICTURE = ROOT / "docs" / "pictures" / "terminal.svg"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.network
def test_the_picture_is_what_the_commands_show() -> None:
    """But for how long things took."""
    pytest.importorskip("pyte")
    from pictures import lines, screen

    said = ElementTree.parse(PICTURE).getroot().findtext(f"{SVG}desc") or ""
    now = "\n".join(lines(screen()))
    assert plain(said) == plain(now), "make pictures\n" + difference(plain(said), plain(now))


def test_the_picture_draws_what_it_says() -> None:
    root = ElementTree.parse(PICTURE).getroot()
    drawn = "".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    assert re.sub(r"\s", "", drawn).replace("mailwright", "", 1) == re.sub(r"\s", "", root.findtext(f"{SVG}desc") or "")


def test_the_picture_loads_nothing() -> None:
    text = PICTURE.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert re.findall(r"https?://|@import|url\((?!#)", text) == []
