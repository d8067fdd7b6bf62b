"""What the engine says, finds and concludes, over whole conversations: see conversations.py."""

from __future__ import annotations

import pytest
from conversations import CASES, PASSWORD, Case, authority, hold, recorded, render

from mailwright.verification.handshake import report_from_wire, report_to_wire


def test_every_conversation_is_recorded_and_has_a_name_of_its_own() -> None:
    assert list(recorded()) == [case.name for case in CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_conversation(case: Case) -> None:
    assert render(case) == recorded()[case.name]


@pytest.mark.parametrize("case", CASES[::10], ids=lambda case: case.name)
def test_reports_travel(case: Case) -> None:
    report = hold(case)[1]
    assert report_from_wire(report_to_wire(report)) == report
    assert PASSWORD not in repr(report)
    assert authority().ca_pem not in repr(report)
