"""Results as they come, in the format that was asked for.

Text and JSON Lines are printed one by one, so that memory stays flat and an interrupt loses nothing; a JSON document and JUnit's are
printed at the end, in the order of the files, also after an interrupt.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ..base.errors import ExitCode, MailwrightError, combine
from ..base.places import Place
from ..verification.check import Checked
from ..verification.senders import NotApplicable
from .documents import SCHEMA_VERSION
from .handshakes import TextRenderer, failure, headline
from .text import Style, Tone, one_line, one_line_error
from .verify_junit import render_junit

Result = Checked | NotApplicable | MailwrightError


_NAMED, _REMEMBERED = 10, 1000


@dataclass
class _Alike:
    """Senders that fail for one cause: the one that was told, and how many more; *names* has the first of them."""

    told: Checked
    more: int = 0
    names: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        self.more += 1
        if len(self.names) < _NAMED:
            self.names.append(name)

    def __str__(self) -> str:
        rest = f" and {self.more - len(self.names)} more" if self.more > len(self.names) else ""
        senders = f"{self.more} more sender{'s' if self.more != 1 else ''}"
        return f"{senders} as {self.told.report.name}: {headline(self.told)}: {', '.join(self.names)}{rest}"


class Format(Enum):
    """How results are printed."""

    TEXT = "text"
    LINES = "json-lines"
    JSON = "json"
    JUNIT = "junit"


class Printer:
    """Print results, and count them.

    Args:
        format_: How.
        style: What stdout takes.
        out, err: Print a line to stdout, and to stderr.
        require_auth: Whether AUTH that is skipped for want of a secret fails the sender.
    """

    def __init__(
        self, format_: Format, style: Style, out: Callable[[str], None], err: Callable[[str], None], *, require_auth: bool = False
    ) -> None:
        self._format, self._style, self._out, self._err = format_, style, out, err
        self._require_auth = require_auth
        self._text = TextRenderer(style)
        self._kept: list[tuple[int, Result]] = []
        self._codes: set[int] = set()
        self._problem_codes: set[int] = set()
        self._reasons: Counter[tuple[object, ...]] = Counter()
        self._alike: dict[tuple[object, ...], _Alike] = {}
        self.verified = self.failed = self.skipped_auth = self.not_applicable = self.problems = 0

    @property
    def done(self) -> int:
        """How many senders have a result."""
        return self.verified + self.failed + self.not_applicable

    def add(self, number: int, result: Result) -> None:
        """Take a result; *number* is its place in the order of the files."""
        if isinstance(result, MailwrightError):
            self.problems += 1
            self._problem_codes.add(int(result.exit_code))
            reason = (result.code, result.message, result.place)
            if reason not in self._reasons:
                self._err(f"mailwright: {one_line_error(result)}")
            if len(self._reasons) < _REMEMBERED or reason in self._reasons:
                self._reasons[reason] += 1
        elif isinstance(result, NotApplicable):
            self.not_applicable += 1
            if self._format is Format.TEXT:
                self._out(self._style.plain(one_line(f"{result.name}: not applicable: {result.reason}")) + "\n")
        else:
            self._count(result)
            if self._format is Format.TEXT and not self._told_already(result):
                self._out(self._text.render(result))
        if self._format is Format.LINES:
            self._out(json.dumps(document([result])) + "\n")
        if self._format in (Format.JSON, Format.JUNIT):
            self._kept.append((number, result))

    def _told_already(self, checked: Checked) -> bool:
        """Tell whether another sender failed for the same cause: one is told in full, the others are counted."""
        cause = failure(checked)
        if cause is None:
            return False
        if cause in self._alike:
            self._alike[cause].add(checked.report.name)
            return True
        if len(self._alike) < _REMEMBERED:
            self._alike[cause] = _Alike(checked)
        return False

    def _count(self, checked: Checked) -> None:
        self.skipped_auth += bool(checked.skipped_auth)
        self.failed += bool(checked.exit_code)
        self.verified += not checked.exit_code
        if checked.exit_code:
            self._codes.add(checked.exit_code)
        elif checked.skipped_auth and self._require_auth:
            self._codes.add(int(ExitCode.UNSAFE))

    def finish(self) -> int:
        """Print what is printed at the end; return the exit code of what was checked."""
        kept = [result for _, result in sorted(self._kept, key=lambda item: item[0])]
        if self._format is Format.JSON:
            self._out(json.dumps(document(kept), indent=2) + "\n")
        elif self._format is Format.JUNIT:
            self._out(render_junit(kept))
        in_part = bool(self.problems and self.verified + self.failed)
        code = combine({*self._codes, ExitCode.PARTIAL} if in_part else {*self._codes, *self._problem_codes})
        for alike in self._alike.values():
            if alike.more:
                self._out(self._style.plain(str(alike)) + "\n")
        again = sum(self._reasons.values()) - len(self._reasons)
        if again:
            self._err(f"mailwright: {again} more could not be checked for the same reason")
        if in_part:
            senders = f"{self.problems} sender{'s' if self.problems != 1 else ''}"
            self._err(f"mailwright: verified in part: {senders} could not be checked, for the reasons above")
        if self.skipped_auth and self._require_auth:
            self._err("mailwright: AUTH was skipped although it is required: a secret is not resolved")
            self._err("  hint: put the secret into --secrets-dir, or into MAILWRIGHT_SECRET_<ALIAS>")
        if self._format is Format.TEXT and self.done:
            tone = Tone.BAD if self.failed else Tone.GOOD
            self._out(self._style.paint(self.summary(code), tone) + "\n")
        return code

    def summary(self, code: int) -> str:
        """Return the last line: how many, and the exit code if it is not 0."""
        checked = self.verified + self.failed
        parts = [f"{self.verified} of {checked} sender{'s' if checked != 1 else ''} verified"]
        if self.failed:
            parts.append(f"{self.failed} failed")
        if self.skipped_auth:
            parts.append(f"AUTH skipped for {self.skipped_auth}")
        if self.not_applicable:
            parts.append(f"{self.not_applicable} not applicable")
        return ", ".join(parts) + (f" (exit {code})" if code else "")


def document(results: Iterable[Result]) -> dict[str, Any]:
    """Return a document; what is no sender with a handshake stands beside the senders, if there is any."""
    parts: dict[str, list[dict[str, Any]]] = {"senders": [], "not_applicable": [], "errors": []}
    for result in results:
        if isinstance(result, Checked):
            parts["senders"].append(result.to_json())
        elif isinstance(result, NotApplicable):
            environment = {"environment": result.environment} if result.environment else {}
            parts["not_applicable"].append({**environment, "name": result.name, "reason": result.reason})
        else:
            file, line, column = result.place or Place("")
            where = {"file": file or None, "line": line, "column": column}
            parts["errors"].append({"code": result.code, "message": result.message, "hint": result.hint, **where})
    return {"schema_version": SCHEMA_VERSION, **{name: found for name, found in parts.items() if found or name == "senders"}}
