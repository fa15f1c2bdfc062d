"""Is a cluster strong in a region? Three rules side by side, their disagreements, and the region's cluster strength."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from almaz.clusters.portfolio import Portfolio
from almaz.language import text as _

FloatArray: TypeAlias = npt.NDArray[np.float64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

SCHEMA = pa.schema(
    [
        ("region", pa.string()),
        ("cluster", pa.string()),
        ("year", pa.int32()),
        ("rule", pa.string()),  # us_cluster_mapping | european_stars | five_factors
        ("verdict", pa.string()),  # strong10 | strong | significant | qualifying | none | unknown; 0…4 stars; quintile
        ("score", pa.float64()),
        ("certainty", pa.string()),  # strong under all | some | none of the fillings of hidden cells
        ("reason", pa.string()),  # why unknown, or what could not be judged
    ]
)


@dataclass(frozen=True)
class StrengthOptions:
    """Thresholds as percentiles over the regions that have the cluster; below minimum_regions no percentile is claimed."""

    strong: float = 0.75
    strong10: float = 0.90
    significant: float = 0.50
    floor: float = 0.25
    star: float = 0.80
    minimum_regions: int = 20


@dataclass(frozen=True)
class Strength:
    """Verdicts of every rule, where they disagree, and each region's cluster strength."""

    table: pa.Table
    disagreement: pa.Table
    region_strength: pa.Table


def strength(portfolio: Portfolio, measure: str, options: StrengthOptions) -> Strength:
    """Judge every region × cluster by three rules, in the last year of the portfolio.

    measure: what size means (employment). Sources: U.S. Cluster Mapping Project; European Cluster Observatory; the
    five-factor practice of U.S. regional cluster studies.
    """
    size = _cells(portfolio, measure)
    mapping = _mapping(portfolio, size, options)
    stars = _stars(portfolio, size, options)
    factors = _factors(portfolio, size, options)
    rows = [row for rule in (mapping, stars, factors) for row in rule]
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    return Strength(table, _disagreement(mapping, stars, factors), _region_strength(portfolio, measure, mapping))


def _cells(portfolio: Portfolio, name: str) -> FloatArray:
    """A column of the cluster rows in the last year, as (regions, clusters)."""
    if name in portfolio.columns:
        return portfolio.columns[name][:, :, -1]
    outer = portfolio.table.filter(pc.is_null(portfolio.table["subcluster"]))
    shape = (len(portfolio.regions), len(portfolio.keys), len(portfolio.years))
    if name not in outer.column_names:
        return np.full(shape[:2], np.nan)
    return np.asarray(outer[name].to_numpy(), dtype=np.float64).reshape(shape)[:, :, -1]


def quantile(values: FloatArray, chosen: BoolArray, share: float) -> FloatArray:
    """The linearly interpolated quantile of each column over its chosen rows; NaN where a column has none.

    values, chosen: (regions, clusters). Returns (clusters,). Source: Hyndman and Fan (1996), type 7.
    """
    result = np.full(values.shape[1], np.nan)
    held = np.where(chosen & ~np.isnan(values), values, np.nan)
    there = ~np.isnan(held).all(axis=0)
    result[there] = np.nanquantile(held[:, there], share, axis=0)
    return result


def _mapping(portfolio: Portfolio, size: FloatArray, options: StrengthOptions) -> list[dict[str, object]]:
    quotient, low, high = (_cells(portfolio, name) for name in ("lq", "lq_low", "lq_high"))
    units = _cells(portfolio, "establishments")
    present = size > 0
    few = present.sum(axis=0) < options.minimum_regions
    floors = size > quantile(size, present, options.floor)
    if not np.isnan(units).all():
        floors &= units > quantile(units, present, options.floor)
    cut = {name: quantile(quotient, present, getattr(options, name)) for name in ("strong", "strong10", "significant")}
    qualifying = quotient > quantile(quotient, present, options.floor)
    verdict = np.full(size.shape, "none", dtype=object)
    verdict[floors & qualifying] = "qualifying"
    verdict[floors & (quotient > cut["significant"])] = "significant"
    verdict[floors & (quotient >= cut["strong"]) & (quotient >= 1)] = "strong"
    verdict[floors & (quotient >= cut["strong10"]) & (quotient >= 1)] = "strong10"
    unknown = np.isnan(quotient) & ~(size == 0)
    verdict[unknown | few[None, :]] = "unknown"
    always = floors & (low >= cut["strong"]) & (low >= 1)
    never = ~(floors & (high >= cut["strong"]) & (high >= 1))
    certainty = np.where(always, "all", np.where(never, "none", "some")).astype(object)
    certainty[unknown | few[None, :]] = None
    reason = np.full(size.shape, None, dtype=object)
    reason[unknown] = _("a figure is not published")
    reason[:, few] = _("too few regions for a percentile; see the rank")
    return _rows(portfolio, "us_cluster_mapping", verdict, quotient, certainty, reason)


def _stars(portfolio: Portfolio, size: FloatArray, options: StrengthOptions) -> list[dict[str, object]]:
    present = size > 0
    few = present.sum(axis=0) < options.minimum_regions
    names = ("size", "lq", "productivity", "growth")
    criteria = {name: size if name == "size" else _cells(portfolio, name) for name in names}
    judged = {name: ~np.isnan(values) & present for name, values in criteria.items()}
    won = {
        name: judged[name] & (values >= quantile(values, present, options.star)) for name, values in criteria.items()
    }
    count = sum(array.astype(np.float64) for array in won.values())
    verdict = np.asarray(count).astype(int).astype(str).astype(object)
    reason = np.full(size.shape, None, dtype=object)
    for row, column in zip(*np.nonzero(present & ~np.all(list(judged.values()), axis=0)), strict=True):
        missing = [name for name in names if not judged[name][row, column]]
        reason[row, column] = _("not judged: {missing}", missing=", ".join(missing))
    lost = few[None, :] | np.isnan(size)
    verdict[lost] = "unknown"
    reason[:, few] = _("too few regions for a percentile; see the rank")
    score = np.where(lost, np.nan, count)
    return _rows(portfolio, "european_stars", verdict, score, np.full(size.shape, None, dtype=object), reason)


def _factors(portfolio: Portfolio, size: FloatArray, options: StrengthOptions) -> list[dict[str, object]]:
    """Mean percentile of earnings per worker, growth, competitive growth, quotient and value added, equal weights."""
    present = size > 0
    few = present.sum(axis=0) < options.minimum_regions
    with np.errstate(divide="ignore", invalid="ignore"):
        competitive = _cells(portfolio, "shift_regional") / size
    factors = {
        "productivity": _cells(portfolio, "productivity"),
        "growth": _cells(portfolio, "growth"),
        "shift_regional": competitive,
        "lq": _cells(portfolio, "lq"),
        "value_added": _cells(portfolio, "value_added"),
    }
    places = np.stack([_percentile(np.where(present, values, np.nan)) for values in factors.values()])
    known = ~np.isnan(places)
    judged = known.sum(axis=0)
    score = np.where(judged >= 3, np.nan_to_num(places).sum(axis=0) / np.maximum(judged, 1), np.nan)
    score[:, few] = np.nan
    verdict = np.where(np.isnan(score), "unknown", np.where(score >= options.strong, "strong", "none")).astype(object)
    verdict[size == 0] = "none"
    reason = np.full(size.shape, None, dtype=object)
    for row, column in zip(*np.nonzero(present & (judged < len(factors))), strict=True):
        missing = [name for name, there in zip(factors, known[:, row, column], strict=True) if not there]
        reason[row, column] = _("not judged: {missing}", missing=", ".join(missing))
    reason[:, few] = _("too few regions for a percentile; see the rank")
    return _rows(portfolio, "five_factors", verdict, score, np.full(size.shape, None, dtype=object), reason)


def _percentile(values: FloatArray) -> FloatArray:
    """Share of the other known regions of the column that lie below; NaN stays NaN."""
    known = ~np.isnan(values)
    order = np.argsort(np.argsort(np.where(known, values, np.inf), axis=0, kind="stable"), axis=0, kind="stable")
    return np.where(known, order / np.maximum(known.sum(axis=0) - 1, 1), np.nan)


def _rows(
    portfolio: Portfolio,
    rule: str,
    verdict: npt.NDArray[np.object_],
    score: FloatArray,
    certainty: npt.NDArray[np.object_],
    reason: npt.NDArray[np.object_],
) -> list[dict[str, object]]:
    return [
        {
            "region": region,
            "cluster": key[0],
            "year": portfolio.years[-1],
            "rule": rule,
            "verdict": verdict[r, c],
            "score": None if np.isnan(score[r, c]) else float(score[r, c]),
            "certainty": certainty[r, c],
            "reason": reason[r, c],
        }
        for r, region in enumerate(portfolio.regions)
        for c, key in enumerate(portfolio.keys)
    ]


def is_strong(rule: str, verdict: str) -> bool | None:
    """Whether a rule's verdict amounts to "strong": two stars or more, or strong by name; None where unknown."""
    if verdict == "unknown":
        return None
    return int(verdict) >= 2 if rule == "european_stars" else verdict in ("strong", "strong10")


def _disagreement(*rules: list[dict[str, object]]) -> pa.Table:
    rows = []
    for same in zip(*rules, strict=True):
        verdicts = {str(row["rule"]): str(row["verdict"]) for row in same}
        known = {strong for rule, verdict in verdicts.items() if (strong := is_strong(rule, verdict)) is not None}
        place = {name: same[0][name] for name in ("region", "cluster", "year")}
        rows.append({**place, **verdicts, "agree": len(known) == 1 if known else None})
    return pa.Table.from_pylist(rows)


def _region_strength(portfolio: Portfolio, measure: str, mapping: list[dict[str, object]]) -> pa.Table:
    """Share of a region's traded activity that is in its strong traded clusters; bounds from certainty and hidden cells."""
    size, low, high = (_cells(portfolio, measure + suffix) for suffix in ("", "_low", "_high"))
    traded = np.array([key[2] == "traded" for key in portfolio.keys])
    shape = (len(portfolio.regions), len(portfolio.keys))
    verdict = np.array([row["verdict"] for row in mapping], dtype=object).reshape(shape)
    certainty = np.array([row["certainty"] for row in mapping], dtype=object).reshape(shape)
    strong = np.isin(verdict, ["strong", "strong10"]) & traded
    # Where clusters have no common unit (a base such as population) their sum means nothing, and neither do its parts.
    additive = not np.isnan(_cells(portfolio, "share_of_region")).all()
    judged = (verdict[:, traded] != "unknown").all(axis=1) & additive
    whole_known = np.full(len(portfolio.regions), additive)
    whole = size[:, traded].sum(axis=1)
    sure, possible = (certainty == "all") & traded, np.isin(certainty, ["all", "some"]) & traded
    hidden = np.nan_to_num(_cells(portfolio, "hidden_share") * size)[:, traded].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = {
            "cluster_strength": np.where(strong, size, 0.0).sum(axis=1) / whole,
            "cluster_strength_low": np.where(sure, low, 0.0).sum(axis=1) / np.maximum(high[:, traded].sum(axis=1), 1.0),
            "cluster_strength_high": np.minimum(
                1.0, np.where(possible, high, 0.0).sum(axis=1) / np.maximum(low[:, traded].sum(axis=1), 1.0)
            ),
            "hidden_share": hidden / whole,
        }
    held: dict[str, object] = {"region": list(portfolio.regions)}
    held["year"] = pa.array([portfolio.years[-1]] * len(portfolio.regions), pa.int32())
    for name, values in columns.items():
        held[name] = pa.array(
            np.where(judged | (whole_known & (name == "hidden_share")), values, np.nan), from_pandas=True
        )
    held["strong_clusters"] = pa.array(
        np.where(judged, strong.sum(axis=1).astype(np.float64), np.nan), from_pandas=True
    )
    held["traded"] = pa.array(np.where(whole_known, whole, np.nan), from_pandas=True)
    return pa.table(held)
