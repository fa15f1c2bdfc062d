"""Whether a curve of distances says more than chance: the industry drawn again and again from the real stock of sites."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed

from almaz.measures.loops import each
from almaz.measures.point_density import kd_function
from almaz.measures.points import checked, m_function, masks, mean_ratio, weights_near, weights_or_ones

FloatArray: TypeAlias = npt.NDArray[np.float64]
Null: TypeAlias = Literal["random_location", "random_labelling", "population_independence"]
Verdict: TypeAlias = Literal["concentrated", "dispersed", "neither"]


@dataclass(frozen=True)
class Envelope:
    """A curve between what chance allows.

    distances, observed: (R,); mean: of the simulations; low, high: local bands, a simulation leaves them with probability
    1 − level at each distance; global_low, global_high: global bands, (1 − level) / 2 of the simulations reach each anywhere
    at all; attained: the level that the global bands have, below `level` where the simulations are too few for it; verdict:
    Duranton and Overman's rule; localisation: by how much the curve lies above the global band, by distance; dispersion:
    by how much below, nil if it is above anywhere; p_value: share of curves, the observed one among them, as extreme
    as it at any distance, two-sided.
    """

    distances: FloatArray
    observed: FloatArray
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    global_low: FloatArray
    global_high: FloatArray
    localisation: FloatArray
    dispersion: FloatArray
    verdict: Verdict
    p_value: float
    level: float
    attained: float
    simulations: int


def envelope(
    distances: npt.ArrayLike, observed: npt.ArrayLike, simulated: npt.ArrayLike, *, level: float = 0.95
) -> Envelope:
    """Local and global bands of simulated curves, and where the observed curve leaves them.

    distances, observed: (R,); simulated: (S, R). The global band joins, at every distance, the same order statistic of the
    simulations, interpolated so that (1 − level) / 2 of them reach it somewhere; Duranton and Overman's figures have 5 % a
    side: level = 0.9. Distances at which a tenth of the simulations have no value are left out of the bands (NaN).
    An industry is concentrated if its curve is above the upper band anywhere, dispersed if it is below the lower one and
    nowhere above. ValueError: fewer than 2 / (1 − level) simulations, for then no band of this level exists.
    Source: Duranton and Overman (2005), section 3; p-value: extreme rank length, Myllymäki et al. (2017).
    """
    r, curve = np.asarray(distances, dtype=np.float64), np.asarray(observed, dtype=np.float64)
    sims = np.asarray(simulated, dtype=np.float64)
    least = int(np.ceil(2.0 / (1.0 - level) - 1e-9))
    if sims.ndim != 2 or sims.shape[1] != r.size or curve.shape != r.shape:
        raise ValueError(f"simulated curves must be (simulations, {r.size})")
    if sims.shape[0] < least:
        raise ValueError(f"a band of level {level:g} needs {least} simulations or more, not {sims.shape[0]}")
    usable = np.isfinite(sims).mean(axis=0) >= 0.9
    alpha = 1.0 - level
    bands = np.full((5, r.size), np.nan)
    held = sims[:, usable]
    bands[0, usable] = np.nanmean(held, axis=0)
    bands[1:3, usable] = np.nanquantile(held, [alpha / 2.0, 1.0 - alpha / 2.0], axis=0)
    under, hit_under = _global_band(-held, alpha / 2.0)
    bands[4, usable], hit_over = _global_band(held, alpha / 2.0)
    bands[3, usable] = -under
    mean, low, high, global_low, global_high = bands
    above, below = np.maximum(curve - global_high, 0.0), np.maximum(global_low - curve, 0.0)
    localised = bool(np.nansum(above) > 0.0)
    dispersed = bool(np.nansum(below) > 0.0) and not localised
    verdict: Verdict = "concentrated" if localised else "dispersed" if dispersed else "neither"
    none = np.where(usable, 0.0, np.nan)
    return Envelope(
        distances=r, observed=curve, mean=mean, low=low, high=high, global_low=global_low, global_high=global_high,
        localisation=above, dispersion=none if localised else below, verdict=verdict,
        p_value=_extreme_rank_p(curve[usable], held), level=level, attained=1.0 - hit_under - hit_over,
        simulations=sims.shape[0],
    )  # fmt: skip


def _global_band(sims: FloatArray, share: float) -> tuple[FloatArray, float]:
    """The upper band that a share of the simulations hits somewhere, and the share that does: (S, R) → (R,)."""
    number = sims.shape[0]
    filled = np.where(np.isfinite(sims), sims, -np.inf)
    ordered = np.sort(filled, axis=0)
    # a curve's rank at a distance: how many curves lie below it; it hits the k-th order statistic if its rank is k or more
    rank = np.stack([np.searchsorted(ordered[:, k], filled[:, k], side="left") for k in range(sims.shape[1])], axis=1)
    highest = np.sort(rank.max(axis=1, initial=0))
    hitting = 1.0 - np.searchsorted(highest, np.arange(number), side="left") / number
    if hitting[-1] > share:
        return np.asarray(ordered[-1]), float(hitting[-1])
    k = max(int(np.argmax(hitting <= share)), 1)
    part = (hitting[k - 1] - share) / (hitting[k - 1] - hitting[k])
    with np.errstate(invalid="ignore"):
        between = ordered[k - 1] + part * (ordered[k] - ordered[k - 1])
    return np.where(np.isfinite(ordered[k - 1]), between, ordered[k]), share


def _extreme_rank_p(curve: FloatArray, sims: FloatArray) -> float:
    """Share of the curves at least as extreme: their ranks from either end, the smallest first, compared like words."""
    every = np.vstack((curve[None, :], sims))
    if every.shape[1] == 0:
        return float("nan")
    number = every.shape[0]
    ends = []
    for side in (every, -every):
        filled = np.where(np.isfinite(side), side, -np.inf)
        ordered = np.sort(filled, axis=0)
        below = [np.searchsorted(ordered[:, k], filled[:, k], side="left") for k in range(filled.shape[1])]
        ends.append(number - np.stack(below, axis=1))
    ranks = np.sort(np.minimum(*ends), axis=1)
    order = np.lexsort(ranks.T[::-1])
    sorted_ranks = ranks[order]
    same = (sorted_ranks == ranks[0]).all(axis=1)
    return float((np.flatnonzero(same)[-1] + 1) / number)


def kd_envelope(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    distances: npt.ArrayLike,
    *,
    reference: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    stock: npt.ArrayLike | None = None,
    simulations: int = 1000,
    level: float = 0.95,
    seed: int = 0,
    jobs: int = -1,
) -> Envelope:
    """Kd of an industry against the same number of establishments drawn from the stock of sites, without putting back.

    x, y: (n,) all sites in use; reference: (n,) which are the industry's; stock: (n,) which sites it could have taken
    (by default all); weight: (n,) stays with the establishment, not with the site. The bandwidth follows the rule in every
    draw. Source: Duranton and Overman (2005), section 3.2.
    """
    px, py, r = checked(x, y, distances)
    mine, _ = masks(reference, None, px.size)
    w = weights_or_ones(weight, px.size)[mine]
    sites = np.flatnonzero(np.ones(px.size, dtype=np.bool_) if stock is None else np.asarray(stock, dtype=np.bool_))
    if sites.size < w.size:
        raise ValueError(f"the stock has {sites.size} sites for {w.size} establishments")
    observed = kd_function(px[mine], py[mine], r, weight=w, jobs=jobs)

    def one(number: int) -> FloatArray:
        drawn = _generator(seed, number).choice(sites, w.size, replace=False, shuffle=True)
        return kd_function(px[drawn], py[drawn], r, weight=w, jobs=1).values

    return envelope(r, observed.values, _simulated(one, simulations, jobs), level=level)


def m_envelope(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    distances: npt.ArrayLike,
    *,
    reference: npt.ArrayLike,
    neighbours: npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
    null: Null = "random_location",
    simulations: int = 1000,
    level: float = 0.95,
    seed: int = 0,
    jobs: int = -1,
) -> Envelope:
    """M of an industry, or of one industry around another, against chance on the real stock of sites.

    null: `random_location`: establishments, with their industry and weight, are dealt over all sites; `random_labelling`: the
    industries alone are dealt, every site keeps its weight; `population_independence`: the reference industry stays where
    it is, all others are dealt over the other sites (for two industries). Parameters and errors as for `m_function`.
    Source: Marcon and Puech (2010), section 3; the conventions are those of dbmss.
    """
    px, py, r = checked(x, y, distances)
    mine, others = masks(reference, neighbours, px.size)
    w = weights_or_ones(weight, px.size)
    given = None if others is mine else others
    observed = m_function(px, py, r, reference=mine, neighbours=given, weight=w, jobs=jobs)
    one: Callable[[int], FloatArray]
    if null == "random_labelling" or (null == "random_location" and np.all(w == w[0])):
        # the sites keep their weights, so what lies around each is counted once for all simulations
        around = weights_near(px, py, w, r, np.arange(px.size), None, jobs)
        one = partial(_relabelled, px, py, r, mine, others, w, around, seed)
    else:
        one = partial(_relocated, px, py, r, mine, others, w, null, seed)
    return envelope(r, observed.values, _simulated(one, simulations, jobs), level=level)


def _relabelled(
    x: FloatArray, y: FloatArray, r: FloatArray, mine: npt.NDArray[np.bool_], others: npt.NDArray[np.bool_], w: FloatArray,
    around: FloatArray, seed: int, number: int,
) -> FloatArray:  # fmt: skip
    """M with the industries dealt over the sites, each site with its own weight: only pairs of the industry are met."""
    size, wanted = int(mine.sum()), int(others.sum())
    together = size if others is mine else size + wanted
    drawn = _generator(seed, number).choice(x.size, together, replace=False, shuffle=True)
    centres = drawn[:size]
    found = centres if others is mine else drawn[size:]
    px, py, pw = (np.concatenate((values[centres], values[found])) for values in (x, y, w))
    if others is mine:
        px, py, pw = x[centres], y[centres], w[centres]
    sought = np.zeros(px.size, dtype=np.bool_)
    sought[:size] = others is mine
    sought[size:] = True
    interest = weights_near(px, py, pw, r, np.arange(size), sought, 1)
    own = w[centres]
    total = w[found].sum() - (own if others is mine else 0.0)
    return mean_ratio(interest, around[centres], total / (w.sum() - own))


def _relocated(
    x: FloatArray, y: FloatArray, r: FloatArray, mine: npt.NDArray[np.bool_], others: npt.NDArray[np.bool_], w: FloatArray,
    null: Null, seed: int, number: int,
) -> FloatArray:  # fmt: skip
    """M with establishments dealt over the sites, weights and all; where the null says so, those of reference stay."""
    place = np.arange(x.size)
    moved = np.flatnonzero(~mine) if null == "population_independence" else place
    place[moved] = moved[_generator(seed, number).permutation(moved.size)]
    dealt = (mine[place], None if others is mine else others[place], w[place])
    return m_function(x, y, r, reference=dealt[0], neighbours=dealt[1], weight=dealt[2], jobs=1).values


def _generator(seed: int, number: int) -> np.random.Generator:
    """One stream per simulation: the same draws on any number of cores."""
    return np.random.default_rng([seed, number])


def _simulated(one: Callable[[int], FloatArray], simulations: int, jobs: int) -> FloatArray:
    run = Parallel(n_jobs=jobs, require="sharedmem", batch_size=1)
    return np.array(run(delayed(one)(number) for number in range(simulations)))


@dataclass(frozen=True)
class IndustryCurve:
    """An industry, its number of establishments, and its curve between its bands; None where it has too few to say."""

    industry: str
    establishments: int
    envelope: Envelope | None


def concentration_by_industry(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    distances: npt.ArrayLike,
    *,
    industries: Sequence[str] | npt.NDArray[np.str_],
    measure: Literal["kd", "m"] = "kd",
    weight: npt.ArrayLike | None = None,
    simulations: int = 1000,
    level: float = 0.95,
    minimum: int = 10,
    seed: int = 0,
    jobs: int = -1,
) -> tuple[IndustryCurve, ...]:
    """Every industry's curve against the stock of sites, in processes of joblib (or its Dask or Spark backend).

    industries: (n,) the industry of each establishment; minimum: establishments below which nothing is claimed (Duranton and
    Overman take 10). The same seed gives the same curves on any number of cores. Returns one record per industry, sorted.
    """
    px, py, r = checked(x, y, distances)
    labels = np.asarray(industries)
    if labels.shape != px.shape:
        raise ValueError(f"industries must be ({px.size},), one per establishment")
    known, size = np.unique(labels, return_counts=True)
    function = kd_envelope if measure == "kd" else m_envelope
    large = [place for place in np.argsort(-size, kind="stable") if size[place] >= max(minimum, 2)]
    tasks = ((function, px, py, r, labels, known[place], weight, simulations, level, seed) for place in large)
    curves = each(_one_industry, tasks, jobs=jobs)
    found = dict(zip(large, curves, strict=True))
    return tuple(
        IndustryCurve(str(industry), int(number), found.get(place))
        for place, (industry, number) in enumerate(zip(known, size, strict=True))
    )


def _one_industry(
    function: Callable[..., Envelope], x: FloatArray, y: FloatArray, r: FloatArray, labels: npt.NDArray[np.str_], industry: str,
    weight: npt.ArrayLike | None, simulations: int, level: float, seed: int,
) -> Envelope:  # fmt: skip
    return function(
        x, y, r, reference=labels == industry, weight=weight, simulations=simulations, level=level, seed=seed, jobs=1
    )
