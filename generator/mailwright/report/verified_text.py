"""The results of ``verify`` as text: each sender in full, or where that is more than a screenful, what is wrong and how many are in order.

It comes when all results are there, in the order of the files: what was told in passing would have to be read again. With *everything*
each sender is told as soon as it is its turn.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..base.errors import MailwrightError
from ..verification.check import Checked
from ..verification.inputs import NotApplicable
from .handshakes import TextRenderer, finding_line, headline, phase_text, stopped_at
from .overview import Cause, Overview, Relay
from .text import SCREENFUL, Style, Tone, counted
from .verified import Verified

_IN_FULL, _IN_SHORT, _RELAYS = 2, 8, 10


def verify_text(run: Verified) -> Iterator[str]:
    """Yield each sender in full; where that is more than a screenful, and not all was asked for, what is wrong and the rest as counts."""
    overview = Overview()
    if run.everything:
        renderer, blocks = TextRenderer(run.style), 0
        for result in run:
            if not isinstance(result, MailwrightError):
                overview.add(blocks, result)
                blocks += 1
                yield _block(result, renderer, run.style)
        if blocks > _IN_FULL:
            yield from _table(overview, run.style)
    else:
        yield from _in_short(run, overview)
    if run.done:
        yield run.style.paint(run.summary(), Tone.BAD if run.failed else Tone.GOOD)


def _in_short(run: Verified, overview: Overview) -> Iterator[str]:
    kept: list[tuple[int, Checked | NotApplicable]] | None = []
    for number, result in run.numbered():
        if isinstance(result, MailwrightError):
            continue
        told = overview.add(number, result)
        if kept is not None and told:
            kept.append((number, result))
            kept = kept if len(kept) <= SCREENFUL else None
    if kept is not None:
        firsts = {cause.place for cause in overview.causes()}
        renderer = TextRenderer(run.style)
        kept = [item for item in kept if isinstance(item[1], NotApplicable) or not item[1].exit_code or item[0] in firsts]
        lines = [_block(result, renderer, run.style) for _, result in sorted(kept, key=lambda item: item[0])]
        lines += [run.style.fold(_more(cause, run.style), 2) for cause in overview.causes() if cause.count > 1]
        if sum(line.count("\n") + 1 for line in lines) < SCREENFUL:
            yield from lines
            return
    yield from _overview(overview, run.style)


def _block(result: Checked | NotApplicable, renderer: TextRenderer, style: Style) -> str:
    if isinstance(result, NotApplicable):
        return style.plain(f"{result.name}: not applicable: {result.reason}")
    return renderer.render(result).removesuffix("\n")


def _more(cause: Cause, style: Style) -> str:
    told = f"{counted(cause.count - 1, 'more sender')} as {cause.first[0][1]}: {headline(cause.sender)}"
    return style.plain(f"{told}: {cause.names(but_first=True)}")


def _overview(overview: Overview, style: Style) -> Iterator[str]:
    renderer, causes = TextRenderer(style, findings=False), overview.causes()
    for cause in causes[:_IN_FULL]:
        yield renderer.render(cause.sender).removesuffix("\n")
        if cause.count > 1:
            yield style.fold(_more(cause, style), 2)
    for cause in causes[_IN_FULL : _IN_FULL + _IN_SHORT]:
        yield renderer.head(cause.sender)
        phase = stopped_at(cause.sender)
        yield style.fold(f"  {style.plain(phase_text(cause.sender, phase))}", 4) if phase else "  not verified"
        if cause.count > 1:
            yield style.fold(f"  so {counted(cause.count - 1, 'more sender')}: {style.plain(cause.names(but_first=True))}", 4)
    if len(causes) > _IN_FULL + _IN_SHORT:
        yield f"{counted(len(causes) - _IN_FULL - _IN_SHORT, 'more cause')} of failures"
    if overview.verified.count:
        yield style.fold(f"{counted(overview.verified.count, 'sender')} in order: {style.plain(overview.verified.names())}", 2)
    for reason, some in overview.not_applicable():
        yield style.fold(style.plain(f"{counted(some.count, 'sender')} not applicable: {reason}: {some.names()}"), 2)
    yield from _findings(overview, style)
    yield from _table(overview, style)
    yield style.paint("--all shows each sender in full", Tone.FAINT)


def _findings(overview: Overview, style: Style) -> Iterator[str]:
    checked = sum(relay.count for _, relay in overview.relays())
    for finding, found in overview.found():
        whose = (
            "all senders"
            if found.count == checked
            else found.names()
            if found.count <= len(found.first)
            else counted(found.count, "sender")
        )
        yield finding_line(finding, style, f"{whose}: ")
        if finding.remedy:
            yield style.fold(f"    fix: {style.plain(finding.remedy)}", 6)


_COLUMNS = ("senders", "verified", "failed", "AUTH skipped")


def _table(overview: Overview, style: Style) -> Iterator[str]:
    """Yield a line a relay, those at which something is wrong first."""
    rows = [(style.plain(name), _numbers(relay)) for name, relay in overview.relays()]
    if len(rows) > _RELAYS + 1:
        rest = [sum(column) for column in zip(*(numbers for _, numbers in rows[_RELAYS:]), strict=True)]
        rows = [*rows[:_RELAYS], (f"{len(rows) - _RELAYS} more relays", rest)]
    columns = _COLUMNS if any(numbers[3] for _, numbers in rows) else _COLUMNS[:3]
    room = style.columns - sum(len(column) + 2 for column in columns)
    wide = min(room, max((len(name) for name, _ in rows), default=0))
    for name, cells, bad in [("relay", columns, False), *((name, numbers, numbers[2] > 0) for name, numbers in rows)]:
        short = name if len(name) <= wide else f"{name[: wide - 3]}..."
        line = f"{short:<{wide}}" + "".join(f"  {cell:>{len(column)}}" for cell, column in zip(cells, columns, strict=False))
        yield style.paint(line, Tone.BAD) if bad else line


def _numbers(relay: Relay) -> list[int]:
    return [relay.count, relay.verified, relay.failed, relay.skipped_auth]
