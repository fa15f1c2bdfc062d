"""Is a cluster strong in a region? Rules side by side, their criteria and disagreements, and the region's cluster strength."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.clusters.fillings import CERTAINTY, certainty, chance_by_sampling, share_of_fillings
from almaz.clusters.portfolio import Portfolio
from almaz.clusters.rules import (
    REASONS,
    Judged,
    StrengthOptions,
    Verdicts,
    column,
    european_stars,
    european_stars_older,
    five_factors,
    judged,
    us_cluster_mapping,
)

FloatArray: TypeAlias = npt.NDArray[np.float64]

CRITERIA: Final = (
    "lq",
    "lq_minimum",
    "size",
    "establishments",
    "productivity",
    "growth",
    "competitive_growth",
    "value_added",
    "focus",
)
COMPARED: Final = 3
"""How many of the rules the disagreement compares: the older European rule is a variant of the European one."""

SCHEMA: Final = pa.schema(
    [
        ("region", pa.string()),
        ("cluster", pa.string()),
        ("year", pa.int32()),
        ("rule", pa.string()),  # rules.RULES
        ("verdict", pa.string()),  # rules.MAPPING, STARS or FACTORS
        ("strong", pa.bool_()),  # null: not known
        ("score", pa.float64()),  # quotient, stars, mean percentile
        ("certainty", pa.string()),  # strong under all | some | none of the fillings of hidden cells
        ("p_strong_fillings", pa.float64()),  # share of drawn fillings
        ("p_strong_sampling", pa.float64()),  # were the establishments drawn anew
        ("reason", pa.string()),  # rules.REASONS: why the verdict is unknown
        ("missing", pa.string()),  # criteria that could not be judged, codes with commas between
        *(
            field
            for name in CRITERIA
            for field in ((name, pa.float64()), (f"{name}_threshold", pa.float64()), (f"{name}_met", pa.bool_()))
        ),
    ]
)


@dataclass(frozen=True)
class Strength:
    """Verdicts of every rule, where they disagree, and each region's cluster strength."""

    table: pa.Table
    disagreement: pa.Table
    region_strength: pa.Table


def strength(portfolio: Portfolio, measure: str, options: StrengthOptions) -> Strength:
    """Judge every region × cluster by every rule, in the last year of the portfolio.

    measure: what size means (employment). The rules and their sources: `clusters.rules`; hidden cells: `clusters.fillings`.
    """
    data = judged(portfolio, measure, options)
    mapping = us_cluster_mapping(data, options)
    rules = [
        mapping,
        european_stars(data, options),
        five_factors(data, options),
        european_stars_older(data, options),
    ]
    sure = certainty(data, measure, options)
    extra = {
        "certainty": _words(CERTAINTY, sure.ravel()),
        "p_strong_fillings": _numbers(share_of_fillings(data, portfolio.draws, options)),
        "p_strong_sampling": _numbers(chance_by_sampling(data, mapping)),
    }
    parts = [_table(data, rule, extra if rule is mapping else {}) for rule in rules]
    return Strength(
        pa.concat_tables(parts), _disagreement(portfolio, rules), _region_strength(data, measure, mapping, sure)
    )


def _place(portfolio: Portfolio) -> dict[str, pa.Array]:
    regions, clusters = len(portfolio.regions), len(portfolio.keys)
    names = pa.array([key[0] for key in portfolio.keys], pa.string())
    return {
        "region": pa.array(portfolio.regions, pa.string()).take(pa.array(np.repeat(np.arange(regions), clusters))),
        "cluster": names.take(pa.array(np.tile(np.arange(clusters), regions))),
        "year": pa.array(np.full(regions * clusters, portfolio.years[-1], dtype=np.int32)),
    }


def _words(words: Sequence[str], code: npt.NDArray[np.int8]) -> pa.Array:
    """The words of codes; null where the code is negative."""
    return pa.array(words, pa.string()).take(pa.array(code, mask=code < 0))


def _numbers(values: FloatArray) -> pa.Array:
    return pa.array(np.ascontiguousarray(values).ravel(), from_pandas=True)


def _yes_or_no(values: FloatArray) -> pa.Array:
    flat = np.ascontiguousarray(values).ravel()
    return pa.array(flat == 1.0, mask=np.isnan(flat))


def _missing(data: Judged, rule: Verdicts) -> pa.Array:
    """Names of the criteria that could not be judged where the cluster is, or may be, there."""
    bits = np.zeros(data.size.shape, dtype=np.int16)
    for place, criterion in enumerate(rule.criteria):
        unknown = np.isnan(criterion.met) | np.bool_(not criterion.judged)
        bits |= (unknown & (data.present != 0.0)).astype(np.int16) << place
    names = [criterion.name for criterion in rule.criteria]
    words = [
        ",".join(name for place, name in enumerate(names) if bit >> place & 1) or None for bit in range(1 << len(names))
    ]
    return pa.array(words, pa.string()).take(pa.array(bits.ravel()))


def _table(data: Judged, rule: Verdicts, extra: dict[str, pa.Array]) -> pa.Table:
    number = data.size.size
    columns = _place(data.portfolio) | {
        "rule": pa.array([rule.rule], pa.string()).take(pa.array(np.zeros(number, dtype=np.int8))),
        "verdict": _words(rule.words, rule.verdict.ravel()),
        "strong": _yes_or_no(rule.strong),
        "score": _numbers(rule.score),
        "reason": _words(REASONS, rule.reason.ravel()),
        "missing": _missing(data, rule),
        **extra,
    }
    for criterion in rule.criteria:
        columns[criterion.name] = _numbers(criterion.value)
        columns[f"{criterion.name}_threshold"] = _numbers(criterion.threshold)
        columns[f"{criterion.name}_met"] = _yes_or_no(criterion.met)
    return pa.table([columns.get(field.name, pa.nulls(number, field.type)) for field in SCHEMA], schema=SCHEMA)


def _disagreement(portfolio: Portfolio, rules: Sequence[Verdicts]) -> pa.Table:
    """Every rule's verdict side by side; agree: whether those of the compared rules that know say the same."""
    said = np.stack([rule.strong for rule in rules[:COMPARED]])
    known = ~np.isnan(said)
    yes, no = (said == 1.0).any(axis=0), (said == 0.0).any(axis=0)
    columns = _place(portfolio) | {rule.rule: _words(rule.words, rule.verdict.ravel()) for rule in rules}
    columns["agree"] = _yes_or_no(np.where(known.any(axis=0), ~(yes & no), np.nan))
    return pa.table(columns)


def _region_strength(data: Judged, measure: str, mapping: Verdicts, sure: npt.NDArray[np.int8]) -> pa.Table:
    """Share of a region's traded activity that is in its strong traded clusters.

        strength = Σ strong / Σ traded;   low = Σ_all low / (Σ_all low + Σ_others high);
        high = Σ_possible high / (Σ_possible high + Σ_others low)

    all: strong under every filling; possible: under some, or not known. Unknown where a cluster's verdict is.
    """
    portfolio = data.portfolio
    traded = np.array([key[2] == "traded" for key in portfolio.keys])
    size = data.size[:, traded]
    low, high = (column(portfolio, measure + suffix)[:, traded] for suffix in ("_low", "_high"))
    strong, certain = mapping.strong[:, traded], sure[:, traded]
    # Where clusters have no common unit (a base such as population) their sum means nothing, and neither do its parts.
    additive = portfolio.options.base in ("same_kind", "all")
    always, possible = certain == CERTAINTY.index("all"), certain != CERTAINTY.index("none")
    whole = size.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = {
            "cluster_strength": np.where(np.isnan(strong), np.nan, strong * size).sum(axis=1) / whole,
            "cluster_strength_low": _share(low, high, always),
            "cluster_strength_high": 1.0 - _share(low, high, ~possible),
            "hidden_share": np.nan_to_num(column(portfolio, "hidden_share")[:, traded] * size).sum(axis=1) / whole,
            "strong_clusters": np.where(np.isnan(strong), np.nan, strong).sum(axis=1),
            "traded": whole,
        }
    held: dict[str, pa.Array] = {"region": pa.array(portfolio.regions, pa.string())}
    held["year"] = pa.array([portfolio.years[-1]] * len(portfolio.regions), pa.int32())
    for name, values in columns.items():
        held[name] = _numbers(values if additive else np.full(values.shape, np.nan))
    return pa.table(held)


def _share(low: FloatArray, high: FloatArray, chosen: npt.NDArray[np.bool_]) -> FloatArray:
    """The least share that the chosen columns can have; 0 where nothing limits the others."""
    part, others = np.where(chosen, low, 0.0).sum(axis=1), np.where(chosen, 0.0, high).sum(axis=1)
    return np.where(part + others > 0, part / (part + others), 0.0)
