"""docs/api.md: every public name has an example, and type checkers take them. test_pages.py runs them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import mailwright

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
EXAMPLE = re.compile(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_type_checkers_take_the_examples(tmp_path: Path) -> None:
    api = pytest.importorskip("mypy.api")
    code = "\n".join(code for code, _ in EXAMPLE.findall(PAGE.read_text(encoding="utf-8")))
    (tmp_path / "examples.py").write_text(code, encoding="utf-8")
    said, errors, status = api.run(["--strict", f"--config-file={os.devnull}", str(tmp_path / "examples.py")])
    assert status == 0, said + errors


@pytest.mark.parametrize("name", mailwright.__all__)
def test_every_name_has_an_example(name: str) -> None:
    code = "".join(code for code, _ in EXAMPLE.findall(PAGE.read_text(encoding="utf-8")))
    assert re.search(rf"\bmailwright\.{name}\b", code)
