"""A trust survey folded into figures: those who did not answer stay visible, as an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Trust:
    """Per question.

    mean: of those who answered, NaN where nobody did; low, high: the least and the most that the mean of all who were asked
    can be, the silent ones at either end of the scale; ci_low, ci_high: bootstrap interval of `mean` over the respondents,
    NaN for fewer than two answers; trusting: share of the answers in the upper half of the scale; answered: share of those asked.
    """

    questions: tuple[str, ...]
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    trusting: FloatArray
    answered: FloatArray


def trust_survey(
    answers: npt.ArrayLike,
    questions: tuple[str, ...],
    *,
    scale: tuple[float, float] = (1.0, 7.0),
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Trust:
    """Means of the answers, with what sampling and what silence leave open.

    answers: (people asked, questions), NaN = no answer; scale: its ends. ValueError: an answer outside the scale, with its place.
    Bounds of silence: Manski (1989), worst case, no assumption about who is silent.
    """
    given = np.asarray(answers, dtype=np.float64)
    if given.ndim != 2 or given.shape[1] != len(questions) or not given.shape[0]:
        raise ValueError(f"answers must be (people, {len(questions)}) with at least one person")
    outside = np.argwhere((given < scale[0]) | (given > scale[1]))
    if outside.size:
        person, question = outside[0].tolist()
        raise ValueError(
            f"person {person + 1}, question «{questions[question]}»: "
            f"{given[person, question]:g} is outside {scale[0]:g}–{scale[1]:g}"
        )
    spoke = np.isfinite(given)
    number, asked = spoke.sum(axis=0), given.shape[0]
    total = np.where(spoke, given, 0.0).sum(axis=0)
    silent = asked - number
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / number
        upper = np.where(spoke, given > sum(scale) / 2.0, False).sum(axis=0) / number
    drawn = np.random.default_rng(seed).integers(0, asked, (draws, asked))
    with np.errstate(divide="ignore", invalid="ignore"):
        again = np.where(spoke, given, 0.0)[drawn].sum(axis=1) / spoke[drawn].sum(axis=1)
    ends = np.full((2, len(questions)), np.nan)
    enough = number >= 2
    if enough.any():
        ends[:, enough] = np.nanquantile(again[:, enough], [(1.0 - level) / 2.0, (1.0 + level) / 2.0], axis=0)
    return Trust(
        questions,
        mean,
        (total + silent * scale[0]) / asked,
        (total + silent * scale[1]) / asked,
        ends[0],
        ends[1],
        upper,
        number / asked,
    )
