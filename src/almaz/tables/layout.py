"""From a file in any of the forms that are read to blocks, each with what its columns mean."""

from __future__ import annotations

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables import delimited, parquet, qcew, sdmx, spreadsheet, statgov
from almaz.tables.block import Block
from almaz.tables.grid import Grid, Wanted, tabular
from almaz.tables.source import Findings, Source, named_columns, no_such_ending

Meant = tuple[Block, Source]
"""A block and the source that says what its columns mean."""


def laid_out(source: Source, findings: Findings) -> list[Meant]:
    """The blocks of a source. Raises AlmazError where the file cannot be read, or not in the form that the study names."""
    if source.format == "statgov":
        return [statgov.laid_out(grid, source, findings) for grid in grids(source, findings)]
    if source.format == "qcew":
        return [qcew.laid_out(block, source, findings) for block in blocks(source, findings, qcew.wanted(source))]
    if source.format in ("sdmx", "eurostat"):
        return [sdmx.laid_out(block, source, findings) for block in blocks(source, findings, sdmx.wanted(source))]
    names = named_columns(source)
    return [(block, source) for block in blocks(source, findings, names.__contains__)]


def blocks(source: Source, findings: Findings, wanted: Wanted) -> list[Block]:
    """The file's tables as blocks, with at least the columns wanted."""
    return [
        part if isinstance(part, Block) else tabular(part, wanted, findings)
        for part in _opened(source, findings, wanted)
    ]


def grids(source: Source, findings: Findings) -> list[Grid]:
    """The file's tables as rows of cells."""
    parts = _opened(source, findings, lambda _name: False)
    for part in parts:
        if isinstance(part, Block):
            raise AlmazError(
                _("a table in this form is a spreadsheet or a text file"), where=Where(file=str(source.file))
            )
    return [part for part in parts if isinstance(part, Grid)]


def _opened(source: Source, findings: Findings, wanted: Wanted) -> list[Grid | Block]:
    ending = source.file.suffix.lower()
    try:
        if source.file.stat().st_size == 0:
            raise AlmazError(
                _("the file is empty"), where=Where(file=str(source.file)), expected=_("a table with a header row")
            )
        if ending in (".parquet", ".pq"):
            return [parquet.opened(source, findings, wanted)]
        if ending in (".xlsx", ".xlsm"):
            return [part for part in spreadsheet.opened(source, findings) if _held(part, findings)]
        if ending in (".csv", ".tsv", ".txt", ".gz"):
            return [delimited.opened(source, findings, wanted)]
    except OSError as why:
        raise AlmazError(
            _("the file cannot be read: {why}", why=why.strerror or why), where=Where(file=str(source.file))
        ) from None
    raise no_such_ending(source.file)


def _held(grid: Grid, findings: Findings) -> bool:
    """Whether a sheet holds anything: workbooks come with empty ones."""
    if any(cell is not None for _line, cells in grid.rows for cell in cells):
        return True
    findings.problem("empty_sheet", "note", sheet=grid.sheet)
    return False
