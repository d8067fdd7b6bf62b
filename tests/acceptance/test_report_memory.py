"""Reports of many findings take little memory, in every format."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from mailwright.base.findings import Finding
from mailwright.base.places import Place
from mailwright.report.formats import FORMATS, validate_lines
from mailwright.rules.reading import SCHEMA


def many(files: int, *, findings: int = 200) -> Iterator[tuple[str, list[Finding]]]:
    for number in range(files):
        name = f"node-{number}/deployment.toml"
        yield name, [SCHEMA.at(Place(name, line, 1), f"wrong in line {line}", path=f"a.k{line}") for line in range(1, findings)]


@pytest.mark.parametrize("name", FORMATS["validate"])
def test_memory_is_a_small_part_of_what_is_written(name: str) -> None:
    def measured(files: int) -> tuple[int, int]:
        tracemalloc.start()
        written = sum(len(text) for text in validate_lines(name, many(files)))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return written, peak

    measured(1)
    written, few = measured(20)
    more, peak = measured(100)
    assert more > 4 * written
    assert peak < 2 * few + (1 << 20), "JUnit's suites wait in memory up to a mebibyte; 16 bytes a fingerprint"
