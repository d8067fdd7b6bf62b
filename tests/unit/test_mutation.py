"""What `make mutants` mutates is there, and a rule declared behind its function is the same rule."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutation", ROOT / "tests" / "mutation" / "run.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_target_is_there() -> None:
    package = ROOT / "generator" / "mailwright"
    for pattern in tool().TARGETS:
        assert list(package.glob(pattern)), pattern


def test_a_rule_is_declared_behind_its_function() -> None:
    text = "@rule(\n    'MW1',\n)\ndef FOUND(sender):\n    yield 1\n\n\ndef other():\n    pass\n"
    said: list[object] = []
    names: dict[str, object] = {"rule": lambda *given: lambda check: said.append((*given, list(check(None)))) or check}
    exec(compile(tool().undecorated(text), "module", "exec"), names)
    assert said == [("MW1", [1])]
    assert names["FOUND"] is names["check_found"]
    assert "other" in names
