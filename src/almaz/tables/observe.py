"""From a block to observations: every figure of every row, or a line in the problems that says why not."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.block import Block, Figures, figures, holds, label, labels, through_distinct, year_of, years
from almaz.tables.schema import OBSERVATIONS, STATUSES, Status
from almaz.tables.source import DIMENSIONS, Findings, Source, keeps, named_columns

Mask = npt.NDArray[np.bool_]
_CODE = {status: code for code, status in enumerate(STATUSES)}
_HIDDEN = frozenset(("1", "true", "yes", "n", "d", "c", "x"))
"""What a column of `hidden` flags says where the figure is hidden."""
_FREE = frozenset(("", "f"))
"""What a column of confidentiality says where the figure is free (SDMX code list CL_CONF_STATUS)."""


def observe(block: Block, source: Source, findings: Findings) -> pa.Table:
    """The observations of a block, as OBSERVATIONS; what is strange ends in the findings.

    Raises AlmazError where a column that the study names is missing, or a dimension is not said at all.
    """
    need_columns(source, block, findings)
    block = _chosen(block, source, findings)
    texts = {dimension: labels(block.columns[column]) for dimension, column in source.dimensions.items()}
    if "measure" in texts and source.measures:
        block, texts = _known_measures(block, texts, source, findings)
    when = None
    if "year" in source.dimensions:
        when = years(block.columns[source.dimensions["year"]])
        _report_years(block, source, when, findings)
    parts = [_observed(block, source, texts, when, header, findings) for header in source.values]
    return pa.concat_tables(parts)


def need_columns(source: Source, block: Block, findings: Findings) -> None:
    """Raise AlmazError for the first column that the study names and the file does not have."""
    headers = list(block.headers)
    for name in sorted(named_columns(source) - set(headers)):
        close = get_close_matches(name, headers, n=1)
        raise findings.fault(
            _("there is no column «{name}»", name=name),
            sheet=block.sheet,
            expected=_("one of: {keys}", keys=", ".join(headers[:40]) or "—"),
            advice=_("did you mean «{close}»?", close=close[0]) if close else _("name the column in the study file"),
        )
    missing = [
        dimension
        for dimension in DIMENSIONS
        if dimension not in source.dimensions
        and dimension not in source.constants
        and not (source.values and all(dimension in meaning for meaning in source.values.values()))
    ]
    if missing or not source.values:
        raise findings.fault(
            _("the study does not say where to find: {missing}", missing=", ".join(missing or ["values"])),
            sheet=block.sheet,
            advice=_("name a column under dimensions, or one value for the whole file under constants"),
        )


def _chosen(block: Block, source: Source, findings: Findings) -> Block:
    """The rows that the study's `where` keeps; how many it leaves out is said."""
    mask = np.ones(len(block.rows), dtype=bool)
    for column, wanted in source.where.items():
        mask &= holds(labels(block.columns[column]), keeps(wanted).__contains__)
    wanted_texts = [f"{column} = {' | '.join(keeps(wanted))}" for column, wanted in source.where.items()]
    return set_aside(block, mask, findings, wanted_texts)


def set_aside(block: Block, mask: Mask, findings: Findings, wanted: list[str]) -> Block:
    """The rows where the mask holds; how many others there are, and what was wanted, is kept as a note."""
    lost = int((~mask).sum())
    if lost:
        findings.problem("set_aside", "note", sheet=block.sheet, number=lost, wanted=wanted)
    return block.filtered(mask)


def _known_measures(
    block: Block, texts: Mapping[str, pa.Array], source: Source, findings: Findings
) -> tuple[Block, dict[str, pa.Array]]:
    answers, at = through_distinct(texts["measure"], source.measures.get)
    mask = holds(texts["measure"], source.measures.__contains__)
    wanted = [f"{source.dimensions['measure']} = {' | '.join(source.measures)}"]
    kept = set_aside(block, mask, findings, wanted)
    names = pa.array(answers, pa.string()).take(pa.array(at)) if answers else texts["measure"]
    chosen = pa.array(mask, pa.bool_())
    return kept, {key: (names if key == "measure" else column).filter(chosen) for key, column in texts.items()}


def _report_years(block: Block, source: Source, when: npt.NDArray[np.int32], findings: Findings) -> None:
    column = source.dimensions["year"]
    lost = np.flatnonzero(when < 0).tolist()
    if not lost:
        return
    written = labels(block.columns[column])
    for row in lost:
        findings.problem(
            "no_year", "error", sheet=block.sheet, row=int(block.rows[row]), column=column, value=written[row].as_py()
        )


def _observed(
    block: Block,
    source: Source,
    texts: Mapping[str, pa.Array],
    when: npt.NDArray[np.int32] | None,
    header: str,
    findings: Findings,
) -> pa.Table:
    meaning, count = source.values[header], len(block.rows)
    read = figures(block.columns[header], source.all_marks, source.decimal)
    _report(block, header, read, findings)
    value, status = _scaled(block, meaning, read.value), read.status.copy()
    hidden = _hidden(block, meaning, value, findings)
    value, status = np.where(hidden, np.nan, value), np.where(hidden, _CODE[Status.SUPPRESSED], status)
    columns: dict[str, pa.Array] = {
        "value": pa.array(value, from_pandas=True),
        "status": pa.DictionaryArray.from_arrays(pa.array(status.astype(np.int8)), [one.value for one in STATUSES]),
        "row": pa.array(block.rows, pa.int32()),
    }
    for dimension in ("region", "industry", "measure"):
        said = meaning.get(dimension)
        if said is None and dimension in texts:
            columns[dimension] = texts[dimension]
        else:
            columns[dimension] = _all(str(source.constants[dimension] if said is None else said), count)
    keep = np.ones(count, dtype=bool)
    if "year" in meaning or when is None:
        columns["year"] = pa.array(np.full(count, _year(meaning, source, findings), dtype=np.int32))
    else:
        keep, columns["year"] = when >= 0, pa.array(when)
    for name, said in (("file", source.file.name), ("sheet", block.sheet), ("column", header)):
        columns[name] = _one(said, count)
    table = pa.table({name: columns[name] for name in OBSERVATIONS.names}).cast(OBSERVATIONS)
    return table if keep.all() else table.filter(pa.array(keep))


def _all(said: str, count: int) -> pa.Array:
    return pa.array([said], pa.string()).take(pa.array(np.zeros(count, dtype=np.int8)))


def _one(said: str | None, count: int) -> pa.Array:
    if said is None:
        return pa.DictionaryArray.from_arrays(pa.nulls(count, pa.int16()), pa.array([], pa.string()))
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int16)), pa.array([said], pa.string()))


def _year(meaning: Mapping[str, object], source: Source, findings: Findings) -> int:
    said = meaning.get("year", source.constants.get("year"))
    found = year_of(said)
    if found is None:
        raise AlmazError(
            _("the year is not a year"),
            where=Where(file=str(findings.source.file), key="year"),
            expected=_("a number such as 2021"),
        )
    return found


def _scaled(block: Block, meaning: Mapping[str, object], value: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    scale = float(str(meaning.get("scale", 1.0)))
    value = value * scale if scale != 1 else value
    if "multiplier" not in meaning:
        return value
    power = figures(block.columns[str(meaning["multiplier"])], {"": Status.NOT_AVAILABLE}, ".").value
    return value * 10.0 ** np.clip(np.nan_to_num(power), -30, 30)


def _report(block: Block, header: str, read: Figures, findings: Findings) -> None:
    for row, kind, cell in read.strange:
        place = {"sheet": block.sheet, "row": int(block.rows[row]), "column": header}
        shown = getattr(cell, "formula", None) or label(cell)
        findings.problem(kind, "note" if kind == "footnote" else "warning", **place, value=shown)  # type: ignore[arg-type]
    if read.unclear:
        first = read.unclear[0]
        written = labels(block.columns[header])[first].as_py()
        place = {"sheet": block.sheet, "row": int(block.rows[first]), "column": header}
        findings.problem("ambiguous_decimal", **place, value=written, number=len(read.unclear))  # type: ignore[arg-type]


def _hidden(block: Block, meaning: Mapping[str, object], value: npt.NDArray[np.float64], findings: Findings) -> Mask:
    """Where the file says that the figure is hidden: by a flag of its own, a status or a confidentiality."""
    hidden = np.zeros(len(value), dtype=bool)
    if "hidden" in meaning:
        hidden |= holds(block.columns[str(meaning["hidden"])], lambda cell: label(cell).lower() in _HIDDEN)
    if "confidentiality" in meaning:
        hidden |= holds(block.columns[str(meaning["confidentiality"])], lambda cell: label(cell).lower() not in _FREE)
    if "flag" in meaning:
        answers, at = through_distinct(block.columns[str(meaning["flag"])], label)
        hidden |= np.array([_secret(flag) for flag in answers], dtype=bool)[at] if answers else hidden
        _report_flags(block, answers, at, findings)
    given = hidden & ~np.isnan(value)
    if given.any() and "hidden" not in meaning:
        row = int(block.rows[np.flatnonzero(given)[0]])
        findings.problem("confidential_figure", sheet=block.sheet, row=row, number=int(given.sum()))
    return hidden


def _secret(flag: str) -> bool:
    """Whether a flag hides its figure: c or C confidential, N not for publication, P under secrecy (Eurostat), Q suppressed
    (SDMX code list CL_OBS_STATUS). Eurostat writes observation flags small and those of confidentiality large."""
    return "c" in flag or bool(set(flag) & {"C", "Q"}) or flag in ("@N", "@P")


def _report_flags(block: Block, answers: list[str], at: npt.NDArray[np.intp], findings: Findings) -> None:
    times = np.bincount(at, minlength=len(answers))
    for place in sorted(range(len(answers)), key=lambda place: answers[place]):
        flag = answers[place]
        if not flag or flag == "A" or _secret(flag):
            continue
        first = int(block.rows[int(np.argmax(at == place))])
        findings.problem("flag", "note", sheet=block.sheet, row=first, value=flag, number=int(times[place]), flag=flag)
