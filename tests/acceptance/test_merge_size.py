"""A merge takes time in proportion to the file, and memory of a small multiple of it."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from mailwright.base.places import Source
from mailwright.rendering.fragment import node_settings
from mailwright.rendering.merging import merge
from mailwright.spec import make_spec
from mailwright.spec.json_reader import read_json

SPEC = '{"mailwright": 1, "global": {"from_address": "a@b.example", "hostname": "h", "username": "u", "password": "p"}}'
UNITS = {
    "lines": 'key_{} = "a value that somebody set, of some length"\n',
    "tables": "[a_table_with_a_name_{}]\nname = 'a value that somebody set'\n",
    "short tables": "[t{}]\na=1\n",
    "comments": "# a line that says something, number {}\n",
    "properties": "'mail.smtp.of-our-own-{}' = 5\n",
    "inline": "t{} = {{ a = 1, b = {{ c = 'a value that somebody set' }} }}\n",
}
TIMES = {"lines": 25, "tables": 27, "short tables": 110, "comments": 5, "properties": 55, "inline": 55}
"""How many times the file's size a merge may take: a line of an inline table, and a table of nine characters, is many small pieces."""
FIRST = {"properties": "[output_adapter.email.custom_properties]\n"}


def file_of(kind: str, size: int) -> Source:
    unit = UNITS[kind]
    count = size // len(unit)
    return Source("deployment.toml", FIRST.get(kind, "[server]\n") + "".join(unit.format(number) for number in range(count)))


def seconds(source: Source) -> float:
    wanted = node_settings(make_spec("spec", read_json(Source("spec", SPEC))))
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        merge(source, wanted)
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize("kind", UNITS)
def test_the_time_is_linear(kind: str) -> None:
    """Four times the file is about four times the work; at sixteen, which is what a square makes of it, this fails."""
    small, large = seconds(file_of(kind, 100_000)), seconds(file_of(kind, 400_000))
    assert large / small < 8, (small, large)


@pytest.mark.parametrize("kind", UNITS)
def test_the_memory_is_a_small_multiple(kind: str) -> None:
    wanted = node_settings(make_spec("spec", read_json(Source("spec", SPEC))))
    source = file_of(kind, 300_000)
    merge(source, wanted)  # what is imported and cached is none of the file's
    tracemalloc.start()
    merge(source, wanted)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < TIMES[kind] * len(source.text), peak / len(source.text)
