"""Screening: which units and indicators hold enough figures to be compared at all."""

from __future__ import annotations

import numpy as np

from almaz.measures.composite.step import FloatArray, Step


def screen(data: FloatArray, minimum_known: float = 2.0 / 3.0) -> Step:
    """Count what is known, zero and constant; mark the units that know too little. Nobody is dropped: the record says who
    is thin, and later steps widen their interval.

    data: (units, indicators), NaN = unknown. facts: known_of_indicator, zeros_of_indicator (share of the known),
    constant (indicators with one value only: they say nothing), known_of_unit, enough (units with at least
    `minimum_known` of the non-constant indicators known). values: the data as they came.
    Source: OECD/JRC (2008), step 2; COINr's Screen and check of data availability.
    """
    known = ~np.isnan(data)
    number = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        zeros = np.where(number > 0, (data == 0).sum(axis=0) / np.maximum(number, 1), np.nan)
    held = np.where(known, data, -np.inf).max(axis=0, initial=-np.inf)
    least = np.where(known, data, np.inf).min(axis=0, initial=np.inf)
    constant = (number > 0) & (held == least)
    telling = known[:, ~constant]
    of_unit = telling.mean(axis=1) if telling.shape[1] else np.zeros(data.shape[0])
    facts = {
        "known_of_indicator": known.mean(axis=0),
        "zeros_of_indicator": zeros,
        "constant": constant,
        "known_of_unit": of_unit,
        "enough": of_unit >= minimum_known,
    }
    return Step("screening", f"at least {minimum_known:g} known", data, facts)
