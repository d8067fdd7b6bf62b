"""`make mutants` takes decorators apart, so that mutmut sees the functions: the module means the same."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOL = runpy.run_path(str(ROOT / "tests" / "mutation" / "run.py"))
undecorated = TOOL["undecorated"]

MODULE = """
from functools import cache, cached_property, lru_cache

@lru_cache(maxsize=4)  # a remark
def _double(number: int) -> int:
    return 2 * number


@cache
def triple(
    number: int,
) -> int:
    return 3 * number

class Box:
    @property
    def _inner(self) -> int:
        return 7

    @cached_property
    def outer(self) -> int:
        return self._inner + 1

    @staticmethod
    def plain() -> int:
        return 9
"""


def test_the_module_means_the_same() -> None:
    text = undecorated(MODULE)
    made: dict[str, object] = {}
    exec(text, made)
    assert text.count("@") == text.count("@staticmethod") == 1
    result = eval("(_double(2), triple(2), Box()._inner, Box().outer, Box.plain(), _double.cache_info().hits)", made)
    assert result == (4, 6, 7, 8, 9, 0)


def test_every_module_of_the_package_can_be_taken_apart() -> None:
    for path in (ROOT / "generator" / "mailwright").rglob("*.py"):
        compile(undecorated(path.read_text(encoding="utf-8")), str(path), "exec")


def test_every_target_is_there() -> None:
    for pattern in (*TOOL["TARGETS"], *TOOL["NOT_MUTATED"]):
        assert list((ROOT / "generator" / "mailwright").glob(pattern)), pattern
