"""``validate --fix``: mend files, all of them or none."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial

from ..base.errors import MailwrightError
from ..base.findings import Finding, PartlyRead, found_in
from ..validation import Check
from ..validation.fixing import Files, Fixed, fix_file
from ..validation.many import each_of
from .validate import Choice, alone, told_once

FixResult = tuple[Fixed, tuple[str, ...]] | MailwrightError
"""What was mended in a file, with what is to be said about writing it; or what stands in the way."""


def fix_all(names: Sequence[str], check: Check, choice: Choice, *, write: bool) -> Iterator[tuple[str, FixResult]]:
    """Mend each file, in the order of the files; without *write* only say what would be mended."""
    mend, written = partial(_fixed, check=check, choice=choice, apart=alone(names)), set[str]()
    for name, fixed in each_of(names, mend):
        if isinstance(fixed, MailwrightError) or not write:
            yield name, fixed if isinstance(fixed, MailwrightError) else (fixed, ())
            continue
        try:
            looked_at = {*fixed.before, *(finding.place.file for finding in fixed.found)}
            if not written.isdisjoint(map(os.path.realpath, looked_at)):  # specs that share a file of tenants
                fixed = mend(name)
            said = tuple(fixed.write())
        except MailwrightError as error:
            yield name, error
            continue
        written.update(map(os.path.realpath, fixed.after))
        yield name, (fixed, said)


def _fixed(name: str, *, check: Check, choice: Choice, apart: frozenset[str]) -> Fixed:
    def find(files: Files) -> list[Finding]:
        try:
            return choice(told_once(name, check(name, files[name], files), apart))
        except PartlyRead as error:
            error.found = choice(told_once(name, found_in(error), apart))
            raise

    return fix_file(name, find)
