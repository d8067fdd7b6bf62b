"""How far a run is, where nobody watches: a line now and then, on stderr, in the same words as on a terminal."""

from __future__ import annotations

import pytest

from mailwright.report import progress
from mailwright.report.progress import Progress


def test_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.0)
    with Progress("sender") as shown:
        shown.step(failed=False)
        shown.step(failed=True)
        shown.step(failed=False, total=3)
    assert capsys.readouterr() == (
        "",
        "1 sender, 0 failed, more to come\n2 senders, 1 failed, more to come\n3 of 3 senders, 1 failed\n",
    )


def test_a_short_run_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("tenant", 2) as shown:
        shown.step(failed=False)
        shown.step(failed=True)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("variable", [("CI", "1"), ("TERM", "dumb")])
def test_a_terminal_that_keeps_what_it_is_given_has_no_bar(
    variable: tuple[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv(*variable)
    with Progress("tenant", 1) as shown:
        shown.step(failed=False)
    assert capsys.readouterr().err == ""
