"""The documentation as a site: ``make docs``.

The pages are written for a code host. There a link may lead to any file of the checkout, a list needs no blank line before it, and a file's
name stands in a comment. Here they become what the site's generator reads. A file outside docs/ that a page links to becomes a page of the
site, at the same path.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

HOME = "index.md"
LINK = re.compile(r"(\]\()([^)#\s]+)((?:#[^)\s]*)?\))")
FENCE = re.compile(r"^(\s*)(`{3,}|~{3,})")
ITEM = re.compile(r"^(\s*)([-*]|\d+\.)(\s+)")
LANGUAGES = {".py": "python", ".yml": "yaml", ".yaml": "yaml", ".toml": "toml", ".json": "json", ".txt": "text", ".in": "text"}


def address(path: str, root: Path) -> str:
    """Return where on the site a file or a folder of the checkout is; *path* is relative to the root."""
    if path == "README.md":
        return HOME
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    if (root / path).is_dir():
        path += "/README.md"
    return path if path.endswith((".md", ".svg", ".png")) else f"{path.removeprefix('.')}.md"  # what begins with a dot is hidden


def origin(uri: str, root: Path) -> str:
    """Return the path in the checkout of a page of the site: the reverse of ``address``."""
    if uri == HOME:
        return "README.md"
    return f"docs/{uri}" if (root / "docs" / uri).exists() else uri


def links(path: str, text: str) -> Iterator[str]:
    """Yield the files and folders of the checkout that a page links to, relative to the root."""
    for line, code in _lines(text):
        for match in () if code else LINK.finditer(line):
            if ":" not in match[2]:
                yield posixpath.normpath(posixpath.join(posixpath.dirname(path), match[2]))


def write_sources(root: Path, folder: Path) -> dict[str, Any]:
    """Write the site's pages as the generator reads them; return its configuration.

    Args:
        root: The checkout.
        folder: Where the pages go; it is made anew.
    """
    config: dict[str, Any] = yaml.safe_load((root / "mkdocs.yml").read_text(encoding="utf-8"))
    shutil.rmtree(folder, ignore_errors=True)
    pages = _pages(root, config["nav"])
    for uri, (path, text) in pages.items():
        (folder / uri).parent.mkdir(parents=True, exist_ok=True)
        (folder / uri).write_text(_adapted(text, path, uri, root), encoding="utf-8")
    for file in (root / "docs").rglob("*"):
        if file.suffix in (".svg", ".png", ".js", ".css"):
            (folder / file.relative_to(root / "docs")).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, folder / file.relative_to(root / "docs"))
    config["nav"] = list(_filled(config["nav"], sorted(pages), set(_uris(config["nav"]))))
    return config


def _pages(root: Path, nav: Any) -> dict[str, tuple[str, str]]:
    """Return every page of the site: its place in the checkout, and its text."""
    named = [origin(uri, root) for uri in _uris(nav) if not uri.endswith("*")]
    pending = [*named, *(file.relative_to(root).as_posix() for file in sorted((root / "docs").rglob("*.md")))]
    pages: dict[str, tuple[str, str]] = {}
    while pending:
        path = pending.pop()
        uri = address(path, root)
        if uri in pages or not uri.endswith(".md"):
            continue
        where, text = _page(root, path)
        pages[uri] = where, text
        pending += [each for each in links(where, text) if (root / each).exists()]
    return pages


def _page(root: Path, path: str) -> tuple[str, str]:
    """Return a page's place and text: a folder's is its README, or else its files; a file that is no page is shown as it is."""
    where = root / path
    if where.is_dir() and (where / "README.md").is_file():
        path, where = f"{path}/README.md", where / "README.md"
    if where.suffix == ".md":
        return path, where.read_text(encoding="utf-8")
    parts = [f"# {path}\n"]
    for file in sorted(file for file in where.rglob("*") if file.is_file()) if where.is_dir() else [where]:
        if file != where:
            parts.append(f"## {file.relative_to(where).as_posix()}\n")
        parts.append(f"````{LANGUAGES.get(file.suffix, 'text')}\n{file.read_text(encoding='utf-8')}````\n")
    return path, "\n".join(parts)


def _uris(nav: Any) -> Iterator[str]:
    """Yield the pages that the navigation names, and its patterns."""
    for entry in nav:
        for value in entry.values() if isinstance(entry, dict) else [entry]:
            if isinstance(value, str):
                yield value
            else:
                yield from _uris(value)


def _filled(nav: Any, pages: list[str], named: set[str]) -> Iterator[Any]:
    """Yield the navigation with ``FOLDER/*`` replaced by the folder's other pages; ``*`` takes all that are left."""
    for entry in nav:
        if isinstance(entry, dict):
            yield {
                title: value if isinstance(value, str) else list(_filled(value, pages, named)) for title, value in entry.items()
            }
        elif entry.endswith("*"):
            folder = entry.removesuffix("*")
            found = sorted(uri for uri in pages if uri.startswith(folder) and uri not in named)
            named.update(found)
            yield from found
        else:
            yield entry


def _adapted(text: str, path: str, uri: str, root: Path) -> str:
    """Return a page as Python-Markdown reads it."""
    return "\n".join(_nested(_titled(_linked(text, path, uri, root)))) + "\n"


def _linked(text: str, path: str, uri: str, root: Path) -> Iterator[tuple[str, bool]]:
    """Yield the lines, links leading to the site's pages."""

    def lead(match: re.Match[str]) -> str:
        if ":" in match[2]:
            return match[0]
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), match[2]))
        return match[1] + posixpath.relpath(address(target, root), posixpath.dirname(uri) or ".") + match[3]

    for line, code in _lines(text):
        yield (line if code else LINK.sub(lead, line)), code


def _lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each line, and whether it belongs to a fenced block."""
    fence = ""
    for line in text.splitlines():
        match = FENCE.match(line)
        if fence:
            yield line, True
            fence = "" if match and match[2].startswith(fence) and line.strip() == match[2] else fence
        else:
            fence = match[2] if match else ""
            yield line, bool(match)


def _titled(lines: Iterator[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """Yield the lines; the name of a file, in a comment before its block, becomes the block's title."""
    name = ""
    for line, code in lines:
        match = re.fullmatch(r"<!-- file: (\S+) -->", line)
        if match:
            name = match[1]
        else:
            yield (f'{line} title="{name}"' if name and code else line), code
            name = ""


def _nested(lines: Iterator[tuple[str, bool]]) -> Iterator[str]:
    """Yield the lines; a list has a blank line before it, and each level of it four more blanks."""
    levels: list[int] = []  # where the text of each open item begins
    before = ""
    for line, code in lines:
        indent = len(line) - len(line.lstrip())
        item = None if code else ITEM.match(line)
        if line.strip() and not (code and levels and indent >= levels[-1]):
            while levels and indent < levels[-1] and (item or not before.strip() or code):
                levels.pop()
        depth = len(levels)
        text = line[min(indent, levels[-1] if levels else 0) :]
        if item:
            if before.strip() and not levels and not ITEM.match(before):
                yield ""
            levels.append(item.end())
            text = line.lstrip()
        yield "    " * depth + text if line.strip() else ""
        before = line


def build(root: Path, site: Path) -> int:
    """Build the site into a folder, which is made anew; return the exit code of the generator, which fails on every warning."""
    work = root / "build" / "site"
    config = write_sources(root, work / "docs") | {"docs_dir": "docs", "site_dir": "html"}
    (work / "mkdocs.yml").write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True), encoding="utf-8")
    command = [Path(sys.executable).parent / "zensical", "build", "--clean", "--strict", "-f", "mkdocs.yml"]
    done = subprocess.run(command, cwd=work, check=False)  # noqa: S603
    if done.returncode == 0:
        shutil.rmtree(site, ignore_errors=True)
        shutil.move(work / "html", site)
    return done.returncode


if __name__ == "__main__":
    here = Path(__file__).resolve().parents[1]
    sys.exit(build(here, here / "site"))
