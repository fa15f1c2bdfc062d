"""Reading CSV, TSV and their kin: encoding and delimiter are found out, title rows are stepped over.

A large regular file is parsed by Arrow column by column; a file that is irregular in any way takes the careful way, row by
row. Both give the same block (the tests hold them to it).
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.block import Block
from almaz.tables.grid import Grid, Header, Wanted, find_header, report_twins
from almaz.tables.source import Findings, Source

LARGEST = 2 * 1024**3
"""Bytes a compressed file may unpack to; Parquet is the form for more."""
LARGE = 1024**2
"""Bytes from which a file is worth parsing by columns."""
_HEAD = 1024**2


def opened(source: Source, findings: Findings, wanted: Wanted) -> Grid | Block:
    """A delimited text file: as a block where it is large and regular, else as its rows. wanted: the study's headers."""
    content = _unpacked(source)
    if len(content) >= LARGE:
        block = regular(source, content, findings, wanted)
        if block is not None:
            return block
    return Grid(None, _rows(source, _decoded(source, content, findings), findings))


def _unpacked(source: Source) -> bytes:
    content = source.file.read_bytes()
    if source.file.suffix.lower() != ".gz":
        return content
    try:
        unpacked = gzip.GzipFile(fileobj=io.BytesIO(content)).read(LARGEST + 1)
    except (OSError, EOFError, zlib.error):
        raise AlmazError(_("this is not a whole gzip file"), where=Where(file=str(source.file))) from None
    if len(unpacked) > LARGEST:
        raise AlmazError(_("the file unpacks to more than 2 GB"), where=Where(file=str(source.file)))
    return unpacked


def _decoded(source: Source, content: bytes, findings: Findings) -> str:
    if source.encoding:
        try:
            return content.decode(source.encoding)
        except (LookupError, ValueError) as why:
            raise AlmazError(
                _("the file is not in the encoding {encoding}", encoding=source.encoding),
                where=Where(file=str(source.file), key="encoding"),
                expected=str(why),
                advice=_("leave the key out and let Almaz find the encoding"),
            ) from None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _counted(content.decode("utf-16", errors="replace"), findings)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        findings.problem("encoding", "note")
        return _counted(content.decode("cp1251", errors="replace"), findings)


def _counted(decoded: str, findings: Findings) -> str:
    lost = decoded.count("\ufffd")
    if lost:
        findings.problem("undecodable", number=lost)
    return decoded


def _rows(source: Source, written: str, findings: Findings) -> list[tuple[int, Sequence[object]]]:
    _must_be_text(source, written[:4096].encode("utf-8", errors="replace"))
    delimiter = source.delimiter or sniffed(written, source.file.suffix)
    reader = csv.reader(io.StringIO(written, newline=""), delimiter=delimiter)
    rows: list[tuple[int, Sequence[object]]] = []
    first = 1
    try:
        for row in reader:
            rows.append((first, row))
            if reader.line_num > first:
                findings.problem("long_row", "note", row=first, number=reader.line_num - first + 1)
            first = reader.line_num + 1
    except csv.Error as why:
        raise AlmazError(
            _("the table breaks off: {why}", why=why), where=Where(file=str(source.file), row=first)
        ) from None
    if rows and written.count('"') % 2 and reader.line_num > rows[-1][0]:
        raise AlmazError(
            _("a quotation mark is opened here and never closed"),
            where=Where(file=str(source.file), row=rows[-1][0]),
            advice=_("delete the mark, or double it if it is part of a name"),
        )
    return rows


def _must_be_text(source: Source, start: bytes) -> None:
    if b"\x00" in start:
        raise AlmazError(
            _("this is a binary file, not a text table"),
            where=Where(file=str(source.file)),
            expected=_("a text table such as CSV"),
        )


def sniffed(written: str, ending: str = "") -> str:
    """The delimiter that most lines have equally often; a tab where the file's ending says so and it has any."""
    lines = [line for line in written[:100_000].splitlines()[:60] if line.strip()]
    if ending == ".tsv" and any("\t" in line for line in lines):
        return "\t"

    def score(delimiter: str) -> tuple[int, int]:
        widths = Counter(line.count(delimiter) for line in lines)
        usual, times = max(widths.items(), key=lambda item: (item[1] * (item[0] > 0), item[0]), default=(0, 0))
        return (times * (usual > 0), usual)

    return max("\t;,|", key=score)


def regular(source: Source, content: bytes, findings: Findings, wanted: Wanted) -> Block | None:
    """The columns that the study wants of a regular UTF-8 file, parsed by Arrow; None where the file is irregular in any way.

    Regular: UTF-8, one row a line, no blank line, as many cells in every row as in the header, no row without a label.
    """
    if source.encoding not in (None, "utf-8", "utf-8-sig") or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    _must_be_text(source, content[:4096])
    head = content[:_HEAD].decode("utf-8-sig", errors="ignore")
    delimiter = source.delimiter or sniffed(head, source.file.suffix)
    header, line = _header(head, delimiter, wanted)
    if header is None or header.depth > 1:
        return None
    chosen = [str(place) for place, name in enumerate(header.names) if name and wanted(name)]
    table = _parsed(content, delimiter, len(header.names), line, chosen)
    ends = content.count(b"\n") + (not content.endswith(b"\n"))
    if table is None or not chosen or table.num_rows + line != ends or _any_blank(table):
        return None
    report_twins(header.names, wanted, findings, None, line)
    findings.rows += table.num_rows
    columns = {header.names[int(place)]: table[place] for place in table.column_names}
    return Block(None, columns, np.arange(line + 1, line + 1 + table.num_rows, dtype=np.int32), header.names)


def _header(head: str, delimiter: str, wanted: Wanted) -> tuple[Header | None, int]:
    """The header of a text whose first rows are given, and its line; None where its width is not plain."""
    lines = head.splitlines()[:60]
    rows = [(line, next(csv.reader([text], delimiter=delimiter), [])) for line, text in enumerate(lines, start=1)]
    header = find_header(rows, wanted)
    line, cells = rows[header.first] if rows else (0, [])
    plain = len(cells) == len(header.names) and head.count("\n") > 60
    return (header if plain else None), line


def _parsed(content: bytes, delimiter: str, width: int, line: int, chosen: list[str]) -> pa.Table | None:
    try:
        return pyarrow.csv.read_csv(
            pa.BufferReader(content),
            read_options=pyarrow.csv.ReadOptions(
                skip_rows=line, column_names=[str(place) for place in range(width)], block_size=2**22
            ),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False),
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=chosen,
                column_types=dict.fromkeys(chosen, pa.string()),
                null_values=[],
                strings_can_be_null=False,
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowKeyError):
        return None


def _any_blank(table: pa.Table) -> bool:
    """Whether some row has no label in any of the columns read."""
    filled = None
    for column in table.columns:
        here = pc.not_equal(pc.utf8_trim_whitespace(column), "")
        filled = here if filled is None else pc.or_(filled, here)
    return filled is not None and pc.all(filled).as_py() not in (True, None)
