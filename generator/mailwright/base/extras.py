"""What an extra of the package is made of, for hints.

A hint names those packages, never this one: who installs a name from an index gets whatever stands there under it, and that this package
does is not certain (docs/release.md).
"""

from __future__ import annotations

import re


def installing(extra: str) -> str:
    """Return the command that installs what an extra brings, e.g. ``pip install 'httptools>=0.6.4'``.

    Without metadata, as in a checkout that is not installed, it says where the list is.
    """
    from importlib.metadata import PackageNotFoundError, requires

    try:
        declared = requires("mailwright") or []
    except PackageNotFoundError:
        declared = []
    ours = re.compile(rf"""\s*([^;]+?)\s*;\s*extra == ['"]{extra}['"]""")
    named = [match[1] for match in map(ours.fullmatch, declared) if match]
    if not named:
        return f"install what pyproject.toml lists for the extra `{extra}`"
    return "pip install " + " ".join(f"'{name}'" for name in named)
