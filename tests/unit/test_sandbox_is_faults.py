"""Faults: which requests they strike, and how they are asked for."""

from __future__ import annotations

from collections import Counter

import pytest

from mailwright.base.errors import UsageError
from mailwright.sandbox.identity import Faults, parse_faults
from mailwright.sandbox.identity.faults import Dice, Mishap

ALL = "429=0.05,500=0.01,502=0.02,503=0.03,504=0.04,reset=0.05,slow=0.06,slow-seconds=2,after=0.25,retry-after=3,echo,failing=a.example,seed=7"


def draws(faults: Faults, count: int = 4000) -> list[Mishap | None]:
    dice = Dice(faults)
    return [dice.draw(f"t{number % 400}.example", "GET", "/x") for number in range(count)]


def test_every_word_is_read() -> None:
    assert parse_faults("html=0.1,other=0.2,rival=0.3") == Faults(html=0.1, other=0.2, rival=0.3)
    errors = {429: 0.05, 500: 0.01, 502: 0.02, 503: 0.03, 504: 0.04}
    assert parse_faults(ALL) == Faults(errors, 0.05, 0.06, 2.0, 0.25, 3, True, frozenset({"a.example"}), 7)
    assert parse_faults("") == Faults()


@pytest.mark.parametrize("text", ["418=0.1", "500=x", "500", "echo=1", "failing=", "500=0.6,502=0.6", "reset=-1", "after=2", "x"])
def test_what_is_not_understood(text: str) -> None:
    with pytest.raises(UsageError):
        parse_faults(text)


def test_the_shares_are_met() -> None:
    struck = Counter(fault and (fault.status or ("cut" if fault.cut else "slow")) for fault in draws(parse_faults(ALL), 20_000))
    expected = {429: 0.05, 500: 0.01, 502: 0.02, 503: 0.03, 504: 0.04, "cut": 0.05, "slow": 0.06, None: 0.74}
    for kind, share in expected.items():
        assert struck[kind] / 20_000 == pytest.approx(share, abs=0.006), kind


def test_the_shares_of_answers_that_are_none_are_met() -> None:
    struck = Counter(draws(Faults(html=0.1, other=0.2, rival=0.3), 20_000))
    for fault, share in (
        (Mishap(html=True), 0.05),
        (Mishap(html=True, after=True), 0.05),
        (Mishap(other=True), 0.2),
        (Mishap(rival=True), 0.3),
    ):
        assert struck[fault] / 20_000 == pytest.approx(share, abs=0.01), fault


def test_the_order_of_requests_does_not_matter() -> None:
    keys = [(f"t{number}", method) for number in range(300) for method in ("GET", "PUT")]

    def faults_of(order: list[tuple[str, str]]) -> dict[tuple[str, str], Mishap | None]:
        dice = Dice(parse_faults(ALL))
        return {key: dice.draw(key[0], key[1], "/x") for key in order}

    assert faults_of(keys) == faults_of(keys[::-1])


def test_a_seed_changes_the_victims_and_a_repetition_is_a_new_draw() -> None:
    assert draws(Faults(errors={500: 0.5}, seed=1)) != draws(Faults(errors={500: 0.5}, seed=2))
    dice = Dice(Faults(errors={500: 0.5}))
    assert len({dice.draw("a", "GET", "/") for _ in range(50)}) > 1


def test_what_strikes_after_the_request_was_carried_out() -> None:
    found = draws(Faults(errors={429: 0.2, 503: 0.2, 504: 0.2}, reset=0.2, after=1.0))
    for fault in filter(None, found):
        assert fault.after == (fault.cut or fault.status == 504)


def test_the_failing_tenant_fails_always() -> None:
    dice = Dice(parse_faults("failing=a.example"))
    assert {dice.draw("a.example", "GET", "/") for _ in range(20)} == {Mishap(500)}
    assert dice.draw("b.example", "GET", "/") is None
