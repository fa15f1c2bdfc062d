"""Synthetic controls of an evaluation as tables: the twin of each unit in the programme, the placebos, the weights."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from almaz.impact.panel import Panel
from almaz.impact.rows import columns, row
from almaz.impact.synthetic_control import Placebos, placebo_test, without_each_donor


def synthetic_tables(panel: Panel, level: float, most: int) -> dict[str, pa.Table]:
    """For few units in the programme: the twin of each, the placebos, the weights."""
    treated = [unit for unit, first in zip(panel.units, panel.first, strict=True) if np.isfinite(first)]
    untreated = int((~np.isfinite(panel.first)).sum())
    starts = np.searchsorted(np.asarray(panel.times), panel.first[np.isfinite(panel.first)])
    if len(treated) > most or untreated < 2 or starts.min() < 2:
        return {}
    tests = [placebo_test(panel, unit) for unit in treated]
    return {
        "programme_synthetic": pa.concat_tables([_twins(test) for test in tests]),
        "programme_synthetic_weights": pa.Table.from_pylist(
            [
                {"unit": test.control.unit, "donor": donor, "weight": float(weight)}
                for test in tests
                for donor, weight in zip(test.control.donors, test.control.weight, strict=True)
                if weight > 1e-6
            ]
        ),
        "programme_synthetic_tests": pa.Table.from_pylist([_tested(panel, test, level) for test in tests]),
    }


def _twins(test: Placebos) -> pa.Table:
    """Gaps of the unit and its placebos; actual and synthetic paths for the unit itself."""
    control, times = test.control, len(test.control.times)
    count = len(test.units)
    close = test.error_before <= 5 * max(test.error_before[0], np.finfo(float).tiny)
    nothing = np.full((count - 1) * times, np.nan)
    return columns(
        {
            "unit": [control.unit] * (count * times),
            "placebo": [unit for unit in test.units for _time in range(times)],
            "own": [place == 0 for place in range(count) for _time in range(times)],
            "time": np.tile(np.asarray(control.times, dtype=np.int64), count),
            "start": np.full(count * times, control.times[control.start], dtype=np.int64),
            "gap": test.gap.ravel(),
            "actual": np.concatenate([control.actual, nothing]),
            "synthetic": np.concatenate([control.synthetic, nothing]),
            "close": np.repeat(close, times),
        }
    )


def _tested(panel: Panel, test: Placebos, level: float) -> dict[str, object]:
    control = test.control
    left = list(without_each_donor(panel, control).values())
    spread = float(control.actual[: control.start].std())
    return row(
        {
            "unit": control.unit, "effect": control.effect, "start": int(control.times[control.start]),
            "times_before": control.start, "donors": len(control.donors), "error_before": control.error_before,
            "relative_error": control.error_before / spread if spread > 0 else float("nan"),
            "ratio": control.ratio, "rank": test.rank, "of": len(test.units), "p": test.p,
            "smallest_p": test.smallest_p, "allowed": test.smallest_p <= 1 - level + 1e-12, "fits": test.fits,
            "effect_low": min(left, default=control.effect), "effect_high": max(left, default=control.effect),
        }
    )  # fmt: skip
