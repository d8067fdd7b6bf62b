"""The one door to packaged data: the schemas, the templates, the pages on the product, the Ansible collection, the demo's files.

In a wheel they lie in ``mailwright/_data``; in a checkout (and so in an editable install) at the top level, where people edit
them. Nothing else in the package builds a path to them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

REPOSITORY = "https://github.com/mailwright/mailwright"
"""Where this package is made, and its pages can be read."""

_PACKAGE = Path(__file__).resolve().parents[1]


@cache
def root() -> Path:
    """Return the folder that holds ``schema``, ``templates``, ``docs``, ``ansible`` and ``examples``.

    Raises:
        FileNotFoundError: the installation is damaged: neither folder exists.
    """
    packaged = _PACKAGE / "_data"
    if packaged.is_dir():
        return packaged
    checkout = _PACKAGE.parents[1]
    if (checkout / "schema" / "adapter.schema.json").is_file():
        return checkout
    raise FileNotFoundError(f"mailwright's data files are missing: looked in {packaged} and {checkout}")


def path(*parts: str) -> Path:
    """Return the path of a packaged file or folder, e.g. ``path("schema", "adapter.schema.json")``."""
    return root().joinpath(*parts)


def page_url(*parts: str) -> str:
    """Return the address of a file of the repository, e.g. ``page_url("docs", "rules", "MW302.md")``."""
    return "/".join((REPOSITORY, "blob", "main", *parts))


def read_text(*parts: str) -> str:
    """Return a packaged text file."""
    return path(*parts).read_text(encoding="utf-8")
