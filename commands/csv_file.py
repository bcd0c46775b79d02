"""Reads a CSV file row by row in flat memory, whatever is in it."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from commands.house import Refused

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
LARGEST_LINE = 256 << 10
LARGEST_FIELD = 32 << 10
HASHED_AT_ONCE = 1 << 20
BOM = b"\xef\xbb\xbf"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Record:
    """A row; `number` counts as a spreadsheet does, the header is 1. `fault` says why it cannot be read."""

    number: int
    cells: tuple[str, ...]
    fault: str | None = None


@dataclass(slots=True)
class CsvFile:
    """An open file; `read` is how many bytes have gone by."""

    file: BinaryIO
    read: int = 0
    header: tuple[str, ...] = ()
    delimiter: str = ","
    _lines: Iterator[str] = field(default_factory=lambda: iter(()))

    def begin(self) -> None:
        """Reads the header and finds the delimiter. Raises Refused."""
        start = self.file.read(2)
        self.file.seek(0)
        if start in UTF_16:
            raise Refused("the file is UTF-16; save it as CSV UTF-8")
        csv.field_size_limit(LARGEST_FIELD)
        self._lines = self._decoded()
        first = next(self._lines, "")
        if any("\udc80" <= sign <= "\udcff" for sign in first):
            raise Refused("the first row is not UTF-8; save the file as CSV UTF-8")
        if not first.strip():
            raise Refused("the file begins with an empty line; its first row names the columns")
        self.delimiter = max(DELIMITERS, key=lambda sign: len(_split(first, sign)))
        self.header = tuple(name.strip() for name in _split(first, self.delimiter))

    def records(self) -> Iterator[Record]:
        """Gives the rows below the header; one that cannot be read has a fault, and the next ones go on."""
        reader = csv.reader(self._lines, delimiter=self.delimiter, strict=True)
        number = 1
        while True:
            number += 1
            try:
                cells = tuple(next(reader))
            except StopIteration:
                return
            except csv.Error as error:
                yield Record(number, (), _worded(error))
                continue
            if any(cell.strip() for cell in cells):
                yield Record(number, cells)

    def _decoded(self) -> Iterator[str]:
        number = 0
        while raw := self.file.readline(LARGEST_LINE):
            number += 1
            if len(raw) == LARGEST_LINE and not raw.endswith(b"\n"):
                raise Refused(f"line {number} is longer than {LARGEST_LINE >> 10} KiB; is this a CSV file?")
            self.read += len(raw)
            plain = raw.removeprefix(BOM) if number == 1 else raw
            yield plain.decode("utf-8", "surrogateescape")


def fingerprint(path: Path, gone_by: Callable[[int], None] = lambda _: None) -> str:
    """Hashes a file's content (SHA-256, 16 hexadecimal digits)."""
    made = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(HASHED_AT_ONCE):
            made.update(piece)
            gone_by(len(piece))
    return made.hexdigest()[:16]


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _worded(error: csv.Error) -> str:
    text = str(error)
    if "field larger" in text or "unexpected end" in text:
        return "a quoted cell does not end: is a quote missing?"
    return f"cannot be read: {text}"
