"""The documentation as a site: built without a warning, no link leads nowhere, a browser reads and searches it without a network."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

from peers import find, require

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
NOT_LOADED = {"canonical", "next", "prev", "alternate", "edit"}


class _Page(HTMLParser):
    """What a page refers to: ``links`` lead somewhere, ``loaded`` is fetched by the browser, ``names`` can be led to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links, self.loaded, self.names = list[str](), list[str](), set[str]()
        text = path.read_text(encoding="utf-8")
        self.loaded += re.findall(r"url\(([^)]+)\)", text)
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        self.names |= {values[name] for name in ("id", "name") if name in values}
        address = values.get(LOADED.get(tag, ""))
        if address is not None and values.get("rel") not in NOT_LOADED:
            self.loaded.append(address)
        elif tag == "a" and "href" in values:
            self.links.append(values["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built from a copy of what it is made of."""
    pytest.importorskip("zensical", reason="no generator of sites: it comes with the `docs` extra")
    root = tmp_path_factory.mktemp("checkout")
    made = (".git", ".venv*", "venv", "site", "build", "dist", "__pycache__", ".*_cache", ".mutants", ".hypothesis")
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*made), dirs_exist_ok=True)
    done = built(root)
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "site"


def built(root: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, root / "docs" / "site.py"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=200, check=False)


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, _Page]:
    return {path: _Page(path) for path in site.rglob("*.html")}


def dead(pages: dict[Path, _Page], site: Path) -> Iterator[tuple[str, str]]:
    """Yield each link that leads to no file of the site, or to no place in it."""
    for path, page in pages.items():
        for link in page.links + page.loaded:
            address = urlsplit(link)
            if address.scheme or address.netloc or path.name == "404.html":
                continue
            target = (path.parent / unquote(address.path)).resolve() if address.path else path
            place = unquote(address.fragment)
            if not target.is_file() or (place and target in pages and place not in pages[target].names):
                yield str(path.relative_to(site)), link


def test_no_link_leads_nowhere(pages: dict[Path, _Page], site: Path) -> None:
    assert len(pages) > 120
    assert sum(len(page.links) for page in pages.values()) > 5000
    assert list(dead(pages, site)) == []


def test_a_dead_link_would_be_found(pages: dict[Path, _Page], site: Path) -> None:
    home = pages[site / "index.html"]
    wrong = ["verify.html#no-such-place", "no-such-page.html"]
    home.links += wrong
    assert [link for _, link in dead(pages, site)] == wrong
    del home.links[-2:]


def test_nothing_is_loaded_from_elsewhere(pages: dict[Path, _Page], site: Path) -> None:
    loaded = {address for page in pages.values() for address in page.loaded}
    assert len(loaded) > 5
    assert [
        address for address in loaded if re.match(r"\w+:(?!image/)|//", address.strip("'\"")) and not address.startswith("data:")
    ] == []
    for style in site.rglob("*.css"):
        assert re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^)]*", style.read_text(encoding="utf-8")) == []


def test_every_page_of_the_documentation_is_there(site: Path) -> None:
    wanted = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    wanted = {path.with_name("index.html") if path.name == "README.html" else path for path in wanted}
    assert [str(path) for path in sorted(wanted) if not (site / path).is_file()] == []
    for name in ("CHANGELOG", "SECURITY", "CONTRIBUTING"):
        assert (site / f"{name}.html").is_file()


def test_lists_and_files_are_as_a_code_host_shows_them(site: Path) -> None:
    adoption = (site / "adoption.html").read_text(encoding="utf-8")
    assert re.search(r"<ol>\s*<li>(?:(?!</?ol>).)*<ul>\s*<li>(?:(?!</?ol>).)*</ul>\s*</li>", adoption, re.DOTALL), (
        "a list within a list"
    )
    assert '<span class="filename">deployment.toml</span>' in adoption


@pytest.mark.network
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_browser_searches_it_without_a_network(site: Path) -> None:
    require("chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find("chromium"), args=arguments)
        page: Page = browser.new_page()
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto((site / "index.html").as_uri())
        page.keyboard.press("/")
        field = page.get_by_placeholder("Search").last
        field.wait_for(timeout=120_000)
        field.fill("checkserveridentity")
        page.locator("a[href*='MW304.html?h=']").first.wait_for(timeout=120_000)
        browser.close()
    assert [address for address in asked if not address.startswith(("file:", "data:", "blob:"))] == []
    assert said == []
