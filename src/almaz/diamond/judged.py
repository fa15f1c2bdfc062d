"""What experts judge of the diamond: the questions of a set, and their answers as figures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from almaz.diamond.indicators import SCHEMA, IndicatorSet
from almaz.language import language
from almaz.tables.expert_form import ANCHORED, HIGHEST, LOWEST, Judgement, Question, by_thing


def questions(held: IndicatorSet) -> list[Question]:
    """The questions of a set in the language in use: its indicators that have anchors."""
    spoken = language()
    return [
        Question(
            one.code,
            one.name.get(spoken) or one.name["en"],  # type: ignore[call-overload]
            {level: one.anchors[level].get(spoken, "") for level in ANCHORED},  # type: ignore[call-overload]
        )
        for one in held.indicator
        if one.anchors
    ]


def as_figures(judgements: Sequence[Judgement]) -> pa.Table:
    """Judgements as the tidy table of indicators, basis «judgement»: the mean weighted by confidence, between the lowest and
    the highest level that any expert leaves open."""
    rows = []
    for (region, _cluster, question, year), said in by_thing(judgements).items():
        weights = np.array([one.weight for one in said], dtype=np.float64)
        levels = np.array([one.level for one in said])
        halves = np.array([one.half_width for one in said])
        rows.append(
            {
                "indicator": question,
                "region": region,
                "year": year,
                "value": float(weights @ levels / weights.sum()),
                "low": float(max(LOWEST, (levels - halves).min())),
                "high": float(min(HIGHEST, (levels + halves).max())),
                "unit": None,
                "source": ", ".join(sorted({one.expert for one in said})),
                "basis": "judgement",
            }
        )
    return pa.Table.from_pylist(rows, schema=SCHEMA)
