"""The text that the commands print: short, complete, and the next step is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from ..base.errors import MailwrightError
from ..base.findings import Finding, Severity
from ..base.places import Place
from ..engine.effective import Effective, Origin, Outcome
from ..product.adapter import Adapter, Key
from ..product.releases import KNOWN


def one_line(text: str) -> str:
    """Return a text that stays on its line: control characters are written as escapes."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def finding_lines(finding: Finding) -> Iterator[str]:
    """Yield the lines of a finding."""
    releases = f" [{', '.join(finding.releases)}]" if finding.releases else ""
    yield one_line(f"{finding.place}: {finding.rule} {finding.severity.value}: {finding.words}{releases}")
    hint = finding.hint
    fixable = "  (fixable)" if finding.fixable else ""
    if finding.excerpt:
        number = f"{finding.excerpt.line:>5} | "
        yield number + one_line(finding.excerpt.text)
        mark = " " * (finding.excerpt.column - 1) + "^" * max(1, finding.excerpt.length)
        yield f"{' ' * 6}| {mark}" + (f" {hint}" if hint else "") + fixable
    elif hint:
        yield one_line(f"      hint: {hint}{fixable}")


def validate_text(results: Iterable[tuple[str, list[Finding] | MailwrightError]]) -> Iterator[str]:
    """Yield the lines of ``validate``."""
    counts: Counter[Severity] = Counter()
    checked = unread = 0
    rules: set[str] = set()
    some_releases = False
    fixable = 0
    for _, result in results:
        checked += 1
        if isinstance(result, MailwrightError):
            unread += 1
            yield one_line_error(result)
            continue
        for finding in result:
            counts[finding.severity] += 1
            rules.add(finding.rule)
            some_releases |= bool(finding.releases)
            fixable += finding.fixable
            yield from finding_lines(finding)
    files = _count(checked, "file")
    if not rules and not unread:
        yield f"{files}: nothing to report"
        return
    nouns = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    parts = [_count(counts[severity], noun) for severity, noun in nouns.items() if counts[severity]]
    parts += [f"{unread} not readable"] if unread else []
    first, *others = sorted(rules) or [""]
    more = f"`mailwright explain {first}`" + (f" (or {', '.join(others)})" if others else "")
    mend = f"; {fixable} fixable with --fix" if fixable else ""
    yield f"{', '.join(parts)} in {files}{mend}." + (f" {more} says more." if rules else "")
    if some_releases:
        yield f"Checked for {KNOWN[0]} to {KNOWN[-1]}; a finding about only some of them names them. --product-version V checks one."


def one_line_error(error: MailwrightError) -> str:
    """Return an error as its message lines, each safe to print."""
    return "\n".join(map(one_line, str(error).split("\n")))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number != 1 else ''}"


def effective_text(view: Effective, adapter: Adapter, *, show_secrets: bool = False) -> Iterator[str]:
    """Yield the lines of ``effective`` for one file."""
    if view.outcome is not Outcome.OK:
        what = "the server does not start" if view.outcome is Outcome.ABORT else "the server does not come up properly"
        where = f"{view.place}" if view.place else view.file
        yield one_line(f"{where}: {view.outcome.value}: {view.reason}")
        yield f"      {view.release.version}: {what}"
    names = [item.name if show_secrets else item.shown_name for item in view.properties]
    texts = [item.text if show_secrets else item.shown for item in view.properties]
    width = max(map(len, names), default=0)
    wide = min(max(map(len, texts), default=0), 40)
    for name, text, item in zip(names, texts, view.properties, strict=True):
        yield one_line(f"{name:<{width}}  {text:<{wide}}  {_origin_words(item.origin, item.key, item.place, adapter)}").rstrip()
    for ignored in view.ignored:
        yield one_line(f"ignored: {ignored.path} (line {ignored.place.line})")
    for placeholder in view.unresolved:
        yield one_line(f"not resolved: {placeholder} (--resolve-env takes it from the environment)")
    for unsure in view.unsure:
        yield one_line(f"unsure: {unsure}")


def _origin_words(origin: Origin, key: str | None, place: Place | None, adapter: Adapter) -> str:
    if origin is not Origin.DEFAULT:
        return f"{PurePath(place.file).name}:{place.line}" if place else "from another value"
    known: Key | None = next((item for item in adapter.scalars if item.flat == key), None)
    if known is None:
        return "fixed: no key sets it"
    if known.default in (None, ""):
        return f"empty: `{known.name}` is not set"
    reference = f"default: {known.default}" if str(known.default).startswith("$ref") else "default"
    return f"{reference}: `{known.name}` is not set"
