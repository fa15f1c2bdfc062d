"""Do industries grow faster where their cluster is strong? Regressions after Delgado, Porter and Stern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.clusters.definition import ClusterDefinition
from almaz.errors import AlmazError
from almaz.impact.group_time import BoolArray
from almaz.impact.panel import FloatArray
from almaz.language import text as _
from almaz.measures.relatedness import locational_correlation
from almaz.tables.activity import CODE, Activity
from almaz.tables.schema import Status

REGRESSORS: Final = ("initial", "cluster", "related", "neighbours")
MODELS: Final = {
    "convergence": ("initial",),
    "cluster": ("initial", "cluster"),
    "full": REGRESSORS,
    "full_from_ten": REGRESSORS,
}
"""The nested specifications; the last leaves out cells that start below ten, where mean reversion is strongest."""
LARGE = 10.0
FEWEST = 50
"""Cells below which no regression is run."""


@dataclass(frozen=True)
class GrowthOptions:
    """measure: what grows; first, last: years, by default those of the data; related: how many most related clusters count;
    effects: fixed effects of these columns; errors: column whose groups share shocks."""

    measure: str = "establishments"
    first: int | None = None
    last: int | None = None
    related: int = 5
    effects: tuple[str, ...] = ("region", "industry")
    errors: str = "region_cluster"


@dataclass(frozen=True)
class GrowthSample:
    """The cells of a regression, as columns of equal length, and how many there would be were all figures published."""

    columns: dict[str, npt.NDArray[Any]]
    cells: int
    possible: int
    years: tuple[int, int]
    terms: tuple[str, ...]


SCHEMA: Final = pa.schema(
    [
        ("measure", pa.string()),
        ("model", pa.string()),
        ("term", pa.string()),
        ("estimate", pa.float64()),
        ("error", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("p", pa.float64()),
        ("cells", pa.int64()),
        ("groups", pa.int64()),  # of the clustered errors
        ("r2_within", pa.float64()),
        ("share_of_cells", pa.float64()),  # of the region × industry cells with activity that could be used
        ("first", pa.int32()),
        ("last", pa.int32()),
        ("formula", pa.string()),
    ]
)


def growth_sample(
    activity: Activity, definition: ClusterDefinition, adjacency: FloatArray | None, options: GrowthOptions
) -> GrowthSample:
    """Growth of each traded region × industry, and what surrounds it in the first year.

        growth      ln x[r, i, last] − ln x[r, i, first]
        initial     ln x[r, i, first]
        cluster     ln of (share of the rest of i's cluster in r's traded rest) / (the same in the country)
        related     ln of the same for the clusters most related to i's (correlation over regions of establishments)
        neighbours  ln of the same for i's cluster in the regions that share a border with r

    Only cells published and positive in both years are used on the left and for `initial`; sums on the right hold estimates of
    hidden cells. Where a region has none of the cluster, the logarithm is taken at the smallest positive value of the
    sample, and an indicator (none_…) says so. adjacency: (regions, regions), None where there are no borders.
    Source: Delgado, Porter & Stern (2014), Research Policy 43(10), eq. 2-4; own-industry exclusion as there.
    """
    first, last = _years(activity, options)
    traded, clusters, member = _traded(activity, definition)
    cells = activity.cells(options.measure)
    start, end = cells.value[:, traded, first], cells.value[:, traded, last]
    shown = (cells.status[:, traded][:, :, [first, last]] <= CODE[Status.NIL]).all(axis=2)
    known = np.nan_to_num(start)
    present = known > 0
    used = shown & present & (np.nan_to_num(end) > 0)
    if used.sum() < FEWEST:
        raise AlmazError(
            _("only {number} cells are published and positive in both years", number=int(used.sum())),
            expected=_("at least {number}", number=FEWEST),
            advice=_("take a measure that the office does not hide, such as establishments"),
        )
    region, industry = used.nonzero()
    columns: dict[str, npt.NDArray[Any]] = {
        "region": np.asarray(activity.regions, dtype=object)[region],
        "industry": np.asarray(activity.industries, dtype=object)[traded[industry]],
        "cluster_name": np.asarray(clusters, dtype=object)[member[industry]],
        "growth": np.log(end[used]) - np.log(start[used]),
        "initial": np.log(start[used]),
        "size": start[used],
    }
    columns["region_cluster"] = region * len(clusters) + member[industry]
    terms = ["initial"]
    for name, quotient in _surroundings(known, member, len(clusters), adjacency, options.related).items():
        logged, none = _logged(quotient[used])
        columns[name] = logged
        terms.append(name)
        if none.any():
            columns[f"none_{name}"] = none.astype(np.float64)
    span = (activity.years[first], activity.years[last])
    return GrowthSample(columns, len(region), int(present.sum()), span, tuple(terms))


def _years(activity: Activity, options: GrowthOptions) -> tuple[int, int]:
    years = activity.years
    wanted = (years[0] if options.first is None else options.first, years[-1] if options.last is None else options.last)
    for year in wanted:
        if year not in years:
            raise AlmazError(
                _("the data hold no year {year}", year=year), expected=", ".join(str(year) for year in years)
            )
    if wanted[0] >= wanted[1]:
        raise AlmazError(
            _("growth needs two years; the data give {years}", years=", ".join(str(year) for year in years)),
            expected=_("an earlier and a later year"),
        )
    return years.index(wanted[0]), years.index(wanted[1])


def _traded(
    activity: Activity, definition: ClusterDefinition
) -> tuple[npt.NDArray[np.intp], list[str], npt.NDArray[np.intp]]:
    """Columns of traded industries, the traded clusters, and the cluster each belongs to most."""
    keys, weights = definition.membership(activity.industries, "cluster")
    kept = [place for place, key in enumerate(keys) if key[2] == "traded"]
    share = weights[:, kept]
    traded = np.flatnonzero(share.max(axis=1) > 0.5) if kept else np.zeros(0, dtype=np.intp)
    if len(traded) < 2 or len(kept) < 2:
        raise AlmazError(_("there are too few traded clusters for a regression"), expected=_("at least two"))
    return traded, [keys[place][0] for place in kept], share[traded].argmax(axis=1)


def _surroundings(
    activity: FloatArray, member: npt.NDArray[np.intp], count: int, adjacency: FloatArray | None, related: int
) -> dict[str, FloatArray]:
    """Location quotients (regions, industries) of what surrounds each cell, its own industry taken out."""
    weights = np.eye(count)[member]
    sums, whole = activity @ weights, activity.sum(axis=1)
    rest = whole[:, None] - activity
    country = (sums.sum(axis=0)[member] - activity.sum(axis=0)) / (whole.sum() - activity.sum(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {"cluster": (sums[:, member] - activity) / rest / country}
        near = _nearest(sums, related)
        around = sums @ near.T
        usual = around.sum(axis=0) / whole.sum()
        found["related"] = (around / whole[:, None] / usual)[:, member]
        if adjacency is not None and adjacency.any():
            beside, all_beside = adjacency @ sums, adjacency @ whole
            found["neighbours"] = (beside / all_beside[:, None] / (sums.sum(axis=0) / whole.sum()))[:, member]
    return found


def _nearest(sums: FloatArray, related: int) -> FloatArray:
    """1 where a cluster is among the most related to another by correlation over regions: (clusters, clusters)."""
    likeness = np.nan_to_num(locational_correlation(sums), nan=-2.0)
    np.fill_diagonal(likeness, -np.inf)
    chosen = np.zeros_like(likeness)
    order = np.argsort(-likeness, axis=1, kind="stable")[:, :related]
    np.put_along_axis(chosen, order, 1.0, axis=1)
    return np.where(likeness > 0, chosen, 0.0)


def _logged(quotient: FloatArray) -> tuple[FloatArray, BoolArray]:
    positive = np.isfinite(quotient) & (quotient > 0)
    floor = quotient[positive].min() if positive.any() else 1.0
    return np.log(np.where(positive, quotient, floor)), ~positive


def growth_regression(sample: GrowthSample, options: GrowthOptions, level: float = 0.95) -> pa.Table:
    """The nested specifications of `MODELS` on a sample, by pyfixest: `SCHEMA`, the indicators none_… left out.

    Errors are clustered (CRV1). Raises AlmazError for a fixed effect or an error group that is no column.
    """
    import pandas as pd

    for name in (*options.effects, options.errors):
        if name not in sample.columns:
            raise AlmazError(
                _("there is no column «{name}»", name=name), expected="region, industry, cluster_name, region_cluster"
            )
    frame = pd.DataFrame(sample.columns)
    rows: list[dict[str, object]] = []
    for model, wanted in MODELS.items():
        terms = [term for term in wanted if term in sample.terms]
        if terms == list(MODELS["cluster"]) and model not in ("cluster", "convergence"):
            continue
        part = frame[frame["size"] >= LARGE] if model == "full_from_ten" else frame
        if len(part) < FEWEST:
            continue
        rows += _fitted(part, sample, options, model, terms, level)
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _fitted(
    frame: Any, sample: GrowthSample, options: GrowthOptions, model: str, terms: Sequence[str], level: float
) -> list[dict[str, object]]:
    import warnings

    import pyfixest

    flags = [f"none_{term}" for term in terms if frame.get(f"none_{term}") is not None and frame[f"none_{term}"].any()]
    formula = f"growth ~ {' + '.join([*terms, *flags])} | {' + '.join(options.effects)}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # singletons are dropped: a region or industry with one cell says nothing here
        fit = pyfixest.feols(formula, frame, vcov={"CRV1": options.errors}, demeaner_backend="rust")
    alpha = 1 - level
    table = fit.tidy(alpha=alpha)
    low, high = (name for name in table.columns if name.endswith("%"))
    return [
        {
            "measure": options.measure, "model": model, "term": term,
            "estimate": float(table.loc[term, "Estimate"]), "error": float(table.loc[term, "Std. Error"]),
            "low": float(table.loc[term, low]), "high": float(table.loc[term, high]),
            "p": float(table.loc[term, "Pr(>|t|)"]), "cells": int(fit._N), "groups": int(frame[options.errors].nunique()),
            "r2_within": float(fit._r2_within), "share_of_cells": sample.cells / sample.possible,
            "first": sample.years[0], "last": sample.years[1], "formula": formula,
        }
        for term in terms
    ]  # fmt: skip
