"""The table of codes has every code that the sources give a finding, and no other."""

from __future__ import annotations

import ast
from pathlib import Path

from mailwright.verification import certificates, check, findings, handshake
from mailwright.verification.codes import CODES


def _constants(module: object) -> set[str]:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _given(module: object) -> set[str]:
    """The first arguments of what makes a finding."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Observation", "Finding")
    ]
    return {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}


def test_every_code_is_in_the_table() -> None:
    assert _given(handshake) | _given(check) | _given(findings) <= set(CODES)
    assert set(findings._RENEW) <= set(CODES)


def test_every_code_of_the_table_is_used() -> None:
    used = _constants(handshake) | _constants(check) | _constants(findings) | _constants(certificates)
    assert set(CODES) <= used
    assert list(CODES) == sorted(CODES)


def test_explain_knows_them(run: object) -> None:
    for code, meaning in CODES.items():
        assert run("explain", code).stdout.startswith(f"{code}: {meaning}\n")  # type: ignore[operator]
