"""docs/product: every fact with its evidence, every citation in the repository leads to one, ``explain`` prints it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailwright.product.facts import CITATION, INDEX, Fact, cited, fact, facts_of, linked, numbered, page_text, pages, parse
from mailwright.rules.catalogue import CATALOGUE
from mailwright.rules.pages import load_page
from mailwright.verification.codes import BASIS, CODES
from product_files import ROOT
from products import load_adapter

if TYPE_CHECKING:
    from commands import Run

DOCS = ROOT / "docs" / "product"
PAGES = [name for name in pages() if name != INDEX]
FACTS = [each for page in PAGES for each in facts_of(page).values()]
WRITTEN = {".md", ".py", ".json", ".j2", ".yml", ".yaml", ".toml", ".txt", ".cfg", ""}
OLD = re.compile(r"\bfacts [0-9]")
"""How facts were cited before they had anchors."""


def files() -> Iterator[Path]:
    """Yield every text file of the project, as far as git knows it; all below the top folders where it is no clone, or there is no git."""
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout if shutil.which("git") else ""
    names = (
        [ROOT / name for name in listed.split("\0") if name]
        if listed
        else [
            path for top in ROOT.iterdir() if not top.name.startswith(".") for path in (top.rglob("*") if top.is_dir() else [top])
        ]
    )
    yield from (
        path for path in names if path.suffix in WRITTEN and path.is_file() and "data" not in path.relative_to(ROOT).parts
    )


def test_there_are_facts() -> None:
    assert len(FACTS) > 500
    assert len(PAGES) > 10


@pytest.mark.parametrize("page", PAGES)
def test_every_fact_has_its_evidence_releases_and_source(page: str) -> None:
    assert facts_of(page)
    for each in facts_of(page).values():
        assert re.match(r"[CRTD?](?:[/,] ?[CRTD?])*(?:;|$)", each.evidence), each
        assert each.releases, each
        assert each.source, each
        assert len(each.text) > 4, each
        assert "<a id" not in each.text, each


@pytest.mark.parametrize("page", PAGES)
def test_every_anchor_is_one_fact_and_no_heading_has_its_name(page: str) -> None:
    text = page_text(page)
    anchors = re.findall(r'<a id="([^"]+)"></a>', text)
    assert [f"product/{page}#{anchor}" for anchor in anchors] == list(facts_of(page))
    headings = {slug(title) for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    assert not headings & set(anchors), "GitHub and MkDocs would lead to the heading"


def slug(title: str) -> str:
    return re.sub(r"[^a-z0-9 _-]", "", title.lower()).strip().replace(" ", "-")


def test_an_anchor_that_stands_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = '- <a id="a"></a>One. *(C · all · x)*\n- <a id="a"></a>Two. *(C · all · x)*\n'
    monkeypatch.setattr("mailwright.product.facts.page_text", lambda _: text)
    with pytest.raises(ValueError, match="stands twice"):
        facts_of.__wrapped__("made-up.md")


def test_paragraphs_items_and_rows() -> None:
    text = """# Title

*Unless a fact says otherwise: (C · all releases · [x]).*

## One

<a id="a"></a>A **bold** paragraph
over two lines, with `**code**` and a [link](y.md#z). *(R)*

## Two

*Unless a fact says otherwise: (D · 7.x · y).*

- <a id="b"></a>An item. *(R/D · 7.2.0)*

| Case | Result | Evidence |
|---|---|---|
| <a id="c"></a>`a\\|b` | works | ? · 6.x · [cm:X][cm] |
| <a id="d"></a>nothing | | |
| <a id="q"></a>Is it? | [probably `[]`](y.md#z) | |

| # | What | v1 | v2 |
|---|---|---|---|
| <a id="e"></a>1 | it is | yes | no |
| <a id="f"></a>2 | it was | yes | |

## Three

<a id="g"></a>The page's line holds again.
"""
    assert list(parse("p.md", text)) == [
        Fact("product/p.md#a", "A bold paragraph over two lines, with `**code**` and a link.", "R", "all releases", "[x]"),
        Fact("product/p.md#b", "An item.", "R/D", "7.2.0", "y"),
        Fact("product/p.md#c", "`a|b`: works", "?", "6.x", "cm:X"),
        Fact("product/p.md#d", "nothing", "D", "7.x", "y"),
        Fact("product/p.md#q", "Is it? probably `[]`", "D", "7.x", "y"),
        Fact("product/p.md#e", "1. it is. v1: yes. v2: no", "D", "7.x", "y"),
        Fact("product/p.md#f", "2. it was. v1: yes", "D", "7.x", "y"),
        Fact("product/p.md#g", "The page's line holds again.", "C", "all releases", "[x]"),
    ]


@pytest.mark.parametrize("page", pages())
def test_every_link_and_every_short_name_leads_somewhere(page: str) -> None:
    text = page_text(page)
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"^\[[^\]]+\]: (\S+)$", text, re.MULTILINE)
    for target in targets:
        name, _, anchor = target.partition("#")
        there = (DOCS / (name or page)).read_text(encoding="utf-8")
        slugs = {slug(title) for title in re.findall(r"^#+ (.+)$", there, re.MULTILINE)}
        assert not anchor or f'<a id="{anchor}"></a>' in there or anchor in slugs, f"{page}: {target}"
    defined = {name.lower() for name in re.findall(r"^\[([^\]]+)\]: ", text, re.MULTILINE)}
    index = set(re.findall(r'<a id="([^"]+)"></a>', page_text(INDEX)))
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    used = set(re.findall(r"(?<![\]\\])\[([a-z0-9]+)\](?![(:\[])", prose))
    assert used <= defined, page
    assert defined <= index, page


def test_the_index_leads_to_every_page() -> None:
    assert set(re.findall(r"\]\(([a-z-]+\.md)\)", page_text(INDEX))) == set(PAGES)


def test_every_citation_in_the_repository_leads_to_a_fact() -> None:
    """Code, schemas, rules, messages, pages and tests."""
    known, seen, wrong = {each.citation for each in FACTS}, 0, []
    for path in files():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for citation in CITATION.findall(line):
                seen += 1
                if citation not in known and path != Path(__file__):
                    wrong.append(f"{path.relative_to(ROOT)}:{number}: {citation}")
            if OLD.search(line):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: a section of the old collection: {line.strip()[:80]}")
    assert not wrong, "\n".join(wrong)
    assert seen > 600


def test_what_is_said_of_a_key_or_by_a_rule_stands_on_facts() -> None:
    adapter = load_adapter()
    for key in adapter.values():
        assert cited(key.source), key.name
    for key in adapter.listed.values():  # or on this project's own measurement, or on JavaMail's documentation
        assert cited(key.source) or "JavaMail" in key.source, key.name
    # The other rules speak of files and specs, not of the product.
    without = {name for name in CATALOGUE if not cited(load_page(name).why)}
    assert len(without) < len(CATALOGUE) / 3, without
    assert set(BASIS) <= set(CODES)
    assert all(cited(*citations) for citations in BASIS.values())


def test_numbers_in_the_place_of_citations() -> None:
    one, two = "product/xml.md#ampersand", "product/xml.md#less-than"
    facts = cited(f"{one} {two}")
    assert numbered(f"So it is ({one}, {two}); and ({two}; measured), as {one} says.", facts) == (
        "So it is [1, 2]; and ([2]; measured), as [1] says."
    )
    assert linked(f"({one})", "..") == "([xml.md#ampersand](../product/xml.md#ampersand))"


def test_a_fact_that_is_not_there() -> None:
    for citation in ("product/xml.md#no-such-anchor", "product/no-such-page.md#a", "product/../index.md#a"):
        with pytest.raises(KeyError):
            fact(citation)


@pytest.mark.parametrize("path", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda path: path.name)
def test_every_link_between_our_pages_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s:]+)\)", path.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        there = (path.parent / name) if name else path
        assert there.exists(), target
        if anchor and there.suffix == ".md":
            text = there.read_text(encoding="utf-8")
            slugs = {slug(title) for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
            assert f'<a id="{anchor}"></a>' in text or anchor in slugs, target


# -- explain


@pytest.mark.parametrize("name", ["hostname", "mail.smtp.ssl.trust", "MW202", "starttls-opportunistic"])
def test_explain_prints_the_facts_and_where_to_read_on(name: str, run: Run) -> None:
    result = run("explain", name)
    citations = CITATION.findall(result.stdout)
    assert result.code == 0
    assert citations
    for citation in citations:
        assert fact(citation).text in result.stdout
        assert f"`mailwright explain {citation.partition('#')[0]}`" in result.stdout


def test_explain_of_every_name_prints_each_fact_once(run: Run) -> None:
    adapter = load_adapter()
    for name in (*adapter, *adapter.listed, *CATALOGUE, *CODES):
        text = run("explain", name).stdout
        assert OLD.search(text) is None
        assert len(CITATION.findall(text)) == len(set(CITATION.findall(text))), name


def test_explain_of_a_fact_and_of_a_page(run: Run) -> None:
    result = run("explain", "product/api.md#nsm-65010")
    assert result.stdout.startswith("PUT of an unknown name. Status: 400. Code: `NSM-65010`\n  C; 6.0.0+; ")
    assert run("explain", "docs/product/api.md#nsm-65010").stdout == result.stdout
    assert run("explain", "api.md#nsm-65010").stdout == result.stdout, "as docs/reference shows a citation"
    assert run("explain", "product/api.md").stdout.rstrip() == page_text("api.md").rstrip()
    assert run("explain", "product").stdout.rstrip() == page_text(INDEX).rstrip()
    wrong = run("explain", "product/api.md#nsm-6501")
    assert (wrong.code, "product/api.md#nsm-65010" in wrong.stderr) == (2, True)
    assert "product/xml.md" in run("explain", "product/xlm.md").stderr
    assert run("explain", "product/../secret").code == 2
