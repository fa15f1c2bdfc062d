"""Pictures of a running programme: projects over time, risks, money planned and spent, an indicator against its target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element

from almaz.language import count, figure
from almaz.language import date as day
from almaz.language import text as _
from almaz.report import drawing as d

COLOURS = {"proposed": d.GROUND, "agreed": d.PALE, "running": d.BRIGHT, "done": d.ACCENT, "stopped": "#e6e8eb"}


@dataclass(frozen=True)
class Mark:
    """A milestone: when, whether it was reached, whether it is late, what it is called."""

    day: date
    reached: bool
    late: bool
    name: str


@dataclass(frozen=True)
class Bar:
    """A project over time. status: a key of COLOURS, state: what it is called; progress: per cent; outcome: year of its promise;
    early: whether that is earlier than clusters are known to bring any."""

    name: str
    status: str
    state: str
    start: date | None
    end: date | None
    progress: int | None
    outcome: int | None
    early: bool
    marks: tuple[Mark, ...] = ()
    address: str = ""


def gantt(bars: Sequence[Bar], first: int, last: int, today: date, fifth: int | None, width: int = 1060) -> str:
    """Projects over the years first…last: bar = work (filled to its progress), diamond = milestone, ring = outcome's year.

    fifth: the first year in which benefits may be promised, a dashed line; narrow widths put names above their bars.
    """
    narrow = width < 600
    label = 0 if narrow else int(min(350, 0.36 * width))
    step, top = (50, 52) if narrow else (38, 58)
    height = top + step * len(bars) + 14
    title = _("Projects over time")
    picture = d.canvas(width, height, title, _("{number} projects; the table below says the same.", number=len(bars)))
    if any(bar.address for bar in bars):
        picture.set("role", "group")  # an image may hold no links
    scale = _Years(first, last, label + 8, width - 14)
    _years(picture, scale, top, height, step=2 if narrow and last - first > 8 else 1)
    if fifth is not None and first < fifth <= last:
        x = scale.at(date(fifth, 1, 1))
        d.line(picture, x, top - 6, x, height - 8, d.GOLD, 1.6, "6 4")
        d.text(
            picture, x, 14, _("no benefit before {year}", year=fifth), 11, "#7a5a00", "middle" if not narrow else "end"
        )
    if first <= today.year <= last:
        x = scale.at(today)
        d.line(picture, x, top - 6, x, height - 8, d.BAD, 1.4)
        d.text(picture, x, 28, _("today"), 11, d.BAD, "middle")
    for place, bar in enumerate(bars):
        _bar(picture, bar, scale, top + place * step, step, label, width)
    return d.written(picture)


@dataclass(frozen=True)
class _Years:
    first: int
    last: int
    left: float
    right: float

    def at(self, when: date) -> float:
        """Where a day stands, kept inside the picture."""
        start, end = date(self.first, 1, 1).toordinal(), date(self.last + 1, 1, 1).toordinal()
        share = min(max((when.toordinal() - start) / (end - start), 0.0), 1.0)
        return self.left + share * (self.right - self.left)


def _years(picture: Element, scale: _Years, top: float, height: float, step: int) -> None:
    for year in range(scale.first, scale.last + 2):
        x = scale.at(date(min(year, 9999), 1, 1))
        d.line(picture, x, top - 4, x, height - 8, d.GRID)
        if year <= scale.last and (year - scale.first) % step == 0:
            middle = (x + scale.at(date(year + 1, 1, 1))) / 2
            d.text(picture, middle, top - 10, str(year), 11, d.SOFT, "middle")


def _bar(picture: Element, bar: Bar, scale: _Years, y: float, step: float, label: float, width: float) -> None:
    group = d.link(picture, bar.address, bar.name)
    if label:
        lines = d.wrapped(bar.name, label - 8, 11.5)
        for place, said in enumerate(lines):
            d.text(group, 4, y + (step / 2 + 4 if len(lines) == 1 else 15 + 14 * place), said, 11.5)
        middle = y + step / 2
    else:
        d.rectangle(group, 0, y + 1, width, 19, d.GROUND)
        d.text(group, 4, y + 14, d.cut(f"{bar.name} · {bar.state}", width - 8, 11.5), 11.5)
        middle = y + 32
    d.line(picture, 0, y + step, width, y + step, "#eef1f3")
    if bar.start and bar.end:
        left, right = scale.at(bar.start), scale.at(bar.end)
        stopped = bar.status == "stopped"
        box = d.rectangle(
            group, left, middle - 8, max(right - left, 3), 16, COLOURS[bar.status], d.SOFT if stopped else d.ACCENT,
            "4 3" if bar.status in ("proposed", "stopped") else "", 3,
        )  # fmt: skip
        d.hint(box, f"{bar.name}: {bar.state}, {day(bar.start)} – {day(bar.end)}")
        if bar.progress and bar.status != "done":
            d.rectangle(group, left, middle + 3, (right - left) * bar.progress / 100, 5, d.ACCENT)
    if bar.outcome and scale.first <= bar.outcome <= scale.last:
        x = scale.at(date(bar.outcome, 7, 1))
        ring = d.circle(group, x, middle, 6.5, d.GROUND, d.BAD if bar.early else d.GOLD)
        d.hint(ring, _("outcome promised: {year}", year=bar.outcome))
        if bar.early:
            d.text(group, x, middle + 4, "!", 11, d.BAD, "middle", "bold")
    for mark in bar.marks:
        x = scale.at(mark.day)
        shape = d.diamond(group, x, middle, 6.5, d.INK if mark.reached else d.GROUND, d.BAD if mark.late else d.INK)
        d.hint(shape, f"{mark.name}: {day(mark.day)}" + (f" · {_('late')}" if mark.late else ""))
        if mark.late:
            d.text(group, x, middle - 9, _("late"), 9.5, d.BAD, "middle")


@dataclass(frozen=True)
class Dot:
    """A risk on the matrix: its number in the table; likelihood and impact, 1 to 5."""

    number: int
    name: str
    likelihood: int
    impact: int


def risk_matrix(dots: Sequence[Dot], width: int = 520) -> str:
    """Risks by likelihood (up) and impact (right); the darker the cell, the larger their product. Numbers lead to the table."""
    left, foot, cell = 62, 52, (width - 62 - 12) / 5
    row = min(cell, 76)
    height = row * 5 + foot + 12
    picture = d.canvas(width, height, _("Risks by likelihood and impact"), _("The table below says the same."))
    for likelihood in range(1, 6):
        y = 8 + (5 - likelihood) * row
        d.text(picture, left - 10, y + row / 2 + 4, str(likelihood), 12, d.SOFT, "end")
        for impact in range(1, 6):
            x = left + (impact - 1) * cell
            d.rectangle(picture, x, y, cell, row, _heat(likelihood * impact), "#ffffff")
            here = [dot for dot in dots if (dot.likelihood, dot.impact) == (likelihood, impact)]
            _dots(picture, here, x, y, cell)
    for impact in range(1, 6):
        d.text(picture, left + (impact - 0.5) * cell, 8 + 5 * row + 18, str(impact), 12, d.SOFT, "middle")
    d.text(picture, left + 2.5 * cell, height - 12, _("impact →"), 12, d.INK, "middle", "bold")
    up = d.text(picture, 16, 8 + 2.5 * row, _("likelihood →"), 12, d.INK, "middle", "bold")
    up.set("transform", f"rotate(-90 16 {8 + 2.5 * row:.2f})")
    return d.written(picture)


def _heat(score: int) -> str:
    return "#e3efe9" if score <= 4 else "#fdf3d3" if score <= 9 else "#f8d9b8" if score <= 14 else "#efb3a3"


def _dots(picture: Element, here: Sequence[Dot], x: float, y: float, cell: float) -> None:
    across = max(int((cell - 6) // 27), 1)
    fits = across * 2
    for place, dot in enumerate(here[:fits]):
        cx, cy = x + 17 + 27 * (place % across), y + 19 + 29 * (place // across)
        last = place == fits - 1 and len(here) > fits
        d.hint(d.circle(picture, cx, cy, 12, d.GROUND, d.INK), dot.name)
        d.text(
            picture, cx, cy + 4, f"+{len(here) - fits + 1}" if last else str(dot.number), 11, d.INK, "middle", "bold"
        )


@dataclass(frozen=True)
class Money:
    """A row of the budget; None is not known. least, most: the cost class where nothing is planned yet."""

    name: str
    planned: Decimal | None
    least: Decimal | None
    most: Decimal | None
    committed: Decimal | None
    spent: Decimal | None


def budget(rows: Sequence[Money], currency: str, width: int = 760) -> str:
    """Plan against fact: outline = planned, dashed range = cost class, pale = committed, full = spent."""
    narrow = width < 600
    label = 0 if narrow else int(min(270, 0.34 * width))
    step, top = (58, 44) if narrow else (40, 46)
    height = top + step * len(rows) + 8
    known = [float(one) for row in rows for one in (row.planned, row.most, row.committed, row.spent) if one is not None]
    picture = d.canvas(
        width, height, _("Budget, {currency}: plan and fact", currency=currency), _("The table below says the same.")
    )
    marks = d.ticks(0, max([*known, 1.0]), 3 if narrow else 5)
    left, right = label + 10, width - 46
    place = d.Scale(0, marks[-1], left, right)
    for mark in marks:
        d.line(picture, place(mark), top - 6, place(mark), height - 6)
        d.text(picture, place(mark), top - 12, _short(mark), 11, d.SOFT, "middle")
    d.text(picture, 4, 14, currency, 11, d.SOFT)
    for number, row in enumerate(rows):
        y = top + number * step
        lines = d.wrapped(row.name, (label or width) - 12, 11.5, 1 if narrow else 2)
        for which, said in enumerate(lines):
            foot = 14 if narrow else step / 2 + 4 if len(lines) == 1 else 15 + 14 * which
            d.text(picture, 4, y + foot, said, 11.5)
        _money(picture, row, place, y + (36 if narrow else step / 2))
    return d.written(picture)


def _money(picture: Element, row: Money, at: d.Scale, middle: float) -> None:
    zero = at(0)
    if row.planned is None and row.least is not None and row.most is not None:
        low, high = at(row.least), at(row.most)
        d.line(picture, low, middle, high, middle, d.SOFT, 2, "5 4")
        for x in (low, high):
            d.line(picture, x, middle - 7, x, middle + 7, d.SOFT, 2)
    if row.committed is not None:
        d.rectangle(picture, zero, middle - 9, at(row.committed) - zero, 18, "#a9d3d3")
    if row.spent is not None:
        d.rectangle(picture, zero, middle - 5, at(row.spent) - zero, 10, d.ACCENT)
    if row.planned is not None:
        d.rectangle(picture, zero, middle - 11, at(row.planned) - zero, 22, "none", d.INK)
    if row.planned is None and row.most is None and row.committed is None and row.spent is None:
        d.text(picture, zero + 4, middle + 4, _("not known"), 11, d.SOFT)


def _short(value: float) -> str:
    """Thousands and millions by their letters."""
    for size, words in ((1e9, _("{number} bn")), (1e6, _("{number} m")), (1e3, _("{number} k"))):
        if abs(value) >= size:
            return words.format(number=figure(value / size, 3))
    return count(value)


@dataclass(frozen=True)
class Point:
    """A figure of a year with its bounds; None is not known."""

    year: int
    value: float | None
    low: float | None = None
    high: float | None = None


def indicator(
    name: str,
    points: Sequence[Point],
    baseline: Point | None,
    target: Point | None,
    first: int,
    last: int,
    width: int = 340,
) -> str:
    """One indicator: dots joined where no year between is missing, bounds upright, baseline hollow, target dashed."""
    height, left, foot, top = 200, 56, 26, 44
    picture = d.canvas(width, height, name, _("baseline, figures by year and target; the table below says the same"))
    for place, said in enumerate(d.wrapped(name, width - 10, 13)):
        d.text(picture, 4, 14 + 14 * place, said, 11.5, weight="bold")
    known = [
        point
        for point in (*points, *filter(None, (baseline, target)))
        if point.value is not None or point.low is not None
    ]
    values = [one for point in known for one in (point.value, point.low, point.high) if one is not None]
    if not values:
        d.text(picture, width / 2, height / 2 + 10, _("nothing measured yet"), 12, d.SOFT, "middle")
        return d.written(picture)
    low, high = min(values), max(values)
    pad = (high - low) * 0.08 or abs(high) * 0.1 or 1
    marks = d.ticks(max(low - pad, 0) if low >= 0 else low - pad, high + pad, 3)
    right = width - 14
    x = d.Scale(first, max(last, first + 1), left + 8, right)
    y = d.Scale(marks[0], marks[-1], height - foot, top)
    for mark in marks:
        d.line(picture, left, y(mark), right, y(mark))
        d.text(picture, left - 6, y(mark) + 4, _short(mark) if abs(mark) >= 1e4 else figure(mark, 3), 10, d.SOFT, "end")
    for year in sorted({first, (first + last) // 2, last}):
        d.text(picture, min(x(year), right - 10), height - 8, str(year), 10, d.SOFT, "middle")
    if target and target.value is not None:
        d.line(picture, left, y(target.value), right, y(target.value), d.GOLD, 2, "7 4")
        d.text(
            picture,
            right,
            y(target.value) - 4,
            _("target {value}", value=figure(target.value, 3)),
            10,
            "#7a5a00",
            "end",
        )
    _series(picture, sorted(points, key=lambda point: point.year), x, y)
    if baseline and baseline.value is not None:
        _spread(picture, baseline, x(baseline.year), y)
        d.hint(d.circle(picture, x(baseline.year), y(baseline.value), 5, d.GROUND), _point(baseline))
    return d.written(picture)


def _series(picture: Element, points: Sequence[Point], x: d.Scale, y: d.Scale) -> None:
    run: list[tuple[float, float]] = []
    before: int | None = None
    for point in [*points, Point(-1, None)]:
        if point.value is None or before is None or point.year != before + 1:
            if len(run) > 1:
                d.path(picture, run)
            run = []
        before = point.year if point.value is not None else None
        if point.value is not None:
            run.append((x(point.year), y(point.value)))
    for point in points:
        if point.value is None and (point.low is None or point.high is None):
            continue
        _spread(picture, point, x(point.year), y)
        if point.value is not None:
            d.hint(d.circle(picture, x(point.year), y(point.value), 4, d.ACCENT), _point(point))


def _spread(picture: Element, point: Point, x: float, y: d.Scale) -> None:
    if point.low is None or point.high is None or point.low == point.high:
        return
    low, high = y(point.low), y(point.high)
    d.line(picture, x, low, x, high, d.BRIGHT, 2)
    for end in (low, high):
        d.line(picture, x - 4, end, x + 4, end, d.BRIGHT, 2)


def _point(point: Point) -> str:
    said = f"{point.year}: {figure(point.value) if point.value is not None else '—'}"
    return said + (
        f" ({figure(point.low)} – {figure(point.high)})" if point.low is not None and point.high is not None else ""
    )
