"""The page of ``verify``: handshakes with their phases as timelines, certificates by the days that they have left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any

from ..base.states import Light
from ..verification.check import Checked
from .handshakes import next_steps
from .html import Attention, Page, page_html
from .states import MARKS, UNICODE
from .text import counted, one_line
from .verified import Verified, document

_PHASES = {"ok": Light.GOOD, "failed": Light.BAD, "withheld": Light.CARE}
_LEFT, _WIDTH, _LINE = 110, 380, 20


def timeline(title: str, phases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the phases of a handshake as bars, one below the other, from when each began.

    Args:
        title: What it is called where it is read aloud.
        phases: As in the JSON of ``verify``.
    """
    total = sum(float(phase.get("ms") or 0) for phase in phases) or 1.0
    bars, at = [], 0.0
    for number, phase in enumerate(phases):
        ms = float(phase.get("ms") or 0)
        x, width = _LEFT + _WIDTH * at / total, max(2.0, _WIDTH * ms / total)
        at += ms
        light = _PHASES.get(str(phase.get("status")), Light.UNKNOWN)
        said = one_line(
            f"{ms:.0f} ms {phase.get('code') or ''}" if light is not Light.UNKNOWN else str(phase.get("status"))
        ).strip()
        bars.append(
            {
                "name": one_line(str(phase.get("name"))),
                "light": light.value,
                "x": f"{x:.1f}",
                "y": number * _LINE,
                "width": f"{width:.1f}",
                "after": f"{x + width + 6:.1f}",
                "said": said,
            }
        )
    steps = ", ".join(f"{bar['name']} {bar['said']}" for bar in bars)
    return {"bars": bars, "height": len(bars) * _LINE + 4, "label": one_line(f"{title}: {steps}")}


def verify_html(run: Verified) -> Iterator[str]:
    """Yield the page of ``verify``."""
    results = run.in_order()
    made = document(results)
    apart = [f"{item['name']}: not applicable: {item['reason']}" for item in made.get("not_applicable", ())]
    steps = [tuple(next_steps(each)) if each.exit_code else () for each in results if isinstance(each, Checked)]
    yield from verify_page(made["senders"], [str(error["message"]) for error in made.get("errors", ())], apart, steps)


def verify_page(
    senders: Sequence[Mapping[str, Any]],
    errors: Sequence[str] = (),
    apart: Sequence[str] = (),
    steps: Sequence[Sequence[str]] = (),
) -> Iterator[str]:
    """Yield a page of handshakes.

    Args:
        senders: As in its JSON, which holds no secret and no control character of a peer.
        errors: What could not be checked, and why. *apart*: what has no handshake.
        steps: What to do next for each of *senders*.
    """
    bad = [sender for sender in senders if sender["exit_code"]]
    attention = Attention()
    for sender, after in zip(senders, chain(steps, repeat(())), strict=False):
        if sender["exit_code"]:
            lines = [*_lines(sender), *(one_line(f"next: {step}") for step in after)]
            attention.add(Light.BAD, _sender(sender), lines, bars=timeline(_sender(sender), sender["phases"]))
        for finding in () if sender["exit_code"] else _urgent(sender):
            attention.add(Light.CARE, _sender(sender), [_said(finding)])
    for error in errors:
        attention.add(Light.BAD, "Not checked", [error])
    for line in apart:
        attention.add(Light.UNKNOWN, "Not applicable", [line])
    by_days = sorted(senders, key=lambda sender: (_days(sender) is None, _days(sender) or 0))
    rows = [
        {
            "light": (light := _light(sender)).value,
            "cells": [
                {"text": _sender(sender), "light": ""},
                {"text": _result(sender), "light": light.value, "sign": UNICODE.sign(MARKS[light])},
                {"text": one_line(_client(sender)), "light": ""},
                {"text": one_line(str((sender.get("tls") or {}).get("version") or "")), "light": ""},
                {"text": "" if _days(sender) is None else f"{_days(sender)} days", "light": ""},
            ],
        }
        for sender in by_days
    ]
    table = {
        "title": "Senders, by the days that their certificate has left",
        "heads": ["sender", "result", "the server's own client", "TLS", "certificate"],
        "rows": rows,
    }
    timelines = [
        {
            **timeline(_sender(sender), sender["phases"]),
            "title": _sender(sender),
            "client": one_line(_client(sender)),
            "open": len(senders) == 1,
        }
        for sender in senders
        if not sender["exit_code"]
    ]
    skipped = sum(map(_skipped, senders))
    said = [f"{len(senders) - len(bad)} of {counted(len(senders), 'sender')} verified", *([f"{len(bad)} failed"] if bad else [])]
    said += [f"AUTH skipped for {skipped}"] if skipped else []
    light = Light.BAD if bad or errors else Light.CARE if skipped else Light.GOOD
    yield from page_html(Page("What mailwright verify saw", ", ".join(said), light, attention.items(), [table], timelines))


def _light(sender: Mapping[str, Any]) -> Light:
    return Light.BAD if sender["exit_code"] else Light.CARE if _urgent(sender) else Light.GOOD


def _result(sender: Mapping[str, Any]) -> str:
    return ("failed" if sender["exit_code"] else "verified") + (", AUTH skipped" if _skipped(sender) else "")


def _urgent(sender: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [finding for finding in sender["findings"] if finding["severity"] != "info"]


def _skipped(sender: Mapping[str, Any]) -> bool:
    return any(finding["code"] == "auth-skipped" for finding in sender["findings"])


def _said(finding: Mapping[str, Any]) -> str:
    return f"{finding['severity']}: {finding['message']}" + (f" ({finding['remedy']})" if finding.get("remedy") else "")


def _sender(sender: Mapping[str, Any]) -> str:
    name = " · ".join(filter(None, (sender.get("environment"), sender["name"])))
    return one_line(f"{name}, {sender['host']}:{sender['port']}")


def _lines(sender: Mapping[str, Any]) -> list[str]:
    failed = [phase for phase in sender["phases"] if phase["status"] in ("failed", "withheld")]
    lines = [f"{phase['name']}: {phase.get('reply') or phase.get('detail') or phase['status']}" for phase in failed]
    lines += map(_said, sender["findings"])
    return [one_line(line) for line in (*lines, f"the server's own client: {_client(sender)}")]


def _client(sender: Mapping[str, Any]) -> str:
    client = sender["client"]
    said = str(client["outcome"]) + (f": {client['error']}" if client.get("error") else "")
    return (
        said
        + (", credentials in clear" if client.get("cleartext_credentials") else "")
        + (" (predicted)" if client.get("basis") == "predicted" else "")
    )


def _days(sender: Mapping[str, Any]) -> int | None:
    tls = sender.get("tls") or {}
    days = [
        item["days_left"]
        for item in (tls.get("certificate"), *(tls.get("chain") or ()))
        if item and item.get("days_left") is not None
    ]
    return min(days, default=None)
