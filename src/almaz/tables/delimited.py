"""Reading CSV, TSV and their kin: encoding and delimiter are found out, title rows are stepped over."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Sequence

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.cells import observe_rows
from almaz.tables.source import Findings, Reading, Source

LARGEST = 2 * 1024**3
"""Bytes a compressed file may unpack to; Parquet is the form for more."""


def read(source: Source) -> Reading:
    """Read a delimited text file whose header row holds the columns that the study names."""
    findings = Findings(source)
    written = _decoded(source, findings)
    rows = _rows(source, written)
    counted = observe_rows(findings, rows, sheet=None)
    return findings.reading(counted)


def _decoded(source: Source, findings: Findings) -> str:
    content = source.file.read_bytes()
    if source.file.suffix == ".gz":
        try:
            unpacked = gzip.GzipFile(fileobj=io.BytesIO(content)).read(LARGEST + 1)
        except (OSError, EOFError, zlib.error):
            raise AlmazError(_("this is not a whole gzip file"), where=Where(file=str(source.file))) from None
        if len(unpacked) > LARGEST:
            raise AlmazError(_("the file unpacks to more than 2 GB"), where=Where(file=str(source.file)))
        content = unpacked
    if source.encoding:
        try:
            return content.decode(source.encoding)
        except (LookupError, UnicodeDecodeError) as why:
            raise AlmazError(
                _("the file is not in the encoding {encoding}", encoding=source.encoding),
                where=Where(file=str(source.file), key="encoding"),
                expected=str(why),
                advice=_("leave the key out and let Almaz find the encoding"),
            ) from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        findings.problem(
            "encoding", _("the file is not UTF-8; it was read as Windows-1251"), level="note", expected="UTF-8"
        )
        return content.decode("cp1251", errors="replace")


def _rows(source: Source, written: str) -> list[tuple[int, Sequence[object]]]:
    if "\x00" in written[:4096]:
        raise AlmazError(
            _("this is a binary file, not a text table"),
            where=Where(file=str(source.file)),
            expected=_("a text table such as CSV"),
        )
    delimiter = source.delimiter or _delimiter(written)
    reader = csv.reader(io.StringIO(written, newline=""), delimiter=delimiter)
    rows: list[tuple[int, Sequence[object]]] = []
    first = 1
    try:
        for row in reader:
            rows.append((first, row))
            first = reader.line_num + 1
    except csv.Error as why:
        raise AlmazError(
            _("the table breaks off: {why}", why=why), where=Where(file=str(source.file), row=first)
        ) from None
    return rows


def _delimiter(written: str) -> str:
    lines = [line for line in written.splitlines()[:60] if line.strip()]

    def score(delimiter: str) -> tuple[int, int]:
        widths = [line.count(delimiter) for line in lines]
        usual = max(set(widths), key=widths.count, default=0)
        return (widths.count(usual) * (usual > 0), usual)

    return max("\t;,|", key=score)
