"""How long chains are, industry by industry, and whether longer ones go with more tax and more investment (article, A13).

The claim is tested, not assumed. Two yardsticks keep arithmetic apart from economics: if every industry paid the same tax per
unit of output, tax per unit of final demand would rise by exactly that rate with every further stage; if every industry paid the
same share of its value added, it would not rise at all, because a unit of final demand is always one unit of value added at home
or abroad, however many stages it passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa

from almaz.measures.chains import (
    allocation_coefficients,
    backward_length,
    backward_linkage,
    forward_linkage,
    ghosh_inverse,
    hypothetical_extraction,
    leontief_inverse,
    linkage_spread,
    multipliers,
    upstreamness,
)
from almaz.tables.industry_system import IndustrySystem
from almaz.tables.input_output import Block

LENGTHS: Final = ("stages", "upstreamness", "propagation_length")
OUTCOMES: Final = ("chain_taxes", "own_taxes", "chain_surplus", "chain_investment", "chain_value_added")
LEVEL: Final = 0.95


def industry_chains(system: IndustrySystem) -> pa.Table:
    """One row per industry: linkages, lengths and multipliers of its chain.

    stages: production stages at home, its own included (column sums of the home Leontief inverse); stages_with_imports: of all
    inputs, wherever made; upstreamness: of all uses, corrected for trade and inventories; chain_*: per unit of final demand for
    its product, along the chain at home; own_*: per unit of its own output; extraction: share of all output lost without it.
    """
    inverse, everywhere = system.inverse, leontief_inverse(system.coefficients)
    sold = np.maximum(system.domestic * system.output, 0.0)
    total = np.maximum(system.supply, sold.sum(axis=1))
    ghosh = ghosh_inverse(allocation_coefficients(sold, total))
    columns: dict[str, Any] = {
        "industry": list(system.industries),
        "name": [system.names.get(code, code) for code in system.industries],
        "year": np.full(len(system.industries), system.year or 0, dtype=np.int32),
        "output": system.output,
        "stages": backward_linkage(inverse),
        "stages_with_imports": backward_linkage(everywhere),
        "upstreamness": upstreamness(
            np.maximum(system.flows, 0.0), system.supply, exports=system.final_use(Block.EXPORTS),
            imports=system.imports, inventories=system.final_use(Block.INVENTORIES),
        ),
        "propagation_length": backward_length(inverse),
        "backward": backward_linkage(inverse, normalised=True),
        "forward": forward_linkage(ghosh, normalised=True),
        "backward_spread": linkage_spread(inverse),
        "forward_spread": linkage_spread(ghosh, forward=True),
        "extraction": hypothetical_extraction(inverse, system.output) / system.output.sum(),
    }  # fmt: skip
    for name, intensity in system.intensities.items():
        columns[f"own_{name}"] = intensity
        columns[f"chain_{name}"] = multipliers(intensity, inverse)
    return pa.table(
        {
            name: pa.array(values, from_pandas=True) if isinstance(values, np.ndarray) else values
            for name, values in columns.items()
        }
    )


ESTIMATES: Final = pa.schema(
    [
        ("outcome", pa.string()),
        ("length", pa.string()),
        ("design", pa.string()),
        ("estimate", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("p", pa.float64()),
        ("alike_by_output", pa.float64()),
        ("observations", pa.int64()),
        ("industries", pa.int64()),
        ("years", pa.int64()),
    ]
)
"""One regression a row: the change of the outcome that goes with one more stage. design: "across" industries of one year (errors
robust to unequal variance) or "within" industries over the years (industry and year effects, errors clustered by industry)."""


def length_relations(across: pa.Table, within: pa.Table | None) -> pa.Table:
    """Regress every outcome on every length, across the industries of one table and within industries over years.

    across: of `industry_chains`; within: several years of it, one below the other, or None. alike_by_output is the slope that
    would come out if every industry had the country's rate per unit of output: arithmetic alone (for chain outcomes on stages).
    """
    rows = []
    for design, table in (("across", across), ("within", within)):
        if table is None or (design == "within" and len(set(table["year"].to_pylist())) < 3):
            continue
        for outcome in OUTCOMES:
            if outcome in table.column_names:
                rows += [_estimate(table, outcome, length, design) for length in LENGTHS]
    return pa.Table.from_pylist([row for row in rows if row is not None], schema=ESTIMATES)


def _estimate(table: pa.Table, outcome: str, length: str, design: str) -> dict[str, object] | None:
    import pandas as pd
    import pyfixest as pf

    names = ("industry", "year", outcome, length)
    frame = pd.DataFrame({name: table[name].to_pylist() for name in names}).dropna()
    varied = frame.groupby("industry")[length].std().max() if design == "within" else frame[length].std()
    if len(frame) < 10 or not varied > 0:
        return None
    formula = f"{outcome} ~ {length}" + (" | industry + year" if design == "within" else "")
    fitted = pf.feols(formula, frame, vcov={"CRV1": "industry"} if design == "within" else "HC1")
    bounds = fitted.confint(alpha=1.0 - LEVEL).loc[length]
    alike = _alike(table, outcome) if length == "stages" else None
    return {
        "outcome": outcome, "length": length, "design": design, "estimate": float(fitted.coef()[length]),
        "low": float(bounds.iloc[0]), "high": float(bounds.iloc[1]), "p": float(fitted.pvalue()[length]),
        "alike_by_output": alike, "observations": len(frame), "industries": frame["industry"].nunique(),
        "years": frame["year"].nunique(),
    }  # fmt: skip


def _alike(table: pa.Table, outcome: str) -> float | None:
    """The country's rate per unit of output: the slope on stages if every industry had it."""
    if not outcome.startswith("chain_"):
        return None
    own = np.array(table[outcome.replace("chain_", "own_")].to_pylist(), dtype=np.float64)
    output = np.array(table["output"].to_pylist(), dtype=np.float64)
    return float((own * output).sum() / output.sum())


def fitted_line(table: pa.Table, outcome: str, length: str, points: int = 40) -> list[Mapping[str, float]]:
    """The regression line across industries and its pointwise 95 % band, for drawing: rows of x, y, low, high."""
    import pandas as pd
    import pyfixest as pf
    from scipy import stats

    frame = pd.DataFrame({name: table[name].to_pylist() for name in (outcome, length)}).dropna()
    fitted = pf.feols(f"{outcome} ~ {length}", frame, vcov="HC1")
    spread = np.asarray(fitted._vcov)
    at = np.linspace(frame[length].min(), frame[length].max(), points)
    design = np.column_stack([np.ones(points), at])
    line = design @ fitted.coef().to_numpy()
    half = np.sqrt(np.einsum("ij,jk,ik->i", design, spread, design)) * stats.t.ppf(0.5 + LEVEL / 2.0, len(frame) - 2)
    return [
        {"x": x, "y": y, "low": y - h, "high": y + h}
        for x, y, h in zip(at.tolist(), line.tolist(), half.tolist(), strict=True)
    ]
