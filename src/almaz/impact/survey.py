"""The survey of a cluster's organisations: its questions, and scores with what chance and silence could change."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

import numpy as np
import pyarrow as pa
from scipy import stats

from almaz.errors import AlmazError
from almaz.impact.panel import FloatArray
from almaz.language import language
from almaz.language import text as _


@dataclass(frozen=True)
class Item:
    """One statement to agree with; reverse: agreement counts against its block."""

    name: str
    block: str
    reverse: bool
    text: Mapping[str, str]


@dataclass(frozen=True)
class Questionnaire:
    """The scale, its ends in words, the blocks' titles and the items, in three languages."""

    lowest: int
    highest: int
    anchors: Mapping[str, Mapping[str, str]]
    blocks: Mapping[str, Mapping[str, str]]
    items: tuple[Item, ...]

    def of(self, block: str) -> list[int]:
        """The places of a block's items."""
        return [place for place, item in enumerate(self.items) if item.block == block]

    def title(self, block: str) -> str:
        """A block's title in the language in use."""
        return self.blocks[block][language()]


@lru_cache
def questionnaire() -> Questionnaire:
    """The questionnaire of the package."""
    written = tomllib.loads((files("almaz.impact") / "survey.toml").read_text(encoding="utf-8"))
    items = tuple(
        Item(item["name"], block["name"], item.get("reverse", False), item["text"])
        for block in written["block"]
        for item in block["item"]
    )
    return Questionnaire(
        written["scale"]["lowest"],
        written["scale"]["highest"],
        written["anchors"],
        {block["name"]: block["title"] for block in written["block"]},
        items,
    )


@dataclass(frozen=True)
class Answers:
    """What organisations answered: (organisations, items) on the scale, NaN where nothing was answered.

    organisations: all that were asked, also those that did not answer; population: how many there are in the cluster, asked or
    not (None: all were asked).
    """

    organisations: tuple[str, ...]
    values: FloatArray
    population: int | None = None


SCORES: Final = pa.schema(
    [
        ("block", pa.string()),
        ("asked", pa.int64()),
        ("answered", pa.int64()),
        ("population", pa.int64()),
        ("mean", pa.float64()),  # of those who answered, on the scale
        ("low", pa.float64()),  # what other answers by chance could have made it
        ("high", pa.float64()),
        ("bound_low", pa.float64()),  # had all the silent answered at the low end of the scale
        ("bound_high", pa.float64()),
        ("alpha", pa.float64()),  # Cronbach
        ("alpha_low", pa.float64()),
        ("alpha_high", pa.float64()),
        ("lowest", pa.int64()),
        ("highest", pa.int64()),
    ]
)
ITEMS: Final = pa.schema(
    [
        ("block", pa.string()),
        ("item", pa.string()),
        ("reverse", pa.bool_()),
        ("answered", pa.int64()),
        ("median", pa.float64()),
        ("agree", pa.float64()),  # share above the middle of the scale, as answered
        ("agree_low", pa.float64()),  # Wilson
        ("agree_high", pa.float64()),
        *((f"answer_{value}", pa.int64()) for value in range(1, 6)),
    ]
)


def score(answers: Answers, level: float = 0.95, draws: int = 2000, seed: int = 0) -> pa.Table:
    """Each block's score: the mean over organisations of the mean of their answers, reversed items turned round: `SCORES`.

    An organisation counts for a block if it answered at least half of its items. low, high: bootstrap over organisations,
    narrowed by √(1 − n/N) because the cluster is finite: with everybody's answer nothing is left to chance. bound_low and
    bound_high put those asked who are silent at the ends of the scale: no assumption about them at all.
    Sources: Efron & Tibshirani (1993); finite populations Cochran (1977), ch. 2; bounds Manski (1989).
    """
    form = questionnaire()
    turned = _turned(answers, form)
    rng = np.random.default_rng(seed)
    return pa.Table.from_pylist(
        [_block_score(block, turned[:, form.of(block)], answers, level, draws, rng) for block in form.blocks],
        schema=SCORES,
    )


def _turned(answers: Answers, form: Questionnaire) -> FloatArray:
    if answers.values.shape != (len(answers.organisations), len(form.items)):
        raise AlmazError(
            _(
                "{rows} × {columns} answers do not fit the form",
                rows=len(answers.values),
                columns=answers.values.shape[-1],
            ),
            expected=_("{items} answers of each organisation", items=len(form.items)),
        )
    known = answers.values[np.isfinite(answers.values)]
    if ((known < form.lowest) | (known > form.highest) | (known != np.round(known))).any():
        raise AlmazError(_("an answer is off the scale"), expected=f"{form.lowest} … {form.highest}")
    if answers.population is not None and answers.population < len(answers.organisations):
        raise AlmazError(
            _("more organisations were asked than the cluster has"),
            expected=_("a population of at least {number}", number=len(answers.organisations)),
        )
    reverse = np.array([item.reverse for item in form.items])
    return np.where(reverse[None, :], form.lowest + form.highest - answers.values, answers.values)


def _block_score(
    block: str, values: FloatArray, answers: Answers, level: float, draws: int, rng: np.random.Generator
) -> dict[str, object]:
    form = questionnaire()
    enough = np.isfinite(values).sum(axis=1) * 2 >= values.shape[1]
    own = np.nanmean(values[enough], axis=1) if enough.any() else np.zeros(0)
    asked, answered = len(values), len(own)
    population = answers.population or asked
    row: dict[str, object] = {
        "block": block, "asked": asked, "answered": answered, "population": population,
        "lowest": form.lowest, "highest": form.highest,
    }  # fmt: skip
    silent = asked - answered
    if asked:
        row["bound_low"] = float((own.sum() + silent * form.lowest) / asked)
        row["bound_high"] = float((own.sum() + silent * form.highest) / asked)
    if answered:
        row["mean"] = float(own.mean())
    if answered >= 2:
        finite = np.sqrt(max(0.0, 1.0 - answered / population))
        resampled = own[rng.integers(0, answered, (draws, answered))].mean(axis=1)
        ends = np.quantile(resampled, [0.5 - level / 2, 0.5 + level / 2])
        row["low"], row["high"] = (float(own.mean() + finite * (end - own.mean())) for end in ends)
    if answered >= 3:
        given = values[enough]
        alpha = cronbach_alpha(given)
        tries = _alphas(given[rng.integers(0, answered, (500, answered))])
        tries = tries[np.isfinite(tries)]
        if np.isfinite(alpha) and len(tries):
            spread = np.quantile(tries, [0.5 - level / 2, 0.5 + level / 2])
            row |= {"alpha": alpha, "alpha_low": float(spread[0]), "alpha_high": float(spread[1])}
    return row


def cronbach_alpha(values: FloatArray) -> float:
    """How far the items of a block measure one thing: α = k / (k − 1) · (1 − Σ var(item) / Σ cov(item, item)).

    values: (respondents, items), NaN where not answered: a covariance is of those who answered both. NaN for fewer than two
    items or three respondents, or a sum that does not vary. Source: Cronbach (1951); pairs as in COINr.
    """
    return float(_alphas(values[None])[0])


def _alphas(values: FloatArray) -> FloatArray:
    """Alpha of several samples at once: (samples, respondents, items) → (samples,)."""
    _samples, respondents, items = values.shape
    if items < 2 or respondents < 3:
        return np.full(len(values), np.nan)
    known = np.isfinite(values).astype(np.float64)
    filled = np.nan_to_num(values)
    turned, seen = filled.transpose(0, 2, 1), known.transpose(0, 2, 1)
    pairs = seen @ known
    with np.errstate(divide="ignore", invalid="ignore"):
        shared = (turned @ filled - (turned @ known) * (seen @ filled) / pairs) / (pairs - 1)
        whole = shared.sum(axis=(1, 2))
        alpha = items / (items - 1) * (1 - np.trace(shared, axis1=1, axis2=2) / whole)
    return np.where(whole > 0, alpha, np.nan)


def item_answers(answers: Answers, level: float = 0.95) -> pa.Table:
    """How each statement was answered, as asked (not turned round): `ITEMS`. Interval of agreement: Wilson (1927)."""
    form = questionnaire()
    _turned(answers, form)
    middle = (form.lowest + form.highest) / 2
    rows = []
    for place, item in enumerate(form.items):
        given = answers.values[:, place]
        given = given[np.isfinite(given)]
        row: dict[str, object] = {
            "block": item.block, "item": item.name, "reverse": item.reverse, "answered": len(given),
            **{f"answer_{value}": int((given == value).sum()) for value in range(form.lowest, form.highest + 1)},
        }  # fmt: skip
        if len(given):
            low, high = _wilson(int((given > middle).sum()), len(given), level)
            row |= {"median": float(np.median(given)), "agree": float((given > middle).mean())}
            row |= {"agree_low": low, "agree_high": high}
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=ITEMS)


def _wilson(successes: int, trials: int, level: float) -> tuple[float, float]:
    found = stats.binomtest(successes, trials).proportion_ci(confidence_level=level, method="wilson")
    return float(found.low), float(found.high)
