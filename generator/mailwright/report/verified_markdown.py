"""The results of ``verify`` as Markdown, for a pull request or a ticket: what is wrong, findings, relays.

The first sender of each cause stands below in full, folded.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..base.errors import MailwrightError
from .handshakes import address, headline, next_steps, phase_text, render_text, stopped_at
from .markdown import block, code, table
from .overview import Cause, Overview, Some
from .text import counted
from .verified import Verified

_CAUSES, _IN_FULL, _RELAYS = 50, 5, 50


def verify_markdown(run: Verified) -> Iterator[str]:
    """Yield the report, in the order of the files."""
    overview = Overview()
    unchecked: list[str] = []
    for number, result in run.numbered():
        if not isinstance(result, MailwrightError):
            overview.add(number, result)
        elif len(unchecked) < _CAUSES:
            unchecked.append(str(result).partition("\n")[0])
    yield f"### mailwright verify: {run.summary()}"
    causes = overview.causes()
    if causes:
        yield from ("", *table(("failed", "relay", "at", "what it says", "next"), map(_row, causes[:_CAUSES])))
    if len(causes) > _CAUSES:
        yield from ("", f"{counted(len(causes) - _CAUSES, 'more cause')} of failures.")
    if unchecked:
        yield from ("", "Not checked:", "", *(f"- {code(line)}" for line in unchecked))
    found = [
        (item.severity.value, _names(some), code(item.message), f"`{item.code}`", code(item.remedy or ""))
        for item, some in overview.found()
    ]
    if found:
        yield from ("", *table(("severity", "senders", "finding", "code", "fix"), found))
    relays = [
        (code(name), *map(str, (relay.count, relay.verified, relay.failed, relay.skipped_auth)))
        for name, relay in overview.relays()
    ]
    if relays:
        yield from ("", *table(("relay", "senders", "verified", "failed", "AUTH skipped"), relays[:_RELAYS]))
    if len(relays) > _RELAYS:
        yield from ("", f"{counted(len(relays) - _RELAYS, 'more relay')}.")
    for reason, some in overview.not_applicable():
        yield from ("", f"{counted(some.count, 'sender')} not applicable: {code(reason)}: {_names(some)}")
    for cause in causes[:_IN_FULL]:
        yield from ("", f"<details><summary>{counted(cause.count, 'sender')}: {headline(cause.sender)}</summary>", "")
        yield from (*block(render_text(cause.sender).rstrip("\n")), "", "</details>")


def _row(cause: Cause) -> tuple[str, ...]:
    phase = stopped_at(cause.sender)
    says = code(phase_text(cause.sender, phase)) if phase else ""
    return _names(cause), code(address(cause.sender.report)), headline(cause.sender), says, code(next(next_steps(cause.sender)))


def _names(some: Some) -> str:
    """Return the names as code, and how many more there are."""
    shown = ", ".join(code(name) for name in some.shown())
    return f"{shown} and {some.count - len(some.shown())} more" if some.count > len(some.shown()) else shown
