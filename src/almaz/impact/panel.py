"""A panel for evaluation: units observed over time, and the time from which each was in the programme.

What cannot carry an evaluation is refused here, with what would be needed instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.errors import AlmazError, Where
from almaz.language import text as _

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.intp]
Gaps: TypeAlias = Literal["refuse", "drop"]
NEVER = np.inf
"""`Panel.first` of a unit that is not in the programme at any time of the panel."""


@dataclass(frozen=True)
class Panel:
    """Units × times without gaps.

    outcome: (units, times); first: (units,), the first time in the programme, `NEVER` for none; cluster: (units,), which
    units share shocks or a decision to join (0, 1, …), each unit its own by default; covariates: name → (units,), known
    before the programme; notes: what was left out or changed on the way here, for the reader.
    """

    units: tuple[str, ...]
    times: tuple[int, ...]
    outcome: FloatArray
    first: FloatArray
    cluster: IntArray
    covariates: Mapping[str, FloatArray] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def cohorts(self) -> FloatArray:
        """The times at which units joined, in order."""
        return np.unique(self.first[np.isfinite(self.first)])

    @property
    def treated(self) -> npt.NDArray[np.bool_]:
        """(units, times): already in the programme."""
        return np.asarray(self.times)[None, :] >= self.first[:, None]

    @property
    def treated_clusters(self) -> int:
        """How many clusters have a unit that joined."""
        return len(np.unique(self.cluster[np.isfinite(self.first)]))

    @property
    def untreated_clusters(self) -> int:
        """How many clusters have no unit that joined."""
        return len(np.unique(self.cluster)) - self.treated_clusters

    def take(self, chosen: npt.NDArray[np.bool_] | IntArray) -> Panel:
        """The same panel for some of its units."""
        units = tuple(np.asarray(self.units, dtype=object)[chosen].tolist())
        return replace(
            self,
            units=units,
            outcome=self.outcome[chosen],
            first=self.first[chosen],
            cluster=np.unique(self.cluster[chosen], return_inverse=True)[1],
            covariates={name: values[chosen] for name, values in self.covariates.items()},
        )


@dataclass(frozen=True)
class Rows:
    """A long table, one row a unit and time.

    unit, cluster: labels; time: years; outcome: NaN where not observed; first: first time in the programme, NaN or 0 for
    never; treated: 0 or 1 per row, instead of first; numbers: the row's number in the user's file.
    """

    unit: Sequence[str]
    time: npt.NDArray[np.int64]
    outcome: FloatArray
    first: FloatArray | None = None
    treated: FloatArray | None = None
    cluster: Sequence[str] | None = None
    covariates: Mapping[str, FloatArray] = field(default_factory=dict)
    numbers: IntArray | None = None
    file: str | None = None

    def where(self, place: int, column: str | None = None) -> Where:
        """The place of a row in the user's file."""
        number = place if self.numbers is None else int(self.numbers[place])
        return Where(file=self.file, row=number, column=column)


def panel(rows: Rows, gaps: Gaps = "refuse") -> Panel:
    """Lay a long table out as a panel.

    gaps "refuse": a unit without a figure at some time is an error; "drop": such units are left out and counted in the notes.
    Units treated from the first time on have no before and are left out, with a note. Raises AlmazError for a table without
    rows, a repeated row, a joining time that changes within a unit, a programme that ends, a single unit, fewer than two
    times, no treated unit, or none with a time before it joined.
    """
    if len(rows.outcome) == 0:
        raise AlmazError(_("the panel has no rows"), where=Where(file=rows.file))
    units, unit = np.unique(np.asarray(rows.unit, dtype=str), return_inverse=True)
    times, time = np.unique(rows.time, return_inverse=True)
    _no_repeats(rows, units, unit, times, time)
    shape = (len(units), len(times))
    outcome = np.full(shape, np.nan)
    outcome[unit, time] = rows.outcome
    first = _first(rows, units, unit, times, time)
    cluster = _constant(rows, np.asarray(rows.cluster, dtype=str), "cluster", units, unit) if rows.cluster else None
    covariates = {name: _before(rows, values, name, units, unit) for name, values in rows.covariates.items()}
    made = Panel(
        tuple(units.tolist()), tuple(times.tolist()), outcome, first,
        np.arange(len(units)) if cluster is None else np.unique(cluster, return_inverse=True)[1], covariates,
    )  # fmt: skip
    return _evaluable(_without_gaps(made, gaps, rows.file), rows.file)


def _no_repeats(
    rows: Rows, units: npt.NDArray[np.str_], unit: IntArray, times: npt.NDArray[np.int64], time: IntArray
) -> None:
    cell = unit * len(times) + time
    order = np.argsort(cell, kind="stable")
    again = np.flatnonzero(np.diff(cell[order]) == 0)
    if len(again):
        place = int(order[again + 1].min())
        raise AlmazError(
            _("the unit «{unit}» has two rows for {time}", unit=units[unit[place]], time=times[time[place]]),
            where=rows.where(place),
            expected=_("one row for each unit and time"),
            advice=_("add the rows up, or keep one of them"),
        )


def _constant(
    rows: Rows, values: npt.NDArray[np.str_] | FloatArray, column: str, units: npt.NDArray[np.str_], unit: IntArray
) -> npt.NDArray[np.generic]:
    """The one value of each unit; an error where it changes over time."""
    kept = np.empty(len(units), dtype=values.dtype)
    kept[unit] = values
    differs = np.flatnonzero(kept[unit] != values)
    if len(differs):
        place = int(differs[0])
        raise AlmazError(
            _("«{column}» changes over time for the unit «{unit}»", column=column, unit=units[unit[place]]),
            where=rows.where(place, column),
            expected=_("the same value in all rows of a unit"),
        )
    return kept


def _before(
    rows: Rows, values: FloatArray, name: str, units: npt.NDArray[np.str_], unit: IntArray
) -> npt.NDArray[np.float64]:
    """A covariate as it was at the first time of each unit; later values could be effects of the programme."""
    kept = np.full(len(units), np.nan)
    order = np.argsort(rows.time, kind="stable")[::-1]
    kept[unit[order]] = values[order]
    if np.isnan(kept).any():
        missing = str(units[np.flatnonzero(np.isnan(kept))[0]])
        raise AlmazError(
            _("«{column}» has no figure at the first time of the unit «{unit}»", column=name, unit=missing),
            where=Where(file=rows.file, column=name),
        )
    return kept


def _first(
    rows: Rows, units: npt.NDArray[np.str_], unit: IntArray, times: npt.NDArray[np.int64], time: IntArray
) -> FloatArray:
    if rows.first is not None:
        written = np.where(np.isnan(rows.first) | (rows.first == 0), NEVER, rows.first)
        kept = _constant(rows, written, "first", units, unit)
        return np.asarray(kept, dtype=np.float64)
    if rows.treated is None:
        raise AlmazError(
            _("the panel does not say who was in the programme"),
            where=Where(file=rows.file),
            expected=_("a column with the first time in the programme, or one with 0 and 1"),
        )
    wrong = np.flatnonzero(~np.isin(rows.treated, (0.0, 1.0)))
    if len(wrong):
        raise AlmazError(
            _("«{value}» does not say whether the unit is in the programme", value=rows.treated[wrong[0]]),
            where=rows.where(int(wrong[0]), "treated"),
            expected="0, 1",
        )
    on = np.zeros((len(units), len(times)), dtype=np.bool_)
    on[unit, time] = rows.treated == 1.0
    seen = np.zeros_like(on)
    seen[unit, time] = True
    starts = np.where(on.any(axis=1), on.argmax(axis=1), len(times))
    ended = np.argwhere(~on & seen & (np.arange(len(times))[None, :] > starts[:, None]))
    if len(ended):
        who, when = ended[0]
        raise AlmazError(
            _("the unit «{unit}» leaves the programme in {time}", unit=units[who], time=times[when]),
            where=Where(file=rows.file),
            expected=_("a unit that has joined stays in: the effect of leaving is another question"),
            advice=_("end the panel before it leaves, or leave the unit out"),
        )
    return np.append(times.astype(np.float64), NEVER)[starts]


def _without_gaps(made: Panel, gaps: Gaps, file: str | None) -> Panel:
    holes = np.argwhere(np.isnan(made.outcome))
    if len(holes) == 0:
        return made
    complete = np.asarray(np.isfinite(made.outcome).all(axis=1))
    if gaps == "drop" and complete.any():
        note = _(
            "{number} of {all} units lack a figure at some time and were left out",
            number=int((~complete).sum()),
            all=len(made.units),
        )
        return replace(made.take(complete), notes=(*made.notes, note))
    some = "; ".join(f"{made.units[unit]}: {made.times[time]}" for unit, time in holes[:3])
    raise AlmazError(
        _("the panel has {number} gaps, among them {some}", number=len(holes), some=some),
        where=Where(file=file),
        expected=_("a figure for each unit at each time"),
        advice=_("fill them from the source, or leave such units out with gaps = drop"),
    )


def _evaluable(made: Panel, file: str | None) -> Panel:
    """Refuse what cannot carry an evaluation; leave out what has no before, with a note."""
    where = Where(file=file)
    if len(made.units) < 2:
        raise AlmazError(
            _("one unit alone cannot show an effect: nothing says what would have been without the programme"),
            where=where,
            expected=_("at least one unit in the programme and one outside, better ten of each"),
            advice=_("add regions that did not take part, for the same years"),
        )
    if len(made.times) < 2:
        raise AlmazError(
            _("there is one time only: an effect is a change"),
            where=where,
            expected=_("at least one time before the programme and one after, better five before"),
        )
    last = made.times[-1]
    later = np.isfinite(made.first) & (made.first > last)
    notes = list(made.notes)
    if later.any():
        notes.append(_("{number} units join after the last time and count as untreated", number=int(later.sum())))
        made = replace(made, first=np.where(later, NEVER, made.first))
    if not np.isfinite(made.first).any():
        raise AlmazError(
            _("no unit is in the programme by {time}", time=last),
            where=where,
            expected=_("at least one unit with its first time in the programme"),
            advice=_("to plan an evaluation before the programme starts, use: almaz power"),
        )
    always = made.first <= made.times[0]
    if always.any():
        if not (np.isfinite(made.first) & ~always).any():
            raise AlmazError(
                _("all units of the programme are in it from the first time on: there is no before"),
                where=where,
                expected=_("at least one time before each unit joins"),
                advice=_("add earlier years, from before the programme"),
            )
        notes.append(
            _("{number} units are in the programme from the first time on and were left out", number=int(always.sum()))
        )
        made = made.take(~always)
    if len(made.cohorts) == 1 and np.isfinite(made.first).all():
        raise AlmazError(
            _("all units join at the same time: nothing is left to compare with"),
            where=where,
            expected=_("units that are never in the programme, or that join later"),
            advice=_("add regions that did not take part, for the same years"),
        )
    return replace(made, notes=tuple(notes))
