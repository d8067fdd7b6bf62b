"""The picture of the rooms: their order is the contract's in pyproject.toml, what they import is read from the code."""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = "mailwright"


def picture(root: Path) -> dict[str, Any]:
    """Return what the template of the picture asks for: the rooms from the top, and how many modules of each import each."""
    package = root / "generator" / _PACKAGE
    contracts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    names = [name.strip() for layer in layers for name in layer.split("|")]
    rooms = [_room(package / name) for name in names if (package / name).is_dir()]
    counts = Counter(
        (room["name"], imported)
        for room in rooms
        for module in _modules(package / room["name"])
        for imported in set(_imported_rooms(module, package))
        if imported != room["name"]
    )
    return {"rooms": rooms, "counts": counts}


def _room(folder: Path) -> dict[str, Any]:
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    return {
        "name": folder.name,
        "says": docstring.splitlines()[0].partition(". ")[0].rstrip(".").replace("``", ""),
        "modules": len(_modules(folder)),
    }


def _modules(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def _imported_rooms(module: Path, package: Path) -> Iterator[str]:
    """Yield the room of each import of the package's own modules, wherever in the module it stands."""
    here = module.relative_to(package).parts[:-1]
    for level, name, imported in _relative_imports(module.read_text(encoding="utf-8")):
        path = [*here[: len(here) - level + 1], *name.split(".")]
        yield from [path[0]] if path[0] else (alias for alias in imported if (package / alias).is_dir())


@cache
def _relative_imports(text: str) -> list[tuple[int, str, list[str]]]:
    """Return the imports of a module that begin with dots: how many, what comes after them, and the names."""
    found = []
    rest: list[ast.AST] = [ast.parse(text)]
    while rest:
        node = rest.pop()
        if isinstance(node, ast.ImportFrom) and node.level:
            found.append((node.level, node.module or "", [alias.name for alias in node.names]))
        if not isinstance(node, ast.expr):  # nothing in an expression is an import
            rest += ast.iter_child_nodes(node)
    return found
