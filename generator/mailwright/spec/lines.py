"""The lines of a file of any length, a record at a time: what CSV and JSON Lines have in common."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator
from io import BytesIO
from pathlib import Path

from ..base.errors import SyntaxInput, UnreadableInput
from ..base.places import BYTE_ORDER_MARK, Place
from ..base.reading import not_read

STREAMS = (".csv", ".jsonl", ".ndjson")
"""How the names of files of records end."""

MAX_RECORD = 1 << 20
"""Bytes in one record."""


def leading_mark(name: str, data: bytes) -> bytes:
    """Return the byte order mark that a file of records begins with, as spreadsheets write it: no place counts it."""
    mark = BYTE_ORDER_MARK.encode()
    return mark if name.lower().endswith(STREAMS) and data.startswith(mark) else b""


class Lines:
    """The lines of a file, remembering those of the record that is being read."""

    def __init__(self, path: Path, content: bytes | None) -> None:
        self.path, self.content = path, content
        self.number = 0
        self.record: list[str] = []
        self.size = 0

    def __iter__(self) -> Generator[str, None, None]:
        try:
            if self.content is None and not stat.S_ISREG(os.stat(self.path).st_mode):
                raise not_read(self.path)
            with open(self.path, "rb") if self.content is None else BytesIO(self.content) as file:
                while raw := file.readline(MAX_RECORD + 1):
                    self.number += 1
                    yield self._line(raw)
        except OSError as error:
            raise not_read(self.path, error) from None

    def _line(self, raw: bytes) -> str:
        self.size += len(raw)
        if self.size > MAX_RECORD:
            raise SyntaxInput(
                "a record is larger than 1 MiB", place=Place(str(self.path), self.number, 1), hint="is a quote open?"
            )
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            column = len(raw[: error.start].decode("utf-8")) + 1
            raise UnreadableInput("is not valid UTF-8", place=Place(str(self.path), self.number, column)) from None
        if "\0" in text:
            raise UnreadableInput("contains a NUL character", place=Place(str(self.path), self.number, text.index("\0") + 1))
        if self.number == 1:
            text = text.removeprefix(BYTE_ORDER_MARK)
        self.record.append(text)
        return text

    def next_record(self) -> tuple[int, str]:
        """Return the first line's number and the text of the record just read, and begin a new one."""
        text = "".join(self.record)
        first = self.number - len(self.record) + 1
        self.record, self.size = [], 0
        return first, text
