"""Write the committed files that are made from others (``make generate``), or say which are stale (``--check``, for ``make check``).

What both the package and the collection need is the collection's, since that is what nodes get; the package has a copy, for links
do not survive every checkout and archive. Code comes first: what makes the other files imports it, and a stale copy may be no Python
at all.
"""

from __future__ import annotations

import sys
from pathlib import Path

from .rules import CATALOGUE_FILE, catalogue, page_problems
from .schemas import data_problems

COPIES = {
    "generator/mailwright/base/atomic.py": "ansible/plugins/module_utils/atomic_write.py",
    "generator/mailwright/verification/handshake.py": "ansible/plugins/module_utils/smtp_handshake.py",
}


def stale(root: Path) -> list[Path]:
    """Return the generated files that are not what they should be: regular files with their text, byte by byte.

    Args:
        root: A checkout: the folder that holds ``schema`` and ``templates``.
    """
    return _stale(_code(root)) or _stale(_made(root))


def write(root: Path) -> list[Path]:
    """Write what is stale; return what was written."""
    return _write_stale(_code(root)) + _write_stale(_made(root))


def _code(root: Path) -> dict[Path, str]:
    """Return the files that are code of the package: copies, and the catalogue of rules."""
    copies = {root / copy: (root / source).read_bytes().decode() for copy, source in COPIES.items()}
    return copies | {root / CATALOGUE_FILE: catalogue(root)}


def _made(root: Path) -> dict[Path, str]:
    from .files import outputs

    return outputs(root)


def _stale(files: dict[Path, str]) -> list[Path]:
    return [path for path, text in files.items() if path.is_symlink() or not path.is_file() or path.read_bytes() != text.encode()]


def _write_stale(files: dict[Path, str]) -> list[Path]:
    changed = _stale(files)
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(files[path].encode())
    return changed


def main(arguments: list[str]) -> int:
    """Run from the checkout's root: ``python -m mailwright.generate [--check]``."""
    root = Path.cwd()
    problems = [*data_problems(root), *page_problems(root)]
    if problems:
        print("\n".join(problems), file=sys.stderr)
        return 1
    if "--check" in arguments:
        return _check(root)
    for path in write(root):
        print(f"wrote {path.relative_to(root)}")
    return 0


def _check(root: Path) -> int:
    for path in (old := stale(root)):
        name = path.relative_to(root).as_posix()
        source = f": it is a copy of {COPIES[name]}, the one to edit" if name in COPIES else ""
        print(f"{name} is stale{source}; run `make generate`", file=sys.stderr)
    return 1 if old else 0
