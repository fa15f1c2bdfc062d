"""Critical mass: is there a size of a cluster beyond which more new industries come to it? Estimated, tested, never assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.clusters.definition import ClusterDefinition
from almaz.measures.threshold import Threshold, threshold_regression
from almaz.tables.activity import Activity

FloatArray: TypeAlias = npt.NDArray[np.float64]

OUTCOMES = ("entry", "growth")
MEASURE = "establishments"


@dataclass(frozen=True)
class CriticalMass:
    """threshold: of log size, None where it cannot be asked; missing: why not ("years", "establishments", "regions");
    outcome: "entry" (share of the cluster's absent industries that came) or "growth" (of establishments); the rows used.
    """

    outcome: str
    threshold: Threshold | None
    missing: str = ""
    sizes: FloatArray | None = None
    outcomes: FloatArray | None = None

    @property
    def found(self) -> bool:
        """Whether a threshold is shown: the test rejects that there is none, and more comes above it than below."""
        held = self.threshold
        return held is not None and held.found and held.above[0] > held.below[0]


def critical_mass(
    activity: Activity,
    definition: ClusterDefinition,
    outcome: str = "entry",
    *,
    draws: int = 499,
    seed: int = 0,
    minimum: int = 200,
) -> CriticalMass:
    """A threshold regression over region × traded cluster, from the first year to the last.

        entry:  y = industries of the cluster that came / industries that were absent   (absent: no establishment at first)
        growth: y = ln(establishments after / before)
        y − mean of the cluster = β₁ + γ₁ · absent share  below,  β₂ + γ₂ · absent share  above  a size ln(establishments before)

    The cluster's mean takes out what comes to it everywhere; the share of its industries still absent takes out that small
    concentrations have more left to come. Regions are the bootstrap's groups. A threshold is claimed only where the test rejects
    that there is none (5 %) and more comes above it. One span of years cannot tell a size that draws entry from a region that
    draws both: read it as association. Source: Hansen (1996, 2000); the question is the article's (A10), the outcome ours.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"the outcome is one of {', '.join(OUTCOMES)}, not {outcome!r}")
    if MEASURE not in activity.measures:
        return CriticalMass(outcome, None, "establishments")
    if len(activity.years) < 2:
        return CriticalMass(outcome, None, "years")
    keys, weights = definition.membership(activity.industries)
    member = (weights > 0)[:, np.array([key[2] == "traded" for key in keys])].astype(np.float64)
    values = activity.cells(MEASURE).value
    before, after = values[:, :, 0], values[:, :, -1]
    known = np.isfinite(before) & np.isfinite(after)
    absent = (known & (before == 0)).astype(np.float64) @ member
    came = (known & (before == 0) & (after > 0)).astype(np.float64) @ member
    size, later = np.nan_to_num(before) @ member, np.nan_to_num(after) @ member
    left = absent / np.maximum(known.astype(np.float64) @ member, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        y = came / absent if outcome == "entry" else np.log(later / size)
        logged = np.log(size)
    usable = np.isfinite(y) & np.isfinite(logged)
    y = y - np.where(usable, y, 0.0).sum(axis=0) / np.maximum(usable.sum(axis=0), 1)
    rows, _columns = np.nonzero(usable)
    if usable.sum() < minimum:
        return CriticalMass(outcome, None, "regions")
    regressors = np.column_stack([np.ones(int(usable.sum())), left[usable] - left[usable].mean()])
    found = threshold_regression(y[usable], regressors, logged[usable], draws=draws, seed=seed, groups=rows)
    return CriticalMass(outcome, found, sizes=np.exp(logged[usable]), outcomes=y[usable])


def critical_mass_tables(found: list[CriticalMass]) -> dict[str, pa.Table]:
    """The estimates, a row per outcome; and the likelihood ratio at every candidate size, for the picture."""
    rows, curve = [], []
    for one in found:
        held = one.threshold
        rows.append(
            {
                "outcome": one.outcome, "missing": one.missing or None, "found": one.found if held else None,
                "size": None if held is None else float(np.exp(held.threshold)),
                "size_low": None if held is None else float(np.exp(held.low)),
                "size_high": None if held is None else float(np.exp(held.high)),
                "p_value": None if held is None else held.p_value,
                "below": None if held is None else float(held.below[0]), "above": None if held is None else float(held.above[0]),
                "below_error": None if held is None else float(held.below_error[0]),
                "above_error": None if held is None else float(held.above_error[0]),
                "rows_below": None if held is None else held.observations[0],
                "rows_above": None if held is None else held.observations[1],
                "improvement": None if held is None else held.improvement,
            }
        )  # fmt: skip
        if held is not None:
            curve += [
                {"outcome": one.outcome, "size": float(np.exp(at)), "ratio": float(ratio), "critical": held.critical}
                for at, ratio in zip(held.candidates, held.ratio, strict=True)
            ]
    number = pa.float64()
    names = ("size", "size_low", "size_high", "p_value", "below", "above", "below_error", "above_error")
    schema = pa.schema(
        [("outcome", pa.string()), ("missing", pa.string()), ("found", pa.bool_())]
        + [(name, number) for name in names]
        + [("rows_below", pa.int64()), ("rows_above", pa.int64()), ("improvement", number)]
    )  # fmt: skip
    lines = pa.schema([("outcome", pa.string()), ("size", number), ("ratio", number), ("critical", number)])
    return {
        "critical_mass": pa.Table.from_pylist(rows, schema=schema),
        "critical_mass_curve": pa.Table.from_pylist(curve, schema=lines),
    }
