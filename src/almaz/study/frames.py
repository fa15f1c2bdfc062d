"""From a pandas, Polars or Arrow table to a portfolio in one call: the command's main job for those who write Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

import narwhals as nw
import pyarrow as pa
import pyarrow.compute as pc

from almaz.clusters.definition import ClusterDefinition, defined, each_industry_itself, read_definition
from almaz.clusters.portfolio import Portfolio, PortfolioOptions
from almaz.clusters.portfolio import portfolio as measure_portfolio
from almaz.clusters.rivalry import rivalry_of_establishments
from almaz.clusters.rules import StrengthOptions
from almaz.clusters.strength import Strength
from almaz.clusters.strength import strength as judge
from almaz.clusters.typology import TypologyOptions
from almaz.clusters.typology import typology as classify
from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.tables.activity import Activity
from almaz.tables.assemble import assemble
from almaz.tables.classification import industries_from_codes
from almaz.tables.concordance import read_concordance
from almaz.tables.schema import MEASURES, OBSERVATIONS, Status

LABELS: Final = ("region", "industry", "year")
NO_YEAR: Final = 0
"""The year of a table that has none."""


@dataclass(frozen=True)
class Clusters:
    """The clusters of every region, measured: `table` is the portfolio as an Arrow table, one row per region × cluster × year."""

    portfolio: Portfolio
    activity: Activity
    definition: ClusterDefinition

    @property
    def table(self) -> pa.Table:
        """The portfolio; docs/methods/portfolio.md says what each column is."""
        return self.portfolio.table

    def to_pandas(self) -> Any:
        """The portfolio as a pandas data frame; an unknown figure is NaN."""
        return self.table.to_pandas()

    def to_polars(self) -> Any:
        """The portfolio as a Polars data frame; an unknown figure is null."""
        import polars

        return polars.from_arrow(self.table)

    @cached_property
    def unmatched(self) -> pa.Table:
        """Industries that only the table or only the definition holds."""
        return self.definition.unmatched

    def strength(self, **thresholds: float) -> Strength:
        """The rules of strength side by side: `.table`, `.disagreement`, `.region_strength`.

        thresholds: those of `StrengthOptions` to change, e.g. strong=0.8, minimum_regions=5.
        """
        return judge(self.portfolio, self.portfolio.options.measure, StrengthOptions(**thresholds))  # type: ignore[arg-type]

    def typology(self, **borders: float) -> pa.Table:
        """What kind of concentration each cluster is; borders: those of `TypologyOptions` to change, e.g. rivals=20."""
        options = TypologyOptions(**borders)
        measure = self.portfolio.options.measure
        rivalry = rivalry_of_establishments(self.activity, self.definition, measure, options.variation)
        return classify(self.portfolio, rivalry, options)


def portfolio(
    table: Any,
    *,
    definition: Any = None,
    names: Mapping[str, str] | None = None,
    measure: str = "employment",
    base: str = "same_kind",
    reference: Literal["including", "excluding"] = "including",
    level: float = 0.95,
    system: str | None = None,
    concordance: Path | str | None = None,
    absent: Literal["nil", "not_available"] = "nil",
    missing: Literal["suppressed", "not_available"] = "suppressed",
) -> Clusters:
    """Measure every cluster in every region of a table.

    table: pandas, Polars, Arrow or any other that narwhals reads, one row per region × industry (× year), with the columns
        region, industry, year (may be absent) and figures: employment, establishments, wages, output, value_added, exports,
        production; a region's total of another measure (population) stands in rows whose industry is "total".
    definition: the clusters: a CSV file, or a table of industry, cluster, kind (traded or local; traded if there is no such
        column), subcluster, weight; without it every industry stands for itself.
    names: our column → the table's, where they differ: {"region": "oblast", "employment": "people"}.
    measure, base, reference, level: what size means, what a share is a share of ("same_kind", "all" or a measure), whether the
        reference holds the region, the level of the interval.
    system: "NAICS 2012", "NACE" …: codes form a tree, whose totals bound hidden cells; concordance: CSV for definitions in
        codes of another revision. absent: what a region × industry without a row means; missing: what an empty cell means.
    Raises AlmazError for a column that is missing, negative figures, a region × industry × year that stands twice.
    """
    rows = _arrow(table, names or {})
    observations, figures = _observations(rows, missing)
    if measure not in figures:
        raise AlmazError(
            _("there is no column «{name}»", name=measure), expected=_("one of: {keys}", keys=", ".join(figures))
        )
    regions = sorted(pc.unique(observations["region"]).to_pylist())
    industries = industries_from_codes(pc.unique(observations["industry"]).to_pylist(), system, {})
    activity = assemble(observations, regions, industries, absent=Status(absent))
    chosen = _definition(definition, activity.industries, concordance)
    measured = measure_portfolio(activity, chosen, PortfolioOptions(measure, base, reference, level))
    return Clusters(measured, activity, chosen)


def sample(name: str = "us") -> Path:
    """The folder of real data shipped with Almaz: "us" (states of the U.S.) or "kyrgyzstan" (its raions)."""
    from almaz.study.template import sample_folder

    return Path(str(files("almaz") / "samples" / sample_folder(name)))


def _arrow(table: Any, names: Mapping[str, str]) -> pa.Table:
    try:
        frame: Any = nw.from_native(table)
    except TypeError:
        raise AlmazError(
            _("this is not a table: {type}", type=type(table).__name__), expected="pandas, Polars, Arrow, DuckDB …"
        ) from None
    frame = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    rows: pa.Table = frame.to_arrow()
    for name, header in names.items():
        if header not in rows.column_names:
            raise AlmazError(
                _("there is no column «{name}»", name=header),
                expected=_("one of: {keys}", keys=", ".join(rows.column_names)),
            )
        rows = rows.drop_columns([name]) if name in rows.column_names and name != header else rows
        rows = rows.append_column(name, rows[header]) if name not in rows.column_names else rows
    for name in ("region", "industry"):
        if name not in rows.column_names:
            raise AlmazError(
                _("there is no column «{name}»", name=name),
                expected=_("one of: {keys}", keys=", ".join(rows.column_names)),
                advice=_("say which column it is: names={names}", names="{" + f'"{name}": "…"' + "}"),
            )
    return rows


def _observations(rows: pa.Table, missing: str) -> tuple[pa.Table, list[str]]:
    """Long observations, and which measures the table has: the known ones, and other columns of totals."""
    totals = pc.equal(rows["industry"].cast(pa.string()), "total")
    numbers = [
        field.name
        for field in rows.schema
        if field.name not in LABELS and (pa.types.is_integer(field.type) or pa.types.is_floating(field.type))
    ]
    figures = [name for name in numbers if name in MEASURES or pc.any(pc.and_(totals, pc.is_valid(rows[name]))).as_py()]
    labels = {name: rows[name].cast(pa.string()) for name in ("region", "industry")}
    years = rows["year"] if "year" in rows.column_names else pa.chunked_array([[NO_YEAR] * rows.num_rows], pa.int32())
    _once(labels["region"], labels["industry"], years)
    parts = []
    for name in figures:
        value = rows[name].cast(pa.float64())
        value = pc.if_else(pc.is_nan(value), None, value)
        if (worst := pc.min(value).as_py()) is not None and worst < 0:
            raise AlmazError(_("a negative figure") + f": {name} {worst:g}", expected=_("zero or more"))
        status = pc.if_else(pc.is_valid(value), Status.PUBLISHED.value, missing)
        held = {**labels, "year": years.cast(pa.int32()), "measure": pa.array([name] * rows.num_rows), "value": value}
        held["status"] = status.cast(OBSERVATIONS.field("status").type)
        of_measure = pa.table({field: held.get(field, pa.nulls(rows.num_rows, kind)) for field, kind in _FIELDS})
        parts.append(of_measure if name in MEASURES else of_measure.filter(pc.is_valid(value)))
    if not parts:
        raise AlmazError(_("the table has no figures"), expected=", ".join(MEASURES))
    return pa.concat_tables(parts).unify_dictionaries(), figures


_FIELDS: Final = [(field.name, field.type) for field in OBSERVATIONS]


def _once(region: pa.ChunkedArray, industry: pa.ChunkedArray, year: pa.ChunkedArray) -> None:
    keys = pa.table({"region": region, "industry": industry, "year": year})
    counted = keys.group_by(["region", "industry", "year"]).aggregate([([], "count_all")])
    twice = counted.filter(pc.greater(counted["count_all"], 1))
    if twice.num_rows:
        first = twice.slice(0, 1).to_pylist()[0]
        raise AlmazError(
            _("this cell stands more than once") + f": {first['region']} × {first['industry']} × {first['year']}",
            expected=_("one row for each region, industry and year"),
        )


def _definition(given: Any, industries: Sequence[str], concordance: Path | str | None) -> ClusterDefinition:
    if given is None:
        return each_industry_itself(industries)
    other: dict[str, list[str]] = {}
    if concordance is not None:
        other = {code: list(weights) for code, weights in read_concordance(Path(concordance)).weights.items()}
    if isinstance(given, (str, Path)):
        return read_definition(Path(given), industries, other)
    rows = _rows(given)
    return defined([{"kind": "traded", **row, "industry": str(row.get("industry"))} for row in rows], industries, other)


def _rows(given: Any) -> list[dict[str, Any]]:
    if isinstance(given, Mapping):
        return [{"industry": industry, "cluster": cluster} for industry, cluster in given.items()]
    frame: Any = nw.from_native(given)
    frame = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    held: list[dict[str, Any]] = frame.to_arrow().to_pylist()
    return held
