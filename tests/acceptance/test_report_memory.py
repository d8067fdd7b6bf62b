"""Reports of many findings take little memory, in every format."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from mailwright.base.errors import MailwrightError, UnreadableInput
from mailwright.base.findings import Finding
from mailwright.base.places import Place
from mailwright.report.formats import FORMATS, validate_lines, verify_lines
from mailwright.report.verified import Verified
from mailwright.rules.reading import SCHEMA
from mailwright.verification.check import Checked
from mailwright.verification.handshake import Client, Phase, Report
from mailwright.verification.inputs import NotApplicable


def many(files: int, *, findings: int = 200) -> Iterator[tuple[str, list[Finding]]]:
    for number in range(files):
        name = f"node-{number}/deployment.toml"
        yield name, [SCHEMA.at(Place(name, line, 1), f"wrong in line {line}", path=f"a.k{line}") for line in range(1, findings)]


@pytest.mark.parametrize("name", FORMATS["validate"])
def test_memory_is_a_small_part_of_what_is_written(name: str) -> None:
    def measured(files: int) -> tuple[int, int]:
        tracemalloc.start()
        written = sum(len(text) for text in validate_lines(name, many(files), everything=True))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return written, peak

    measured(1)
    written, few = measured(20)
    more, peak = measured(100)
    assert more > 4 * written or name in ("html", "markdown"), "they say once what many files share"
    assert peak < 2 * few + (1 << 20), "JUnit's suites wait in memory up to a mebibyte; 16 bytes a fingerprint"


class Senders:
    """Results of verify, each made when it is asked for; they fail for two causes, or have no handshake."""

    total = None

    def __init__(self, count: int) -> None:
        self._count = count

    def __iter__(self) -> Iterator[tuple[int, Checked | NotApplicable | MailwrightError]]:
        report = Report("", "h", 25, "l", (Phase("AUTH", "failed", 535),), None, (), (), Client("failed", "535"), (), 4)
        for number in range(self._count):
            name = f"t{number}.example"
            yield (
                number,
                (
                    Checked(report._replace(name=name, port=25 + number % 2)),
                    NotApplicable(name, "it sends by HTTP"),
                    UnreadableInput("cannot be read", place=Place("pw")),
                )[number % 3],
            )


@pytest.mark.parametrize("name", ["text", "json"])
def test_results_of_verify_are_not_held(name: str) -> None:
    def measured(count: int) -> int:
        run = Verified(Senders(count), [].append, streamed=True)
        tracemalloc.start()
        for _ in verify_lines(name, run):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert run.done + run.problems == count
        return peak

    measured(300)
    assert measured(10_000) < 2 * measured(1_500) + (1 << 19), (
        "Python keeps two thousand tuples of a size; as many results as here take three times that"
    )
