"""What is done with a large file takes work in proportion to it, and memory of a small multiple of it.

Work is counted as calls of functions, of Python's and of C's: a busy machine does not change them.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable

import pytest

from mailwright.base.places import Source
from mailwright.deployment import parse_deployment
from mailwright.engine.effective import Outcome, effective
from mailwright.product.product import load_product
from mailwright.rendering.fragment import node_settings
from mailwright.rendering.merging import merge
from mailwright.spec import make_spec
from mailwright.spec.json_reader import read_json
from mailwright.validation.deployments import check_deployment

SPEC = '{"mailwright": 1, "global": {"from_address": "a@b.example", "hostname": "h", "username": "u", "password": "p"}}'
UNITS = {
    "lines": 'key_{} = "a value that somebody set, of some length"\n',
    "tables": "[a_table_with_a_name_{}]\nname = 'a value that somebody set'\n",
    "short tables": "[t{}]\na=1\n",
    "tables of one": "[one.t{}]\na=1\n",
    "comments": "# a line that says something, number {}\n",
    "properties": "'mail.smtp.of-our-own-{}' = 5\n",
    "inline": "t{} = {{ a = 1, b = {{ c = 'a value that somebody set' }} }}\n",
}
TIMES = {
    "lines": 7,
    "tables": 5,
    "short tables": 16,
    "tables of one": 26,
    "comments": 2,
    "properties": 40,
    "inline": 8,
}
"""How many times the file's size a merge may take: the name of each table is kept, and everything of the adapter's own table."""
FIRST = {"properties": "[output_adapter.email.custom_properties]\n"}
KEY = "output_adapter.email.custom_properties.'mail.smtp.x{}'"
CHAINS = {
    "foreign": ("[chain]\n", "k{} = '$ref{{chain.k{}}}'\n"),
    "ours": ("[output_adapter.email.custom_properties]\n", f"'mail.smtp.x{{}}' = \"$ref{{{{{KEY}}}}}\"\n"),
}


def file_of(kind: str, size: int) -> Source:
    unit = UNITS[kind]
    count = size // len(unit)
    return Source("deployment.toml", FIRST.get(kind, "[server]\n") + "".join(unit.format(number) for number in range(count)))


def chain(kind: str, length: int) -> str:
    """Return a file in which each value is a reference to the one before it."""
    first, unit = CHAINS[kind]
    return (
        first + unit.partition(" = ")[0].format(0) + " = 'the end'\n" + "".join(unit.format(n, n - 1) for n in range(1, length))
    )


def calls(work: Callable[[], object]) -> int:
    count = 0

    def see(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    work()  # what is imported and cached is none of the file's
    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def peak(work: Callable[[], object]) -> int:
    work()
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def merging(source: Source) -> Callable[[], object]:
    wanted = node_settings(make_spec("spec", read_json(Source("spec", SPEC))))
    return lambda: merge(source, wanted)


def checking(text: str) -> Callable[[], object]:
    releases = [load_product().releases.newest]
    return lambda: check_deployment(parse_deployment(text), releases)


def modelling(text: str) -> Callable[[], object]:
    newest = load_product().releases.newest
    return lambda: effective(parse_deployment(text), newest)


@pytest.mark.parametrize("kind", UNITS)
def test_four_times_the_file_is_four_times_the_work(kind: str) -> None:
    small, large = file_of(kind, 10_000), file_of(kind, 40_000)
    for work in (merging, lambda source: checking(source.text), lambda source: modelling(source.text)):
        before, after = calls(work(small)), calls(work(large))
        assert after < 4.4 * before, (before, after)


@pytest.mark.parametrize("kind", CHAINS)
def test_four_times_the_chain_of_references_is_four_times_the_work_and_the_memory(kind: str) -> None:
    small, large = chain(kind, 1_000), chain(kind, 4_000)
    view = effective(parse_deployment(large), load_product().releases.newest)
    assert view.outcome is Outcome.OK
    assert kind == "foreign" or view.text_of("mail.smtp.x3999") == "the end"
    before, after = calls(modelling(small)), calls(modelling(large))
    assert after < 4.4 * before, (before, after)
    assert peak(modelling(large)) < 5 * peak(modelling(small))


@pytest.mark.parametrize("kind", UNITS)
def test_the_memory_is_a_small_multiple(kind: str) -> None:
    source = file_of(kind, 300_000)
    found = peak(merging(source)) / len(source.text)
    assert found < TIMES[kind], found
